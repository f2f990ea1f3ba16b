#include "ledger/ledger.hpp"

#include "base/hex.hpp"
#include "inspect/detail/objects.hpp"
#include "ledger/ledger_json.hpp"

// What a chain is made of: cairn-genesis(5), cairn-transaction(5), cairn-block(5), cairn-state(5).

namespace cairn::detail {
namespace {

constexpr std::size_t transactions_shown_max = 256;
constexpr std::size_t chunks_shown_max = 4096;
constexpr std::size_t records_shown_max = 256;

Json inspect_block(const Source& source)
{
    Block block = parse_block(read_all(source, block_size_max, "the block"));
    const std::vector<Transaction> transactions = std::exchange(block.transactions, {});
    Json json = kind_json("block").merge(cairn::to_json(block));
    json.set("transactions", transactions.size());
    if (transactions.size() > transactions_shown_max) return json;
    Json list = Json::array();
    for (const Transaction& transaction : transactions) list.push(cairn::to_json(transaction));
    return json.set("list", list);
}

/// Each chunk is checked.
Json inspect_snapshot(const Source& source)
{
    SnapshotReader reader{source};
    const SnapshotHead& head = reader.head();
    Json chunks = Json::array();
    Json records = Json::array();
    while (const auto chunk = reader.next()) {
        if (head.chunks() <= chunks_shown_max)
            chunks.push(Json::object()
                            .set("prefix", chunk->prefix)
                            .set("values", chunk->entries.size())
                            .set("beside", chunk->beside.size()));
        for (const SnapshotEntry& entry : chunk->entries)
            if (records.size() < records_shown_max)
                records.push(record_json(entry.key, entry.value));
    }
    Json json = kind_json("snapshot").merge(cairn::to_json(head));
    if (head.chunks() <= chunks_shown_max) json.set("parts", chunks);
    if (head.values <= records_shown_max) json.set("list", records);
    return json;
}

/// A text is a genesis, good or damaged, if it is JSON with what no other has.
bool is_genesis(std::string_view text)
{
    if (!text.starts_with('{') || text.find("\"policy\"") == text.npos) return false;
    const Json json = Json::parse(text, "the text");
    return json.member("policy").is_object() && json.member("engine").is_object();
}

Json inspect_genesis(std::string_view text)
{
    const Genesis genesis = parse_genesis(text);
    const BlockId first = block_id(first_block(genesis).header);
    return kind_json("genesis")
        .set("chain", to_hex_text(network_id(genesis).bytes))
        .set("first_block", to_hex_text(first.bytes))
        .merge(cairn::to_json(genesis));
}

/// A body has no type: what is nearly one is some other array.
std::optional<Json> inspect_body(ByteView bytes)
{
    constexpr std::array begin{std::byte{0x89}, std::byte{0x58}, std::byte{0x20}};
    if (bytes.size() < begin.size() || !std::ranges::equal(bytes.first(begin.size()), begin))
        return std::nullopt;
    try {
        const TransactionBody body = parse_transaction_body(bytes);
        return kind_json("transaction-body")
            .set("id", to_hex_text(transaction_id(body).bytes))
            .merge(cairn::to_json(body));
    } catch (const Error&) {
        return std::nullopt;
    }
}

} // namespace

std::optional<Json> inspect_ledger(const Peeked& peeked)
{
    const ByteView front = peeked.front;
    const auto type = record_type(front);
    if (type == RecordType::block) return inspect_block(peeked.source);
    if (is_snapshot(front)) return inspect_snapshot(peeked.source);
    if (!peeked.is_whole) return std::nullopt;
    if (type == RecordType::transaction)
        return kind_json("transaction").merge(cairn::to_json(parse_transaction(front)));
    if (type == RecordType::header)
        return kind_json("header").merge(cairn::to_json(parse_header(front)));
    if (type == RecordType::transaction_receipt)
        return kind_json("transaction-receipt")
            .merge(cairn::to_json(parse_transaction_receipt(front)));
    if (type == RecordType::descriptor)
        return kind_json("descriptor").merge(cairn::to_json(parse_descriptor(front)));
    if (type == RecordType::state_proof) {
        const StateProof proof = parse_state_proof(front);
        return kind_json("state-proof")
            .merge(cairn::to_json(proof))
            .set("proven", is_proven(proof));
    }
    if (is_genesis(as_text(front))) return inspect_genesis(as_text(front));
    return inspect_body(front);
}

} // namespace cairn::detail
