#pragma once

#include "engine/poc.hpp"

#include <map>

namespace cairn {

/// Plots that are drawn, not made: the best quality of an account's plots in a round is what that
/// of so much space would be distributed like, and follows from a seed, the challenge and the
/// account.
class DrawnPlots final : public Qualities {
public:
    DrawnPlots(const Genesis& genesis, std::uint64_t seed) : genesis_{&genesis}, seed_{seed} {}

    void add(const AccountId& account, std::uint64_t space_bytes)
    {
        spaces_.insert_or_assign(account, space_bytes);
    }

    /// The best that an account has in a round, as data for a header.
    [[nodiscard]] PocData best(const AccountId& account, const PocRound& round) const;

    [[nodiscard]] std::vector<std::uint64_t> of(std::span<const Question> questions) const override;

private:
    [[nodiscard]] std::uint64_t quality(const AccountId& account, const Challenge& challenge) const;

    const Genesis* genesis_;
    std::uint64_t seed_;
    std::map<AccountId, std::uint64_t> spaces_; // bytes
};

} // namespace cairn
