#include "ledger/block.hpp"
#include "ledger/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

TEST_CASE("a block with all that a genesis can allow is read again")
{
    Transaction large;
    large.body.call.arguments.resize(arguments_size_max);
    sign(large, counting_pair(0));
    const std::size_t size = to_bytes(large).size();

    Block block;
    block.header.consensus.resize(consensus_data_max);
    block.header.height = {UINT32_MAX};
    block.header.time_s = time_max_s;
    block.seal.resize(seal_size_max);
    block.transactions.assign(transactions_size_max / size, large);
    Transaction last = large; // fills the place that is left
    last.body.call.arguments.resize(transactions_size_max % size - (size - arguments_size_max));
    block.transactions.push_back(last);
    const Bytes bytes = to_bytes(block);
    CHECK(bytes.size() > transactions_size_max);
    CHECK(parse_block(bytes) == block);
}
