#pragma once

#include "simnet/simulation.hpp"
#include "simnet/wrapped_consensus.hpp"

namespace cairn {

/// The rules with one of them left out.
class MutantConsensus final : public WrappedConsensus {
public:
    MutantConsensus(const Consensus& rules, SimMutant mutant)
        : WrappedConsensus{rules},
          mutant_{mutant}
    {
    }

    [[nodiscard]] std::optional<HeaderFault> check(const KnownHeader& parent, const Header& header,
                                                   ByteView seal) const override;
    [[nodiscard]] std::vector<bool> prove(std::span<const Unproven> headers) const override;
    [[nodiscard]] bool is_better(const Header& a, const Header& b) const override
    {
        return mutant_ != SimMutant::tie_by_arrival && rules().is_better(a, b);
    }
    [[nodiscard]] std::uint64_t future_s() const override
    {
        constexpr std::uint64_t year_s = 31'536'000;
        return mutant_ == SimMutant::no_future_limit ? year_s : rules().future_s();
    }
    [[nodiscard]] std::uint64_t reorganisation_max() const override
    {
        constexpr std::uint64_t very_many = 1'000'000;
        return mutant_ == SimMutant::no_reorganisation_limit ? very_many
                                                             : rules().reorganisation_max();
    }

    [[nodiscard]] bool halts_on_equivocation() const override
    {
        return mutant_ != SimMutant::no_halt && rules().halts_on_equivocation();
    }

private:
    SimMutant mutant_;
};

/// Rules that take the proofs of all headers up to a height for granted.
class GrantedProofs final : public WrappedConsensus {
public:
    GrantedProofs(const Consensus& rules, Height height) : WrappedConsensus{rules}, height_{height}
    {
    }

    [[nodiscard]] std::optional<HeaderFault> check(const KnownHeader& parent, const Header& header,
                                                   ByteView seal) const override
    {
        return rules().check(parent, header, seal);
    }
    [[nodiscard]] std::vector<bool> prove(std::span<const Unproven> headers) const override;

private:
    Height height_;
};

} // namespace cairn
