#pragma once

#include "ledger/amount.hpp"

namespace cairn {

/// Numbers that follow from a seed, the same on every machine (splitmix64).
class SimRandom {
public:
    explicit SimRandom(std::uint64_t seed) : state_{seed} {}

    std::uint64_t next()
    {
        state_ += 0x9e3779b97f4a7c15U;
        std::uint64_t x = state_;
        x = (x ^ x >> 30U) * 0xbf58476d1ce4e5b9U;
        x = (x ^ x >> 27U) * 0x94d049bb133111ebU;
        return x ^ x >> 31U;
    }

    /// Below n. Needs n > 0.
    std::uint64_t below(std::uint64_t n)
    {
        const Uint128 product = Uint128{next()} * n;
        return static_cast<std::uint64_t>(product >> 64U);
    }

    bool chance(std::uint64_t per_mille) { return below(1000) < per_mille; }

private:
    std::uint64_t state_;
};

} // namespace cairn
