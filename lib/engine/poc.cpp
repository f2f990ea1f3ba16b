#include "engine/poc.hpp"

#include "base/cursor.hpp"
#include "base/error.hpp"
#include "engine/retarget.hpp"

#include <algorithm>

namespace cairn {
namespace {

constexpr std::size_t data_parts = 9;
constexpr std::string_view challenge_context = "poc";

/// The least scale that plots need at a height.
std::uint64_t scale_min(const PocRules& rules, Height height)
{
    std::uint64_t scale = 0;
    for (const ScaleRule& rule : rules.scales)
        if (rule.height <= height) scale = rule.scale;
    return scale;
}

PlotOwner owner_of(const NetworkId& chain, const WinningPlot& plot)
{
    return {.chain = chain.bytes, .account = plot.account.bytes, .salt = plot.salt};
}

std::optional<HeaderFault> check_data(const PocRules& rules, Height height, const PocData& data)
{
    if (data.form != rules.form) return HeaderFault{"its plot is of another form"};
    if (data.form == PlotForm::x1 && data.scale < scale_min(rules, height))
        return HeaderFault{"its plot's scale is too small"};
    return std::nullopt;
}

} // namespace

Bytes to_bytes(const PocData& data)
{
    Bytes bytes;
    CborWriter writer{bytes};
    writer.array(data_parts);
    writer.number(static_cast<std::uint64_t>(data.form));
    writer.bytes(data.plot.account.bytes);
    writer.number(data.plot.salt);
    writer.number(data.scale);
    writer.number(data.first);
    writer.number(data.place);
    writer.number(data.quality);
    writer.number(data.base_target);
    writer.bytes(data.sealer.bytes);
    return bytes;
}

PocData parse_poc_data(ByteView bytes)
{
    CborReader reader{bytes, "the proof of capacity"};
    reader.array(data_parts);
    PocData data;
    data.form = static_cast<PlotForm>(reader.number(1));
    const bool is_x1 = data.form == PlotForm::x1;
    data.plot.account = reader.fixed<AccountId>();
    data.plot.salt = static_cast<std::uint32_t>(reader.number(is_x1 ? UINT32_MAX : 0));
    data.scale = reader.number(is_x1 ? scale_max : 0);
    data.first = reader.number(is_x1 ? poc_warp_max : UINT64_MAX);
    data.place = reader.number(is_x1 ? scoops - 1 : 0);
    data.quality = reader.number();
    data.base_target = reader.number();
    data.sealer = reader.fixed<Ed25519PublicKey>();
    reader.finish();
    return data;
}

Challenge challenge_of(const PocRules& rules, const Beacon& seed, Height height)
{
    if (rules.challenge == ChallengeRule::family) return {seed.bytes};
    Bytes message;
    Writer writer{message};
    writer.put(as_bytes(challenge_context));
    writer.put(seed.bytes);
    writer.big_endian(std::uint64_t{height.value});
    return {sha256(message).bytes};
}

ScoopNumber scoop_at(const PocRules& rules, const Challenge& challenge, Height height)
{
    return rules.challenge == ChallengeRule::family ? scoop_of(challenge, height.value)
                                                    : scoop_of(challenge);
}

PocRound round_after(const Genesis& genesis, const Header& parent, const HeaderState& state,
                     std::uint64_t first_time_s)
{
    const auto& rules = std::get<PocRules>(genesis.engine);
    const Height height = parent.height + 1;
    PocRound round;
    round.challenge = challenge_of(rules, state.seed, height);
    round.scoop = scoop_at(rules, round.challenge, height);
    round.base_target = base_target_at(rules, first_time_s, height, parent.time_s);
    return round;
}

Claim claim_of(const NetworkId& chain, const PocData& data, const Challenge& challenge,
               ScoopNumber scoop)
{
    Claim claim{NonceClaim{}, challenge, scoop};
    const PlotOwner owner = owner_of(chain, data.plot);
    if (data.form == PlotForm::poc2)
        claim.where = NonceClaim{numeric_account(owner), {data.first}};
    else
        claim.where = WarpClaim{owner, static_cast<unsigned>(data.scale), data.first,
                                static_cast<std::uint16_t>(data.place)};
    return claim;
}

Beacon next_seed(const PocRules& rules, const NetworkId& chain, const Beacon& seed, Height height,
                 const PocData& data)
{
    const PlotOwner owner = owner_of(chain, data.plot);
    if (rules.challenge == ChallengeRule::family)
        return {next_challenge({seed.bytes}, numeric_account(owner)).bytes};
    if ((std::uint64_t{height.value} + 1) % rules.epoch_blocks != 0) return seed;
    Bytes message;
    Writer writer{message};
    writer.put(seed.bytes);
    if (data.form == PlotForm::x1)
        writer.put(plot_id(owner).bytes);
    else
        writer.big_endian(numeric_account(owner).value);
    return {sha256(message).bytes};
}

std::vector<std::uint64_t> HashedQualities::of(std::span<const Question> questions) const
{
    const auto& rules = std::get<PocRules>(genesis_->engine);
    std::vector<Claim> claims;
    for (const Question& question : questions) {
        const Challenge challenge{question.challenge.bytes};
        claims.push_back(claim_of(question.header->chain,
                                  parse_poc_data(question.header->consensus), challenge,
                                  scoop_at(rules, challenge, question.height)));
    }
    std::vector<std::uint64_t> qualities;
    for (const Hit hit : hits_of(claims)) qualities.push_back(hit.value);
    return qualities;
}

PocConsensus::PocConsensus(const Genesis& genesis, const Qualities& qualities)
    : genesis_{&genesis},
      rules_{&std::get<PocRules>(genesis.engine)},
      qualities_{&qualities}
{
}

HeaderState PocConsensus::first_state(const Header& first) const
{
    return {.work = {}, .seed = {first.chain.bytes}};
}

std::optional<HeaderFault> PocConsensus::check(const KnownHeader& parent, const Header& header,
                                               ByteView seal_bytes) const
{
    if (header.engine != EngineKind::poc) return HeaderFault{"it is of another engine"};
    PocData data;
    Seal seal;
    try {
        data = parse_poc_data(header.consensus);
        seal = parse_seal(seal_bytes);
    } catch (const Error& error) {
        return HeaderFault{error.what()};
    }
    const std::uint64_t base_target =
        base_target_at(*rules_, genesis_->time_s, header.height, parent.header.time_s);
    if (data.base_target != base_target) return HeaderFault{"its base target is another"};
    const std::uint64_t delay = delay_of(*rules_, data.quality, base_target);
    if (header.time_s <= parent.header.time_s || header.time_s - parent.header.time_s < delay)
        return HeaderFault{"it is too early for its quality"};
    if (auto fault = check_data(*rules_, header.height, data)) return fault;
    // Else anybody could put a seal of his own on a block, for which it would be refused.
    if (seal.key != data.sealer) return HeaderFault{"its seal is another key's"};
    if (!is_sealed(block_id(header), seal)) return HeaderFault{"its seal is wrong"};
    return std::nullopt;
}

std::vector<bool> PocConsensus::prove(std::span<const Unproven> headers) const
{
    std::vector<Qualities::Question> questions;
    for (const Unproven& unproven : headers) {
        const Height height = unproven.header->height;
        questions.push_back({{challenge_of(*rules_, unproven.parent->seed, height).bytes},
                             height,
                             unproven.header});
    }
    const std::vector<std::uint64_t> qualities = qualities_->of(questions);
    std::vector<bool> right;
    for (std::size_t i = 0; i < headers.size(); ++i)
        right.push_back(parse_poc_data(headers[i].header->consensus).quality == qualities[i]);
    return right;
}

HeaderState PocConsensus::next_state(const HeaderState& parent, const Header& header) const
{
    const PocData data = parse_poc_data(header.consensus);
    return {.work = {parent.work.value + work_of(data.base_target)},
            .seed = next_seed(*rules_, header.chain, parent.seed, header.height, data)};
}

BlockContext PocConsensus::context(const HeaderState& parent, const Header& header,
                                   ByteView seal) const
{
    const PocData data = parse_poc_data(header.consensus);
    BlockContext context;
    context.chain = header.chain;
    context.height = header.height;
    context.time_s = header.time_s;
    context.producer = header.producer;
    context.parent = header.parent;
    context.beacon = parent.seed;
    context.sealer = parse_seal(seal).key;
    context.space_bytes = space_of(*genesis_, data.base_target);
    context.plot = data.plot;
    return context;
}

bool PocConsensus::is_better(const Header& a, const Header& b) const
{
    const std::uint64_t quality_a = parse_poc_data(a.consensus).quality;
    const std::uint64_t quality_b = parse_poc_data(b.consensus).quality;
    if (quality_a != quality_b) return quality_a < quality_b;
    return block_id(a) < block_id(b);
}

} // namespace cairn
