#include "ledger/transaction.hpp"

#include "ledger/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

/// A body whose fields all differ.
TransactionBody body()
{
    TransactionBody body;
    body.chain = filled<NetworkId>(1);
    body.call = {filled<AccountId>(2), {3}, 70'000, 4, 5, {std::byte{0x80}}};
    body.fee = {1'000'000};
    body.valid_until = {300};
    return body;
}

Transaction with_signatures(std::size_t count)
{
    Transaction transaction{body(), {}, {}};
    for (std::size_t i = 0; i < count; ++i) {
        KeySignature& signature = transaction.signatures.emplace_back();
        signature.key = filled<Ed25519PublicKey>(static_cast<unsigned>(i + 1));
    }
    return transaction;
}

Descriptor descriptor(unsigned key)
{
    return {1, {filled<Ed25519PublicKey>(key)}};
}

bool is_refused(const Transaction& transaction)
{
    return cairn::is_refused(to_bytes(transaction), parse_transaction);
}

bool is_refused(const TransactionBody& body)
{
    return cairn::is_refused(to_bytes(body), parse_transaction_body);
}

/// A body with numbers that the fields may be too small for.
Bytes body_of(std::uint64_t lane, std::uint64_t sequence, std::uint64_t module,
              std::uint64_t method, std::uint64_t valid_until)
{
    const TransactionBody parts = body();
    Bytes bytes;
    CborWriter writer{bytes};
    writer.array(9);
    writer.bytes(parts.chain.bytes);
    writer.bytes(parts.call.sender.bytes);
    for (const std::uint64_t number : {lane, sequence, module, method}) writer.number(number);
    writer.bytes(parts.call.arguments);
    writer.number(parts.fee.atoms);
    writer.number(valid_until);
    return bytes;
}

} // namespace

TEST_CASE("a transaction and its body are read exactly")
{
    Transaction transaction{body(), {}, {}};
    sign(transaction, counting_pair(0));
    sign(transaction, counting_pair(32));
    attach(transaction, descriptor(1));
    attach(transaction, {2, {filled<Ed25519PublicKey>(1), filled<Ed25519PublicKey>(2)}});
    CHECK(parse_transaction(to_bytes(transaction)) == transaction);
    CHECK(parser_fault(to_bytes(transaction), parse_transaction) == "");
    CHECK(parser_fault(to_bytes(body()), parse_transaction_body) == "");
    CHECK(to_bytes(body()) == body_of(3, 70'000, 4, 5, 300));
}

TEST_CASE("the numbers of a call have the limits of their types")
{
    const auto is_bad = [](std::uint64_t lane, std::uint64_t sequence, std::uint64_t module,
                           std::uint64_t method, std::uint64_t valid_until) {
        return cairn::is_refused(body_of(lane, sequence, module, method, valid_until),
                                 parse_transaction_body);
    };
    CHECK_FALSE(is_bad(0, 0, 0, 0, 0));
    CHECK_FALSE(is_bad(UINT16_MAX, sequence_max, UINT16_MAX, UINT16_MAX, UINT32_MAX));
    CHECK(is_bad(UINT16_MAX + 1, 0, 0, 0, 0));
    CHECK(is_bad(0, sequence_max + 1, 0, 0, 0));
    CHECK(is_bad(0, 0, UINT16_MAX + 1, 0, 0));
    CHECK(is_bad(0, 0, 0, UINT16_MAX + 1, 0));
    CHECK(is_bad(0, 0, 0, 0, std::uint64_t{UINT32_MAX} + 1));
    TransactionBody most = body();
    most.fee = {UINT64_MAX};
    CHECK(parse_transaction_body(to_bytes(most)) == most);
}

TEST_CASE("arguments have at most 64 KiB")
{
    TransactionBody large = body();
    large.call.arguments.resize(arguments_size_max);
    CHECK(parse_transaction_body(to_bytes(large)) == large);
    CHECK_FALSE(is_refused(large));
    large.call.arguments.resize(arguments_size_max + 1);
    CHECK(is_refused(large));
    large.call.arguments.clear();
    CHECK_FALSE(is_refused(large));
}

TEST_CASE("a transaction has 1 to 64 signatures, by ascending keys")
{
    CHECK(is_refused(with_signatures(0)));
    CHECK_FALSE(is_refused(with_signatures(1)));
    CHECK_FALSE(is_refused(with_signatures(64)));
    CHECK(is_refused(with_signatures(65)));
    Transaction transaction = with_signatures(3);
    std::swap(transaction.signatures[0], transaction.signatures[1]);
    CHECK(is_refused(transaction));
    transaction = with_signatures(3);
    transaction.signatures[2].key = transaction.signatures[1].key;
    CHECK(is_refused(transaction));
}

TEST_CASE("signatures of another kind, or parts of one, are refused")
{
    const auto bytes_of = [](std::size_t items, std::uint64_t scheme) {
        Bytes bytes = to_bytes(Transaction{body(), {}, {}});
        bytes.resize(bytes.size() - 2); // no signatures, no descriptors
        CborWriter writer{bytes};
        writer.array(items);
        for (std::size_t i = 0; i < items; ++i) {
            if (i % 3 == 0)
                writer.number(scheme);
            else
                writer.bytes(Bytes(i % 3 == 1 ? 32 : 64));
        }
        writer.array(0);
        return bytes;
    };
    CHECK_FALSE(cairn::is_refused(bytes_of(3, 0), parse_transaction));
    CHECK(cairn::is_refused(bytes_of(3, 1), parse_transaction));
    CHECK(cairn::is_refused(bytes_of(1, 0), parse_transaction));
    CHECK(cairn::is_refused(bytes_of(2, 0), parse_transaction));
    CHECK(cairn::is_refused(bytes_of(4, 0), parse_transaction));
}

TEST_CASE("a transaction has at most 20 descriptors, by ascending bytes")
{
    Transaction transaction = with_signatures(1);
    for (unsigned i = 0; i < descriptors_max; ++i) transaction.descriptors.push_back(descriptor(i));
    CHECK_FALSE(is_refused(transaction));
    transaction.descriptors.push_back(descriptor(100));
    CHECK(is_refused(transaction));
    transaction.descriptors = {descriptor(2), descriptor(1)};
    CHECK(is_refused(transaction));
    transaction.descriptors = {descriptor(1), descriptor(1)};
    CHECK(is_refused(transaction));
    transaction.descriptors = {{2, {filled<Ed25519PublicKey>(1)}}}; // none that could be met
    CHECK(is_refused(transaction));
}

TEST_CASE("the largest transaction there is can be read")
{
    Transaction transaction = with_signatures(signatures_max);
    transaction.body.call.arguments.resize(arguments_size_max);
    std::vector<Ed25519PublicKey> keys;
    for (unsigned i = 0; i < descriptor_keys_max; ++i) keys.push_back(filled<Ed25519PublicKey>(i));
    for (unsigned i = 0; i < descriptors_max; ++i) {
        keys.back() = filled<Ed25519PublicKey>(100 + i);
        transaction.descriptors.push_back({16, keys});
    }
    const Bytes bytes = to_bytes(transaction);
    CHECK(bytes.size() <= transaction_size_max);
    CHECK(parse_transaction(bytes) == transaction);
    CHECK(cairn::is_refused(Bytes(transaction_size_max + 1), parse_transaction));
}

TEST_CASE("signatures and descriptors do not change a transaction's id, and all else does")
{
    Transaction transaction{body(), {}, {}};
    const TransactionId id = transaction_id(transaction.body);
    sign(transaction, counting_pair(0));
    attach(transaction, descriptor(1));
    CHECK(transaction_id(transaction.body) == id);
    Bytes message = hex_bytes("636169726e2f7472616e73616374696f6e2f7631"); // cairn/transaction/v1
    const Bytes bytes = to_bytes(body());
    message.insert(message.end(), bytes.begin(), bytes.end());
    CHECK(id.bytes == sha256(message).bytes);
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
        const Bytes other = with_bit_changed(bytes, bit);
        TransactionId other_id = filled<TransactionId>(0);
        (void)exit_of([&] { other_id = transaction_id(parse_transaction_body(other)); });
        CHECK(other_id != id);
    }
}

TEST_CASE("keys sign a transaction once, in their order, whichever comes first")
{
    Transaction transaction{body(), {}, {}};
    Transaction other{body(), {}, {}};
    for (const unsigned i : {0U, 32U, 64U, 32U}) sign(transaction, counting_pair(i));
    for (const unsigned i : {64U, 32U, 0U}) sign(other, counting_pair(i));
    CHECK(transaction == other);
    CHECK(transaction.signatures.size() == 3);
    CHECK(std::ranges::is_sorted(transaction.signatures, {}, &KeySignature::key));
    CHECK(is_signed(transaction));
    transaction.body.fee = {7};
    CHECK_FALSE(is_signed(transaction));
    sign(transaction, counting_pair(0)); // for the one that was there
    CHECK(transaction.signatures.size() == 3);
    CHECK_FALSE(is_signed(transaction));
    sign(transaction, counting_pair(32));
    sign(transaction, counting_pair(64));
    CHECK(is_signed(transaction));
}

TEST_CASE("descriptors are attached once, in their order, whichever comes first")
{
    Transaction transaction = with_signatures(1);
    Transaction other = with_signatures(1);
    for (const unsigned i : {5U, 3U, 9U, 3U, 5U, 9U, 1U}) attach(transaction, descriptor(i));
    for (const unsigned i : {1U, 3U, 5U, 9U}) attach(other, descriptor(i));
    CHECK(transaction == other);
    CHECK_FALSE(is_refused(transaction));
}

TEST_CASE("a transaction is not signed when any bit of what is signed or of a signature differs")
{
    Transaction good{body(), {}, {}};
    sign(good, counting_pair(0));
    sign(good, counting_pair(32));
    for (std::size_t bit = 0; bit < 512; bit += 3) {
        Transaction bad = good;
        bad.signatures[bit % 2].signature.bytes[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
        CHECK_FALSE(is_signed(bad));
    }
    Transaction swapped = good;
    std::swap(swapped.signatures[0].signature, swapped.signatures[1].signature);
    CHECK_FALSE(is_signed(swapped));
    Transaction elsewhere = good;
    elsewhere.body.chain = filled<NetworkId>(9);
    CHECK_FALSE(is_signed(elsewhere));
}

TEST_CASE("transactions one after the other are read up to their limit")
{
    const TestChain chain{test_genesis()};
    std::vector<Transaction> transactions;
    for (std::uint64_t i = 0; i < 5; ++i)
        transactions.push_back(chain.transfer(counting_pair(0), filled<AccountId>(3), {i + 1}, i));
    const Bytes bytes = transactions_bytes(transactions);
    CHECK(parse_transactions(bytes, 5) == transactions);
    CHECK(parse_transactions(bytes, 99) == transactions);
    CHECK(parse_transactions({}, 0).empty());
    CHECK((exit_of([&] { (void)parse_transactions(bytes, 4); }) == Exit::data));
    const std::size_t first = to_bytes(transactions[0]).size();
    for (std::size_t size = 1; size < bytes.size(); ++size)
        if (size % first != 0)
            CHECK((exit_of([&] { (void)parse_transactions(ByteView{bytes}.first(size), 9); }) ==
                   Exit::data));
}
