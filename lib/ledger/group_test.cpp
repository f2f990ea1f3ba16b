#include "ledger/group.hpp"

#include "ledger/registry.hpp"
#include "ledger/testing.hpp"

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

/// A call that gives coins; `ahead` of the sender's next.
Call giving(const TestChain& chain, unsigned from, const AccountId& to, std::uint64_t atoms,
            std::uint64_t ahead = 0)
{
    return chain.transfer(pair(from), to, {atoms}, ahead).body.call;
}

/// A group that the first account sends and pays for, signed by some.
Transaction group(const TestChain& chain, std::span<const Call> calls,
                  std::initializer_list<unsigned> signers)
{
    Transaction transaction =
        chain.make(pair(0), module_number::coins, 3, to_bytes(CloseArguments{}));
    transaction.body.call.module = module_number::group;
    transaction.body.call.method = group_method;
    transaction.body.call.arguments = to_bytes(calls);
    std::vector<Ed25519KeyPair> keys;
    for (const unsigned signer : signers) keys.push_back(pair(signer));
    chain.finish(transaction, keys);
    return transaction;
}

/// A state in which every account has an earning of 1 atom of each height.
class Rich final : public StateReader {
public:
    explicit Rich(const StateReader& base) : base_{&base} {}

    [[nodiscard]] std::optional<Bytes> get(const StateKey& key) const override
    {
        if (table_of(key) == table_of(earning_key({}, {}))) return record_bytes(Earning{{1}});
        return base_->get(key);
    }

private:
    const StateReader* base_;
};

} // namespace

TEST_CASE("a group is read exactly, has 1 to 20 calls, and no group in it")
{
    const auto parse = [](ByteView bytes) { return parse_group(bytes); };
    const Call call{filled<AccountId>(1), {2}, 70'000, 1, 4, noise(5)};
    const auto bytes_of = [](std::size_t count, const Call& each) {
        return to_bytes(std::vector<Call>(count, each));
    };
    CHECK(parser_fault(bytes_of(2, call), parse) == "");
    CHECK(is_refused(bytes_of(0, call), parse));
    CHECK_FALSE(is_refused(bytes_of(group_calls_max, call), parse));
    CHECK(is_refused(bytes_of(group_calls_max + 1, call), parse));
    Call nested = call;
    nested.module = module_number::group;
    CHECK(is_refused(bytes_of(1, nested), parse));
    CHECK(parse(bytes_of(3, call)) == std::vector<Call>(3, call));
}

TEST_CASE("all calls of a group are done, and whoever sends it pays")
{
    TestChain chain{test_genesis()};
    // The second can give what it has from the first alone.
    const std::vector<Call> calls{giving(chain, 0, id(1), 400 * atoms_per_coin, 1),
                                  giving(chain, 1, id(2), 1300 * atoms_per_coin)};
    const Transaction transaction = group(chain, calls, {0, 1});
    CHECK(chain.try_one(transaction) == "done");
    CHECK(chain.balance(id(0)).atoms == 600 * atoms_per_coin - transaction.body.fee.atoms);
    CHECK(chain.balance(id(1)).atoms == 100 * atoms_per_coin);
    CHECK(chain.balance(id(2)).atoms == 2300 * atoms_per_coin);
    CHECK(chain.find<Account>(account_key(id(0)))->next_sequence({}) == sequence_end({0}) + 2);
    CHECK(chain.find<Account>(account_key(id(1)))->next_sequence({}) == sequence_end({0}) + 1);
    CHECK(chain.try_one(transaction) == "fault used-sequence");
}

TEST_CASE("if one call of a group is not done, none is, and the sender has paid")
{
    TestChain chain{test_genesis()};
    const auto others = [&] {
        return std::vector{chain.state().get(account_key(id(1))),
                           chain.state().get(account_key(id(2)))};
    };
    const auto before = others();
    const Call good = giving(chain, 1, id(2), 5);
    struct Bad {
        Call call;
        const char* status;
    };
    Call absent = giving(chain, 2, id(1), 1);
    absent.module = module_number::files;
    absent.method = 2;
    absent.arguments = hex_bytes("8105"); // clears a slot that is not there
    for (const Bad& bad : {Bad{giving(chain, 2, id(1), test_balance.atoms + 6), "no-funds"},
                           Bad{giving(chain, 2, filled<AccountId>(9), 1), "too-small"},
                           Bad{absent, "absent"}, Bad{giving(chain, 2, id(1), 1, 1), "no-sequence"},
                           Bad{giving(chain, 1, id(2), 5), "no-sequence"}}) { // that of `good`
        const bool is_of_two = bad.call.sender == id(2);
        for (const bool is_last : {true, false}) {
            std::vector<Call> calls{good, bad.call};
            if (!is_last) std::swap(calls[0], calls[1]);
            const std::uint64_t had = chain.balance(id(0)).atoms;
            const Transaction transaction =
                is_of_two ? group(chain, calls, {0, 1, 2}) : group(chain, calls, {0, 1});
            CHECK(chain.try_one(transaction) == std::string{bad.status});
            CHECK(others() == before);
            CHECK(chain.balance(id(0)).atoms == had - transaction.body.fee.atoms);
            CHECK(chain.try_one(transaction) == "fault used-sequence");
            CHECK(chain.last_outcomes().size() == 1);
        }
    }
}

TEST_CASE("a group does not give an account more lanes than it may have")
{
    TestChain chain{test_genesis()};
    const auto in_lane = [&](std::uint16_t lane) {
        Call call = giving(chain, 1, id(2), 1);
        call.lane = {lane};
        return call;
    };
    std::vector<Call> calls;
    for (std::uint16_t lane = 1; lane <= lanes_max + 1; ++lane) calls.push_back(in_lane(lane));
    CHECK(chain.try_one(group(chain, calls, {0, 1})) == "too-many");
    calls.pop_back();
    CHECK(chain.try_one(group(chain, calls, {0, 1})) == "done");
    CHECK(chain.try_one(group(chain, std::vector{in_lane(17)}, {0, 1})) == "too-many");
}

TEST_CASE("each sender of a group must have signed, and nobody else")
{
    TestChain chain{test_genesis()};
    const std::vector<Call> calls{giving(chain, 1, id(2), 5), giving(chain, 2, id(0), 5)};
    for (const auto& signers : std::initializer_list<std::initializer_list<unsigned>>{
             {0}, {1, 2}, {0, 1}, {0, 2}, {0, 1, 2, 3}, {3}})
        CHECK(text_of(chain.add({group(chain, calls, signers)})[0]) == "fault not-authorised");
    Transaction transaction = group(chain, calls, {0, 1, 2});
    attach(transaction, {1, {pair(1).public_key()}}); // which no account needs
    CHECK(text_of(chain.add({transaction})[0]) != "done");
    CHECK(chain.try_one(group(chain, calls, {0, 1, 2})) == "done");
}

TEST_CASE("a group with another method or with a call that is malformed is malformed")
{
    TestChain chain{test_genesis()};
    std::vector<Call> calls{giving(chain, 1, id(2), 5), giving(chain, 1, id(2), 5, 1)};
    Transaction transaction = group(chain, calls, {0, 1});
    transaction.body.call.method = 2;
    CHECK(chain.try_one(transaction) == "fault malformed");
    transaction = group(chain, calls, {0, 1});
    calls[1].method = 99;
    transaction.body.call.arguments = to_bytes(calls);
    CHECK(chain.try_one(transaction) == "fault malformed");
    calls[1].method = 1;
    calls[1].module = 99;
    transaction.body.call.arguments = to_bytes(calls);
    CHECK(chain.try_one(transaction) == "fault malformed");
    calls[1].module = module_number::group;
    transaction.body.call.arguments = to_bytes(calls);
    CHECK(chain.try_one(transaction) == "fault malformed");
}

TEST_CASE("what a group makes or closes is so for its later calls")
{
    TestChain chain{test_genesis()};
    Call closing = giving(chain, 1, id(2), 1);
    closing.method = static_cast<std::uint16_t>(CoinsMethod::close);
    closing.arguments = to_bytes(CloseArguments{id(0)});
    Call again = giving(chain, 1, id(2), 1, 1);
    CHECK(chain.try_one(group(chain, std::vector{closing, again}, {0, 1})) == "absent");
    // Made again in between, it has no number yet that it could use.
    CHECK(chain.try_one(group(chain,
                              std::vector{closing, giving(chain, 0, id(1), 10'000'000, 1), again},
                              {0, 1})) == "no-sequence");
    CHECK(chain.try_one(group(chain, std::vector{closing}, {0, 1})) == "done");
    CHECK_FALSE(chain.find<Account>(account_key(id(1))));
}

TEST_CASE("the receipt of the group that tells most can be read")
{
    Genesis genesis = test_genesis();
    genesis.registry.earnings_blocks = 0;
    genesis.fee.weight_atoms = 1;
    const TestChain chain{genesis};
    const Rich state{chain.state()};
    std::vector<Call> calls;
    std::uint32_t height = 0;
    for (std::uint32_t i = 0; i < group_calls_max; ++i) {
        Call& call = calls.emplace_back(giving(chain, 0, id(0), 1, i + 1));
        call.module = module_number::registry;
        call.method = static_cast<std::uint16_t>(RegistryMethod::release);
        ReleaseArguments release;
        while (release.earned.size() < releases_max) release.earned.push_back({height++});
        call.arguments = to_bytes(release);
    }
    BlockContext context = chain.next_context();
    context.height = {5000}; // all were earned
    Transaction transaction = group(chain, calls, {0});
    transaction.body.valid_until = context.height;
    BlockExecution execution{chain.genesis(), context, state};
    REQUIRE_FALSE(execution.add(transaction));
    const BlockEffects effects = execution.finish(chain.state());
    const TransactionReceipt& receipt = effects.receipts.at(0);
    CHECK(receipt.status == Status::done);
    CHECK(receipt.events.size() == group_calls_max * releases_max);
    CHECK(parse_transaction_receipt(to_bytes(receipt)) == receipt);
}
