#pragma once

#include "base/error.hpp"
#include "erasure/segment.hpp"
#include "format/armor.hpp"

#include <memory>
#include <vector>

namespace cairn {

/// Good shards of one segment in memory, verified against their roots: any k of them, or the
/// pieces of the data shards that were asked for.
struct SegmentShards {
    /// A shard, or some of its pieces.
    struct Part {
        unsigned index = 0;
        std::uint64_t offset = 0; ///< of the data in the shard, bytes
        std::size_t size = 0;     ///< of the data, bytes
        Buffer data;

        [[nodiscard]] ByteView bytes() const { return data.bytes().first(size); }
    };

    std::uint64_t segment = 0;
    std::uint64_t length = 0; ///< of the segment, bytes
    Profile profile;
    std::vector<Blake3Digest> roots; ///< of all k+m shards
    std::vector<Part> parts;         ///< by index
    bool is_partial = false;         ///< only what was asked for of the data shards

    /// Bytes in memory.
    [[nodiscard]] std::uint64_t memory() const;

    /// Gives bytes first..last of the segment out, in order; what has to be rebuilt for it is
    /// rebuilt. Throws Error{data} when the roots contradict each other, and what the sink throws.
    void write(std::uint64_t first, std::uint64_t last, RebuildCache& rebuilds,
               const Sink& sink) const;

    /// Rebuilds shards, present or not, into memory of their size. Throws Error{data}.
    void rebuild(const std::vector<unsigned>& wanted, RebuildCache& rebuilds,
                 std::span<const MutableByteView> shards) const;
};

} // namespace cairn
