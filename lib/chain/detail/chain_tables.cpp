#include "chain/detail/chain_tables.hpp"

#include "base/cursor.hpp"
#include "base/error.hpp"
#include "ledger/coins.hpp"
#include "ledger/group.hpp"

#include <algorithm>

namespace cairn::detail {
namespace {

constexpr std::size_t block_entry_parts = 9;
constexpr std::size_t undo_items_max = 1'000'000;

void note_call(std::vector<AccountId>& accounts, const Call& call)
{
    accounts.push_back(call.sender);
    if (call.module != module_number::coins) return;
    if (call.method == static_cast<std::uint16_t>(CoinsMethod::transfer))
        for (const CoinTransfer& transfer : parse_transfer(call.arguments).transfers)
            accounts.push_back(transfer.to);
    else if (call.method == static_cast<std::uint16_t>(CoinsMethod::close))
        accounts.push_back(parse_close(call.arguments).to);
}

std::optional<Bytes> copy(const std::optional<ByteView>& value)
{
    if (!value) return std::nullopt;
    return Bytes{value->begin(), value->end()};
}

} // namespace

const std::vector<std::string>& chain_tables()
{
    static const std::vector<std::string> names{"meta",     "state",   "nodes",        "undo",
                                                "blocks",   "heights", "transactions", "history",
                                                "receipts", "paths"};
    return names;
}

Bytes height_key(Height height)
{
    Bytes key;
    Writer{key}.big_endian(height.value);
    return key;
}

Height parse_height(ByteView key)
{
    Reader reader{key, "a height"};
    const Height height{reader.big_endian<std::uint32_t>()};
    reader.finish();
    return height;
}

Bytes to_bytes(const BlockEntry& entry)
{
    Bytes bytes;
    CborWriter writer{bytes};
    writer.array(block_entry_parts);
    writer.bytes(entry.known.id.bytes);
    writer.bytes(to_bytes(entry.known.header));
    writer.bytes(entry.known.seal);
    put_wide(writer, entry.known.state.work.value);
    writer.bytes(entry.known.state.seed.bytes);
    writer.number(entry.place.file);
    writer.number(entry.place.offset);
    writer.number(entry.place.size);
    return bytes;
}

BlockEntry parse_block_entry(ByteView bytes)
{
    CborReader reader{bytes, "the entry of a block"};
    reader.array(block_entry_parts);
    BlockEntry entry;
    entry.known.id = reader.fixed<BlockId>();
    entry.known.header = parse_header(reader.bytes_up_to(header_size_max));
    const ByteView seal = reader.bytes_up_to(seal_size_max);
    entry.known.seal.assign(seal.begin(), seal.end());
    entry.known.state.work.value = take_wide(reader);
    entry.known.state.seed = reader.fixed<Beacon>();
    entry.place.file = static_cast<std::uint32_t>(reader.number(UINT32_MAX));
    entry.place.offset = reader.number();
    entry.place.size = static_cast<std::uint32_t>(reader.number(UINT32_MAX));
    reader.finish();
    return entry;
}

Bytes undo_bytes(std::span<const StateChange> changes)
{
    Bytes bytes;
    CborWriter writer{bytes};
    writer.array(2 * changes.size());
    for (const StateChange& change : changes) {
        writer.bytes(change.key.bytes);
        if (change.before)
            writer.bytes(*change.before);
        else
            writer.null();
    }
    return bytes;
}

std::vector<StateChange> parse_undo(ByteView bytes)
{
    CborReader reader{bytes, "what takes a block back"};
    const std::size_t items = reader.array_up_to(2 * undo_items_max);
    if (items % 2 != 0) reader.refuse("a key without a value");
    std::vector<StateChange> changes(items / 2);
    for (StateChange& change : changes) {
        const ByteView key = reader.bytes_up_to(state_key_size_max);
        change.key.bytes.assign(key.begin(), key.end());
        change.key.path = {sha256(key).bytes};
        if (reader.is_null()) {
            reader.null();
        } else {
            const ByteView before = reader.bytes_up_to(state_value_size_max);
            change.before = Bytes{before.begin(), before.end()};
        }
    }
    reader.finish();
    return changes;
}

Bytes place_bytes(const TransactionPlace& place)
{
    Bytes bytes;
    Writer writer{bytes};
    writer.big_endian(place.height.value);
    writer.big_endian(place.index);
    return bytes;
}

TransactionPlace parse_place(ByteView bytes)
{
    Reader reader{bytes, "the place of a transaction"};
    TransactionPlace place;
    place.height.value = reader.big_endian<std::uint32_t>();
    place.index = reader.big_endian<std::uint32_t>();
    reader.finish();
    return place;
}

Bytes history_key(const AccountId& account, const TransactionPlace& place)
{
    Bytes key{account.bytes.begin(), account.bytes.end()};
    const Bytes end = place_bytes(place);
    key.insert(key.end(), end.begin(), end.end());
    return key;
}

std::vector<AccountId> accounts_of(const Transaction& transaction)
{
    std::vector<AccountId> accounts;
    const Call& call = transaction.body.call;
    if (call.module == module_number::group)
        for (const Call& each : parse_group(call.arguments)) note_call(accounts, each);
    else
        note_call(accounts, call);
    accounts.push_back(call.sender);
    std::ranges::sort(accounts);
    accounts.erase(std::unique(accounts.begin(), accounts.end()), accounts.end());
    return accounts;
}

std::optional<Bytes> DatabaseState::get(const StateKey& key) const
{
    return copy(reads_->get(state_table, key.bytes));
}

std::optional<Bytes> DatabaseState::get(ByteView key) const
{
    return copy(reads_->get(node_table, key));
}

Bytes DatabaseState::value_at(const StatePath& path) const
{
    const auto key = reads_->get(path_table, path.bytes);
    const auto value = key ? reads_->get(state_table, *key) : std::nullopt;
    if (!value) throw Error{Exit::data, "the state lacks a value that its tree has"};
    return {value->begin(), value->end()};
}

void DatabaseState::visit(StateTable table, ByteView from,
                          const std::function<bool(ByteView, ByteView)>& visit) const
{
    constexpr std::size_t front = 3; // module and table
    const StateKey first = state_key(table, from);
    Cursor cursor = reads_->cursor(state_table);
    for (auto item = cursor.at_least(first.bytes); item; item = cursor.next()) {
        const bool is_of_table =
            item->key.size() >= front &&
            std::ranges::equal(item->key.first(front), ByteView{first.bytes}.first(front));
        if (!is_of_table || !visit(item->key.subspan(front), item->value)) return;
    }
}

void DatabaseState::visit_all(const std::function<void(const StateKey&, ByteView)>& visit) const
{
    Cursor cursor = reads_->cursor(path_table);
    for (auto item = cursor.first(); item; item = cursor.next()) {
        const StateKey key = parse_state_key(item->value);
        if (!std::ranges::equal(key.path.bytes, item->key))
            throw Error{Exit::data, "the state has a key under the path of another"};
        const auto value = reads_->get(state_table, key.bytes);
        if (!value) throw Error{Exit::data, "the state lacks a value that its tree has"};
        visit(key, *value);
    }
}

} // namespace cairn::detail
