#pragma once

#include "audit/proof.hpp"
#include "audit/signed_key.hpp"
#include "audit/tag_file.hpp"
#include "base/entropy.hpp"
#include "os/input.hpp"
#include "stream/age_stream.hpp"

#include <string>
#include <vector>

namespace cairn {

/// What a tag file begins with. Throws Error{data}, naming the file.
TagHeader read_tag_header(Input& tags);

/// A shard and its tag file, of any size, of which only what is asked for is read.
class StoredShard {
public:
    /// Throws Error{noinput}, and Error{data} when the tag file is malformed or not of the size
    /// that it says, or the shard is not of that size. The signature is not checked.
    StoredShard(Input shard, Input tags);

    [[nodiscard]] const TagHeader& header() const noexcept { return header_; }
    [[nodiscard]] const std::string& name() const noexcept { return shard_.name(); }

    /// A block; only the last one is shorter. A shard that is no file is read from front to back,
    /// so indices must ascend. Throws Error{data} when the shard ends early, Error{ioerr}.
    void read_block(std::uint64_t index, Bytes& block);

    /// When all blocks were read: throws Error{data} when a shard that is no file has more.
    void require_end();

    /// Whether blocks can be read again.
    [[nodiscard]] bool is_file() const noexcept { return shard_.size().has_value(); }

    /// Throws Error{data} when it is not a point of the group.
    [[nodiscard]] G1 tag(std::uint64_t index) const;

    /// Reads all tags; whether the owner's signature is right.
    [[nodiscard]] bool is_signed() const;

private:
    Input shard_;
    Input tags_;
    TagHeader header_;
    std::uint64_t at_ = 0; // bytes that were read of what is no file
};

/// The proof that a statement is true of shards, which are those of its files, in that order.
/// Throws what StoredShard throws.
[[nodiscard]] StorageProof prove_storage(const StorageStatement& statement, const ProverKey& key,
                                         std::span<StoredShard* const> shards);

/// Which of the shards that are files, alone, do not prove what is asked of them: they or their
/// tags are damaged.
[[nodiscard]] std::vector<std::size_t> find_damaged(const StorageStatement& statement,
                                                    const ProverKey& key,
                                                    std::span<StoredShard* const> shards);

struct TagCheckOptions {
    unsigned workers = 1;
    Done done{}; ///< counts bytes of the shard
};

/// Whether a shard has its root, and all of its tags are right for a key, see TagCheck. Throws what
/// StoredShard throws.
[[nodiscard]] bool are_tags_right(StoredShard& shard, const SignedProverKey& key, Entropy& entropy,
                                  const TagCheckOptions& options);

} // namespace cairn
