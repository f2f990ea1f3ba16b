#include "base/error.hpp"
#include "base/hex.hpp"
#include "chain/chain_api.hpp"
#include "chain/messages.hpp"
#include "ledger/ledger_json.hpp"
#include "net/fields.hpp"

// What the local API tells of blocks and transactions.

namespace cairn {
namespace {

constexpr std::uint64_t entries_max = 200;             // of a reply
constexpr std::size_t sent_max = 10'000;               // transactions of one request
constexpr std::size_t waiting_size_max = 512UL * 1024; // bytes of transactions of one page
static_assert(transaction_size_max <= waiting_size_max);

/// Arrivals are below 0 for what came back from a block; those that are told count from this.
constexpr std::uint64_t first_arrival = std::uint64_t{1} << 63U;

std::uint64_t count_in(Fields& fields)
{
    return std::min(fields.number("count").value_or(entries_max), entries_max);
}

} // namespace

std::uint32_t ChainApi::confirmations(Height height) const
{
    return node_->status().height.value - height.value + 1;
}

/// The block that a request names by "height" or "id"; the one on top without either.
std::optional<KnownHeader> ChainApi::header_of(const Json& json) const
{
    Fields fields{json};
    const auto height = fields.number("height");
    std::optional<BlockId> id;
    if (fields.has("id")) id = fields.id<BlockId>("id");
    fields.finish();
    if (height && id) throw Error{Exit::data, "a block has a height or an id"};
    if (id) {
        const auto found = store_->height_of(*id);
        return found ? store_->at(*found) : std::nullopt;
    }
    if (!height) return store_->at(node_->status().height);
    if (*height > UINT32_MAX) return std::nullopt;
    return store_->at({static_cast<std::uint32_t>(*height)});
}

Json ChainApi::to_json(const KnownHeader& known) const
{
    const std::uint32_t count = confirmations(known.header.height);
    return cairn::to_json(known.header)
        .set("confirmations", count)
        .set("is_final", count >= store_->genesis().block.final_blocks);
}

LocalReply ChainApi::find_header(const Json& json, ByteView)
{
    const auto known = header_of(json);
    if (!known) return local_refusal(CallStatus::no, "no such block");
    const SealedHeader sealed{known->header, known->seal};
    return local_reply(CallStatus::ok, to_json(*known), headers_bytes({&sealed, 1}));
}

LocalReply ChainApi::find_block(const Json& json, ByteView)
{
    const auto known = header_of(json);
    if (!known) return local_refusal(CallStatus::no, "no such block");
    if (known->header.height == Height{})
        return local_refusal(CallStatus::no, "the first block is its header alone");
    auto body = store_->body_bytes(known->id);
    if (!body) return local_refusal(CallStatus::no, "the block was removed to save room");
    return local_reply(CallStatus::ok, to_json(*known), std::move(*body));
}

LocalReply ChainApi::find_transaction(const Json& json, ByteView)
{
    Fields fields{json};
    const auto id = fields.id<TransactionId>("id");
    fields.finish();
    Json reply = Json::object().set("id", to_hex_text(id.bytes));
    if (const Transaction* const waiting = mempool_->find(id))
        return local_reply(CallStatus::ok, reply.set("state", "waiting"), to_bytes(*waiting));
    const auto place = store_->find(id);
    if (!place) return local_refusal(CallStatus::no, "no such transaction");
    const auto known = store_->at(place->height);
    const std::uint32_t count = confirmations(place->height);
    reply.set("state", count >= store_->genesis().block.final_blocks ? "final" : "done")
        .set("height", place->height.value)
        .set("index", place->index)
        .set("block", to_hex_text(known->id.bytes))
        .set("time_s", known->header.time_s)
        .set("confirmations", count);
    const auto receipts = store_->receipts(place->height);
    if (place->index < receipts.size())
        reply.set("receipt", cairn::to_json(receipts[place->index]));
    const auto block = store_->body(known->id);
    if (!block || place->index >= block->transactions.size())
        return local_reply(CallStatus::ok, reply);
    return local_reply(CallStatus::ok, reply, to_bytes(block->transactions[place->index]));
}

/// Entries, and as a body the transactions of those that are transactions, in the same order.
LocalReply ChainApi::find_history(const Json& json, ByteView)
{
    Fields fields{json};
    const AccountId account = account_of(fields.text("account").value_or(""));
    const auto height = fields.number("before_height");
    const auto index = fields.number("before_index");
    const std::uint64_t count = count_in(fields);
    fields.finish();
    if (height.value_or(0) > UINT32_MAX || index.value_or(0) > UINT32_MAX)
        return local_refusal(CallStatus::malformed, "heights and indices are below 2^32");
    std::optional<TransactionPlace> before;
    if (height)
        before = TransactionPlace{{static_cast<std::uint32_t>(*height)},
                                  static_cast<std::uint32_t>(index.value_or(0))};
    Json entries = Json::array();
    std::vector<Transaction> transactions;
    std::optional<Block> block;
    for (const TransactionPlace& place : store_->history(account, before, count)) {
        const auto known = store_->at(place.height);
        const std::uint32_t confirmed = confirmations(place.height);
        Json entry = Json::object()
                         .set("height", place.height.value)
                         .set("index", place.index)
                         .set("time_s", known->header.time_s)
                         .set("confirmations", confirmed)
                         .set("is_final", confirmed >= store_->genesis().block.final_blocks);
        if (place.index == block_itself) {
            entries.push(entry.set("kind", "block").set("id", to_hex_text(known->id.bytes)));
            continue;
        }
        if (!block || block->header != known->header) block = store_->body(known->id);
        if (!block) break; // removed to save room
        const Transaction& transaction = block->transactions.at(place.index);
        const auto receipts = store_->receipts(place.height);
        entry.set("kind", "transaction")
            .set("id", to_hex_text(transaction_id(transaction.body).bytes))
            .set("status", to_text(receipts.at(place.index).status));
        entries.push(std::move(entry));
        transactions.push_back(transaction);
    }
    return local_reply(CallStatus::ok, Json::object().set("entries", std::move(entries)),
                       transactions_bytes(transactions));
}

/// The body is transactions, one after the other. The status is ok where all are taken.
LocalReply ChainApi::send(const Json& json, ByteView body)
{
    Fields{json}.finish();
    Json ids = Json::array();
    Json refused = Json::array();
    std::string reason;
    for (Transaction& transaction : parse_transactions(body, sent_max)) {
        const std::string id = to_hex_text(transaction_id(transaction.body).bytes);
        const auto sent = node_->send(std::move(transaction));
        if (const auto* const refusal = std::get_if<PoolRefusal>(&sent)) {
            if (reason.empty()) reason = refusal->reason;
            refused.push(Json::object().set("id", id).set("reason", refusal->reason));
        } else {
            ids.push(id);
        }
    }
    if (ids.size() + refused.size() == 0)
        return local_refusal(CallStatus::malformed, "the body has no transaction");
    Json reply = Json::object().set("ids", ids).set("refused", refused);
    if (reason.empty()) return local_reply(CallStatus::ok, reply);
    return local_reply(CallStatus::no, reply.set("message", reason));
}

/// Entries, and as the body their transactions in the same order.
LocalReply ChainApi::tell_mempool(const Json& json, ByteView)
{
    Fields fields{json};
    const std::uint64_t count = count_in(fields);
    const auto after = fields.number("after");
    fields.finish();
    std::optional<Arrival> arrival;
    if (after) arrival = static_cast<Arrival>(*after ^ first_arrival);
    Json entries = Json::array();
    Bytes body;
    for (const PoolEntry* const entry : mempool_->arrived_after(arrival, count)) {
        if (body.size() + entry->measure.size > waiting_size_max) break;
        CborWriter writer{body};
        put_transaction(writer, entry->transaction);
        const Call& call = entry->transaction.body.call;
        entries.push(Json::object()
                         .set("id", to_hex_text(entry->measure.id.bytes))
                         .set("arrival", Json::decimal(static_cast<std::uint64_t>(entry->arrival) ^
                                                       first_arrival))
                         .set("sender", to_hex_text(call.sender.bytes))
                         .set("lane", call.lane.value)
                         .set("sequence", Json::decimal(call.sequence))
                         .set("fee_atoms", Json::decimal(entry->transaction.body.fee.atoms))
                         .set("weight", entry->measure.weight)
                         .set("size_bytes", entry->measure.size)
                         .set("is_early", entry->is_early));
    }
    return local_reply(CallStatus::ok,
                       Json::object()
                           .set("transactions", mempool_->count())
                           .set("memory_bytes", mempool_->size_bytes())
                           .set("entries", std::move(entries)),
                       std::move(body));
}

/// What a transaction of a weight has to pay to be in one of the next blocks.
LocalReply ChainApi::estimate(const Json& json, ByteView)
{
    Fields fields{json};
    const std::uint64_t blocks = fields.number("blocks").value_or(1);
    const std::uint64_t weight = fields.number("weight").value_or(1'000);
    fields.finish();
    if (blocks == 0 || blocks > 1'000 || weight == 0)
        return local_refusal(CallStatus::malformed, "'blocks' is 1 to 1000, 'weight' more than 0");
    const FeeRate rate = mempool_->estimate(blocks, node_->now_ms());
    return local_reply(
        CallStatus::ok,
        Json::object()
            .set("fee_atoms", Json::decimal(fee_at(rate, weight).atoms))
            .set("least_fee_atoms", Json::decimal(least_fee(store_->genesis(), weight).atoms))
            .set("weight", weight)
            .set("blocks", blocks));
}

} // namespace cairn
