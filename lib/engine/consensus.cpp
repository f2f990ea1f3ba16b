#include "engine/consensus.hpp"

#include "engine/poc.hpp"
#include "engine/solo.hpp"

namespace cairn {

std::unique_ptr<Consensus> make_consensus(const Genesis& genesis, const Qualities& qualities)
{
    if (std::holds_alternative<PocRules>(genesis.engine))
        return std::make_unique<PocConsensus>(genesis, qualities);
    return std::make_unique<SoloConsensus>(genesis);
}

} // namespace cairn
