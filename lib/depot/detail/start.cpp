#include "base/number.hpp"
#include "depot/detail/change.hpp"
#include "os/directory.hpp"

#include <algorithm>
#include <set>

// How a store is opened, and put in order after a crash or an error. What may be out of order is
// known beforehand, so that nothing is searched for: files in tmp/, the ends of pack files, packs
// that no transaction knows, and shards whose roots were announced.

namespace cairn::detail {
namespace {

constexpr std::size_t settled_at_once = 4096; // roots
constexpr std::string_view pack_end = ".pack";

std::optional<std::uint32_t> parse_pack_name(std::string_view name)
{
    if (!name.ends_with(pack_end)) return std::nullopt;
    name.remove_suffix(pack_end.size());
    name.remove_prefix(std::min(name.find_first_not_of('0'), name.size()));
    const auto number = parse_number(name);
    if (!number || *number > UINT32_MAX) return std::nullopt;
    return static_cast<std::uint32_t>(*number);
}

} // namespace

Store::Store(const std::string& directory, DepotOptions with)
    : layout{directory},
      options{std::move(with)}
{
    ledger.set_grants(options.grants);
    make_directory(directory);
    lock_ = lock_directory(directory);
    prepare_store(layout);
    {
        // What is older than the newest tables has all others, or is damaged; it gets the newest.
        const Database oldest{layout.database(), oldest_table_names(), {.may_create = false}};
    }
    database_ = std::make_unique<Database>(layout.database(), table_names());
    {
        const ReadTransaction reads = read();
        const auto totals = find_totals(reads);
        if (!totals)
            throw Error{Exit::data, "the database '" + layout.database() + "' is damaged: its " +
                                        "figures are missing"};
        ledger.set_totals(*totals);
        ledger.is_draining = is_draining(reads);
        packs_ = all_packs(reads);
        scrub_position_ = totals->scrubbed;
    }
    empty_temporary();
    trim_packs();
    settle_pending();
}

std::optional<Grant> Store::grant_of(const AccountId& owner) const
{
    auto grant = ledger.grant_of(owner);
    if (grant && grant->expiry_s != 0 && grant->expiry_s <= now_s()) grant.reset();
    return grant;
}

Usage Store::left_of(const ReadTransaction& reads, const AccountId& owner, const Grant& grant) const
{
    const Usage used = usage_of(reads, owner);
    return {.bytes = grant.size_max - std::min(grant.size_max, used.bytes),
            .entries = grant.objects_max - std::min(grant.objects_max, used.entries)};
}

void Store::empty_temporary()
{
    for (const std::string& name : list_directory(layout.temporary())) {
        std::string path = layout.temporary();
        erase_file(path.append("/").append(name));
    }
}

/// Pack files end where the last transaction says, and the newest whose end is right is appended
/// to.
void Store::trim_packs()
{
    open_pack_ = 0;
    for (const std::string& name : list_directory(layout.packs())) {
        const std::string path = layout.packs() + '/' + name;
        const auto number = parse_pack_name(name);
        const auto found = number ? packs_.find(*number) : packs_.end();
        if (found == packs_.end()) {
            erase_file(path);
            continue;
        }
        std::optional<File> file = open_kept_to_write(path);
        if (!file) continue;
        const std::uint64_t size = file->size();
        const std::uint64_t length = found->second.length;
        if (size > length) file->truncate(length);
        if (size >= length && length<pack_size_max&& * number> open_pack_) open_pack_ = *number;
    }
}

/// Files of announced roots: a shard that is here has one under its name, a damaged one is set
/// aside, and there is none of others.
void Store::settle_pending()
{
    for (;;) {
        const std::vector<ShardRoot> roots = roots_of(read(), table::pending, settled_at_once);
        if (roots.empty()) return;
        std::set<std::string> directories;
        for (const ShardRoot& root : roots) {
            const auto record = find_shard(read(), root);
            const bool is_damaged = record && record->state == ShardState::damaged;
            const bool is_file = record && !is_damaged && record->pack == 0;
            bool is_moved = false;
            if (is_damaged)
                is_moved = rename_file(layout.shard(root), layout.damaged(root));
            else
                is_moved = erase_file(layout.damaged(root));
            if (is_moved) directories.insert(layout.damaged());
            if (!is_file) is_moved = erase_file(layout.shard(root)) || is_moved;
            if (is_moved && is_directory(layout.shard_directory(root)))
                directories.insert(layout.shard_directory(root));
        }
        for (const std::string& directory : directories) sync_names(directory);
        Change change{*this};
        for (const ShardRoot& root : roots) change.settled(root);
        change.commit();
    }
}

/// Shards that readers found rotten are looked at again. They are set aside, unless only what is
/// known of their pieces was damaged, or the reading.
void Store::settle_rotten()
{
    const std::vector<ShardRoot> rotten = ledger.rotten();
    if (rotten.empty()) return;
    for (const ShardRoot& root : rotten) {
        Change change{*this};
        const auto record = find_shard(change.view(), root);
        if (!record || record->state == ShardState::damaged) continue;
        if (const auto tree = examine(root, *record))
            change.renew_pieces(*tree);
        else
            change.mark_damaged(root);
        change.commit();
    }
    settle_pending();
    for (const ShardRoot& root : rotten) ledger.remove_rotten(root);
}

void Store::settle()
{
    if (is_unsettled_) {
        trim_packs();
        settle_pending();
        is_unsettled_ = false;
    }
    settle_rotten();
}

} // namespace cairn::detail
