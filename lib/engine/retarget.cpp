#include "engine/retarget.hpp"

#include "ledger/emission.hpp"

#include <algorithm>
#include <cassert>

namespace cairn {
namespace {

__extension__ using Int128 = __int128;

constexpr unsigned radix_bits = 16; // of an exponent, after the point
constexpr unsigned fraction_bits = 24;
constexpr std::uint64_t bent_share = 3; // of the time constant, where intervals go by cube roots
constexpr std::uint64_t per_mille = 1000;

/// 2^18 bytes for each nonce that is looked at for a block, a second.
Uint128 space_bytes(const PocRules& rules, std::uint64_t base_target)
{
    return (Uint128{1} << 82U) / (Uint128{base_target} * rules.block_time_s);
}

} // namespace

std::uint64_t base_target_at(const PocRules& rules, std::uint64_t first_time_s, Height height,
                             std::uint64_t parent_time_s)
{
    assert(height.value > 0);
    const std::uint64_t half_life_s =
        std::max<std::uint64_t>(rules.retarget_s / (rules.is_bending ? bent_share : 1), 1);
    const std::uint64_t blocks = height.value - 1; // between the first block and the parent
    const Int128 late_s = static_cast<Int128>(parent_time_s) - static_cast<Int128>(first_time_s) -
                          static_cast<Int128>(rules.block_time_s * blocks);
    const Int128 exponent =
        late_s * (1 << radix_bits) / static_cast<Int128>(half_life_s); // towards 0
    const Int128 shift = exponent >> radix_bits;                       // downwards
    const auto rest = static_cast<std::uint64_t>(exponent - (shift << radix_bits));
    // 2^(rest / 2^16) by a polynomial of third degree, in units of 2^-16.
    const Uint128 cubic = Uint128{195'766'423'245'049} * rest + Uint128{971'821'376} * rest * rest +
                          Uint128{5'127} * rest * rest * rest + (Uint128{1} << 47U);
    const std::uint64_t factor = 65'536 + static_cast<std::uint64_t>(cubic >> 48U);
    Uint128 target = Uint128{rules.base_target} * factor; // below 2^79
    if (shift < -127) return 1;
    if (shift < 0) {
        target >>= static_cast<unsigned>(-shift);
    } else {
        // What would be more than the maximum is not shifted, so that nothing is lost above.
        const Uint128 most = shift < 64 ? rules.base_target_max >> static_cast<unsigned>(shift) : 0;
        if (target >> radix_bits > most) return rules.base_target_max;
        target <<= static_cast<unsigned>(shift);
    }
    target >>= radix_bits;
    return static_cast<std::uint64_t>(
        std::clamp<Uint128>(target, 1, Uint128{rules.base_target_max}));
}

std::uint64_t cube_root(Uint128 value)
{
    std::uint64_t root = 0;
    for (unsigned bit = 43; bit-- > 0;) {
        const std::uint64_t guess = root | std::uint64_t{1} << bit;
        if (Uint128{guess} * guess * guess <= value) root = guess;
    }
    return root;
}

std::uint64_t delay_of(const PocRules& rules, std::uint64_t quality, std::uint64_t base_target)
{
    assert(base_target > 0);
    const Uint128 seconds = std::min((Uint128{quality} << fraction_bits) / base_target,
                                     Uint128{1} << 55U); // in units of 2^-24
    if (!rules.is_bending) return static_cast<std::uint64_t>(seconds >> fraction_bits);
    const std::uint64_t root = cube_root(seconds << 72U); // of seconds, in units of 2^-32
    const Uint128 bent = Uint128{rules.bending_factor} * root;
    return static_cast<std::uint64_t>(bent >> 64U);
}

std::uint64_t work_of(std::uint64_t base_target)
{
    assert(base_target > 0);
    const Uint128 work = (Uint128{1} << 64U) / base_target;
    return static_cast<std::uint64_t>(std::min<Uint128>(work, UINT64_MAX));
}

std::uint64_t fitting_space(const PocRules& rules, std::uint64_t base_target)
{
    return static_cast<std::uint64_t>(
        std::min<Uint128>(space_bytes(rules, base_target), ccc_space_max));
}

std::uint64_t space_of(const Genesis& genesis, std::uint64_t base_target)
{
    const auto& rules = std::get<PocRules>(genesis.engine);
    const auto* const ccc = std::get_if<CccPolicy>(&genesis.policy);
    const std::uint64_t share = ccc ? ccc->space_per_mille : per_mille;
    return static_cast<std::uint64_t>(
        std::min<Uint128>(space_bytes(rules, base_target) * share / per_mille, ccc_space_max));
}

} // namespace cairn
