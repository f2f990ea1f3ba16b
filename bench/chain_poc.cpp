// A chain of proof of capacity, native plots, for nodes that are to follow it; and how many of its
// proofs are checked in a second by one thread, as many at a time as there are lanes.

#include "chain/block_maker.hpp"
#include "chain/chain_store.hpp"
#include "engine/poc.hpp"
#include "os/clock.hpp"

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>

using namespace cairn;

namespace {

/// Plots so small beside the base target that every proof is early enough.
Genesis genesis_for(std::size_t blocks)
{
    Genesis genesis = parse_genesis(*genesis_profile("dev"));
    auto& rules = std::get<PocRules>(genesis.engine);
    rules.form = PlotForm::x1;
    rules.base_target = rules.base_target_max = std::uint64_t{1} << 62U;
    genesis.time_s =
        static_cast<std::uint64_t>(std::time(nullptr)) - (blocks + 10) * rules.block_time_s;
    return genesis;
}

class Maker {
public:
    Maker(const std::string& directory, std::size_t blocks)
        : genesis_{genesis_for(blocks)},
          qualities_{genesis_},
          consensus_{genesis_, qualities_},
          store_{directory, genesis_, consensus_, {}},
          rules_{std::get<PocRules>(genesis_.engine)}
    {
        std::ofstream{directory + "/genesis.json"} << to_json(genesis_).dump() << '\n';
    }

    void make(std::size_t blocks)
    {
        while (store_.tip().header.height.value < blocks) {
            // All rounds of an epoch are known when it begins.
            std::vector<Claim> claims;
            std::vector<PocData> data;
            const std::uint32_t top = store_.tip().header.height.value;
            for (std::uint32_t height = top + 1;
                 height == top + 1 || height % rules_.epoch_blocks != 0; ++height)
                claims.push_back(claim(data.emplace_back(data_at(height)), {height}));
            const std::uint64_t begun_ms = monotonic_ms();
            const std::vector<Hit> hits = hits_of(claims);
            proved_ms_ += monotonic_ms() - begun_ms;
            proofs_ += hits.size();
            for (std::size_t i = 0; i < hits.size(); ++i) {
                data[i].quality = hits[i].value;
                add(data[i]);
            }
        }
        store_.commit();
    }

    [[nodiscard]] double proofs_per_s() const
    {
        return 1000 * static_cast<double>(proofs_) / static_cast<double>(proved_ms_);
    }

private:
    [[nodiscard]] PocData data_at(std::uint32_t height) const
    {
        PocData data;
        data.form = PlotForm::x1;
        data.plot.account = account_id(key_.public_key());
        data.scale = 1;
        data.first = height;
        data.place = height % 4096;
        data.sealer = key_.public_key();
        return data;
    }

    [[nodiscard]] Claim claim(const PocData& data, Height height) const
    {
        const Challenge challenge = challenge_of(rules_, store_.tip().state.seed, height);
        return claim_of(store_.tip().header.chain, data, challenge,
                        scoop_at(rules_, challenge, height));
    }

    DraftBlock draft(const KnownHeader& parent, PocData data) const
    {
        data.base_target =
            round_after(genesis_, parent.header, parent.state, genesis_.time_s).base_target;
        const BlockMaker maker{genesis_, consensus_, key_, data.plot.account};
        const auto state = store_.state();
        auto made =
            maker.draft(parent, {*state, *state},
                        {parent.id, parent.header.time_s + rules_.block_time_s, to_bytes(data)},
                        [](BlockExecution&) { return std::vector<Transaction>{}; });
        maker.seal(*made);
        return std::move(*made);
    }

    void add(const PocData& data)
    {
        const KnownHeader parent = store_.tip();
        DraftBlock made = draft(parent, data);
        const Block& block = made.block;
        if (const auto fault = consensus_.check(parent, block.header, block.seal)) {
            std::fprintf(stderr, "bench: %s\n", fault->reason.c_str());
            std::exit(70);
        }
        store_.put_body(block, made.id);
        const KnownHeader known{made.id, block.header, block.seal,
                                consensus_.next_state(parent.state, block.header)};
        if (const auto fault = store_.connect(known, block, std::move(made.effects))) {
            std::fprintf(stderr, "bench: %s\n", fault->c_str());
            std::exit(70);
        }
    }

    Ed25519KeyPair key_{Secret::copy(Bytes(Ed25519KeyPair::seed_size))};
    Genesis genesis_;
    HashedQualities qualities_;
    PocConsensus consensus_;
    ChainStore store_;
    const PocRules& rules_;
    std::uint64_t proved_ms_ = 0;
    std::size_t proofs_ = 0;
};

} // namespace

int main(int argc, char** argv)
{
    if (argc != 3) {
        std::fputs("usage: bench_chain_poc DIR BLOCKS\n", stderr);
        return 64;
    }
    const std::size_t blocks = std::strtoul(argv[2], nullptr, 10);
    std::filesystem::remove_all(argv[1]);
    Maker maker{argv[1], blocks};
    maker.make(blocks);
    std::printf("{\"blocks\":%zu,\"proofs_per_s\":%.1f}\n", blocks, maker.proofs_per_s());
    return 0;
}
