#pragma once

#include "stream/age_stream.hpp"
#include "stream/shard_set.hpp"

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace cairn {

/// Bytes first .. last of an object, both included; `last` beyond the end means the end.
struct ByteRange {
    std::uint64_t first = 0;
    std::uint64_t last = UINT64_MAX;
};

/// The part of `bytes`, which are at `offset` of an object, that a range asks for.
ByteView part_in_range(ByteView bytes, std::uint64_t offset, const ByteRange& range);

/// "A-B" or "A-". Throws Error{usage}.
ByteRange parse_byte_range(const std::string& text);

/// What is wrong with a shard file, or a missing one.
struct ShardFault {
    std::string path; ///< of a missing file: the name it should have
    std::string what; ///< "is damaged", "is missing", "is of another object", "cannot be read"
};

struct DecodeOptions {
    unsigned workers = 1;
    std::optional<ByteRange> range{};
};

/// Writes the object, or a range of it, in order; every byte is part of a shard whose root is in
/// the manifest. Returns what was found to be wrong on the way: only as many shards are read as are
/// needed. Throws Error{data} when a segment has fewer than k good shards, after the segments
/// before it are written, or when the whole is not what the manifest says.
std::vector<ShardFault> decode_set(const ShardSet& set, const Sink& sink,
                                   const DecodeOptions& options, const Done& done = {});

struct StreamDecodeOptions {
    unsigned workers = 1;
    std::optional<ByteRange> range{};
    std::optional<ObjectId> id{};
    std::string temporary_directory = "/tmp"; ///< for roots above 16 MiB
};

/// Writes the object in a shard stream, each segment when its shards have the roots that their
/// frames say. Whether the manifest agrees, and whether the object is that of `id`, is known at the
/// stream's end: with an id, the sink must not show what it got before this returns. Throws
/// Error{data}. Returns what was found to be wrong.
std::vector<ShardFault> decode_stream(const Source& source, const Sink& sink,
                                      const StreamDecodeOptions& options, const Done& done = {});

/// The object in a shard stream, for one who asks for its bytes.
class ShardStreamReader {
public:
    /// Reads the stream's header; roots above 16 MiB go to the directory. Throws Error{data}.
    ShardStreamReader(Source source, const std::string& temporary_directory);
    ShardStreamReader(const ShardStreamReader&) = delete;
    ShardStreamReader& operator=(const ShardStreamReader&) = delete;
    ~ShardStreamReader();

    [[nodiscard]] const Profile& profile() const noexcept;

    /// Fills the buffer, less only at the end of the object. Throws Error{data} for what
    /// decode_stream refuses; the end is one only where the manifest agrees.
    std::size_t read(MutableByteView buffer);

    /// After the end: of what object the stream says that it is, and what was found to be wrong.
    [[nodiscard]] const ObjectId& id() const noexcept;
    [[nodiscard]] std::vector<ShardFault> faults() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

enum class SetHealth {
    good,    ///< every shard file is there and whole, the manifest file of a directory too
    damaged, ///< some are not, but everything can be rebuilt
    unrecoverable,
};

struct CheckResult {
    SetHealth health = SetHealth::good;
    std::vector<ShardFault> faults;
    std::vector<bool> whole; ///< for each index, whether there is a perfect file
    std::set<std::pair<unsigned, std::string>> whole_paths; ///< all perfect files
};

/// Reads every byte of every file.
CheckResult check_set(const ShardSet& set, unsigned workers, const Done& done = {});

struct RepairOptions {
    std::optional<ObjectId> id = std::nullopt;
    unsigned workers = 1;
    std::uint64_t wait_ms = 0; ///< for another process that repairs the directory
    Done done{};
};

struct RepairResult {
    std::vector<ShardFault> faults;
    std::vector<std::string> rebuilt; ///< paths of files that are new or replaced
    std::vector<std::string> moved;   ///< new names of files of other objects that stood in the way
};

/// Rebuilds the missing and damaged files of a directory, byte for byte. A file of another object
/// under a name that is needed is kept under NAME.foreign. Throws Error{data} when a segment has
/// fewer than k good shards, Error{tempfail} when another process repairs the directory,
/// Error{noinput} when what stands in the way cannot be read.
RepairResult repair_directory(const std::string& directory, const RepairOptions& options);

} // namespace cairn
