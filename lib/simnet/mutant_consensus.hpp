#pragma once

#include "engine/consensus.hpp"
#include "simnet/simulation.hpp"

namespace cairn {

/// The rules with one of them left out.
class MutantConsensus final : public Consensus {
public:
    /// `rules` must live longer.
    MutantConsensus(const Consensus& rules, SimMutant mutant) : rules_{&rules}, mutant_{mutant} {}

    [[nodiscard]] HeaderState first_state(const Header& first) const override
    {
        return rules_->first_state(first);
    }
    [[nodiscard]] std::optional<HeaderFault> check(const KnownHeader& parent, const Header& header,
                                                   ByteView seal) const override;
    [[nodiscard]] std::vector<bool> prove(std::span<const Unproven> headers) const override;
    [[nodiscard]] HeaderState next_state(const HeaderState& parent,
                                         const Header& header) const override
    {
        return rules_->next_state(parent, header);
    }
    [[nodiscard]] BlockContext context(const HeaderState& parent, const Header& header,
                                       ByteView seal) const override
    {
        return rules_->context(parent, header, seal);
    }
    [[nodiscard]] bool is_better(const Header& a, const Header& b) const override
    {
        return mutant_ != SimMutant::tie_by_arrival && rules_->is_better(a, b);
    }
    [[nodiscard]] std::uint64_t future_s() const override
    {
        constexpr std::uint64_t year_s = 31'536'000;
        return mutant_ == SimMutant::no_future_limit ? year_s : rules_->future_s();
    }
    [[nodiscard]] std::uint64_t reorganisation_max() const override
    {
        constexpr std::uint64_t very_many = 1'000'000;
        return mutant_ == SimMutant::no_reorganisation_limit ? very_many
                                                             : rules_->reorganisation_max();
    }
    [[nodiscard]] bool halts_on_equivocation() const override { return false; }

private:
    const Consensus* rules_;
    SimMutant mutant_;
};

} // namespace cairn
