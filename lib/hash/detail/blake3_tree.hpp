#pragma once

#include "hash/detail/blake3_kernel.hpp"

// The tree over the chunks (2.1): the left child of every parent is the largest complete tree that
// leaves something for the right one.

namespace cairn::detail {

/// The key words and mode flags of one hash; plain hashing by default.
struct Blake3Mode {
    const Blake3Code* code = &blake3_code();
    std::array<std::uint32_t, 8> key = blake3_iv;
    std::uint8_t flags = 0;
};

std::array<std::uint32_t, 8> blake3_words(std::span<const std::byte, 32> bytes);

/// The deferred compression of a parent.
Blake3Node blake3_parent_node(const Blake3Mode& mode, const Blake3Chaining& left,
                              const Blake3Chaining& right);

/// The deferred last compression of the chunk with number `counter`. Needs chunk.size() <= 1024;
/// empty only as the whole input.
Blake3Node blake3_chunk_node(const Blake3Mode& mode, ByteView chunk, std::uint64_t counter);

/// The deferred top of the tree over `part`, whose first chunk has number `counter`. Needs bytes.
/// At most `threads` threads work on it.
Blake3Node blake3_part_node(const Blake3Mode& mode, ByteView part, std::uint64_t counter,
                            unsigned threads = 1);

/// The chaining value of a node that is not the root.
Blake3Chaining blake3_chaining(const Blake3Code& code, const Blake3Node& node);

/// The digest whose root is `node`.
Blake3Digest blake3_root_digest(const Blake3Code& code, const Blake3Node& node);

/// Goes one level up, in place: pairs become their parents, an odd last value stays as it is.
/// Returns the new count; the rest of `values` is left over.
std::size_t blake3_join_pairs(const Blake3Mode& mode, std::span<Blake3Chaining> values);

} // namespace cairn::detail
