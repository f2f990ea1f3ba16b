#pragma once

#include "engine/consensus.hpp"

#include <map>

namespace cairn {

/// The same rules, where what was found out of a header once is remembered for all nodes.
class MemoConsensus final : public Consensus {
public:
    /// `rules` must live longer.
    explicit MemoConsensus(const Consensus& rules) : rules_{&rules} {}

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
        return rules_->is_better(a, b);
    }
    [[nodiscard]] std::uint64_t future_s() const override { return rules_->future_s(); }
    [[nodiscard]] std::uint64_t reorganisation_max() const override
    {
        return rules_->reorganisation_max();
    }
    [[nodiscard]] bool halts_on_equivocation() const override
    {
        return rules_->halts_on_equivocation();
    }

private:
    static constexpr std::size_t remembered_max = 50'000;

    const Consensus* rules_;
    mutable std::map<std::pair<BlockId, Bytes>, std::optional<HeaderFault>> checked_;
    mutable std::map<BlockId, bool> proven_;
};

} // namespace cairn
