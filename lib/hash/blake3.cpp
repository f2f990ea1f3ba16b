#include "hash/blake3.hpp"

#include "hash/detail/blake3_tree.hpp"

#include <algorithm>
#include <bit>
#include <cassert>

// The hasher keeps its last node open, because only the end of the input shows whether that node is
// the root. Everything left of it is a stack of complete subtrees, one for each bit set in the
// number of their chunks (5.1.2).

namespace cairn {

using namespace detail;

namespace {

Blake3Mode mode_of(const Blake3Code* code, const std::array<std::uint32_t, 8>& key,
                   std::uint8_t flags)
{
    return {.code = code, .key = key, .flags = flags};
}

// The largest subtree that may begin at byte `offset` and has at most `size_max` bytes, at least a
// chunk.
std::uint64_t subtree_size(std::uint64_t offset, std::uint64_t size_max)
{
    const std::uint64_t size = std::bit_floor(size_max);
    return offset == 0 ? size : std::min(size, offset & (~offset + 1));
}

} // namespace

Blake3Chaining Blake3Subtree::chaining() const
{
    return blake3_chaining(blake3_code(), top);
}

Blake3Subtree blake3_subtree(ByteView part, std::uint64_t offset)
{
    assert(!part.empty());
    assert(offset % std::max(std::bit_ceil(part.size()), blake3_chunk_size) == 0);
    return {.top = blake3_part_node({}, part, offset / blake3_chunk_size),
            .offset = offset,
            .size = part.size()};
}

Blake3::Blake3() : Blake3{blake3_iv, 0} {}

Blake3::Blake3(const std::array<std::uint32_t, 8>& key, std::uint8_t flags)
    : code_{&blake3_code()},
      key_{key},
      flags_{flags}
{
}

Blake3 Blake3::keyed(std::span<const std::byte, 32> key)
{
    return {blake3_words(key), blake3_keyed_hash};
}

Blake3 Blake3::derive_key(std::string_view context)
{
    Blake3 hasher{blake3_iv, blake3_derive_key_context};
    hasher.update(as_bytes(context));
    return {blake3_words(hasher.digest().bytes), blake3_derive_key_material};
}

void Blake3::update(ByteView data, unsigned threads)
{
    if (data.empty()) return;
    if (last_size_ > 0 || chunk_size_ == chunk_.size()) settle();
    if (chunk_size_ > 0) {
        const ByteView head = data.first(std::min(data.size(), chunk_.size() - chunk_size_));
        std::ranges::copy(head, chunk_.begin() + static_cast<std::ptrdiff_t>(chunk_size_));
        chunk_size_ += head.size();
        size_ += head.size();
        data = data.subspan(head.size());
        if (data.empty()) return;
        settle();
    }
    const Blake3Mode mode = mode_of(code_, key_, flags_);
    while (data.size() > blake3_chunk_size) {
        if (last_size_ > 0) settle();
        last_size_ = subtree_size(size_, data.size());
        last_ = blake3_part_node(mode, data.first(last_size_), size_ / blake3_chunk_size, threads);
        size_ += last_size_;
        data = data.subspan(last_size_);
    }
    if (data.empty()) return;
    if (last_size_ > 0) settle();
    std::ranges::copy(data, chunk_.begin());
    chunk_size_ = data.size();
    size_ += data.size();
}

void Blake3::append(const Blake3Subtree& part)
{
    assert(flags_ == 0 && part.size > 0);
    settle();
    assert(chunk_size_ == 0 && part.offset == size_);
    last_ = part.top;
    last_size_ = part.size;
    size_ += part.size;
}

// Closes the last node; called when more is to come, which makes it an inner node.
void Blake3::settle()
{
    if (last_size_ > 0) {
        push(last_, last_size_);
        last_size_ = 0;
    } else if (chunk_size_ == chunk_.size()) {
        push(blake3_chunk_node(mode_of(code_, key_, flags_), chunk_, size_ / chunk_.size() - 1),
             chunk_.size());
        chunk_size_ = 0;
    }
}

void Blake3::push(const Blake3Node& node, std::uint64_t node_size)
{
    // Else it was the last part of a stream, and nothing may follow.
    assert(node_size >= blake3_chunk_size && std::has_single_bit(node_size));
    const Blake3Mode mode = mode_of(code_, key_, flags_);
    Blake3Chaining chaining = blake3_chaining(*code_, node);
    for (std::uint64_t subtrees = size_ / node_size; subtrees % 2 == 0; subtrees /= 2)
        chaining = blake3_chaining(*code_, blake3_parent_node(mode, {stack_[--depth_]}, chaining));
    stack_[depth_++] = chaining.bytes;
}

Blake3Node Blake3::root() const
{
    const Blake3Mode mode = mode_of(code_, key_, flags_);
    const std::uint64_t chunk_counter = (size_ - chunk_size_) / chunk_.size();
    Blake3Node node = last_size_ > 0 ? last_
                                     : blake3_chunk_node(mode, ByteView{chunk_}.first(chunk_size_),
                                                         chunk_counter);
    for (std::size_t i = depth_; i-- > 0;)
        node = blake3_parent_node(mode, {stack_[i]}, blake3_chaining(*code_, node));
    return node;
}

Blake3Digest Blake3::digest() const
{
    return blake3_root_digest(*code_, root());
}

void Blake3::extend(MutableByteView out, std::uint64_t offset) const
{
    Blake3Node node = root();
    node.flags |= blake3_root;
    node.counter = offset / blake3_block_size;
    auto skip = static_cast<std::size_t>(offset % blake3_block_size);
    while (!out.empty()) {
        std::array<std::byte, blake3_block_size> block{};
        code_->compress(node, block.data());
        const std::size_t count = std::min(out.size(), block.size() - skip);
        std::ranges::copy(ByteView{block}.subspan(skip, count), out.begin());
        out = out.subspan(count);
        skip = 0;
        ++node.counter;
    }
}

void Blake3::use(Blake3Kernel kernel)
{
    code_ = &blake3_code(kernel);
}

Blake3Digest blake3(ByteView data, unsigned threads)
{
    Blake3 hasher;
    hasher.update(data, threads);
    return hasher.digest();
}

} // namespace cairn
