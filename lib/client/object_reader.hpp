#pragma once

#include "client/read_options.hpp"
#include "client/segment_shards.hpp"
#include "client/session.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace cairn {

/// The largest shard that is read without a manifest: manifests and objects in whole copies.
inline constexpr std::size_t small_shard_max = 1024 * 1024; // bytes

/// An object as it is stored, so encrypted bytes where it is encrypted, read from providers that
/// may be dead, slow or lying: as long as k good shards of each segment can be had, every byte is
/// right, whatever the others do. Needs no key.
class ObjectReader {
public:
    /// Finds the object's manifest, or all of an object in whole copies. Throws Error{no} when no
    /// provider has it, Error{unavail} when some did not answer, Error{data} when it is damaged
    /// everywhere. `session` must live longer.
    ObjectReader(Session& session, LinkKind kind, const ObjectId& id, ReadOptions options = {});
    ObjectReader(const ObjectReader&) = delete;
    ObjectReader& operator=(const ObjectReader&) = delete;
    ~ObjectReader();

    /// Of an object in whole copies: k = 1, m = 0 and one segment.
    [[nodiscard]] const ManifestHead& head() const noexcept;

    /// The object that the manifest is, where it is nested; null where it is not. Shares all with
    /// this one, which must live longer and not read at the same time.
    [[nodiscard]] std::unique_ptr<ObjectReader> manifest();

    /// The bytes that were hashed to the object's id: the manifest, or the object itself.
    [[nodiscard]] ByteView root_bytes() const noexcept;

    /// The roots of the shards of `count` segments. Throws what read() throws: of a nested
    /// manifest they are read from the network.
    [[nodiscard]] std::vector<Blake3Digest> roots(std::uint64_t first, std::uint64_t count);

    /// Gives bytes first..last of the object to the sink, in order; `last` beyond the end means the
    /// end. Throws Error{unavail} or Error{data} at a segment that has fewer than k good shards,
    /// after what is before it was given out, and what the sink throws.
    void read(std::uint64_t first, std::uint64_t last, const Sink& sink);

    /// Gives k shards of each of the segments first..last, both included, in order; from another
    /// thread unless ReadOptions::threads is 0. Throws what read() throws.
    void read_segments(std::uint64_t first, std::uint64_t last,
                       const std::function<void(const SegmentShards&)>& take);

    /// What providers did wrong so far.
    [[nodiscard]] const std::vector<ProviderFault>& faults() const noexcept;

private:
    struct Impl;
    explicit ObjectReader(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

} // namespace cairn
