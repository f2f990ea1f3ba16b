#include "engine/solo.hpp"

#include "base/cursor.hpp"
#include "base/error.hpp"

namespace cairn {
namespace {

constexpr std::string_view beacon_context = "cairn/solo-beacon/v1";

/// The producer's signature of the height, which is all that its headers have for the engine.
std::optional<Ed25519Signature> beacon_signature(ByteView consensus)
{
    if (consensus.size() != Ed25519Signature::size) return std::nullopt;
    Ed25519Signature signature;
    std::ranges::copy(consensus, signature.bytes.begin());
    return signature;
}

} // namespace

Bytes solo_beacon_message(const NetworkId& chain, Height height)
{
    Bytes message;
    Writer writer{message};
    writer.put(as_bytes(beacon_context));
    writer.zeros(1);
    writer.put(chain.bytes);
    writer.big_endian(height.value);
    return message;
}

Bytes solo_consensus_data(const NetworkId& chain, Height height, const Ed25519KeyPair& key)
{
    const Ed25519Signature beacon = key.sign(solo_beacon_message(chain, height));
    return {beacon.bytes.begin(), beacon.bytes.end()};
}

SoloConsensus::SoloConsensus(const Genesis& genesis) : rules_{&std::get<SoloRules>(genesis.engine)}
{
}

HeaderState SoloConsensus::first_state(const Header& first) const
{
    return {.work = {}, .seed = {first.chain.bytes}};
}

std::optional<HeaderFault> SoloConsensus::check(const KnownHeader& parent, const Header& header,
                                                ByteView seal_bytes) const
{
    if (header.engine != EngineKind::solo) return HeaderFault{"it is of another engine"};
    if (header.time_s <= parent.header.time_s) return HeaderFault{"it is not after its parent"};
    const auto beacon = beacon_signature(header.consensus);
    if (!beacon ||
        !verify(rules_->producer, solo_beacon_message(header.chain, header.height), *beacon))
        return HeaderFault{"its beacon is wrong"};
    Seal seal;
    try {
        seal = parse_seal(seal_bytes);
    } catch (const Error& error) {
        return HeaderFault{error.what()};
    }
    if (seal.key != rules_->producer) return HeaderFault{"its key is not the producer's"};
    if (!is_sealed(block_id(header), seal)) return HeaderFault{"its seal is wrong"};
    return std::nullopt;
}

std::vector<bool> SoloConsensus::prove(std::span<const Unproven> headers) const
{
    return std::vector<bool>(headers.size(), true); // the seal is all there is
}

HeaderState SoloConsensus::next_state(const HeaderState& parent, const Header& header) const
{
    return {.work = {parent.work.value + 1}, .seed = {sha256(header.consensus).bytes}};
}

BlockContext SoloConsensus::context(const HeaderState&, const Header& header, ByteView seal) const
{
    BlockContext context;
    context.chain = header.chain;
    context.height = header.height;
    context.time_s = header.time_s;
    context.producer = header.producer;
    context.parent = header.parent;
    context.beacon = {sha256(header.consensus).bytes};
    context.sealer = parse_seal(seal).key;
    return context;
}

bool SoloConsensus::is_better(const Header& a, const Header& b) const
{
    return block_id(a) < block_id(b);
}

} // namespace cairn
