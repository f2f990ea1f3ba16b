#include "simnet/memo_consensus.hpp"

namespace cairn {

std::optional<HeaderFault> MemoConsensus::check(const KnownHeader& parent, const Header& header,
                                                ByteView seal) const
{
    if (checked_.size() > remembered_max) checked_.clear();
    const auto [place, is_new] = checked_.emplace(
        std::pair{block_id(header), Bytes{seal.begin(), seal.end()}}, std::nullopt);
    if (is_new) place->second = rules().check(parent, header, seal);
    return place->second;
}

std::vector<bool> MemoConsensus::prove(std::span<const Unproven> headers) const
{
    if (proven_.size() > remembered_max) proven_.clear();
    std::vector<bool> right;
    for (const Unproven& header : headers) {
        const auto [place, is_new] = proven_.emplace(block_id(*header.header), false);
        if (is_new) place->second = rules().prove({&header, 1}).front();
        right.push_back(place->second);
    }
    return right;
}

} // namespace cairn
