#pragma once

#include "simnet/wrapped_consensus.hpp"

#include <map>

namespace cairn {

/// The same rules, where what was found out of a header once is remembered for all nodes.
class MemoConsensus final : public WrappedConsensus {
public:
    using WrappedConsensus::WrappedConsensus;

    [[nodiscard]] std::optional<HeaderFault> check(const KnownHeader& parent, const Header& header,
                                                   ByteView seal) const override;
    [[nodiscard]] std::vector<bool> prove(std::span<const Unproven> headers) const override;

private:
    static constexpr std::size_t remembered_max = 50'000;

    mutable std::map<std::pair<BlockId, Bytes>, std::optional<HeaderFault>> checked_;
    mutable std::map<BlockId, bool> proven_;
};

} // namespace cairn
