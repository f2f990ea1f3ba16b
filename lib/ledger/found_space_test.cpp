#include "ledger/policy.hpp"
#include "ledger/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

TEST_CASE("space that stays the same mints the same in every block, however many are remembered")
{
    Genesis genesis = test_genesis();
    std::get<CccPolicy>(genesis.policy).space_bytes = 0; // as the engine certifies it
    genesis.block.memory_blocks = 16;
    TestChain chain{genesis};
    constexpr std::uint64_t space_bytes = std::uint64_t{1} << 50U; // finds two coins a block
    for (std::uint64_t i = 1; i <= 40; ++i) {
        const Amount before = chain.find<Supply>(supply_key())->minted;
        BlockContext context = chain.next_context();
        context.space_bytes = space_bytes;
        (void)chain.add(context, {});
        const Amount after = chain.find<Supply>(supply_key())->minted;
        CHECK(after.atoms - before.atoms == 2 * atoms_per_coin);
        const auto state = chain.find<CccState>(ccc_key());
        CHECK(state->blocks == std::min<std::uint64_t>(i, genesis.block.memory_blocks));
        CHECK(state->space_sum == Uint128{space_bytes} * state->blocks);
    }
}
