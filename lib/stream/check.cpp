#include "os/pipeline.hpp"
#include "stream/decode.hpp"
#include "stream/encode.hpp"
#include "stream/shard_faults.hpp"

#include <algorithm>
#include <atomic>

// What is wrong with a set of shard files.

namespace cairn {
namespace {

/// How many shards of each segment are good, in any of the files; fewer than k is the end.
class GoodShards {
public:
    explicit GoodShards(const ShardSet& set, DamageLog& damage) : set_{&set}, damage_{&damage} {}

    /// Whether the segment can be rebuilt. Reads all its shards in all files.
    bool count(std::uint64_t segment, Bytes& shard)
    {
        const ManifestHead& head = set_->head();
        const std::vector<Blake3Digest> roots = set_->manifest().roots(segment);
        shard.resize(shard_size(head.profile, head.segment_length(segment)));
        unsigned good = 0;
        for (unsigned index = 0; index < head.profile.shards(); ++index) {
            bool is_good = false;
            for (const ShardFile* file : set_->holders(index)) {
                if (file->read_body(head.shard_offset(segment), shard) &&
                    blake3(shard) == roots[index])
                    is_good = true;
                else
                    damage_->add(*file);
            }
            good += is_good ? 1 : 0;
        }
        return good >= head.profile.k;
    }

private:
    const ShardSet* set_;
    DamageLog* damage_;
};

/// Whether the parts around the shards are to the byte what they must be.
bool is_framed_well(const ShardFile& file, const ShardSet& set)
{
    const std::uint64_t tail = shard_header_size + set.head().shard_file_body_size();
    return file.index && file.header && file.header->index == *file.index && file.trailer &&
           file.trailer->id == set.manifest().id() &&
           file.size == tail + file.trailer->manifest_size + trailer_size;
}

/// An undamaged end of it names another set, and no end ours: no fault of this one.
bool is_foreign(const ShardFile& file, const ShardSet& set)
{
    return !file.index && file.is_of_another(set.manifest().id());
}

/// Whether a file of that name has its own fault: nothing of it tells that it is the shard.
bool has_remains(const ShardSet& set, const std::string& name)
{
    return std::ranges::any_of(set.files(), [&](const ShardFile& file) {
        return !file.index && !is_foreign(file, set) &&
               (file.path == name || file.path.ends_with('/' + name));
    });
}

} // namespace

std::vector<ShardFault> list_faults(const ShardSet& set, const DamageLog& damage)
{
    std::vector<ShardFault> faults;
    std::vector<bool> is_there(set.head().profile.shards());
    for (const ShardFile& file : set.files()) {
        if (file.index) is_there[*file.index] = true;
        if (!file.input)
            faults.push_back({file.path, "cannot be read"});
        else if (is_foreign(file, set))
            faults.push_back({file.path, "is of another object"});
        else if (damage.has(file) || !is_framed_well(file, set))
            faults.push_back({file.path, "is damaged"});
    }
    for (unsigned index = 0; index < is_there.size(); ++index)
        if (!is_there[index] && !has_remains(set, shard_file_name(index)))
            faults.push_back({shard_file_name(index), "is missing"});
    switch (set.manifest_file()) {
    case ShardSet::ManifestFile::none:
    case ShardSet::ManifestFile::good:
        break;
    case ShardSet::ManifestFile::missing:
        faults.push_back({manifest_file_name, "is missing"});
        break;
    case ShardSet::ManifestFile::damaged:
        faults.push_back({manifest_file_name, "is damaged"});
        break;
    case ShardSet::ManifestFile::foreign:
        faults.push_back({manifest_file_name, "is of another object"});
        break;
    }
    return faults;
}

CheckResult check_set(const ShardSet& set, unsigned workers, const Done& done)
{
    const ManifestHead& head = set.head();
    DamageLog damage{set};
    GoodShards good{set, damage};
    std::vector<Bytes> buffers(workers);
    std::atomic<bool> is_recoverable = true;
    Pipeline{
        .read = [&](unsigned, std::uint64_t item) { return item < head.segments(); },
        .compute =
            [&](unsigned worker, std::uint64_t item) {
                if (!good.count(item, buffers[worker])) is_recoverable = false;
                if (done) done(head.segment_length(item));
            },
        .write = [](unsigned, std::uint64_t) {},
    }
        .run(workers);

    CheckResult result;
    result.faults = list_faults(set, damage);
    result.whole.resize(head.profile.shards());
    bool is_good = set.manifest_file() == ShardSet::ManifestFile::none ||
                   set.manifest_file() == ShardSet::ManifestFile::good;
    for (const ShardFile& file : set.files()) {
        if (is_framed_well(file, set) && !damage.has(file)) {
            result.whole[*file.index] = true;
            result.whole_paths.insert({*file.index, file.path});
        } else if (!is_foreign(file, set)) {
            is_good = false;
        }
    }
    is_good = is_good && std::ranges::count(result.whole, false) == 0;
    if (!is_recoverable)
        result.health = SetHealth::unrecoverable;
    else if (!is_good)
        result.health = SetHealth::damaged;
    return result;
}

} // namespace cairn
