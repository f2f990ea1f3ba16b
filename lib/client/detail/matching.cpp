#include "client/detail/matching.hpp"

#include <map>
#include <set>

namespace cairn::detail {
namespace {

/// Augmenting paths, one for each shard: a maximum matching.
class Matching {
public:
    explicit Matching(const std::vector<std::vector<std::size_t>>& holders)
        : holders_{&holders},
          provider_of_(holders.size())
    {
    }

    std::vector<std::optional<std::size_t>> run()
    {
        for (std::size_t shard = 0; shard < holders_->size(); ++shard) {
            seen_.clear();
            place(shard);
        }
        return provider_of_;
    }

private:
    /// Depth is at most the number of shards.
    bool place(std::size_t shard)
    {
        for (const std::size_t provider : (*holders_)[shard]) {
            if (!seen_.insert(provider).second) continue;
            const auto taken = shard_of_.find(provider);
            if (taken != shard_of_.end() && !place(taken->second)) continue;
            shard_of_[provider] = shard;
            provider_of_[shard] = provider;
            return true;
        }
        return false;
    }

    const std::vector<std::vector<std::size_t>>* holders_;
    std::vector<std::optional<std::size_t>> provider_of_;
    std::map<std::size_t, std::size_t> shard_of_;
    std::set<std::size_t> seen_;
};

} // namespace

std::vector<std::optional<std::size_t>>
match_holders(const std::vector<std::vector<std::size_t>>& holders)
{
    return Matching{holders}.run();
}

} // namespace cairn::detail
