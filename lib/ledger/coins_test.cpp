#include "ledger/coins.hpp"

#include "ledger/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

constexpr std::uint16_t coins = module_number::coins;

/// Three with test_balance, and one that has no account.
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
const Ed25519KeyPair& stranger()
{
    static const Ed25519KeyPair pair = counting_pair(200);
    return pair;
}

AccountId id(const Ed25519KeyPair& pair)
{
    return account_id(pair.public_key());
}

Amount deposit(const TestChain& chain)
{
    return {account_deposit_bytes * chain.genesis().fee.byte_atoms};
}

Bytes transfers(std::vector<CoinTransfer> list)
{
    return to_bytes(TransferArguments{std::move(list), {}});
}

Account account(const TestChain& chain, const Ed25519KeyPair& pair)
{
    return chain.find<Account>(account_key(id(pair))).value();
}

} // namespace

TEST_CASE("coins go from one account to another, and nothing is lost")
{
    TestChain chain{test_genesis()};
    const Transaction transaction = chain.transfer(alice(), id(bob()), {5});
    CHECK(is_signed(transaction));
    CHECK(chain.try_one(transaction) == "done");
    CHECK(chain.balance(id(bob())).atoms == test_balance.atoms + 5);
    CHECK(chain.balance(id(alice())).atoms == test_balance.atoms - 5 - transaction.body.fee.atoms);
    CHECK(chain.try_one(transaction) == "fault used-sequence");
    CHECK(chain.audit().atoms == chain.find<Supply>(supply_key())->minted.atoms);
    chain.undo();
    chain.undo();
    CHECK(chain.state().root() == chain.tip().state);
    CHECK(chain.balance(id(bob())) == test_balance);
}

TEST_CASE("arguments and accounts are read exactly")
{
    const AccountId to = filled<AccountId>(1);
    const TransferArguments two{{{to, {1}}, {to, {UINT64_MAX}}}, noise(10)};
    CHECK(parse_transfer(to_bytes(two)) == two);
    CHECK(parser_fault(to_bytes(two), parse_transfer) == "");
    CHECK(parser_fault(to_bytes(ControllerArguments{}), parse_controller) == "");
    CHECK(parser_fault(to_bytes(ControllerArguments{filled<DescriptorId>(3)}), parse_controller) ==
          "");
    CHECK(parser_fault(to_bytes(CloseArguments{to}), parse_close) == "");
    Account account;
    account.balance = {UINT64_MAX};
    account.deposit = {7};
    account.created = {UINT32_MAX};
    account.controller = filled<DescriptorId>(9);
    account.lanes = {{{0}, 5}, {{UINT16_MAX}, sequence_max + 1}};
    CHECK(parse_record<Account>(record_bytes(account)) == account);
    const auto bytes_of = [](ByteView bytes) { return record_bytes(parse_record<Account>(bytes)); };
    const Bytes good = record_bytes(account);
    for (const Bytes& miss : near_misses_of(good))
        CHECK(exit_of([&] { (void)bytes_of(miss); }) == Exit::data);
    for (const std::uint16_t lane :
         {std::uint16_t{0}, std::uint16_t{1}}) { // neither twice nor in another order
        account.lanes = {{{1}, 5}, {{lane}, 5}};
        CHECK(is_refused(record_bytes(account), bytes_of));
    }
    account.lanes.clear();
    for (std::uint16_t lane = 0; lane < lanes_max; ++lane) account.lanes.push_back({{lane}, 1});
    CHECK_FALSE(is_refused(record_bytes(account), bytes_of));
    account.lanes.push_back({{100}, 1});
    CHECK(is_refused(record_bytes(account), bytes_of));
    account.lanes = {{{0}, sequence_max + 2}};
    CHECK(is_refused(record_bytes(account), bytes_of));
}

TEST_CASE("the deposit of an account is for all bytes that it may have, key and lanes included")
{
    Account most{{UINT64_MAX}, {UINT64_MAX}, {UINT32_MAX}, {UINT32_MAX}, DescriptorId{}, {}};
    for (unsigned i = 0; i < lanes_max; ++i)
        most.lanes.push_back(
            {{static_cast<std::uint16_t>(UINT16_MAX - lanes_max + i)}, sequence_max + 1});
    const std::size_t key = account_key(filled<AccountId>(1)).bytes.size();
    CHECK(key + record_bytes(most).size() <= account_deposit_bytes);
    CHECK(parse_record<Account>(record_bytes(most)) == most);
}

TEST_CASE("a transfer is to 1 to 256 accounts, of at least an atom, with 64 bytes of reference")
{
    const auto is_bad = [](std::size_t count, std::size_t reference, std::uint64_t atoms) {
        TransferArguments arguments;
        arguments.transfers.resize(count, {filled<AccountId>(1), {atoms}});
        arguments.reference.resize(reference);
        return is_refused(to_bytes(arguments), parse_transfer);
    };
    CHECK(is_bad(0, 0, 1));
    CHECK_FALSE(is_bad(1, 0, 1));
    CHECK_FALSE(is_bad(transfers_max, reference_size_max, 1));
    CHECK(is_bad(transfers_max + 1, 0, 1));
    CHECK(is_bad(1, reference_size_max + 1, 1));
    CHECK(is_bad(1, 0, 0));
    Bytes odd;
    CborWriter writer{odd};
    writer.array(2);
    writer.array(3);
    for (const unsigned i : {1U, 2U}) {
        writer.bytes(filled<AccountId>(i).bytes);
        if (i == 1) writer.number(5);
    }
    writer.bytes({});
    CHECK(is_refused(odd, parse_transfer));
}

TEST_CASE("a transfer of more than there is, or than there can be, is not done")
{
    TestChain chain{test_genesis()};
    const AccountId from = id(alice());
    const auto balance = chain.balance(from).atoms;
    const Transaction probe = chain.transfer(alice(), id(bob()), {balance});
    const std::uint64_t fee =
        chain.transfer(alice(), id(bob()), {balance - 1'000'000}).body.fee.atoms;
    CHECK(probe.body.fee.atoms == fee);
    CHECK(chain.try_one(chain.transfer(alice(), id(bob()), {balance - fee + 1})) == "no-funds");
    CHECK(chain.balance(from).atoms == balance - fee); // the fee is paid
    CHECK(account(chain, alice()).next_sequence({}) == sequence_end({0}) + 1);
    CHECK(chain.balance(id(bob())) == test_balance);
    CHECK(chain.try_call(alice(), coins, CoinsMethod::transfer,
                         transfers({{id(bob()), {UINT64_MAX}}, {id(bob()), {2}}})) == "no-funds");
    const std::uint64_t left = chain.balance(from).atoms - fee;
    CHECK(chain.try_one(chain.transfer(alice(), id(bob()), {left})) == "done");
    CHECK(chain.balance(from).atoms == 0);
    CHECK(chain.try_one(chain.transfer(alice(), id(bob()), {1})) == "fault no-funds");
}

TEST_CASE("what is sent to nobody makes an account if it is enough for the deposit")
{
    TestChain chain{test_genesis()};
    const AccountId to = id(stranger());
    CHECK(chain.try_one(chain.transfer(alice(), to, {deposit(chain).atoms - 1})) == "too-small");
    CHECK_FALSE(chain.find<Account>(account_key(to)));
    CHECK(chain.try_one(chain.transfer(alice(), to, deposit(chain))) == "done");
    CHECK(account(chain, stranger()).deposit == deposit(chain));
    CHECK(account(chain, stranger()).balance == Amount{});
    CHECK(account(chain, stranger()).created == chain.tip().height);
    CHECK(chain.try_one(chain.transfer(alice(), to, {1})) == "done"); // now it is there
    CHECK(account(chain, stranger()).balance == Amount{1});
    // Twice in one transfer: the second finds the account that the first has made.
    const AccountId new_one = filled<AccountId>(77);
    CHECK(chain.try_call(alice(), coins, CoinsMethod::transfer,
                         transfers({{new_one, deposit(chain)}, {new_one, {3}}})) == "done");
    CHECK(chain.balance(new_one) == Amount{3});
    CHECK(chain.try_call(alice(), coins, CoinsMethod::transfer,
                         transfers({{filled<AccountId>(78), {3}},
                                    {filled<AccountId>(78), deposit(chain)}})) == "too-small");
    CHECK(chain.try_one(chain.transfer(alice(), id(alice()), {9})) == "done"); // to itself
    CHECK(chain.audit().atoms == chain.find<Supply>(supply_key())->minted.atoms);
}

TEST_CASE("of two that spend one balance, the first is done, whichever it is")
{
    for (const bool is_turned : {false, true}) {
        TestChain chain{test_genesis()};
        const Amount most{test_balance.atoms - 1'000'000};
        std::vector<Transaction> both{chain.transfer(alice(), id(bob()), most)};
        Transaction other = chain.transfer(alice(), filled<AccountId>(7), most);
        both.push_back(other); // of the same sequence number
        if (is_turned) std::swap(both[0], both[1]);
        auto outcomes = chain.add(both);
        CHECK(text_of(outcomes[0]) == "done");
        CHECK(text_of(outcomes[1]) == "fault used-sequence");
        CHECK(chain.try_one(both[1]) == "fault used-sequence");
        chain.undo();
        chain.undo();
        other = chain.transfer(alice(), filled<AccountId>(7), most, 1); // of the next
        outcomes = chain.add({chain.transfer(alice(), id(bob()), most), other});
        CHECK(text_of(outcomes[0]) == "done");
        CHECK(text_of(outcomes[1]) == "no-funds");
    }
}

TEST_CASE("a lane counts without a gap and without a repetition")
{
    TestChain chain{test_genesis()};
    std::vector<Transaction> list;
    for (std::uint64_t i = 0; i < 5; ++i)
        list.push_back(chain.transfer(alice(), id(bob()), {1}, i));
    CHECK(chain.try_one(list[1]) == "fault early-sequence");
    CHECK(text_of(chain.add({list[0], list[2], list[1], list[2], list[1]})[1]) ==
          "fault early-sequence");
    CHECK(chain.balance(id(bob())).atoms == test_balance.atoms + 3);
    const auto outcomes = chain.add({list[4], list[3], list[3], list[4]});
    CHECK(text_of(outcomes[0]) == "fault early-sequence");
    CHECK(text_of(outcomes[1]) == "done");
    CHECK(text_of(outcomes[2]) == "fault used-sequence");
    CHECK(text_of(outcomes[3]) == "done");
    for (const Transaction& transaction : list)
        CHECK(chain.try_one(transaction) == "fault used-sequence");
}

TEST_CASE("an account has 16 lanes that count apart, and no more")
{
    TestChain chain{test_genesis()};
    const auto in_lane = [&](unsigned lane) {
        return chain.make(alice(), coins, static_cast<std::uint16_t>(CoinsMethod::transfer),
                          transfers({{id(bob()), {1}}}), {static_cast<std::uint16_t>(lane)});
    };
    for (const unsigned lane : {65'535U, 0U, 9U}) CHECK(chain.try_one(in_lane(lane)) == "done");
    for (unsigned lane = 100; lane < 113; ++lane) CHECK(chain.try_one(in_lane(lane)) == "done");
    CHECK(account(chain, alice()).lanes.size() == lanes_max);
    const Amount before = chain.balance(id(alice()));
    CHECK(chain.try_one(in_lane(1)) == "fault many-lanes");
    CHECK(chain.balance(id(alice())) == before);
    for (const unsigned lane : {65'535U, 0U, 112U}) CHECK(chain.try_one(in_lane(lane)) == "done");
    CHECK(std::ranges::is_sorted(account(chain, alice()).lanes, {}, &LaneState::lane));
    CHECK(account(chain, alice()).next_sequence({0}) == sequence_end({0}) + 2);
    CHECK(account(chain, alice()).next_sequence({1}) == sequence_end({0}));
}

TEST_CASE("an account sends nothing in the block that makes it, and then from that block's end on")
{
    TestChain chain{test_genesis()};
    const Height height = chain.next_height();
    const Transaction making = chain.transfer(alice(), id(stranger()), {100 * atoms_per_coin});
    Transaction early = chain.transfer(stranger(), id(bob()), {1});
    CHECK(early.body.call.sequence == sequence_end(height));
    const auto outcomes = chain.add({making, early});
    CHECK(text_of(outcomes[0]) == "done");
    CHECK(text_of(outcomes[1]) == "fault early-sequence");
    CHECK(chain.try_one(early) == "done"); // a block later
}

TEST_CASE("a closed account gives all it has, and nothing it sent can be sent again")
{
    TestChain chain{test_genesis()};
    CHECK(chain.try_one(chain.transfer(alice(), id(stranger()), {500 * atoms_per_coin})) == "done");
    const Transaction old = chain.transfer(stranger(), id(bob()), {5});
    CHECK(chain.try_one(old) == "done");
    const Transaction pending = chain.transfer(stranger(), id(bob()), {7}, 1);
    CHECK(chain.try_call(stranger(), coins, CoinsMethod::close,
                         to_bytes(CloseArguments{id(stranger())})) == "not-allowed");
    const std::uint64_t had = chain.balance(id(stranger())).atoms + deposit(chain).atoms;
    const std::uint64_t bobs = chain.balance(id(bob())).atoms;
    const Transaction closing =
        chain.make(stranger(), coins, static_cast<std::uint16_t>(CoinsMethod::close),
                   to_bytes(CloseArguments{id(bob())}));
    const Transaction again = chain.transfer(alice(), id(stranger()), {300 * atoms_per_coin});
    // Closed and made again in one block: nothing of it can be done in there any more.
    const Transaction after = chain.transfer(stranger(), id(bob()), {7}, 1);
    const auto outcomes = chain.add({closing, again, closing, pending, after, old});
    CHECK(text_of(outcomes[0]) == "done");
    CHECK(text_of(outcomes[1]) == "done");
    for (std::size_t i = 2; i < outcomes.size(); ++i)
        CHECK(text_of(outcomes[i]) == "fault used-sequence");
    CHECK(chain.balance(id(bob())).atoms == bobs + had - closing.body.fee.atoms);
    CHECK(chain.balance(id(stranger())).atoms == 300 * atoms_per_coin - deposit(chain).atoms);
    for (const Transaction& each : {old, pending, closing, after})
        CHECK(chain.try_one(each) == "fault used-sequence");
    CHECK(chain.try_one(chain.transfer(stranger(), id(bob()), {5})) == "done");
    // Closed, and made again later.
    const Transaction last = chain.transfer(stranger(), id(bob()), {5});
    CHECK(chain.try_one(last) == "done");
    CHECK(chain.try_call(stranger(), coins, CoinsMethod::close,
                         to_bytes(CloseArguments{id(bob())})) == "done");
    CHECK(chain.try_one(last) == "fault no-funds"); // there is no account
    chain.add_empty(3);
    CHECK(chain.try_one(chain.transfer(alice(), id(stranger()), {9 * atoms_per_coin})) == "done");
    CHECK(chain.try_one(last) == "fault used-sequence");
    CHECK(chain.audit().atoms == chain.find<Supply>(supply_key())->minted.atoms);
}

TEST_CASE("an account is closed to a new one if that gets its deposit")
{
    TestChain chain{test_genesis()};
    CHECK(chain.try_one(chain.transfer(alice(), id(stranger()), {1'000'000})) == "done");
    CHECK(chain.try_call(stranger(), coins, CoinsMethod::close,
                         to_bytes(CloseArguments{filled<AccountId>(5)})) == "done");
    const auto made = chain.find<Account>(account_key(filled<AccountId>(5)));
    REQUIRE(made);
    CHECK(made->deposit == deposit(chain));
    CHECK_FALSE(chain.find<Account>(account_key(id(stranger()))));
}
