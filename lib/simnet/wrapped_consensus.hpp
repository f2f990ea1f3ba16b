#pragma once

#include "engine/consensus.hpp"

namespace cairn {

/// The rules of another, for those that change some of them.
class WrappedConsensus : public Consensus {
public:
    /// `rules` must live longer.
    explicit WrappedConsensus(const Consensus& rules) : rules_{&rules} {}

    [[nodiscard]] HeaderState first_state(const Header& first) const override
    {
        return rules_->first_state(first);
    }
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

protected:
    [[nodiscard]] const Consensus& rules() const { return *rules_; }

private:
    const Consensus* rules_;
};

} // namespace cairn
