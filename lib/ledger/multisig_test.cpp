#include "ledger/coins.hpp"
#include "ledger/testing.hpp"

#include <bit>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

Ed25519KeyPair pair(unsigned number)
{
    return counting_pair(32 * number);
}

AccountId id(unsigned number)
{
    return account_id(pair(number).public_key());
}

/// Any t of the pairs from `first` on, n of them.
Descriptor descriptor(std::uint64_t t, unsigned first, unsigned n)
{
    Descriptor descriptor{t, {}};
    for (unsigned i = 0; i < n; ++i) descriptor.keys.push_back(pair(first + i).public_key());
    std::ranges::sort(descriptor.keys);
    return descriptor;
}

/// A call by an account that others sign for.
Transaction made(const TestChain& chain, const AccountId& sender, CoinsMethod method,
                 Bytes arguments, const std::vector<unsigned>& signers,
                 const std::vector<Descriptor>& descriptors)
{
    Transaction transaction = chain.make(pair(0), module_number::coins,
                                         static_cast<std::uint16_t>(method), std::move(arguments));
    transaction.body.call.sender = sender;
    transaction.body.call.sequence =
        chain.find<Account>(account_key(sender)).value().next_sequence({});
    for (const Descriptor& each : descriptors) attach(transaction, each);
    std::vector<Ed25519KeyPair> keys;
    for (const unsigned signer : signers) keys.push_back(pair(signer));
    chain.finish(transaction, keys);
    return transaction;
}

Transaction giving(const TestChain& chain, const AccountId& sender,
                   const std::vector<unsigned>& signers, const std::vector<Descriptor>& descriptors)
{
    return made(chain, sender, CoinsMethod::transfer,
                to_bytes(TransferArguments{{{id(0), {1}}}, {}}), signers, descriptors);
}

Transaction controlling(const TestChain& chain, const AccountId& sender,
                        const std::optional<Descriptor>& controller,
                        const std::vector<unsigned>& signers,
                        const std::vector<Descriptor>& descriptors)
{
    ControllerArguments arguments;
    if (controller) arguments.controller = descriptor_id(*controller);
    return made(chain, sender, CoinsMethod::controller, to_bytes(arguments), signers, descriptors);
}

} // namespace

TEST_CASE("of an account that a descriptor names t of n keys spend, and no fewer")
{
    for (unsigned n = 1; n <= 5; ++n)
        for (std::uint64_t t = 1; t <= n; ++t) {
            TestChain chain{test_genesis()};
            const Descriptor joint = descriptor(t, 1, n);
            const AccountId account = account_id(descriptor_id(joint));
            CHECK(chain.try_one(chain.transfer(pair(0), account, {100 * atoms_per_coin})) ==
                  "done");
            for (unsigned set = 1; set < 1U << n; ++set) {
                std::vector<unsigned> signers;
                for (unsigned i = 0; i < n; ++i)
                    if ((set >> i & 1U) != 0) signers.push_back(i + 1);
                const bool is_enough = static_cast<std::uint64_t>(std::popcount(set)) >= t;
                const Transaction transaction = giving(chain, account, signers, {joint});
                CHECK(text_of(chain.add({transaction})[0]) ==
                      (is_enough ? "done" : "fault not-authorised"));
                chain.undo();
            }
        }
}

TEST_CASE("signatures and descriptors that are not needed are refused")
{
    TestChain chain{test_genesis()};
    const Descriptor joint = descriptor(2, 1, 3);
    const Descriptor other = descriptor(2, 1, 4);
    const AccountId account = account_id(descriptor_id(joint));
    CHECK(chain.try_one(chain.transfer(pair(0), account, {100 * atoms_per_coin})) == "done");
    CHECK(chain.try_one(giving(chain, account, {1, 2}, {joint})) == "done");
    const auto is_refused = [&](const std::vector<unsigned>& signers,
                                const std::vector<Descriptor>& descriptors) {
        return chain.try_one(giving(chain, account, signers, descriptors)) ==
               "fault not-authorised";
    };
    CHECK(is_refused({1, 2}, {}));             // its own descriptor is not there
    CHECK(is_refused({1, 2}, {other}));        // another's is
    CHECK(is_refused({1, 2}, {joint, other})); // besides
    CHECK(is_refused({1, 2, 4}, {joint}));     // a stranger's signature
    CHECK(is_refused({4, 5}, {joint}));
    CHECK(is_refused({0}, {}));
    CHECK(is_refused({1, 2}, {descriptor(1, 1, 3)})); // the same keys, fewer of them
    // Nor is a descriptor of an account that has a key of its own.
    Transaction transaction = chain.transfer(pair(0), id(1), {1});
    attach(transaction, descriptor(1, 0, 1));
    std::vector<Ed25519KeyPair> keys;
    keys.push_back(pair(0));
    chain.finish(transaction, keys);
    CHECK(chain.try_one(transaction) == "fault not-authorised");
}

TEST_CASE("a controller acts for an account, its own key no more, until it is handed back")
{
    TestChain chain{test_genesis()};
    const Descriptor joint = descriptor(2, 4, 3);
    CHECK(chain.try_one(controlling(chain, id(1), joint, {1}, {})) == "done");
    CHECK(chain.try_one(giving(chain, id(1), {1}, {})) == "fault not-authorised");
    CHECK(chain.try_one(giving(chain, id(1), {1, 4}, {joint})) == "fault not-authorised");
    CHECK(chain.try_one(giving(chain, id(1), {4}, {joint})) == "fault not-authorised");
    CHECK(chain.try_one(giving(chain, id(1), {1, 4, 5}, {joint})) == "fault not-authorised");
    CHECK(chain.try_one(giving(chain, id(1), {4, 6}, {joint})) == "done");
    // To another controller; and then back.
    const Descriptor next = descriptor(1, 8, 1);
    CHECK(chain.try_one(controlling(chain, id(1), next, {1}, {})) == "fault not-authorised");
    CHECK(chain.try_one(controlling(chain, id(1), next, {5, 6}, {joint})) == "done");
    CHECK(chain.try_one(giving(chain, id(1), {4, 6}, {joint})) == "fault not-authorised");
    CHECK(chain.try_one(giving(chain, id(1), {8}, {next})) == "done");
    CHECK(chain.try_one(controlling(chain, id(1), std::nullopt, {8}, {next})) == "done");
    CHECK(chain.try_one(giving(chain, id(1), {8}, {next})) == "fault not-authorised");
    CHECK(chain.try_one(giving(chain, id(1), {1}, {})) == "done");
}

TEST_CASE("a controller counts from the next transaction of the same block on")
{
    TestChain chain{test_genesis()};
    const Descriptor next = descriptor(1, 8, 1);
    const Transaction controlled = controlling(chain, id(1), next, {1}, {});
    Transaction old = giving(chain, id(1), {1}, {});
    Transaction fresh = giving(chain, id(1), {8}, {next});
    for (Transaction* const transaction : {&old, &fresh}) ++transaction->body.call.sequence;
    const auto outcomes = chain.add({controlled, old, fresh});
    CHECK(text_of(outcomes[0]) == "done");
    CHECK(text_of(outcomes[1]) == "fault not-authorised");
    CHECK(text_of(outcomes[2]) == "done");
}

TEST_CASE("an account that a descriptor names may have another controller, too")
{
    TestChain chain{test_genesis()};
    const Descriptor joint = descriptor(2, 1, 3);
    const Descriptor next = descriptor(2, 1, 4); // a key more
    const AccountId account = account_id(descriptor_id(joint));
    CHECK(chain.try_one(chain.transfer(pair(0), account, {100 * atoms_per_coin})) == "done");
    CHECK(chain.try_one(controlling(chain, account, next, {1, 3}, {joint})) == "done");
    CHECK(chain.try_one(giving(chain, account, {1, 3}, {joint})) == "fault not-authorised");
    CHECK(chain.try_one(giving(chain, account, {4, 3}, {next})) == "done");
    CHECK(chain.try_one(controlling(chain, account, std::nullopt, {4, 3}, {next})) == "done");
    CHECK(chain.try_one(giving(chain, account, {1, 2, 3}, {joint})) == "done");
}
