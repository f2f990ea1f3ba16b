#include "ledger/group.hpp"
#include "ledger/registry.hpp"
#include "ledger/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

TEST_CASE("the receipt of a group in which all calls release all they can is read again")
{
    Bytes data;
    CborWriter writer{data};
    writer.array(2);
    writer.bytes(filled<AccountId>(1).bytes);
    writer.number(UINT64_MAX);
    TransactionReceipt receipt;
    receipt.events.assign(
        group_calls_max * releases_max,
        Event{module_number::coins, static_cast<std::uint16_t>(CoinsEvent::given), data});
    CHECK(parse_transaction_receipt(to_bytes(receipt)) == receipt);
    receipt.events.resize(receipt_events_max + 1);
    CHECK_THROWS_AS(parse_transaction_receipt(to_bytes(receipt)), Error);
}
