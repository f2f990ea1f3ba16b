#include "ledger/execution.hpp"

#include <cstring>

namespace cairn {
namespace {

std::uint64_t seed_of(const BlockId& parent)
{
    std::uint64_t seed = 0;
    std::memcpy(&seed, parent.bytes.data(), sizeof seed);
    return seed;
}

} // namespace

Execution::Execution(const Genesis& genesis, const BlockContext& block, const StateReader& base)
    : genesis_{&genesis},
      block_{block},
      state_{base, seed_of(block.parent)}
{
}

} // namespace cairn
