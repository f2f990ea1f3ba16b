#pragma once

#include "capacity/claim.hpp"
#include "engine/consensus.hpp"

// Proof of capacity, cairn-poc(7): whoever has the scoop with the smallest hit makes the next
// block, the sooner the smaller it is.

namespace cairn {

/// What a header says of the plot that it was made with.
struct PocData {
    PlotForm form = PlotForm::x1;
    WinningPlot plot;
    std::uint64_t scale = 0; ///< of x1
    std::uint64_t first = 0; ///< warp, or nonce of poc2
    std::uint64_t place = 0; ///< in the warp, 0 to 4095
    std::uint64_t quality = 0;
    std::uint64_t base_target = 0;
    Ed25519PublicKey sealer{}; ///< whose seal it has; a block's id does not cover the seal itself

    friend bool operator==(const PocData&, const PocData&) = default;
};

inline constexpr std::uint64_t poc_warp_max = (std::uint64_t{1} << 40U) + (std::uint64_t{1} << 24U);

Bytes to_bytes(const PocData& data);

/// Throws Error{data} unless the bytes are what to_bytes writes.
PocData parse_poc_data(ByteView bytes);

/// What is asked for in a round.
struct PocRound {
    Challenge challenge;
    ScoopNumber scoop;
    std::uint64_t base_target = 0;
};

/// The round in which the child of a block is found.
[[nodiscard]] PocRound round_after(const Genesis& genesis, const Header& parent,
                                   const HeaderState& state, std::uint64_t first_time_s);

/// The challenge of a height, from the seed of its epoch: SHA-256("poc" || seed || BE64(height));
/// by the rule of the family the seed itself.
[[nodiscard]] Challenge challenge_of(const PocRules& rules, const Beacon& seed, Height height);
[[nodiscard]] ScoopNumber scoop_at(const PocRules& rules, const Challenge& challenge,
                                   Height height);

/// The claim that data make in a round.
[[nodiscard]] Claim claim_of(const NetworkId& chain, const PocData& data,
                             const Challenge& challenge, ScoopNumber scoop);

/// The plot id, or of poc2 the account's number, which moves the seed.
[[nodiscard]] Beacon next_seed(const PocRules& rules, const NetworkId& chain, const Beacon& seed,
                               Height height, const PocData& data);

/// Qualities as plots have them.
class HashedQualities final : public Qualities {
public:
    explicit HashedQualities(const Genesis& genesis) : genesis_{&genesis} {}

    [[nodiscard]] std::vector<std::uint64_t> of(std::span<const Question> questions) const override;

private:
    const Genesis* genesis_;
};

class PocConsensus final : public Consensus {
public:
    PocConsensus(const Genesis& genesis, const Qualities& qualities);

    [[nodiscard]] HeaderState first_state(const Header& first) const override;
    [[nodiscard]] std::optional<HeaderFault> check(const KnownHeader& parent, const Header& header,
                                                   ByteView seal) const override;
    [[nodiscard]] std::vector<bool> prove(std::span<const Unproven> headers) const override;
    [[nodiscard]] HeaderState next_state(const HeaderState& parent,
                                         const Header& header) const override;
    [[nodiscard]] BlockContext context(const HeaderState& parent, const Header& header,
                                       ByteView seal) const override;
    [[nodiscard]] bool is_better(const Header& a, const Header& b) const override;
    [[nodiscard]] std::uint64_t future_s() const override { return rules_->future_s; }
    [[nodiscard]] std::uint64_t reorganisation_max() const override
    {
        return rules_->reorganisation_max;
    }
    [[nodiscard]] bool halts_on_equivocation() const override { return false; }

private:
    const Genesis* genesis_;
    const PocRules* rules_;
    const Qualities* qualities_;
};

} // namespace cairn
