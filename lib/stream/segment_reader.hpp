#pragma once

#include "erasure/segment.hpp"
#include "stream/shard_set.hpp"

#include <atomic>
#include <memory>
#include <vector>

namespace cairn {

/// Which files of a set were found to be damaged, gathered by several threads.
class DamageLog {
public:
    explicit DamageLog(const ShardSet& set);

    void add(const ShardFile& file) noexcept;
    [[nodiscard]] bool has(const ShardFile& file) const noexcept;

private:
    const ShardFile* first_;
    std::vector<std::atomic<bool>> damaged_;
};

/// One segment in memory, being read: k good shards of it, and what is rebuilt from them. One for
/// each thread.
class SegmentReader {
public:
    SegmentReader(const ShardSet& set, DamageLog& damage, RebuildCache& rebuilds);

    /// Reads k good shards, data shards first. Throws Error{data} when there are fewer.
    void read(std::uint64_t segment);

    /// Rebuilds the data shards that read() did not find, and checks their roots; the segment's
    /// bytes, without padding. Throws Error{data}.
    ByteView data();

    /// Rebuilds any shards after read(), into memory of their size, and checks their roots.
    void rebuild(const std::vector<unsigned>& wanted, std::span<const MutableByteView> shards);

private:
    bool read_shard(unsigned index, MutableByteView shard);
    void check_rebuilt(unsigned index, ByteView shard) const;

    const ShardSet* set_;
    DamageLog* damage_;
    RebuildCache* rebuilds_;
    std::size_t shard_size_max_;
    Buffer data_;
    std::vector<std::unique_ptr<Buffer>> parity_; // as many as were ever needed
    std::uint64_t segment_ = 0;
    std::size_t shard_size_ = 0;
    std::vector<Blake3Digest> roots_;
    std::vector<unsigned> present_;        // ascending
    std::vector<ByteView> present_shards_; // in that order
};

} // namespace cairn
