#pragma once

#include "erasure/segment.hpp"
#include "format/armor.hpp"
#include "stream/spool.hpp"

#include <string>

namespace cairn {

/// Makes an object's manifest from its segments, which come in order; the roots wait in a spool.
class ManifestBuilder {
public:
    /// `directory` is for roots above Spool::memory_max.
    ManifestBuilder(const Profile& profile, const std::string& directory,
                    ManifestKind kind = ManifestKind::object);

    /// What of a segment goes into the manifest.
    struct Part {
        std::size_t length = 0; ///< bytes
        std::vector<Blake3Digest> roots;
        std::vector<Blake3Subtree> content;
    };
    void append(const Part& part);
    void append(const SegmentEncoder& segment);

    /// Call it when all segments are appended; write() and id() are valid then.
    void finish();

    void write(const Sink& sink) const;

    /// Fills `out` from a place of the manifest. Needs offset + out.size() <= its size.
    void read_at(std::uint64_t offset, MutableByteView out) const;

    [[nodiscard]] const ManifestHead& head() const noexcept { return head_; }
    [[nodiscard]] const ObjectId& id() const noexcept { return id_; }

private:
    void append(std::size_t length, std::span<const Blake3Digest> roots,
                std::span<const Blake3Subtree> content);

    Bytes prefix_;
    ManifestHead head_;
    Blake3 content_;
    Spool roots_;
    ObjectId id_;
};

} // namespace cairn
