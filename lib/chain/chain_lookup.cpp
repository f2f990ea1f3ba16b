#include "base/cursor.hpp"
#include "base/error.hpp"
#include "chain/chain_store.hpp"
#include "chain/detail/chain_tables.hpp"

#include <algorithm>

// What can be asked of a chain that is kept.

namespace cairn {

using namespace detail;

namespace {

constexpr std::uint64_t disorder_max = 1024; // blocks that may have come before a lower one

} // namespace

std::optional<KnownHeader> ChainStore::at(Height height) const
{
    const ReadTransaction reads = database_->read();
    const auto bytes = reads.get(block_table, height_key(height));
    if (!bytes) return std::nullopt;
    return parse_block_entry(*bytes).known;
}

std::optional<Height> ChainStore::height_of(const BlockId& id) const
{
    const ReadTransaction reads = database_->read();
    const auto height = reads.get(height_table, id.bytes);
    if (!height) return std::nullopt;
    return parse_height(*height);
}

std::optional<TransactionPlace> ChainStore::find(const TransactionId& id) const
{
    const ReadTransaction reads = database_->read();
    const auto place = reads.get(transaction_table, id.bytes);
    if (!place) return std::nullopt;
    return parse_place(*place);
}

std::vector<TransactionReceipt> ChainStore::receipts(Height height) const
{
    const ReadTransaction reads = database_->read();
    std::vector<TransactionReceipt> receipts;
    const auto bytes = reads.get(receipt_table, height_key(height));
    if (!bytes) return receipts;
    for (ByteView rest = *bytes; !rest.empty();) {
        CborReader reader{rest, "the receipts"};
        const ByteView receipt = reader.whole();
        receipts.push_back(parse_transaction_receipt(receipt));
        rest = rest.subspan(receipt.size());
    }
    return receipts;
}

std::vector<TransactionPlace> ChainStore::history(const AccountId& account,
                                                  std::optional<TransactionPlace> before,
                                                  std::size_t count) const
{
    const ReadTransaction reads = database_->read();
    Cursor cursor = reads.cursor(history_table);
    const Bytes end =
        history_key(account, before.value_or(TransactionPlace{{UINT32_MAX}, block_itself}));
    std::vector<TransactionPlace> places;
    auto item = cursor.at_least(end);
    item = item ? cursor.previous() : cursor.last();
    while (item && places.size() < count) {
        Reader key{item->key, "the history"};
        if (key.fixed<AccountId>() != account) break;
        TransactionPlace place;
        place.height.value = key.big_endian<std::uint32_t>();
        place.index = key.big_endian<std::uint32_t>();
        places.push_back(place);
        item = cursor.previous();
    }
    return places;
}

Height ChainStore::first_body() const
{
    if (files_.files().empty() || files_.files().begin()->first == 0) return {1};
    const ReadTransaction reads = database_->read();
    const auto is_here = [&](std::uint32_t height) {
        const auto bytes = reads.get(block_table, height_key({height}));
        return !bytes || files_.files().contains(parse_block_entry(*bytes).place.file);
    };
    std::uint32_t low = 1;
    std::uint32_t high = tip_.header.height.value + 1;
    while (low < high) { // files are removed oldest first
        const std::uint32_t middle = low + (high - low) / 2;
        if (is_here(middle))
            high = middle;
        else
            low = middle + 1;
    }
    // A block may stand before others of lower heights that came later.
    const auto end = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(tip_.header.height.value, low + disorder_max + undo_depth_));
    for (std::uint32_t height = end; height > low; --height)
        if (!is_here(height)) return {height + 1};
    return {low};
}

} // namespace cairn
