#include "ledger/registry.hpp"

#include "ledger/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

constexpr std::uint16_t registry = module_number::registry;
constexpr std::uint64_t coin = atoms_per_coin;

AccountId id(const Ed25519KeyPair& pair)
{
    return account_id(pair.public_key());
}

const Ed25519KeyPair& alice()
{
    static const Ed25519KeyPair pair = counting_pair(0);
    return pair;
}
const Ed25519KeyPair& bob()
{
    static const Ed25519KeyPair pair = counting_pair(32);
    return pair;
}
Ed25519KeyPair node(unsigned number)
{
    return counting_pair(100 + number);
}

/// Short times: 6 blocks of a professional's lock, 5 of its earnings', 3 to unbond.
Genesis short_genesis()
{
    Genesis genesis = test_genesis();
    genesis.registry.professional_blocks = 6;
    genesis.registry.earnings_blocks = 5;
    genesis.registry.unbond_blocks = 3;
    genesis.registry.assign_blocks = 4;
    genesis.registry.revoke_blocks = 7;
    return genesis;
}

JoinArguments joining(const TestChain& chain, const Ed25519KeyPair& account,
                      const Ed25519KeyPair& node, Amount bond,
                      ProviderClass kind = ProviderClass::amateur)
{
    JoinArguments arguments;
    arguments.node_key = node.public_key();
    arguments.consent = node.sign(consent_message(chain.tip().chain, id(account)));
    arguments.kind = kind;
    arguments.bond = bond;
    arguments.offer = {{"example.org:4242"}, 1'000'000, {5}};
    return arguments;
}

std::string try_call(TestChain& chain, const Ed25519KeyPair& key, RegistryMethod method,
                     Bytes arguments = no_arguments())
{
    return chain.try_call(key, registry, method, std::move(arguments));
}

std::string try_join(TestChain& chain, const Ed25519KeyPair& account,
                     const JoinArguments& arguments)
{
    return try_call(chain, account, RegistryMethod::join, to_bytes(arguments));
}

std::string try_amount(TestChain& chain, RegistryMethod method, std::uint64_t atoms)
{
    return try_call(chain, alice(), method, to_bytes(AmountArguments{{atoms}}));
}

std::string try_release(TestChain& chain, std::vector<Height> earned)
{
    return try_call(chain, alice(), RegistryMethod::release,
                    to_bytes(ReleaseArguments{std::move(earned)}));
}

std::string try_rotate(TestChain& chain, const Ed25519KeyPair& account, const Ed25519KeyPair& to)
{
    return try_call(
        chain, account, RegistryMethod::rotate,
        to_bytes(RotateArguments{to.public_key(),
                                 to.sign(consent_message(chain.tip().chain, id(account)))}));
}

Provider provider(const TestChain& chain, const Ed25519KeyPair& account)
{
    return chain.find<Provider>(provider_key(id(account))).value();
}

/// The fee of the last block's transaction.
std::uint64_t fee(const TestChain& chain)
{
    return chain.last().transactions.at(0).body.fee.atoms;
}

} // namespace

TEST_CASE("a provider joins with a bond and a deposit, and gets both back when it leaves")
{
    TestChain chain{short_genesis()};
    std::uint64_t left = test_balance.atoms;
    CHECK(try_join(chain, alice(), joining(chain, alice(), node(0), {5 * coin})) == "done");
    const std::uint64_t deposit = provider_deposit_bytes * chain.genesis().fee.byte_atoms;
    left -= fee(chain) + 5 * coin + deposit;
    CHECK(chain.balance(id(alice())).atoms == left);
    CHECK(provider(chain, alice()).bond.atoms == 5 * coin);
    CHECK(provider(chain, alice()).registered == chain.tip().height);
    CHECK(provider(chain, alice()).key_at(chain.tip().height) == node(0).public_key());
    CHECK(try_call(chain, alice(), RegistryMethod::leave) == "locked");
    left -= fee(chain);
    CHECK(try_amount(chain, RegistryMethod::unbond, 5 * coin) == "done");
    left -= fee(chain);
    CHECK(try_call(chain, alice(), RegistryMethod::leave) == "locked");
    left -= fee(chain);
    CHECK(try_call(chain, alice(), RegistryMethod::withdraw) == "locked"); // two blocks later
    left -= fee(chain);
    CHECK(try_call(chain, alice(), RegistryMethod::withdraw) == "done"); // three
    left += 5 * coin - fee(chain);
    CHECK(try_call(chain, alice(), RegistryMethod::withdraw) == "absent");
    left -= fee(chain);
    CHECK(try_call(chain, alice(), RegistryMethod::leave) == "done");
    left += deposit - fee(chain);
    CHECK(chain.balance(id(alice())).atoms == left);
    CHECK_FALSE(chain.find<Provider>(provider_key(id(alice()))));
    CHECK_FALSE(chain.state().get(node_key_owner(node(0).public_key())));
    CHECK(try_call(chain, alice(), RegistryMethod::leave) == "absent");
    CHECK(try_join(chain, bob(), joining(chain, bob(), node(0), {5 * coin})) == "done");
    CHECK(chain.audit() == chain.find<Supply>(supply_key())->minted);
}

TEST_CASE("nobody joins with too little, twice, or with a node that did not consent to it")
{
    TestChain chain{short_genesis()};
    const Amount bond = chain.genesis().registry.bond_min;
    CHECK(try_join(chain, alice(), joining(chain, alice(), node(0), {bond.atoms - 1})) ==
          "too-small");
    CHECK(try_join(chain, alice(), joining(chain, alice(), node(0), {UINT64_MAX})) == "no-funds");
    CHECK(try_join(chain, alice(), joining(chain, alice(), node(0), test_balance)) == "no-funds");
    CHECK(try_join(chain, alice(), joining(chain, bob(), node(0), bond)) == "not-true");
    JoinArguments arguments = joining(chain, alice(), node(0), bond);
    arguments.node_key = node(1).public_key(); // another node's consent
    CHECK(try_join(chain, alice(), arguments) == "not-true");
    arguments = joining(chain, alice(), node(0), bond);
    arguments.consent = node(0).sign(consent_message(filled<NetworkId>(1), id(alice())));
    CHECK(try_join(chain, alice(), arguments) == "not-true"); // for another chain
    CHECK_FALSE(chain.find<Provider>(provider_key(id(alice()))));
    CHECK(try_join(chain, alice(), joining(chain, alice(), node(0), bond)) == "done");
    CHECK(try_join(chain, alice(), joining(chain, alice(), node(1), bond)) == "exists");
    CHECK(try_join(chain, bob(), joining(chain, bob(), node(0), bond)) == "exists");
    CHECK(try_join(chain, bob(), joining(chain, bob(), node(1), bond)) == "done");
}

TEST_CASE("what only providers do is absent for others")
{
    TestChain chain{short_genesis()};
    for (const RegistryMethod method :
         {RegistryMethod::withdraw, RegistryMethod::leave, RegistryMethod::settle})
        CHECK(try_call(chain, alice(), method) == "absent");
    CHECK(try_amount(chain, RegistryMethod::bond, 1) == "absent");
    CHECK(try_amount(chain, RegistryMethod::unbond, 1) == "absent");
    CHECK(try_call(chain, alice(), RegistryMethod::offer, to_bytes(Offer{})) == "absent");
    CHECK(try_rotate(chain, alice(), node(0)) == "absent");
    CHECK(try_release(chain, {{1}}) == "absent");
    CHECK(try_call(chain, alice(), RegistryMethod::revoke, to_bytes(RevokeArguments{})) ==
          "absent");
}

TEST_CASE("a professional's bond is locked up to its block, and again when it is added to")
{
    TestChain chain{short_genesis()};
    CHECK(try_join(chain, alice(),
                   joining(chain, alice(), node(0), {5 * coin}, ProviderClass::professional)) ==
          "done"); // in block 1
    chain.add_empty(4);
    CHECK(try_amount(chain, RegistryMethod::unbond, coin) == "locked"); // in block 6
    CHECK(try_amount(chain, RegistryMethod::unbond, coin) == "done");   // in block 7
    CHECK(try_amount(chain, RegistryMethod::bond, coin) == "done");     // in block 8
    chain.add_empty(4);
    CHECK(try_amount(chain, RegistryMethod::unbond, coin) == "locked"); // in block 13
    CHECK(try_amount(chain, RegistryMethod::unbond, coin) == "done");   // in block 14
}

TEST_CASE("an amateur's bond is not locked, and leaves none or enough")
{
    TestChain chain{short_genesis()};
    CHECK(try_join(chain, alice(), joining(chain, alice(), node(0), {5 * coin})) == "done");
    CHECK(try_amount(chain, RegistryMethod::unbond, 5 * coin + 1) == "no-funds");
    CHECK(try_amount(chain, RegistryMethod::unbond, UINT64_MAX) == "no-funds");
    CHECK(try_amount(chain, RegistryMethod::unbond, 4 * coin + 1) == "too-small");
    CHECK(try_amount(chain, RegistryMethod::unbond, 4 * coin) == "done"); // 1 is left: bond_min
    CHECK(try_amount(chain, RegistryMethod::bond, test_balance.atoms) == "no-funds");
    chain.add_empty(1);
    CHECK(try_amount(chain, RegistryMethod::unbond, coin) == "done"); // all wait for the last
    CHECK(try_call(chain, alice(), RegistryMethod::withdraw) == "locked");
    CHECK(try_call(chain, alice(), RegistryMethod::withdraw) == "locked");
    CHECK(try_call(chain, alice(), RegistryMethod::withdraw) == "done");
    CHECK(provider(chain, alice()).bond == Amount{});
    CHECK(provider(chain, alice()).unbonding == Amount{});
}

TEST_CASE("an amateur has what it earns at once, a professional when its lock ends")
{
    for (const auto kind : {ProviderClass::amateur, ProviderClass::professional}) {
        TestChain chain{short_genesis()};
        CHECK(try_join(chain, alice(), joining(chain, alice(), node(0), {coin}, kind)) == "done");
        const std::uint64_t before = chain.balance(id(alice())).atoms;
        const auto attach = [&](std::uint64_t atoms) {
            CHECK(chain.try_call(bob(), module_number::policy, PolicyMethod::attach,
                                 to_bytes(AttachArguments{id(alice()), {atoms}, {}})) == "done");
        };
        attach(1000); // in block 2
        attach(500);  // in block 3
        if (kind == ProviderClass::amateur) {
            CHECK(chain.balance(id(alice())).atoms == before + 1500);
            CHECK(try_release(chain, {{2}}) == "absent");
            continue;
        }
        CHECK(chain.balance(id(alice())).atoms == before);
        chain.add_empty(2);
        CHECK(try_release(chain, {{2}}) == "locked"); // in block 6
        chain.undo();
        chain.add_empty(1);
        CHECK(try_release(chain, {{2}, {3}}) == "locked"); // in block 7; the second is
        CHECK(chain.balance(id(alice())).atoms == before - fee(chain));
        chain.undo();
        CHECK(try_release(chain, {{2}}) == "done"); // in block 7
        CHECK(chain.balance(id(alice())).atoms == before + 1000 - fee(chain));
        CHECK(try_release(chain, {{2}}) == "absent"); // once
        CHECK(try_release(chain, {{3}, {4}}) == "absent");
        CHECK(try_release(chain, {{3}}) == "done");
        CHECK(chain.audit() == chain.find<Supply>(supply_key())->minted);
    }
}

TEST_CASE("what is earned twice in a block is one earning, and outlasts its provider")
{
    TestChain chain{short_genesis()};
    CHECK(try_join(chain, alice(),
                   joining(chain, alice(), node(0), {coin}, ProviderClass::professional)) ==
          "done");
    const auto attach = [&](std::uint64_t ahead) {
        return chain.make(bob(), module_number::policy,
                          static_cast<std::uint16_t>(PolicyMethod::attach),
                          to_bytes(AttachArguments{id(alice()), {700}, {}}), {}, ahead);
    };
    (void)chain.add({attach(0), attach(1)});
    const Height earned = chain.tip().height;
    CHECK(chain.find<Earning>(earning_key(id(alice()), earned))->amount.atoms == 1400);
    chain.add_empty(4);
    CHECK(try_amount(chain, RegistryMethod::unbond, coin) == "done");
    chain.add_empty(2);
    CHECK(try_call(chain, alice(), RegistryMethod::withdraw) == "done");
    CHECK(try_call(chain, alice(), RegistryMethod::leave) == "done");
    const std::uint64_t before = chain.balance(id(alice())).atoms;
    CHECK(try_release(chain, {earned}) == "done");
    CHECK(chain.balance(id(alice())).atoms == before + 1400 - fee(chain));
}

TEST_CASE("a node key is one provider's, and rotates when its time has come")
{
    TestChain chain{short_genesis()};
    CHECK(try_join(chain, alice(), joining(chain, alice(), node(0), {coin})) == "done");
    CHECK(try_join(chain, bob(), joining(chain, bob(), node(1), {coin})) == "done");
    CHECK(try_rotate(chain, alice(), node(1)) == "exists"); // bob's
    CHECK(try_rotate(chain, alice(), node(0)) == "exists"); // its own
    CHECK(try_call(chain, alice(), RegistryMethod::rotate,
                   to_bytes(RotateArguments{node(2).public_key(),
                                            node(2).sign(consent_message(
                                                chain.tip().chain, id(bob())))})) == "not-true");
    CHECK(try_rotate(chain, alice(), node(2)) == "done");
    const Height turns = chain.tip().height + 4;
    CHECK(provider(chain, alice()).key_at({turns.value - 1}) == node(0).public_key());
    CHECK(provider(chain, alice()).key_at(turns) == node(2).public_key());
    CHECK(try_rotate(chain, bob(), node(2)) == "exists"); // taken before it turns
    CHECK(try_rotate(chain, bob(), node(0)) == "exists");
    CHECK(try_rotate(chain, alice(), node(3)) == "locked");
    CHECK(chain.tip().height == Height{turns.value - 1});
    CHECK(try_rotate(chain, alice(), node(3)) == "done"); // at the block itself
    CHECK(provider(chain, alice()).node_key == node(2).public_key());
    CHECK_FALSE(chain.state().get(node_key_owner(node(0).public_key())));
    CHECK(try_rotate(chain, bob(), node(0)) == "done"); // free again
    for (const unsigned taken : {1U, 2U, 3U})
        CHECK(chain.state().get(node_key_owner(node(taken).public_key())));
    CHECK(try_amount(chain, RegistryMethod::unbond, coin) == "done");
    chain.add_empty(2);
    CHECK(try_call(chain, alice(), RegistryMethod::withdraw) == "done");
    CHECK(try_call(chain, alice(), RegistryMethod::leave) == "done");
    for (const unsigned left : {2U, 3U}) // both are free, also the one whose time has not come
        CHECK_FALSE(chain.state().get(node_key_owner(node(left).public_key())));
}

TEST_CASE("an offer is what it was last")
{
    TestChain chain{short_genesis()};
    CHECK(try_join(chain, alice(), joining(chain, alice(), node(0), {coin})) == "done");
    const Offer offer{{"a.example:1", "[2001:db8::1]:65535"}, UINT64_MAX, {UINT64_MAX}};
    CHECK(try_call(chain, alice(), RegistryMethod::offer, to_bytes(offer)) == "done");
    CHECK(provider(chain, alice()).offer == offer);
    CHECK(try_call(chain, alice(), RegistryMethod::offer, to_bytes(Offer{})) == "done");
    CHECK(provider(chain, alice()).offer == Offer{});
}
