#include "base/error.hpp"
#include "os/directory.hpp"
#include "os/output.hpp"
#include "os/pipeline.hpp"
#include "stream/decode.hpp"
#include "stream/encode.hpp"
#include "stream/segment_reader.hpp"

#include <algorithm>

namespace cairn {
namespace {

/// The shard files to be made, without names yet.
struct Rebuilding {
    std::vector<unsigned> indices;
    std::vector<Output> files;
};

/// What is in the way and cannot be looked at is not ours to replace. Throws Error{noinput}.
void refuse_unreadable(const std::string& path)
{
    if (exists(path)) (void)Input::open_regular(path);
}

Rebuilding plan(const std::string& directory, const CheckResult& check)
{
    Rebuilding rebuilding;
    for (unsigned index = 0; index < check.whole.size(); ++index) {
        const std::string path = directory + '/' + shard_file_name(index);
        if (check.whole_paths.contains({index, path})) continue;
        refuse_unreadable(path);
        rebuilding.indices.push_back(index);
        rebuilding.files.push_back(Output::open(path, Output::Existing::replace));
    }
    return rebuilding;
}

void rebuild_segments(const ShardSet& set, Rebuilding& rebuilding, unsigned workers,
                      const Done& done)
{
    const ManifestHead& head = set.head();
    DamageLog damage{set};
    RebuildCache rebuilds{Code{{head.profile.k, head.profile.m}}};
    std::vector<SegmentReader> readers;
    const std::size_t size_max = shard_size(
        head.profile, std::min<std::uint64_t>(head.profile.segment_size, head.total_size));
    std::vector<std::vector<Buffer>> made(workers);
    for (unsigned i = 0; i < workers; ++i) {
        readers.emplace_back(set, damage, rebuilds);
        for (std::size_t j = 0; j < rebuilding.files.size(); ++j) made[i].emplace_back(size_max);
    }
    Pipeline{
        .read = [&](unsigned, std::uint64_t item) { return item < head.segments(); },
        .compute =
            [&](unsigned worker, std::uint64_t item) {
                const std::size_t size = shard_size(head.profile, head.segment_length(item));
                std::vector<MutableByteView> shards;
                for (Buffer& buffer : made[worker]) shards.push_back(buffer.bytes().first(size));
                readers[worker].read(item);
                readers[worker].rebuild(rebuilding.indices, shards);
                for (std::size_t j = 0; j < shards.size(); ++j)
                    rebuilding.files[j].write_at(shard_header_size + head.shard_offset(item),
                                                 shards[j]);
                if (done) done(head.segment_length(item));
            },
        .write = [](unsigned, std::uint64_t) {},
    }
        .run(workers);
}

void write_frame(const ShardSet& set, unsigned index, Output& file)
{
    const ManifestHead& head = set.head();
    file.write_at(0, to_bytes(ShardHeader{head.profile, index, set.manifest().id()}));
    std::uint64_t at = shard_header_size + head.shard_file_body_size();
    set.manifest().for_each_piece([&](ByteView piece) {
        file.write_at(at, piece);
        at += piece.size();
    });
    file.write_at(at, to_bytes(Trailer{head.manifest_size(), set.manifest().id()}));
}

bool is_foreign(const ShardSet& set, const std::string& path)
{
    if (path.ends_with(std::string{'/'} + manifest_file_name))
        return set.manifest_file() == ShardSet::ManifestFile::foreign;
    return std::ranges::any_of(set.files(), [&](const ShardFile& file) {
        return file.path == path && !file.index && file.is_of_another(set.manifest().id());
    });
}

/// A file of another object is not ours to destroy.
void move_aside(const std::string& path, RepairResult& result)
{
    std::string name = path + ".foreign";
    for (unsigned number = 2; exists(name); ++number)
        name = path + ".foreign" + std::to_string(number);
    rename_to_free_name(path, name);
    result.moved.push_back(name);
}

} // namespace

RepairResult repair_directory(const std::string& directory, const RepairOptions& options)
{
    if (!is_directory(directory))
        throw Error{Exit::noinput, "'" + directory + "' is not a directory"};
    const Fd lock = lock_directory(directory, options.wait_ms);
    const ShardSet set = ShardSet::open({directory}, options.id);
    const CheckResult check = check_set(set, options.workers, options.done);
    RepairResult result;
    result.faults = check.faults;

    Rebuilding rebuilding = plan(directory, check);
    if (!rebuilding.files.empty()) rebuild_segments(set, rebuilding, options.workers, options.done);
    for (std::size_t i = 0; i < rebuilding.files.size(); ++i)
        write_frame(set, rebuilding.indices[i], rebuilding.files[i]);
    if (set.manifest_file() != ShardSet::ManifestFile::good) {
        const std::string path = directory + '/' + manifest_file_name;
        refuse_unreadable(path);
        rebuilding.files.push_back(Output::open(path, Output::Existing::replace));
        set.manifest().for_each_piece(
            [&](ByteView piece) { rebuilding.files.back().write(piece); });
    }
    for (Output& file : rebuilding.files) file.sync();
    for (Output& file : rebuilding.files) {
        if (is_foreign(set, file.name())) move_aside(file.name(), result);
        file.publish();
        result.rebuilt.push_back(file.name());
    }
    sync_directory(directory);
    return result;
}

} // namespace cairn
