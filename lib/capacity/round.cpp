#include "capacity/round.hpp"

#include "capacity/detail/big_endian.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <span>

namespace cairn {
namespace {

using Wide = unsigned __int128;

constexpr unsigned fraction = 56; // bits of a logarithm behind the point

Challenge challenge_of(const Challenge& challenge, std::uint64_t number)
{
    std::array<std::byte, Challenge::size + 8> message{};
    std::ranges::copy(challenge.bytes, message.begin());
    detail::put_big_endian(std::span{message}.subspan<Challenge::size, 8>(), number);
    return {shabal256(message).bytes};
}

/// log2(value / 2^scale), in units of 2^-fraction: a bit for each square. Needs value >= 2^scale.
Wide log2_of(Wide value, unsigned scale)
{
    unsigned top = 0;
    while (value >> top > 1) ++top;
    // The mantissa, from 2^63 up to 2^64.
    auto mantissa =
        static_cast<std::uint64_t>(top > 63 ? value >> (top - 63) : value << (63 - top));
    Wide log = Wide{top - scale} << fraction;
    for (unsigned bit = fraction; bit-- > 0;) {
        const Wide square = Wide{mantissa} * mantissa; // from 2^126 up to 2^128
        const bool is_two = square >> 127U != 0;
        mantissa = static_cast<std::uint64_t>(square >> (is_two ? 64U : 63U));
        if (is_two) log |= Wide{1} << bit;
    }
    return log;
}

/// 2^(log / 2^fraction) in units of 2^-32. Needs log < 16 << fraction.
std::uint64_t exp2_of(Wide log)
{
    // The square roots of 2, one after the other, in units of 2^-63.
    constexpr std::uint64_t one = std::uint64_t{1} << 63U;
    Wide root = Wide{2} << 63U;
    std::uint64_t product = one;
    for (unsigned bit = fraction; bit-- > 0;) {
        // root := sqrt(root), by bits
        Wide rest = root << 63U;
        std::uint64_t result = 0;
        for (unsigned step = 64; step-- > 0;) {
            const std::uint64_t guess = result | std::uint64_t{1} << step;
            if (Wide{guess} * guess <= rest) result = guess;
        }
        root = result;
        if ((log >> bit & 1U) != 0)
            product = static_cast<std::uint64_t>(Wide{product} * result >> 63U);
    }
    const auto whole = static_cast<unsigned>(log >> fraction);
    return static_cast<std::uint64_t>(Wide{product} << whole >> 31U);
}

} // namespace

Challenge next_challenge(const Challenge& before, NumericAccount generator)
{
    return challenge_of(before, generator.value);
}

ScoopNumber scoop_of(const Challenge& challenge, std::uint64_t height)
{
    return scoop_of(challenge_of(challenge, height));
}

ScoopNumber scoop_of(const Challenge& challenge)
{
    const unsigned high = std::to_integer<unsigned>(challenge.bytes[30]) & 15U;
    const unsigned low = std::to_integer<unsigned>(challenge.bytes[31]);
    return {static_cast<std::uint16_t>(high << 8U | low)};
}

std::uint64_t deadline_of(Hit hit, BaseTarget target)
{
    assert(target.value > 0);
    return hit.value / target.value;
}

std::uint64_t logarithmic_deadline(std::uint64_t deadline, std::uint32_t block_time_s)
{
    assert(block_time_s >= 2 && block_time_s <= 1U << 20U);
    if (deadline < 2) return 0;
    // ln(d) * T / ln(T) = log2(d) * T / log2(T)
    const Wide log = log2_of(deadline, 0) * block_time_s;
    return static_cast<std::uint64_t>(log / log2_of(block_time_s, 0));
}

std::uint64_t commitment_factor(std::uint64_t commitment, std::uint64_t average)
{
    assert(average > 0);
    constexpr std::uint64_t exponent = 4'515'449'935; // / 10^10
    constexpr std::uint64_t exponent_unit = 10'000'000'000;
    constexpr std::uint64_t one = std::uint64_t{1} << 32U;
    constexpr std::uint64_t limit = 8;
    const bool is_more = commitment >= average;
    const std::uint64_t large = std::max(commitment, average);
    const std::uint64_t small = std::min(commitment, average);
    // 100 and more times as much is 8; so is nothing at all, the other way.
    if (small == 0 || large / small >= 128) return is_more ? limit * one : one / limit;
    const Wide ratio = (Wide{large} << 32U) / small;
    const std::uint64_t power =
        exp2_of(log2_of(ratio, 32) / exponent_unit * exponent +
                log2_of(ratio, 32) % exponent_unit * exponent / exponent_unit);
    const std::uint64_t bounded = std::min(power, limit * one);
    return is_more ? bounded : static_cast<std::uint64_t>((Wide{one} << 32U) / bounded);
}

std::uint64_t divided_deadline(std::uint64_t deadline, std::uint64_t factor)
{
    assert(factor > 0);
    const Wide quotient = (Wide{deadline} << 32U) / factor;
    return static_cast<std::uint64_t>(std::min<Wide>(quotient, UINT64_MAX));
}

} // namespace cairn
