#pragma once

#include "chain/node_testing.hpp"
#include "engine/poc.hpp"

// For *_test.cpp files only.

namespace cairn {

/// A chain that is mined by plots, without blocks, whose nodes make them when a test wants.
class PlottedChain {
public:
    [[nodiscard]] const Genesis& genesis() const { return genesis_; }
    [[nodiscard]] const PocConsensus& consensus() const { return consensus_; }

    /// A proof in the plots of a key, for a node's round, that waits for so many seconds.
    [[nodiscard]] PocData proof(const ChainNode& node, const Ed25519KeyPair& key,
                                std::uint64_t delay_s) const
    {
        const PocRound round = *node.round();
        PocData data;
        data.form = PlotForm::poc2;
        data.plot.account = account_id(key.public_key());
        data.base_target = round.base_target;
        while (true) {
            const Claim claim =
                claim_of(network_id(genesis_), data, Challenge{round.challenge.bytes}, round.scoop);
            data.quality = hits_of({&claim, 1}).front().value;
            if (data.quality / data.base_target == delay_s) return data;
            ++data.first;
        }
    }

private:
    static Genesis make_genesis()
    {
        Genesis genesis = parse_genesis(*genesis_profile("dev"));
        auto& rules = std::get<PocRules>(genesis.engine);
        rules.form = PlotForm::poc2;
        rules.is_bending = false;
        rules.base_target = std::uint64_t{1} << 60U;
        rules.retarget_s = 10'000'000; // it stays there
        return genesis;
    }

    Genesis genesis_ = make_genesis();
    HashedQualities qualities_{genesis_};
    PocConsensus consensus_{genesis_, qualities_};
};

} // namespace cairn
