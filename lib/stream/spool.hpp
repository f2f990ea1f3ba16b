#pragma once

#include "base/bytes.hpp"
#include "os/fd.hpp"

#include <string>

namespace cairn {

/// Bytes to be read again later: in memory while they are few, then in a file without a name.
class Spool {
public:
    static constexpr std::size_t memory_max = 16 * 1024 * 1024; // bytes

    /// `directory` holds the file, if there must be one.
    explicit Spool(std::string directory) : directory_{std::move(directory)} {}

    /// Throws Error{ioerr}, Error{cantcreat}.
    void append(ByteView bytes);

    /// Needs offset + out.size() <= size().
    void read_at(std::uint64_t offset, MutableByteView out) const;

    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

private:
    std::string directory_;
    Bytes memory_;
    Fd file_;
    std::uint64_t size_ = 0;
};

} // namespace cairn
