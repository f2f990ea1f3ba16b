#include "ledger/files.hpp"

#include "ledger/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

const Ed25519KeyPair& alice()
{
    static const Ed25519KeyPair pair = counting_pair(0);
    return pair;
}

AccountId alice_id()
{
    return account_id(alice().public_key());
}

std::string try_set(TestChain& chain, std::uint32_t slot, std::size_t size)
{
    return chain.try_call(alice(), module_number::files, FilesMethod::set,
                          to_bytes(SetArguments{slot, noise(size, slot)}));
}

std::string try_clear(TestChain& chain, std::uint32_t slot)
{
    return chain.try_call(alice(), module_number::files, FilesMethod::clear,
                          to_bytes(ClearArguments{slot}));
}

/// What alice has, and what her heads hold.
std::uint64_t with_fees(const TestChain& chain)
{
    return chain.balance(alice_id()).atoms + chain.last().transactions.at(0).body.fee.atoms;
}

std::uint64_t deposit(const TestChain& chain, std::size_t size)
{
    return (64 + size) * chain.genesis().fee.byte_atoms;
}

} // namespace

TEST_CASE("arguments and heads are read exactly, with 1 to 1024 bytes")
{
    CHECK(parser_fault(to_bytes(SetArguments{UINT32_MAX, noise(5)}), parse_set) == "");
    CHECK(parser_fault(to_bytes(ClearArguments{70'000}), parse_clear) == "");
    const auto sets = [](std::size_t size) {
        return !is_refused(to_bytes(SetArguments{1, Bytes(size)}), parse_set);
    };
    CHECK_FALSE(sets(0));
    CHECK(sets(1));
    CHECK(sets(head_size_max));
    CHECK_FALSE(sets(head_size_max + 1));
    CHECK(is_refused(hex_bytes("811b0000000100000000"), parse_clear)); // a slot of 33 bits
    const Head head{{UINT32_MAX}, {UINT64_MAX}, noise(head_size_max)};
    CHECK(parse_record<Head>(record_bytes(head)) == head);
    CHECK(record_bytes(head).size() <= state_value_size_max);
    for (const Bytes& miss : near_misses_of(record_bytes(Head{{1}, {2}, noise(3)})))
        CHECK(exit_of([&] { (void)parse_record<Head>(miss); }) == Exit::data);
    CHECK(head_key(alice_id(), 1).bytes != head_key(alice_id(), 2).bytes);
}

TEST_CASE("a head is there until it is cleared, and its deposit comes back")
{
    TestChain chain{test_genesis()};
    std::uint64_t left = chain.balance(alice_id()).atoms;
    CHECK(try_clear(chain, 1) == "absent");
    left = chain.balance(alice_id()).atoms;
    CHECK(try_set(chain, 1, 100) == "done");
    CHECK(with_fees(chain) == left - deposit(chain, 100));
    const auto head = chain.find<Head>(head_key(alice_id(), 1));
    REQUIRE(head);
    CHECK(head->bytes == noise(100, 1));
    CHECK(head->height == chain.tip().height);
    CHECK(head->deposit.atoms == deposit(chain, 100));
    left = chain.balance(alice_id()).atoms;
    CHECK(try_set(chain, 1, 40) == "done"); // a smaller one in its place
    CHECK(with_fees(chain) == left + deposit(chain, 100) - deposit(chain, 40));
    CHECK(try_set(chain, UINT32_MAX, 1024) == "done");
    left = chain.balance(alice_id()).atoms;
    CHECK(try_clear(chain, 1) == "done");
    CHECK(with_fees(chain) == left + deposit(chain, 40));
    CHECK(try_clear(chain, 1) == "absent");
    CHECK(chain.find<Head>(head_key(alice_id(), UINT32_MAX)));
    CHECK(chain.audit() == chain.find<Supply>(supply_key())->minted);
}

TEST_CASE("a head that its account cannot pay the deposit of is not set, and the old one stays")
{
    TestChain chain{test_genesis()};
    CHECK(try_set(chain, 1, 10) == "done");
    const std::uint64_t fee = 100'000; // more than all here
    const Amount most{chain.balance(alice_id()).atoms - deposit(chain, 500) - fee};
    CHECK(chain.try_one(
              chain.transfer(alice(), account_id(counting_pair(32).public_key()), most)) == "done");
    CHECK(try_set(chain, 2, 1024) == "no-funds");
    CHECK_FALSE(chain.find<Head>(head_key(alice_id(), 2)));
    CHECK(try_set(chain, 1, 1024) == "no-funds");
    CHECK(chain.find<Head>(head_key(alice_id(), 1))->bytes == noise(10, 1));
    CHECK(chain.audit() == chain.find<Supply>(supply_key())->minted);
}

TEST_CASE("a receipt tells what the old head's deposit was")
{
    TestChain chain{test_genesis()};
    CHECK(try_set(chain, 1, 10) == "done");
    const auto outcomes = chain.add(
        {chain.make(alice(), module_number::files, static_cast<std::uint16_t>(FilesMethod::clear),
                    to_bytes(ClearArguments{1}))});
    const auto& events = std::get<TransactionReceipt>(outcomes[0]).events;
    REQUIRE(events.size() == 1);
    CHECK(events[0].module == module_number::coins);
    CHECK(events[0].kind == static_cast<std::uint16_t>(CoinsEvent::given));
    CborReader reader{events[0].data, "the event"};
    reader.array(2);
    CHECK(reader.fixed<AccountId>() == alice_id());
    CHECK(reader.number() == deposit(chain, 10));
    reader.finish();
}
