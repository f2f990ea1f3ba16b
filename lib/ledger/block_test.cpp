#include "ledger/block.hpp"

#include "ledger/testing.hpp"

#include <set>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

Header header()
{
    Header header;
    header.chain = filled<NetworkId>(1);
    header.height = {1000};
    header.parent = filled<BlockId>(2);
    header.time_s = 1'800'000'000;
    header.transactions = filled<MerkleRoot>(3);
    header.state = filled<StateRoot>(4);
    header.receipts = filled<MerkleRoot>(5);
    header.producer = filled<AccountId>(6);
    header.engine = EngineKind::poc;
    header.consensus = noise(40);
    return header;
}

Transaction transaction(std::uint64_t sequence)
{
    Transaction transaction;
    transaction.body.call.sequence = sequence;
    transaction.signatures.push_back({filled<Ed25519PublicKey>(7), filled<Ed25519Signature>(8)});
    return transaction;
}

TransactionReceipt receipt()
{
    TransactionReceipt receipt;
    receipt.id = filled<TransactionId>(1);
    receipt.status = Status::locked;
    receipt.weight = 300;
    receipt.events = {{1, 2, noise(5)}, {65'535, 65'535, {}}};
    return receipt;
}

bool is_refused(const Header& header)
{
    return cairn::is_refused(to_bytes(header), parse_header);
}

} // namespace

TEST_CASE("headers, seals, blocks and receipts are read exactly")
{
    CHECK(parse_header(to_bytes(header())) == header());
    CHECK(parser_fault(to_bytes(header()), parse_header) == "");
    CHECK(parser_fault(to_bytes(seal(block_id(header()), counting_pair(0))), parse_seal) == "");
    const Block block{header(), noise(20), {transaction(1), transaction(2)}};
    CHECK(parse_block(to_bytes(block)) == block);
    CHECK(parser_fault(to_bytes(block), parse_block) == "");
    CHECK(parse_block(to_bytes(Block{header(), {}, {}})) == Block{header(), {}, {}});
    CHECK(parse_transaction_receipt(to_bytes(receipt())) == receipt());
    CHECK(parser_fault(to_bytes(receipt()), parse_transaction_receipt) == "");
}

TEST_CASE("a header's time, engine and consensus data have limits")
{
    Header at = header();
    at.time_s = time_max_s;
    CHECK_FALSE(is_refused(at));
    at.time_s = time_max_s + 1;
    CHECK(is_refused(at));
    at = header();
    for (const unsigned engine : {0U, 3U, 255U}) {
        at.engine = static_cast<EngineKind>(engine);
        CHECK(is_refused(at));
    }
    at.engine = EngineKind::solo;
    CHECK_FALSE(is_refused(at));
    at.consensus.resize(consensus_data_max + 1);
    CHECK(is_refused(at));
    at.consensus.resize(consensus_data_max);
    at.height = {UINT32_MAX};
    at.time_s = time_max_s;
    CHECK(parse_header(to_bytes(at)) == at); // the largest there is
}

TEST_CASE("a height of more than 32 bits is refused")
{
    Header at = header();
    at.height = {UINT32_MAX};
    Bytes bytes = to_bytes(at);
    const Bytes height = hex_bytes("1affffffff");
    const auto found = std::search(bytes.begin(), bytes.end(), height.begin(), height.end());
    REQUIRE(found != bytes.end());
    const auto place = bytes.erase(found, found + 5);
    const Bytes more = hex_bytes("1b0000000100000000");
    bytes.insert(place, more.begin(), more.end());
    CHECK(is_refused(bytes, parse_header));
}

TEST_CASE("a seal has at most 4096 bytes")
{
    Block block{header(), Bytes(seal_size_max), {}};
    CHECK(parse_block(to_bytes(block)) == block);
    block.seal.resize(seal_size_max + 1);
    CHECK(is_refused(to_bytes(block), parse_block));
}

TEST_CASE("a block of the most transactions that a genesis may allow can be read")
{
    Block block{header(), Bytes(seal_size_max), {}};
    block.header.consensus.resize(consensus_data_max);
    constexpr std::size_t size_max = 16'711'680; // of all transactions
    std::size_t size = 0;
    Transaction large = transaction(1);
    large.body.call.arguments.resize(arguments_size_max);
    for (const std::size_t each = to_bytes(large).size(); size + each <= size_max; size += each)
        block.transactions.push_back(large);
    large.body.call.arguments.resize(arguments_size_max + 2 - // fewer have a shorter front
                                     (size + to_bytes(large).size() - size_max));
    block.transactions.push_back(large);
    CHECK(size + to_bytes(large).size() == size_max);
    const Bytes bytes = to_bytes(block);
    CHECK(bytes.size() <= block_size_max);
    CHECK(parse_block(bytes) == block);
    CHECK(is_refused(Bytes(block_size_max + 1), parse_block));
}

TEST_CASE("a block's id is the hash of its header alone")
{
    Bytes message = hex_bytes("636169726e2f6865616465722f7631"); // cairn/header/v1
    const Bytes bytes = to_bytes(header());
    message.insert(message.end(), bytes.begin(), bytes.end());
    CHECK(block_id(header()).bytes == sha256(message).bytes);
    std::set<BlockId> ids{block_id(header())};
    const auto is_new = [&](auto change) {
        Header other = header();
        change(other);
        return ids.insert(block_id(other)).second;
    };
    CHECK(is_new([](Header& h) { h.chain = {}; }));
    CHECK(is_new([](Header& h) { h.height = {}; }));
    CHECK(is_new([](Header& h) { h.parent = {}; }));
    CHECK(is_new([](Header& h) { h.time_s = 0; }));
    CHECK(is_new([](Header& h) { h.transactions = {}; }));
    CHECK(is_new([](Header& h) { h.state = {}; }));
    CHECK(is_new([](Header& h) { h.receipts = {}; }));
    CHECK(is_new([](Header& h) { h.producer = {}; }));
    CHECK(is_new([](Header& h) { h.engine = EngineKind::solo; }));
    CHECK(is_new([](Header& h) { h.consensus = {}; }));
}

TEST_CASE("a seal is for one block and of one key")
{
    const BlockId id = block_id(header());
    const Seal good = seal(id, counting_pair(0));
    CHECK(is_sealed(id, good));
    CHECK_FALSE(is_sealed(filled<BlockId>(1), good));
    CHECK_FALSE(is_sealed(id, Seal{counting_pair(32).public_key(), good.signature}));
    for (std::size_t bit = 0; bit < 512; bit += 5) {
        Seal bad = good;
        bad.signature.bytes[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
        CHECK_FALSE(is_sealed(id, bad));
    }
    // A signature of the id alone, or of a transaction with the same id, is no seal.
    const Ed25519KeyPair key = counting_pair(0);
    CHECK_FALSE(is_sealed(id, {key.public_key(), key.sign(id.bytes)}));
    CHECK_FALSE(is_sealed(id, {key.public_key(), key.sign(signed_message({id.bytes}))}));
}

TEST_CASE("a receipt's status, events and their data have limits")
{
    const auto is_bad = [](const TransactionReceipt& receipt) {
        return is_refused(to_bytes(receipt), parse_transaction_receipt);
    };
    TransactionReceipt at = receipt();
    at.status = static_cast<Status>(status_last);
    CHECK_FALSE(is_bad(at));
    at.status = static_cast<Status>(status_last + 1);
    CHECK(is_bad(at));
    at = receipt();
    at.events.assign(receipt_events_max, {});
    CHECK_FALSE(is_bad(at));
    at.events.emplace_back();
    CHECK(is_bad(at));
    at.events.assign(1, {1, 1, Bytes(transaction_receipt_size_max - 100)});
    CHECK_FALSE(is_bad(at));
    at.events.assign(1, {1, 1, Bytes(transaction_receipt_size_max)});
    CHECK(is_bad(at));
}

TEST_CASE("each status has a word of its own")
{
    std::set<std::string> words;
    for (unsigned i = 0; i <= status_last; ++i) {
        const std::string word = to_text(static_cast<Status>(i));
        CHECK_FALSE(word.empty());
        CHECK(words.insert(word).second);
    }
    CHECK(std::string{to_text(static_cast<Status>(status_last + 1))}.empty());
}

TEST_CASE("the roots of a block are those of its transactions' and receipts' bytes, in order")
{
    const std::array transactions{transaction(1), transaction(2), transaction(3)};
    std::vector<MerkleHash> leaves;
    for (const Transaction& each : transactions) leaves.push_back(merkle_leaf(to_bytes(each)));
    CHECK(transactions_root(transactions) == merkle_root(leaves));
    CHECK(transactions_root({}) == merkle_root({}));
    const std::array turned{transaction(1), transaction(3), transaction(2)};
    CHECK(transactions_root(turned) != transactions_root(transactions));
    std::array resigned = transactions; // the same ids
    resigned[0].signatures[0].signature = filled<Ed25519Signature>(9);
    CHECK(transactions_root(resigned) != transactions_root(transactions));
    const std::array receipts{receipt(), TransactionReceipt{}};
    CHECK(receipts_root(receipts) == merkle_root(std::array{merkle_leaf(to_bytes(receipts[0])),
                                                            merkle_leaf(to_bytes(receipts[1]))}));
}
