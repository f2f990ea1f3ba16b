#pragma once

#include "base/bytes.hpp"

#include <functional>
#include <optional>

// Things one after the other in a stream, each behind a frame that tells how large it is and
// whether it is whole, cairn-chain(5): BE32 size, the first 8 bytes of the BLAKE3 of its bytes.

namespace cairn {

inline constexpr std::size_t frame_head_size = 12; // bytes

/// What stands before something of these bytes.
[[nodiscard]] Bytes frame_head(ByteView content);

/// The size of what follows. Throws Error{data} when no `what` is so large. Needs frame_head_size
/// bytes.
[[nodiscard]] std::size_t framed_size(ByteView head, std::size_t size_max, const char* what);

/// Whether the bytes are those that the head is of.
[[nodiscard]] bool is_framed(ByteView head, ByteView content);

/// Fills a buffer as far as the input reaches, and returns the number of bytes.
using ReadBytes = std::function<std::size_t(MutableByteView)>;

/// The next of a stream; none at its end. Throws Error{data} for what is no `what`, or ends within
/// one.
[[nodiscard]] std::optional<Bytes> read_framed(const ReadBytes& read, std::size_t size_max,
                                               const char* what);

} // namespace cairn
