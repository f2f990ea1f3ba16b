#include "ledger/block.hpp"

#include "format/record_parts.hpp"

namespace cairn {
namespace {

constexpr std::string_view header_context = "cairn/header/v1";
constexpr std::string_view seal_context = "cairn/seal/v1";
constexpr std::size_t header_parts = 10;
constexpr std::size_t block_parts = 3;
constexpr std::uint64_t engine_last = 2;

Bytes seal_message(const BlockId& id)
{
    const ByteView text = as_bytes(seal_context);
    Bytes message{text.begin(), text.end()};
    message.push_back(std::byte{0});
    message.insert(message.end(), id.bytes.begin(), id.bytes.end());
    return message;
}

template <class Item>
MerkleRoot root_of(std::span<const Item> items)
{
    std::vector<MerkleHash> leaves;
    leaves.reserve(items.size());
    for (const Item& item : items) leaves.push_back(merkle_leaf(to_bytes(item)));
    return merkle_root(leaves);
}

} // namespace

void put_header(CborWriter& writer, const Header& header)
{
    put_record_head(writer, RecordType::header, header_parts);
    writer.bytes(header.chain.bytes);
    writer.number(header.height.value);
    writer.bytes(header.parent.bytes);
    writer.number(header.time_s);
    writer.bytes(header.transactions.bytes);
    writer.bytes(header.state.bytes);
    writer.bytes(header.receipts.bytes);
    writer.bytes(header.producer.bytes);
    writer.number(static_cast<std::uint64_t>(header.engine));
    writer.bytes(header.consensus);
}

Bytes to_bytes(const Header& header)
{
    Bytes bytes;
    CborWriter writer{bytes};
    put_header(writer, header);
    return bytes;
}

Header parse_header(ByteView bytes)
{
    constexpr const char* what = "the header";
    check_record_size(bytes, header_size_max, what);
    CborReader reader{bytes, what};
    take_record_head(reader, RecordType::header, header_parts);
    Header header;
    header.chain = reader.fixed<NetworkId>();
    header.height.value = static_cast<std::uint32_t>(reader.number(UINT32_MAX));
    header.parent = reader.fixed<BlockId>();
    header.time_s = reader.number(time_max_s);
    header.transactions = reader.fixed<MerkleRoot>();
    header.state = reader.fixed<StateRoot>();
    header.receipts = reader.fixed<MerkleRoot>();
    header.producer = reader.fixed<AccountId>();
    const std::uint64_t engine = reader.number(engine_last);
    if (engine == 0) reader.refuse("its engine is unknown");
    header.engine = static_cast<EngineKind>(engine);
    const ByteView consensus = reader.bytes_up_to(consensus_data_max);
    header.consensus.assign(consensus.begin(), consensus.end());
    reader.finish();
    return header;
}

BlockId block_id(const Header& header)
{
    return hashed_id<BlockId>(header_context, to_bytes(header));
}

Bytes to_bytes(const Seal& seal)
{
    Bytes bytes;
    CborWriter writer{bytes};
    writer.array(2);
    writer.bytes(seal.key.bytes);
    writer.bytes(seal.signature.bytes);
    return bytes;
}

Seal parse_seal(ByteView bytes)
{
    CborReader reader{bytes, "the seal"};
    reader.array(2);
    Seal seal;
    seal.key = reader.fixed<Ed25519PublicKey>();
    seal.signature = reader.fixed<Ed25519Signature>();
    reader.finish();
    return seal;
}

Seal seal(const BlockId& id, const Ed25519KeyPair& key)
{
    return {key.public_key(), key.sign(seal_message(id))};
}

bool is_sealed(const BlockId& id, const Seal& seal)
{
    return verify(seal.key, seal_message(id), seal.signature);
}

Bytes to_bytes(const Block& block)
{
    Bytes bytes;
    CborWriter writer{bytes};
    put_record_head(writer, RecordType::block, block_parts);
    put_header(writer, block.header);
    writer.bytes(block.seal);
    writer.array(block.transactions.size());
    for (const Transaction& transaction : block.transactions) put_transaction(writer, transaction);
    return bytes;
}

Block parse_block(ByteView bytes)
{
    constexpr const char* what = "the block";
    check_record_size(bytes, block_size_max, what);
    CborReader reader{bytes, what};
    take_record_head(reader, RecordType::block, block_parts);
    Block block;
    block.header = parse_header(reader.whole());
    const ByteView seal = reader.bytes_up_to(seal_size_max);
    block.seal.assign(seal.begin(), seal.end());
    const std::size_t count = reader.array_up_to(block_transactions_max);
    for (std::size_t i = 0; i < count; ++i)
        block.transactions.push_back(parse_transaction(reader.whole()));
    reader.finish();
    return block;
}

MerkleRoot transactions_root(std::span<const Transaction> transactions)
{
    return root_of(transactions);
}

const char* to_text(Status status)
{
    switch (status) {
    case Status::done:
        return "done";
    case Status::no_funds:
        return "no-funds";
    case Status::absent:
        return "absent";
    case Status::exists:
        return "exists";
    case Status::locked:
        return "locked";
    case Status::not_allowed:
        return "not-allowed";
    case Status::too_small:
        return "too-small";
    case Status::too_many:
        return "too-many";
    case Status::no_sequence:
        return "no-sequence";
    case Status::not_true:
        return "not-true";
    }
    return "";
}

Bytes to_bytes(const TransactionReceipt& receipt)
{
    Bytes bytes;
    CborWriter writer{bytes};
    put_record_head(writer, RecordType::transaction_receipt, 4);
    writer.bytes(receipt.id.bytes);
    writer.number(static_cast<std::uint64_t>(receipt.status));
    writer.number(receipt.weight);
    writer.array(receipt.events.size());
    for (const Event& event : receipt.events) {
        writer.array(3);
        writer.number(event.module);
        writer.number(event.kind);
        writer.bytes(event.data);
    }
    return bytes;
}

TransactionReceipt parse_transaction_receipt(ByteView bytes)
{
    constexpr const char* what = "the receipt";
    check_record_size(bytes, transaction_receipt_size_max, what);
    CborReader reader{bytes, what};
    take_record_head(reader, RecordType::transaction_receipt, 4);
    TransactionReceipt receipt;
    receipt.id = reader.fixed<TransactionId>();
    receipt.status = static_cast<Status>(reader.number(status_last));
    receipt.weight = reader.number();
    receipt.events.resize(reader.array_up_to(receipt_events_max));
    for (Event& event : receipt.events) {
        reader.array(3);
        event.module = static_cast<std::uint16_t>(reader.number(UINT16_MAX));
        event.kind = static_cast<std::uint16_t>(reader.number(UINT16_MAX));
        const ByteView data = reader.bytes_up_to(transaction_receipt_size_max);
        event.data.assign(data.begin(), data.end());
    }
    reader.finish();
    return receipt;
}

MerkleRoot receipts_root(std::span<const TransactionReceipt> receipts)
{
    return root_of(receipts);
}

} // namespace cairn
