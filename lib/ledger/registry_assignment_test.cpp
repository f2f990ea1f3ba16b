#include "ledger/registry.hpp"
#include "ledger/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

constexpr std::uint16_t registry = module_number::registry;
constexpr std::uint32_t assign_blocks = 4;
constexpr std::uint32_t revoke_blocks = 7;

const Ed25519KeyPair& alice()
{
    static const Ed25519KeyPair pair = counting_pair(0);
    return pair;
}
const Ed25519KeyPair& pool()
{
    static const Ed25519KeyPair pair = counting_pair(32);
    return pair;
}
const Ed25519KeyPair& other()
{
    static const Ed25519KeyPair pair = counting_pair(64);
    return pair;
}

Genesis short_genesis()
{
    Genesis genesis = test_genesis();
    genesis.registry.assign_blocks = assign_blocks;
    genesis.registry.revoke_blocks = revoke_blocks;
    return genesis;
}

WinningPlot plot(std::uint32_t salt = 5)
{
    return {account_id(alice().public_key()), salt};
}

/// Whose key may seal the next block for a plot, of these three: "alice", "pool", "other".
std::string sealers(const TestChain& chain, const WinningPlot& plot)
{
    std::string names;
    const auto add = [&](const char* name, const Ed25519KeyPair& key) {
        BlockContext context = chain.next_context();
        context.plot = plot;
        context.sealer = key.public_key();
        BlockExecution execution{chain.genesis(), context, chain.state()};
        if (execution.may_be_sealed()) names += (names.empty() ? "" : " ") + std::string{name};
    };
    add("alice", alice());
    add("pool", pool());
    add("other", other());
    return names;
}

std::string try_assign(TestChain& chain, const Ed25519KeyPair& to, std::uint32_t salt = 5)
{
    return chain.try_call(alice(), registry, RegistryMethod::assign,
                          to_bytes(AssignArguments{salt, to.public_key()}));
}

std::string try_revoke(TestChain& chain, std::uint32_t salt = 5)
{
    return chain.try_call(alice(), registry, RegistryMethod::revoke,
                          to_bytes(RevokeArguments{salt}));
}

Descriptor alone(const Ed25519KeyPair& key)
{
    return {1, {key.public_key()}};
}

} // namespace

TEST_CASE("a plot is its account's to seal for, and nobody else's")
{
    TestChain chain{short_genesis()};
    CHECK(sealers(chain, plot()) == "alice");
    CHECK(sealers(chain, {account_id(filled<Ed25519PublicKey>(9)), 5}) == "");
    CHECK(sealers(chain, {account_id(counting_pair(32).public_key()), 0}) == "pool");
    // A miner's account needs not be there; and one that a single key's descriptor names is its.
    CHECK(sealers(chain, {account_id(descriptor_id(alone(other()))), 0}) == "other");
    BlockExecution without{chain.genesis(), chain.next_context(), chain.state()};
    CHECK(without.may_be_sealed()); // a block of no plot
}

TEST_CASE("an assignment counts from its block on, and ends at its block")
{
    TestChain chain{short_genesis()};
    CHECK(try_assign(chain, pool()) == "done");
    const std::uint32_t from = chain.tip().height.value + assign_blocks;
    while (chain.next_height().value < from) {
        CHECK(sealers(chain, plot()) == "alice");
        chain.add_empty(1);
    }
    CHECK(chain.next_height().value == from);
    CHECK(sealers(chain, plot()) == "pool"); // and alice no more
    CHECK(sealers(chain, plot(6)) == "alice");
    chain.add_empty(3);
    CHECK(try_assign(chain, other()) == "exists");
    CHECK(try_revoke(chain, 6) == "absent");
    CHECK(try_revoke(chain) == "done");
    const std::uint32_t until = chain.tip().height.value + revoke_blocks;
    while (chain.next_height().value < until) {
        CHECK(sealers(chain, plot()) == "pool");
        CHECK(try_revoke(chain) == "exists"); // it does not begin anew
        chain.undo();
        CHECK(try_assign(chain, other()) == "exists");
    }
    CHECK(chain.next_height().value == until);
    CHECK(sealers(chain, plot()) == "alice");
    CHECK(try_assign(chain, other()) == "done"); // at the block itself
    CHECK(sealers(chain, plot()) == "alice");
    chain.add_empty(assign_blocks - 1);
    CHECK(sealers(chain, plot()) == "other");
}

TEST_CASE("an assignment that is revoked before it counts ends all the same")
{
    Genesis genesis = short_genesis();
    genesis.registry.revoke_blocks = 2;
    TestChain chain{genesis};
    CHECK(try_assign(chain, pool()) == "done"); // in block 1: from block 5 on
    CHECK(try_revoke(chain) == "done");         // in block 2: until block 4
    for (int i = 0; i < 6; ++i) {
        CHECK(sealers(chain, plot()) == "alice");
        chain.add_empty(1);
    }
}

TEST_CASE("a block whose plot is not for its sealer is refused")
{
    TestChain chain{short_genesis()};
    BlockContext context = chain.next_context();
    context.plot = plot();
    context.sealer = alice().public_key();
    (void)chain.add(context, {});
    context = chain.next_context();
    context.plot = plot();
    context.sealer = pool().public_key();
    CHECK((exit_of([&] { (void)chain.add(context, {}); }) == Exit::bug)); // as TestChain tells it
}

TEST_CASE("a controller that is one key seals in place of the account's own")
{
    TestChain chain{short_genesis()};
    const auto control = [&](const Descriptor& descriptor) {
        return chain.try_call(alice(), module_number::coins, CoinsMethod::controller,
                              to_bytes(ControllerArguments{descriptor_id(descriptor)}));
    };
    CHECK(control(alone(pool())) == "done");
    CHECK(sealers(chain, plot()) == "pool");
    TestChain joint{short_genesis()};
    std::vector<Ed25519PublicKey> keys{pool().public_key(), other().public_key()};
    std::ranges::sort(keys);
    CHECK(joint.try_call(alice(), module_number::coins, CoinsMethod::controller,
                         to_bytes(ControllerArguments{descriptor_id(Descriptor{1, keys})})) ==
          "done");
    CHECK(sealers(joint, plot()) == ""); // of several, each plot must be assigned
}
