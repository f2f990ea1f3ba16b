#include "simnet/drawn_plots.hpp"

#include "base/cursor.hpp"

#include <algorithm>
#include <bit>

namespace cairn {
namespace {

constexpr std::uint64_t nonce_bytes = nonce_size;
constexpr unsigned fraction = 32; // bits

/// -ln(x / 2^64) for x > 0, in units of 2^-32.
std::uint64_t minus_log(std::uint64_t x)
{
    const auto zeros = static_cast<unsigned>(std::countl_zero(x));
    std::uint64_t mantissa = x << zeros; // from 2^63 on: the number's part from 1 to 2
    std::uint64_t log2 = 0;              // of that part
    for (unsigned bit = fraction; bit-- > 0;) {
        const Uint128 square = Uint128{mantissa} * mantissa;
        const bool is_two = square >> 127U != 0;
        mantissa = static_cast<std::uint64_t>(square >> (is_two ? 64U : 63U));
        if (is_two) log2 |= std::uint64_t{1} << bit;
    }
    const std::uint64_t minus_log2 = (std::uint64_t{zeros + 1} << fraction) - log2;
    constexpr std::uint64_t ln2 = 2'977'044'472; // times 2^-32
    return static_cast<std::uint64_t>(Uint128{minus_log2} * ln2 >> fraction);
}

} // namespace

std::uint64_t DrawnPlots::quality(const AccountId& account, const Challenge& challenge) const
{
    const auto space = spaces_.find(account);
    if (space == spaces_.end() || space->second < nonce_bytes) return UINT64_MAX;
    Bytes message;
    Writer writer{message};
    writer.put(challenge.bytes);
    writer.put(account.bytes);
    writer.big_endian(seed_);
    const auto digest = sha256(message);
    const auto draw = Reader{digest.bytes, "a digest"}.integer<std::uint64_t>();
    // The least of n numbers below 2^64 is about exponentially distributed, with mean 2^64 / n.
    const Uint128 least = (Uint128{minus_log(std::max<std::uint64_t>(draw, 1))} << fraction) /
                          (space->second / nonce_bytes);
    return static_cast<std::uint64_t>(std::min<Uint128>(least, UINT64_MAX));
}

PocData DrawnPlots::best(const AccountId& account, const PocRound& round) const
{
    const auto& rules = std::get<PocRules>(genesis_->engine);
    PocData data;
    data.form = rules.form;
    data.plot.account = account;
    if (rules.form == PlotForm::x1) data.scale = rules.scales.back().scale;
    data.quality = quality(account, round.challenge);
    data.base_target = round.base_target;
    return data;
}

std::vector<std::uint64_t> DrawnPlots::of(std::span<const Question> questions) const
{
    std::vector<std::uint64_t> qualities;
    for (const Question& question : questions)
        qualities.push_back(quality(parse_poc_data(question.header->consensus).plot.account,
                                    {question.challenge.bytes}));
    return qualities;
}

} // namespace cairn
