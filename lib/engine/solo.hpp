#pragma once

#include "engine/consensus.hpp"

// One key makes all blocks: for development and for ledgers of one party.

namespace cairn {

/// "cairn/solo-beacon/v1", a zero byte, chain, BE32 height: what the producer signs in each header.
/// Nobody else can foresee the signature; the producer can, and has many valid ones to choose from.
[[nodiscard]] Bytes solo_beacon_message(const NetworkId& chain, Height height);

/// What an engine puts into the header of a block that one key makes: the beacon.
[[nodiscard]] Bytes solo_consensus_data(const NetworkId& chain, Height height,
                                        const Ed25519KeyPair& key);

class SoloConsensus final : public Consensus {
public:
    explicit SoloConsensus(const Genesis& genesis);

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
    [[nodiscard]] std::uint64_t reorganisation_max() const override { return 0; }
    [[nodiscard]] bool halts_on_equivocation() const override { return true; }

private:
    const SoloRules* rules_;
};

} // namespace cairn
