#include "ledger/coins.hpp"

#include "ledger/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

TEST_CASE("coins go from one account to another, and nothing is lost")
{
    TestChain chain{test_genesis()};
    const Ed25519KeyPair alice = counting_pair(0);
    const AccountId bob = account_id(counting_pair(32).public_key());
    const Transaction transaction = chain.transfer(alice, bob, {5});
    CHECK(is_signed(transaction));
    const auto results = chain.add({transaction});
    REQUIRE(std::holds_alternative<TransactionReceipt>(results[0]));
    CHECK(std::get<TransactionReceipt>(results[0]).status == Status::done);
    CHECK(chain.balance(bob).atoms == test_balance.atoms + 5);
    CHECK(chain.balance(account_id(alice.public_key())).atoms ==
          test_balance.atoms - 5 - transaction.body.fee.atoms);
    CHECK(std::get<Fault>(chain.add({transaction})[0]) == Fault::used_sequence);
    const auto supply = chain.find<Supply>(supply_key());
    CHECK(chain.audit().atoms == supply->minted.atoms);
    CHECK(chain.state().root() == chain.tip().state);
    const MemoryState& state = chain.state();
    CHECK(state.values().size() > 4);
    chain.undo();
    chain.undo();
    CHECK(chain.state().root() == chain.tip().state);
    CHECK(chain.balance(bob) == test_balance);
}
