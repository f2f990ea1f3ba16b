#pragma once

#include "erasure/code.hpp"
#include "format/manifest.hpp"

#include <memory>
#include <vector>

namespace cairn {

/// Memory that is not cleared before its first use: buffers of many MiB.
class Buffer {
public:
    explicit Buffer(std::size_t size) : data_{new std::byte[size]}, size_{size} {}

    [[nodiscard]] MutableByteView bytes() noexcept { return {data_.get(), size_}; }
    [[nodiscard]] ByteView bytes() const noexcept { return {data_.get(), size_}; }

private:
    std::unique_ptr<std::byte[]> data_;
    std::size_t size_;
};

/// One segment in memory, being encoded: its data, padded with zeros, and its parity.
class SegmentEncoder {
public:
    explicit SegmentEncoder(const Profile& profile);

    /// Where the segment's bytes go before encode(): segment_size bytes.
    [[nodiscard]] MutableByteView input() noexcept;

    /// Makes the shards of the first `length` bytes of input(), which are at `offset` of the
    /// object; needs length > 0.
    void encode(const Code& code, std::size_t length, std::uint64_t offset);

    /// Of the last encode(): all k+m shards, their roots, and the hash of the input in parts, to
    /// be appended to the object's.
    [[nodiscard]] const std::vector<ByteView>& shards() const noexcept { return shards_; }
    [[nodiscard]] const std::vector<Blake3Digest>& roots() const noexcept { return roots_; }
    [[nodiscard]] const std::vector<Blake3Subtree>& content() const noexcept { return content_; }
    [[nodiscard]] std::size_t length() const noexcept { return length_; }

private:
    void hash_data(std::uint64_t offset, std::size_t size);

    Profile profile_;
    Buffer data_;
    Buffer parity_;
    std::size_t length_ = 0;
    std::vector<ByteView> shards_;
    std::vector<Blake3Digest> roots_;
    std::vector<Blake3Subtree> content_;
};

/// The parts in which an object's bytes are hashed as they pass: see blake3_subtree.
inline constexpr std::size_t content_part_size = 64 * 1024; // bytes

/// Hashes bytes at `offset` of an object in such parts. `offset` is a multiple of their size.
void append_content(std::vector<Blake3Subtree>& parts, ByteView bytes, std::uint64_t offset);

} // namespace cairn
