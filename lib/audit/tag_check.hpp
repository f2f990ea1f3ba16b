#pragma once

#include "audit/challenge.hpp"
#include "audit/detail/sector_sums.hpp"

// Whether all tags of a file are what its owner's key says, before anybody promises to prove it: an
// owner could else plant a bad tag, and blame who keeps it.

namespace cairn {

/// Adds up tags and blocks, each times a factor that nobody could foresee: with a bad one among
/// them the sum is right once in 2^128. Several of them, in threads, may check one file.
class TagCheck {
public:
    /// Needs a key that belongs to the audit key of the files; it must outlive this.
    TagCheck(const ProverKey& key, const AuditFileId& file);

    /// The next block and its tag; the last block of a file may end early. `factor` is 16 bytes
    /// from a source of chance.
    void add(std::uint64_t index, ByteView block, const G1& tag, ByteView factor);

    /// What the others have added.
    void add(TagCheck other);

    /// Whether all that were added are right.
    [[nodiscard]] bool is_right(const AuditKey& key);

private:
    void fold();

    const ProverKey* key_;
    AuditFileId file_;
    detail::SectorSums sums_;
    std::vector<AskedBlock> blocks_; // not yet in what follows
    std::vector<Scalar> factors_;    // of these
    std::vector<G1> tags_;
    G1 index_sum_;
    G1 tag_sum_;
};

} // namespace cairn
