#include "wallet/effect.hpp"

#include "ledger/files.hpp"
#include "ledger/ledger_json.hpp"
#include "ledger/registry.hpp"
#include "ledger/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

const Ed25519KeyPair& key(unsigned number)
{
    static const std::array pairs{counting_pair(0), counting_pair(32), counting_pair(64)};
    return pairs.at(number);
}

AccountId id_of(unsigned number)
{
    return account_id(key(number).public_key());
}

/// Does a transaction, and whether each account's balance has changed as its effect says.
bool is_as_told(TestChain& chain, const Transaction& transaction)
{
    std::vector<Amount> before;
    for (unsigned i = 0; i < 3; ++i) before.push_back(chain.balance(id_of(i)));
    const auto outcome = chain.add({transaction}).front();
    const auto& receipt = std::get<TransactionReceipt>(outcome);
    for (unsigned i = 0; i < 3; ++i) {
        const Effect effect = effect_on(id_of(i), transaction, chain.genesis().fee,
                                        receipt.status == Status::done, given_in(to_json(receipt)));
        const std::uint64_t after =
            before[i].atoms + effect.in.atoms - effect.out.atoms - effect.fee.atoms;
        if (effect.is_whole && after != chain.balance(id_of(i)).atoms) return false;
    }
    return true;
}

template <class Method>
Transaction made(const TestChain& chain, unsigned from, std::uint16_t module, Method method,
                 Bytes arguments)
{
    return chain.make(key(from), module, static_cast<std::uint16_t>(method), std::move(arguments));
}

} // namespace

TEST_CASE("effects are what the chain does to balances, call by call")
{
    TestChain chain{test_genesis(3)};
    chain.add_empty(1);
    CHECK(is_as_told(chain, chain.transfer(key(0), id_of(1), {77})));
    CHECK(is_as_told(chain, chain.transfer(key(0), id_of(0), {77})));
    CHECK(is_as_told(chain, chain.transfer(key(0), id_of(1), {UINT64_MAX / 2}))); // no-funds
    CHECK(is_as_told(chain, made(chain, 1, module_number::files, FilesMethod::set,
                                 to_bytes(SetArguments{7, Bytes(100)}))));
    CHECK(is_as_told(chain, made(chain, 1, module_number::files, FilesMethod::set,
                                 to_bytes(SetArguments{7, Bytes(50)}))));
    CHECK(is_as_told(chain, made(chain, 1, module_number::files, FilesMethod::clear,
                                 to_bytes(ClearArguments{7}))));
    const Amount bond = chain.genesis().registry.bond_min;
    JoinArguments join;
    join.node_key = key(2).public_key();
    join.consent = key(2).sign(consent_message(chain.tip().chain, id_of(1)));
    join.bond = bond;
    CHECK(is_as_told(
        chain, made(chain, 1, module_number::registry, RegistryMethod::join, to_bytes(join))));
    CHECK(std::get<TransactionReceipt>(chain.last_outcomes().front()).status == Status::done);
    CHECK(is_as_told(chain, made(chain, 1, module_number::registry, RegistryMethod::bond,
                                 to_bytes(AmountArguments{{5}}))));
    CHECK(is_as_told(chain, made(chain, 0, module_number::policy, PolicyMethod::attach,
                                 to_bytes(AttachArguments{id_of(1), {1000}, {}}))));
    CHECK(is_as_told(chain, made(chain, 1, module_number::registry, RegistryMethod::unbond,
                                 to_bytes(AmountArguments{*plus(bond, {5})}))));
    chain.add_empty(chain.genesis().registry.unbond_blocks);
    CHECK(is_as_told(
        chain, made(chain, 1, module_number::registry, RegistryMethod::withdraw, no_arguments())));
    CHECK(is_as_told(
        chain, made(chain, 1, module_number::registry, RegistryMethod::leave, no_arguments())));
}

TEST_CASE("what cannot be told is said to be so")
{
    TestChain chain{test_genesis(3)};
    chain.add_empty(1);
    const Transaction close = made(chain, 0, module_number::coins, CoinsMethod::close,
                                   to_bytes(CloseArguments{id_of(1)}));
    const FeeRules& fees = chain.genesis().fee;
    CHECK(!effect_on(id_of(0), close, fees, true, {}).is_whole);
    CHECK(!effect_on(id_of(1), close, fees, true, {}).is_whole);
    CHECK(effect_on(id_of(2), close, fees, true, {}).is_whole);
    CHECK(effect_on(id_of(1), close, fees, false, {}).is_whole);
}

TEST_CASE("who sends what to whom is told")
{
    TestChain chain{test_genesis(3)};
    chain.add_empty(1);
    const Transaction transaction = chain.transfer(key(0), id_of(1), {77});
    const FeeRules& fees = chain.genesis().fee;
    CHECK(effect_on(id_of(0), transaction, fees, true, {}).to ==
          std::vector<CoinTransfer>{{id_of(1), {77}}});
    CHECK(effect_on(id_of(1), transaction, fees, true, {}).from ==
          std::vector<CoinTransfer>{{id_of(0), {77}}});
    CHECK(!needs_receipt(transaction));
}
