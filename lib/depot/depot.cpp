#include "depot/depot.hpp"

#include "base/error.hpp"
#include "base/number.hpp"
#include "depot/detail/arrival.hpp"
#include "os/directory.hpp"

#include <algorithm>
#include <cassert>

namespace cairn {

using namespace detail;

namespace {

/// Bytes of the capacity that an item takes where it is not here yet.
std::uint64_t disk_size(const ShardItem& item)
{
    return item.size > packed_size_max ? item.size : packed_size(item.size);
}

std::uint64_t minus(std::uint64_t from, std::uint64_t what)
{
    return from - std::min(from, what);
}

/// Until when an entry is kept: as the request says, but no longer than the grant. 0: no end.
std::uint64_t expiry_of(const PutRequest& request, const Grant& grant)
{
    if (request.expiry_s == 0 || grant.expiry_s == 0)
        return std::max(request.expiry_s, grant.expiry_s);
    return std::min(request.expiry_s, grant.expiry_s);
}

} // namespace

Upload::Upload(std::unique_ptr<State> state) : state_{std::move(state)} {}
Upload::Upload(Upload&&) noexcept = default;
Upload& Upload::operator=(Upload&&) noexcept = default;
Upload::~Upload() = default;

bool Upload::write(ByteView bytes)
{
    return state_->arrival.write(bytes);
}

bool Upload::is_complete() const noexcept
{
    return state_->arrival.is_complete();
}

std::vector<ShardItem> Upload::items() const
{
    std::vector<ShardItem> items;
    for (const Part& part : state_->arrival.parts()) items.push_back(part.item);
    return items;
}

void Upload::read(std::size_t item, std::uint64_t offset, MutableByteView bytes) const
{
    state_->arrival.read(item, offset, bytes);
}

void Upload::add_note(std::size_t item, Note note)
{
    assert(note.value.size() <= note_value_size_max);
    state_->arrival.parts().at(item).notes.push_back(std::move(note));
}

Depot::Depot(const std::string& directory, DepotOptions options)
    : store_{std::make_shared<Store>(directory, std::move(options))}
{
}

Depot::~Depot() = default;

std::vector<std::string> Depot::migrate(const std::string& directory, bool dry_run)
{
    if (!is_directory(directory))
        throw Error{Exit::noinput, "'" + directory + "' is not a directory"};
    const Fd lock = lock_directory(directory);
    // Version 1 is the first: there are no steps yet.
    return migrate_store({directory}, {}, store_version, dry_run);
}

std::optional<Upload> Depot::reserve(const AccountId& owner, const PutRequest& request,
                                     Refusal& refusal)
{
    const auto refuse = [&](Refusal::Why why, std::string text) {
        refusal = {why, std::move(text)};
        return std::nullopt;
    };
    using enum Refusal::Why;
    Store& store = *store_;
    if (store.ledger.is_read_only) return refuse(read_only, "the store only reads");
    if (store.ledger.is_draining) return refuse(read_only, "the store takes nothing more");
    if (request.items.empty() || request.items.size() > put_items_max)
        return refuse(too_large, "not from 1 to " + std::to_string(put_items_max) + " shards");
    const auto grant = store.grant_of(owner);
    if (!grant) return refuse(denied, "the owner has no grant");
    const std::uint64_t expiry_s = expiry_of(request, *grant);
    if (expiry_s != 0 && expiry_s <= store.now_s()) return refuse(denied, "it has expired");

    Promise promise{.owner = owner, .entries = request.items.size()};
    std::uint64_t unwritten = store.ledger.unwritten;
    const ReadTransaction reads = store.read();
    for (const ShardItem& item : request.items) {
        if (item.size > shard_size_max)
            return refuse(too_large, "a shard has more than " + format_size(shard_size_max));
        if (store.ledger.is_denied(item.root)) return refuse(listed, "a shard is not wanted here");
        promise.quota_bytes += item.size;
        unwritten += item.size;
        const auto record = find_shard(reads, item.root);
        if (!store.is_here(record, item.root)) promise.disk_bytes += disk_size(item);
    }
    if (unwritten > minus(free_space(store.layout.directory), store.options.reserve))
        return refuse(full, "the disk of the store is full");
    const Usage left = store.left_of(reads, owner, *grant);
    if (auto why = store.ledger.promise(promise, left, store.options.capacity))
        return refuse(full, std::move(*why));
    Upload upload{std::make_unique<Upload::State>(store_, promise, request, expiry_s)};
    (void)upload.write({}); // shards without bytes are complete at once
    return upload;
}

std::vector<Stored> Depot::commit(std::span<Upload> uploads)
{
    std::vector<Arrival*> arrivals;
    for (Upload& upload : uploads) {
        assert(upload.is_complete());
        arrivals.push_back(&upload.state_->arrival);
    }
    const std::uint64_t time_s = store_->now_s();
    const std::vector<std::uint64_t> serials = store_->commit(arrivals, time_s);
    std::vector<Stored> stored;
    for (std::size_t i = 0; i < serials.size(); ++i)
        stored.push_back({serials[i], time_s, arrivals[i]->expiry_s()});
    return stored;
}

HasEntry Depot::find(const ShardRoot& root, const std::optional<AccountId>& owner) const
{
    const ReadTransaction reads = store_->read();
    const auto record = find_shard(reads, root);
    HasEntry entry;
    if (!store_->is_served(record, root)) return entry;
    entry.is_here = true;
    entry.size = record->size;
    if (owner) entry.serial = last_serial(reads, root, *owner);
    return entry;
}

std::vector<FoundNote> Depot::notes(const NoteSubject& subject, std::size_t count) const
{
    std::vector<FoundNote> found;
    const ReadTransaction reads = store_->read();
    Cursor cursor = reads.cursor(table::notes);
    for (auto at = cursor.at_least(subject.bytes); at && found.size() < count; at = cursor.next()) {
        const NoteKey key = parse_note_key(at->key);
        if (key.subject != subject) break;
        const auto record = find_shard(reads, key.root);
        if (store_->is_served(record, key.root))
            found.push_back({{key.root, record->size}, {at->value.begin(), at->value.end()}});
    }
    return found;
}

std::vector<ListEntry> Depot::list(const AccountId& owner, ShardClass kind,
                                   std::uint64_t after) const
{
    std::vector<ListEntry> entries;
    if (after == UINT64_MAX) return entries;
    const ReadTransaction reads = store_->read();
    Cursor cursor = reads.cursor(table::entries);
    for (auto at = cursor.at_least(to_key({owner, kind, after + 1}));
         at && entries.size() < list_entries_max; at = cursor.next()) {
        const EntryKey key = parse_entry_key(at->key);
        if (key.owner != owner || key.kind != kind) break;
        const EntryRecord record = parse_entry_record(at->value);
        entries.push_back({.serial = key.serial, .item = record.item, .time_s = record.time_s});
    }
    return entries;
}

std::uint64_t Depot::drop(const AccountId& owner, std::span<const DropItem> items)
{
    return store_->drop(owner, items);
}

bool Depot::collect(std::uint64_t budget)
{
    return store_->collect(budget);
}

std::vector<ShardRoot> Depot::scrub(std::uint64_t budget)
{
    return store_->scrub(budget);
}

void Depot::deny(std::vector<ShardRoot> roots)
{
    store_->ledger.deny(std::move(roots));
}

void Depot::set_grants(std::vector<Grant> grants)
{
    store_->ledger.set_grants(std::move(grants));
}

void Depot::drain(bool is_draining)
{
    store_->drain(is_draining);
}

std::uint64_t Depot::free_size(const AccountId& owner) const
{
    const Store& store = *store_;
    const auto grant = store.grant_of(owner);
    if (!grant || store.ledger.is_read_only || store.ledger.is_draining) return 0;
    const Usage promised = store.ledger.promised_to(owner);
    const Usage left = store.left_of(store.read(), owner, *grant);
    if (left.entries <= promised.entries) return 0;
    const std::uint64_t on_disk = minus(
        minus(free_space(store.layout.directory), store.options.reserve), store.ledger.unwritten);
    const std::uint64_t here =
        minus(store.options.capacity, store.ledger.totals().disk_bytes + store.ledger.promised());
    return std::min({minus(left.bytes, promised.bytes), on_disk, here});
}

DepotStatus Depot::status() const
{
    const Totals totals = store_->ledger.totals();
    return {.objects = totals.objects,
            .bytes = totals.bytes,
            .trash_bytes = totals.trash_bytes,
            .disk_bytes = totals.disk_bytes,
            .reserved = store_->ledger.promised(),
            .capacity = store_->options.capacity,
            .damaged = totals.damaged + store_->ledger.rotten().size(),
            .is_read_only = store_->ledger.is_read_only,
            .is_draining = store_->ledger.is_draining};
}

} // namespace cairn
