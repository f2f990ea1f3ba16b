#pragma once

#include "os/fd.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace cairn {

/// A file that only grows, for this user alone: what must be known after a crash. Another process
/// that opens it while we have it gets Error{tempfail}. Throws Error{cantcreat} when it cannot be
/// opened, Error{noperm} when others may read or change it, Error{ioerr} when a step fails.
class AppendFile {
public:
    /// Opens or makes it; the name of a new one is durable.
    static AppendFile open(const std::string& path);

    /// Bytes so far.
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

    /// Fills `buffer` from a place as far as the file reaches; returns the number of bytes read.
    [[nodiscard]] std::size_t read_at(std::uint64_t offset, MutableByteView buffer) const;

    /// Drops what is behind `size` bytes, such as the rest of a write that a crash cut.
    void truncate(std::uint64_t size);

    /// Writes the parts behind what there is. They are durable after sync().
    void append(std::span<const ByteView> parts);
    void sync();

    /// Takes the file's name away; what is open stays usable.
    void remove() noexcept;

private:
    AppendFile(Fd fd, std::string path) : fd_{std::move(fd)}, path_{std::move(path)} {}

    Fd fd_;
    std::string path_;
    std::uint64_t size_ = 0;
};

} // namespace cairn
