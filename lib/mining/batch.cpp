#include "mining/batch.hpp"

#include "os/parallel.hpp"

#include <algorithm>

namespace cairn {
namespace {

/// Nonces that a claim needs.
std::size_t nonces_of(const Claim& claim)
{
    const auto* const where = std::get_if<WarpClaim>(&claim.where);
    return where == nullptr ? 1 : std::size_t{1} << where->scale;
}

} // namespace

std::vector<Hit> hits_in_parallel(std::span<const Claim> claims, unsigned threads)
{
    const std::size_t lanes = NonceGroup{}.size();
    std::vector<std::span<const Claim>> parts;
    std::size_t used = lanes;
    for (const Claim& claim : claims) {
        const std::size_t more = nonces_of(claim);
        if (used + more > lanes) {
            parts.push_back({&claim, 0});
            used = 0;
        }
        used += more;
        parts.back() = {parts.back().data(), parts.back().size() + 1};
    }
    std::vector<std::vector<Hit>> hits(parts.size());
    in_parallel(parts.size(), threads, [&](std::size_t i) { hits[i] = hits_of(parts[i]); });
    std::vector<Hit> all;
    for (const std::vector<Hit>& part : hits) all.insert(all.end(), part.begin(), part.end());
    return all;
}

} // namespace cairn
