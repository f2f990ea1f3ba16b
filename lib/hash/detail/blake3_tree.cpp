#include "hash/detail/blake3_tree.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cassert>
#include <cstring>
#include <system_error>
#include <thread>
#include <vector>

namespace cairn::detail {
namespace {

// Chunks hashed before their parents: enough to fill the lanes on most levels above them, and
// little enough for the chaining values to stay in the nearest cache.
constexpr std::size_t group_chunks = 256;
constexpr std::size_t group_size = group_chunks * blake3_chunk_size; // bytes

// Below this a thread costs more than it saves.
constexpr std::size_t shared_size_min = std::size_t{2} << 20U; // bytes
constexpr std::size_t shares = 64;
static_assert(shared_size_min % (shares * blake3_chunk_size) == 0);

// Up to the two children of the top.
Blake3Node top_of(const Blake3Mode& mode, std::span<Blake3Chaining> values)
{
    while (values.size() > 2) values = values.first(blake3_join_pairs(mode, values));
    return blake3_parent_node(mode, values[0], values[1]);
}

Blake3Node group_node(const Blake3Mode& mode, ByteView part, std::uint64_t counter)
{
    std::array<Blake3Chaining, group_chunks> values;
    const std::size_t full = part.size() / blake3_chunk_size;
    mode.code->hash({.input = part.data(),
                     .out = values[0].bytes.data(),
                     .count = full,
                     .blocks = blake3_chunk_size / blake3_block_size,
                     .key = mode.key.data(),
                     .counter = counter,
                     .step = 1,
                     .flags = mode.flags,
                     .flags_first = blake3_chunk_start,
                     .flags_last = blake3_chunk_end});
    std::size_t count = full;
    if (const ByteView rest = part.subspan(full * blake3_chunk_size); !rest.empty())
        values[count++] =
            blake3_chaining(*mode.code, blake3_chunk_node(mode, rest, counter + full));
    return top_of(mode, std::span{values}.first(count));
}

// `part` is a power of two: cut into equal shares, which any thread takes next.
Blake3Node shared_node(const Blake3Mode& mode, ByteView part, std::uint64_t counter,
                       unsigned threads)
{
    std::array<Blake3Chaining, shares> values;
    const std::size_t share_size = part.size() / shares;
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
        for (std::size_t i = next++; i < shares; i = next++)
            values[i] = blake3_chaining(
                *mode.code, blake3_part_node(mode, part.subspan(i * share_size, share_size),
                                             counter + i * (share_size / blake3_chunk_size)));
    };
    {
        std::vector<std::jthread> helpers;
        helpers.reserve(threads - 1);
        try {
            while (helpers.size() + 1 < std::min<std::size_t>(threads, shares))
                helpers.emplace_back(work);
        } catch (const std::system_error&) {
            // No more threads to be had: those that run, this one at least, do all the work.
        }
        work();
    }
    return top_of(mode, values);
}

} // namespace

std::array<std::uint32_t, 8> blake3_words(std::span<const std::byte, 32> bytes)
{
    std::array<std::uint32_t, 8> words{};
    std::memcpy(words.data(), bytes.data(), bytes.size());
    if constexpr (std::endian::native == std::endian::big)
        for (std::uint32_t& word : words) word = __builtin_bswap32(word);
    return words;
}

Blake3Node blake3_parent_node(const Blake3Mode& mode, const Blake3Chaining& left,
                              const Blake3Chaining& right)
{
    Blake3Node node{.chaining = mode.key,
                    .block_size = blake3_block_size,
                    .flags = static_cast<std::uint8_t>(mode.flags | blake3_parent)};
    std::ranges::copy(left.bytes, node.block.begin());
    std::ranges::copy(right.bytes, node.block.begin() + Blake3Chaining::size);
    return node;
}

Blake3Node blake3_chunk_node(const Blake3Mode& mode, ByteView chunk, std::uint64_t counter)
{
    assert(chunk.size() <= blake3_chunk_size);
    Blake3Node node{.chaining = mode.key, .counter = counter};
    const std::size_t before = chunk.empty() ? 0 : (chunk.size() - 1) / blake3_block_size;
    if (before > 0) {
        std::array<std::byte, 32> chaining{};
        mode.code->hash({.input = chunk.data(),
                         .out = chaining.data(),
                         .count = 1,
                         .blocks = before,
                         .key = mode.key.data(),
                         .counter = counter,
                         .step = 1,
                         .flags = mode.flags,
                         .flags_first = blake3_chunk_start,
                         .flags_last = 0});
        node.chaining = blake3_words(chaining);
    }
    const ByteView last = chunk.subspan(before * blake3_block_size);
    std::ranges::copy(last, node.block.begin());
    node.block_size = static_cast<std::uint8_t>(last.size());
    node.flags = mode.flags | blake3_chunk_end;
    if (before == 0) node.flags |= blake3_chunk_start;
    return node;
}

Blake3Node blake3_part_node(const Blake3Mode& mode, ByteView part, std::uint64_t counter,
                            unsigned threads)
{
    assert(!part.empty());
    if (part.size() <= blake3_chunk_size) return blake3_chunk_node(mode, part, counter);
    if (part.size() <= group_size) return group_node(mode, part, counter);
    if (threads > 1 && part.size() >= shared_size_min && std::has_single_bit(part.size()))
        return shared_node(mode, part, counter, threads);

    const std::size_t left_size = std::bit_ceil(part.size()) / 2;
    const Blake3Node left = blake3_part_node(mode, part.first(left_size), counter, threads);
    const Blake3Node right = blake3_part_node(mode, part.subspan(left_size),
                                              counter + left_size / blake3_chunk_size, threads);
    return blake3_parent_node(mode, blake3_chaining(*mode.code, left),
                              blake3_chaining(*mode.code, right));
}

Blake3Chaining blake3_chaining(const Blake3Code& code, const Blake3Node& node)
{
    std::array<std::byte, 64> out{};
    code.compress(node, out.data());
    Blake3Chaining chaining;
    std::copy_n(out.begin(), Blake3Chaining::size, chaining.bytes.begin());
    return chaining;
}

Blake3Digest blake3_root_digest(const Blake3Code& code, const Blake3Node& node)
{
    Blake3Node root = node;
    root.counter = 0;
    root.flags |= blake3_root;
    return {blake3_chaining(code, root).bytes};
}

std::size_t blake3_join_pairs(const Blake3Mode& mode, std::span<Blake3Chaining> values)
{
    static_assert(sizeof(Blake3Chaining) == Blake3Chaining::size);
    if (values.empty()) return 0;
    const std::size_t pairs = values.size() / 2;
    mode.code->hash({.input = values[0].bytes.data(),
                     .out = values[0].bytes.data(),
                     .count = pairs,
                     .blocks = 1,
                     .key = mode.key.data(),
                     .counter = 0,
                     .step = 0,
                     .flags = static_cast<std::uint32_t>(mode.flags | blake3_parent),
                     .flags_first = 0,
                     .flags_last = 0});
    if (values.size() % 2 == 0) return pairs;
    values[pairs] = values.back();
    return pairs + 1;
}

} // namespace cairn::detail
