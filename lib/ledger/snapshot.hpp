#pragma once

#include "format/frame.hpp"
#include "ledger/block.hpp"
#include "ledger/state_tree.hpp"

// All that the state has after a block, as a stream: a head, then chunks of the keys whose paths
// begin alike, in order, cairn-state(5). Each chunk is a part of the state's tree, and is checked
// by itself against the root that is in the block's header.

namespace cairn {

inline constexpr unsigned snapshot_bits_max = 16; // of a prefix

/// No more bits are used than it takes for chunks to have at most so many bytes of entries.
inline constexpr std::size_t snapshot_chunk_size = 4UL * 1024 * 1024;

/// No chunk is larger. Paths are hashes: with the most bits, that is enough for a state of 2^39
/// bytes and more.
inline constexpr std::size_t snapshot_chunk_size_max = 16UL * 1024 * 1024; // bytes
inline constexpr std::size_t snapshot_entries_max = 1'048'576;             // of a chunk

inline constexpr std::size_t snapshot_head_size_max = header_size_max + seal_size_max + 64; // bytes

struct SnapshotHead {
    SealedHeader block;    ///< after which the state is; its seal is for those who know the engine
    std::uint8_t bits = 0; ///< of the prefixes: there are 2^bits chunks
    std::uint64_t values = 0;

    [[nodiscard]] std::uint32_t chunks() const { return std::uint32_t{1} << bits; }

    friend bool operator==(const SnapshotHead&, const SnapshotHead&) = default;
};

struct SnapshotEntry {
    StateKey key;
    Bytes value;

    friend bool operator==(const SnapshotEntry&, const SnapshotEntry&) = default;
};

/// All that a state has whose paths begin with the bits of a number.
struct SnapshotChunk {
    std::uint16_t prefix = 0;
    std::vector<MerkleHash> beside;     ///< as in TreeProof, and at most as many as there are bits
    std::optional<ProvenLeaf> other;    ///< without entries: the leaf that is alone there
    std::vector<SnapshotEntry> entries; ///< in the order of their paths

    friend bool operator==(const SnapshotChunk&, const SnapshotChunk&) = default;
};

Bytes to_bytes(const SnapshotHead& head);
Bytes to_bytes(const SnapshotChunk& chunk);

/// Both throw Error{data} unless the bytes are what to_bytes writes, whether the chunk is one of a
/// state or not.
SnapshotHead parse_snapshot_head(ByteView bytes);
SnapshotChunk parse_snapshot_chunk(ByteView bytes);

/// What is wrong with a chunk of a snapshot, whichever it is; none where it has all that the state
/// has with its prefix, and nothing else. Needs entries in order, as they were read. Whether the
/// block is one of a chain is for others to say.
[[nodiscard]] std::optional<std::string> check_chunk(const SnapshotHead& head,
                                                     const SnapshotChunk& chunk);

/// Whether a stream that begins like this is a snapshot.
[[nodiscard]] bool is_snapshot(ByteView front);

/// Reads a snapshot in the memory of a chunk, and checks each one. Throws Error{data} for what is
/// none, or not a whole one.
class SnapshotReader {
public:
    /// Reads the head.
    explicit SnapshotReader(ReadBytes read);

    [[nodiscard]] const SnapshotHead& head() const { return head_; }

    /// The next chunk; none when all of them came, and nothing else.
    [[nodiscard]] std::optional<SnapshotChunk> next();

private:
    ReadBytes read_;
    SnapshotHead head_;
    std::uint32_t chunks_ = 0; // that came
    std::uint64_t values_ = 0; // in them
};

/// A state and its tree, of which a snapshot is made.
struct SnapshotSource {
    const NodeReader* nodes = nullptr;
    ValueHashes value_of;

    /// Shows all keys and values in the order of their paths, the same ones each time.
    std::function<void(const std::function<void(const StateKey&, ByteView)>&)> visit;
};

/// Writes the state after a block, in the memory of a chunk, and returns the head. `chunk_size` is
/// there for tests. Throws Error{data} when the state is not that of the block, or when it is
/// malformed; what was written then is no snapshot.
SnapshotHead write_snapshot(SealedHeader block, const SnapshotSource& state,
                            const std::function<void(ByteView)>& write,
                            std::size_t chunk_size = snapshot_chunk_size);

} // namespace cairn
