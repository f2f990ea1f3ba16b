#include "depot/detail/arrival.hpp"
#include "depot/detail/change.hpp"
#include "os/parallel.hpp"

#include <algorithm>
#include <set>

// How complete uploads become durable, several in one go. After a crash at any point, a shard's
// file is either known to the database or announced in it; the ends of packs that it does not know
// are cut off.

namespace cairn::detail {
namespace {

/// A disk takes as many syncs for the price of few when they come together.
constexpr std::size_t sync_threads = 8;

} // namespace

class Commit {
public:
    Commit(Store& store, std::span<Arrival* const> arrivals) : store_{&store}, arrivals_{arrivals}
    {
    }

    std::vector<std::uint64_t> run(std::uint64_t time_s)
    {
        find_new();
        announce();
        name_files();
        return record(time_s);
    }

private:
    /// A shard that is not here yet, and what has it.
    struct New {
        Arrival* arrival = nullptr;
        Part* part = nullptr;
    };

    void find_new();
    void announce();
    void name_files();
    void add_packed(Change& change);
    std::vector<std::uint64_t> record(std::uint64_t time_s);

    Store* store_;
    std::span<Arrival* const> arrivals_;
    std::map<ShardRoot, New> files_;
    std::map<ShardRoot, New> packed_;
};

void Commit::find_new()
{
    const ReadTransaction reads = store_->read();
    for (Arrival* const arrival : arrivals_)
        for (Part& part : arrival->parts()) {
            const ShardRoot& root = part.item.root;
            const auto record = find_shard(reads, root);
            if (record && record->state != ShardState::damaged) continue;
            (part.file ? files_ : packed_).try_emplace(root, New{arrival, &part});
        }
}

void Commit::announce()
{
    if (files_.empty()) return;
    Change change{*store_};
    for (const auto& [root, shard] : files_) change.announce(root);
    change.commit();
}

/// The files are synced; now they get their names.
void Commit::name_files()
{
    const Layout& layout = store_->layout;
    std::set<std::string> directories;
    bool is_new = false;
    for (const auto& [root, shard] : files_)
        if (directories.insert(layout.shard_directory(root)).second)
            is_new = create_directory(layout.shard_directory(root)) || is_new;
    if (is_new) sync_names(layout.shards());
    for (const auto& [root, shard] : files_) {
        if (!rename_file(shard.part->file->name(), layout.shard(root)))
            throw Error{Exit::data, "'" + shard.part->file->name() + "' is missing"};
        shard.part->file.reset();
    }
    const std::vector<std::string> named{directories.begin(), directories.end()};
    in_parallel(named.size(), sync_threads,
                [&](std::size_t i) { store_->guard([&] { sync_names(named[i]); }); });
}

void Commit::add_packed(Change& change)
{
    std::vector<Packed> shards;
    for (const auto& [root, shard] : packed_)
        shards.push_back({shard.part->item, [from = shard](MutableByteView bytes) {
                              from.arrival->spool().read(from.part->offset, bytes);
                          }});
    const std::vector<PackPlace> places = store_->append_packed(change, shards);
    for (std::size_t i = 0; i < places.size(); ++i) change.add_shard(shards[i].item, places[i], {});
}

std::vector<std::uint64_t> Commit::record(std::uint64_t time_s)
{
    Change change{*store_};
    add_packed(change);
    for (const auto& [root, shard] : files_)
        change.add_shard(shard.part->item, std::nullopt, shard.part->pieces);
    std::vector<std::uint64_t> serials;
    for (Arrival* const arrival : arrivals_) {
        std::uint64_t first = 0;
        for (const Part& part : arrival->parts()) {
            const std::uint64_t serial = change.add_entry(arrival->owner(), arrival->kind(),
                                                          {part.item, time_s, arrival->expiry_s()});
            if (first == 0) first = serial;
            change.add_notes(part.item.root, part.notes);
        }
        serials.push_back(first);
    }
    change.commit();
    return serials;
}

std::vector<std::uint64_t> Store::commit(std::span<Arrival* const> arrivals, std::uint64_t time_s)
{
    // Nobody else knows these files yet, so others may change the store meanwhile.
    std::vector<File*> files;
    for (Arrival* const arrival : arrivals)
        for (Part& part : arrival->parts())
            if (part.file) files.push_back(&*part.file);
    in_parallel(files.size(), sync_threads,
                [&](std::size_t i) { guard([&] { files[i]->sync(); }); });
    return change([&] {
        std::vector<std::uint64_t> serials = Commit{*this, arrivals}.run(time_s);
        for (Arrival* const arrival : arrivals) arrival->release();
        return serials;
    });
}

} // namespace cairn::detail
