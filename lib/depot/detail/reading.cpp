#include "depot/detail/change.hpp"

#include <algorithm>

// Shards that are read: to be served, or to see whether they are still what they were.

namespace cairn::detail {
namespace {

/// How much is scrubbed before the position is saved: with less, a store that rests would write.
constexpr std::uint64_t saved_every = std::uint64_t{1} << 30U; // bytes

constexpr std::uint64_t step_cost = 4096; // bytes of work, of the smallest shard

std::optional<File> unless_rotten(std::optional<File> (*open)(const std::string&),
                                  const std::string& path)
{
    try {
        return open(path);
    } catch (const Error& error) {
        if (error.code() != Exit::ioerr) throw;
        return std::nullopt;
    }
}

} // namespace

std::optional<File> open_kept(const std::string& path)
{
    return unless_rotten(File::open, path);
}

std::optional<File> open_kept_to_write(const std::string& path)
{
    return unless_rotten(File::open_to_write, path);
}

void read_kept(const File& file, std::uint64_t offset, MutableByteView bytes)
{
    std::string why = "it is shorter than it was";
    try {
        if (file.read_at(offset, bytes) == bytes.size()) return;
    } catch (const Error& error) {
        why = error.what();
    }
    throw Error{Exit::data, "'" + file.name() + "' is damaged: " + why};
}

bool Store::is_here(const std::optional<ShardRecord>& record, const ShardRoot& root) const
{
    return record && record->state != ShardState::damaged && !ledger.is_rotten(root);
}

bool Store::is_served(const std::optional<ShardRecord>& record, const ShardRoot& root) const
{
    return is_here(record, root) && record->state == ShardState::live && !ledger.is_denied(root);
}

std::optional<Store::Location> Store::locate(const ShardRoot& root, const ShardRecord& record) const
{
    const bool is_packed = record.pack != 0;
    std::optional<File> file = open_kept(is_packed ? layout.pack(record.pack) : layout.shard(root));
    if (!file) return std::nullopt;
    return Location{std::move(*file), is_packed ? record.offset + pack_entry_header_size : 0};
}

std::optional<PieceTree> Store::examine(const ShardRoot& root, const ShardRecord& record) const
{
    const auto location = locate(root, record);
    if (!location) return std::nullopt;
    PieceCollector collector;
    Bytes buffer;
    for (std::uint64_t done = 0; done < record.size; done += buffer.size()) {
        buffer.resize(piece_length(record.size, done / piece_size));
        try {
            read_kept(location->file, location->offset + done, buffer);
        } catch (const Error&) { // a sector that cannot be read has rotted too
            return std::nullopt;
        }
        collector.add(buffer);
    }
    PieceTree tree = collector.finish();
    if (tree.root() != root) return std::nullopt;
    return tree;
}

std::vector<ShardRoot> Store::scrub(std::uint64_t budget)
{
    const std::lock_guard lock{scrubbing_};
    std::vector<ShardRoot> damaged;
    std::uint64_t left = budget;
    while (left > 0) {
        std::optional<ShardRecord> record;
        ShardRoot root;
        {
            const ReadTransaction reads = read();
            Cursor cursor = reads.cursor(table::shards);
            auto at = cursor.at_least(scrub_position_.bytes);
            if (at && std::ranges::equal(at->key, scrub_position_.bytes)) at = cursor.next();
            if (at) {
                record = parse_shard_record(at->value);
                std::ranges::copy(at->key, root.bytes.begin());
            }
        }
        scrub_position_ = root; // zeros at the end: from the beginning again
        if (!record) break;
        const std::uint64_t cost = std::max(record->size, step_cost);
        left -= std::min(left, cost);
        scrubbed_ += cost;
        if (record->state != ShardState::live || ledger.is_rotten(root)) continue;
        // Another look, because it may have gone, or to another place, meanwhile.
        if (examine(root, *record)) continue;
        const auto again = find_shard(read(), root);
        if (!again || again->state != ShardState::live || examine(root, *again)) continue;
        ledger.add_rotten(root);
        damaged.push_back(root);
    }
    if (ledger.is_read_only) return damaged;
    if (scrubbed_ < saved_every && damaged.empty()) return damaged;
    change([&] { // which sets aside what is rotten
        Change change{*this};
        change.set_scrub_position(scrub_position_);
        change.commit();
    });
    scrubbed_ = 0;
    return damaged;
}

} // namespace cairn::detail
