#pragma once

#include "base/bytes.hpp"

#include <string>
#include <utility>

namespace cairn {

/// Owns a file descriptor; -1 is none. Standard descriptors are never closed.
class Fd {
public:
    Fd() = default;
    explicit Fd(int number) noexcept : number_{number} {}
    Fd(Fd&& other) noexcept : number_{std::exchange(other.number_, -1)} {}
    Fd& operator=(Fd&& other) noexcept
    {
        std::swap(number_, other.number_);
        return *this;
    }
    Fd(const Fd&) = delete;
    Fd& operator=(const Fd&) = delete;
    ~Fd();

    [[nodiscard]] int number() const noexcept { return number_; }
    explicit operator bool() const noexcept { return number_ >= 0; }

private:
    int number_ = -1;
};

/// Whether there is a descriptor of that number.
bool is_open(int fd) noexcept;

/// Opens a file or device for writing; makes the file, for this user alone, where there is none,
/// and empties it where there is one. Throws Error{cantcreat}.
Fd open_to_write(const std::string& path);

// Reading and writing whole buffers. All throw Error{ioerr}, naming `name`.

/// Fills `buffer` as far as the input reaches; returns the number of bytes read.
std::size_t read_full(int fd, MutableByteView buffer, const std::string& name);

/// As much as there is: waits for the first byte only; 0 at the end. Throws Error{ioerr}.
std::size_t read_some(int fd, MutableByteView buffer, const std::string& name);

/// As read_full from a position of a file.
std::size_t pread_full(int fd, MutableByteView buffer, std::uint64_t offset,
                       const std::string& name);

void write_all(int fd, ByteView data, const std::string& name);

void pwrite_all(int fd, ByteView data, std::uint64_t offset, const std::string& name);

/// Writes the parts one after another, in few system calls.
void writev_all(int fd, std::span<const ByteView> parts, const std::string& name);

/// Makes a pipe hold 1 MiB, which is worth a factor of three in speed; no error if it cannot be.
void enlarge_pipe(int fd) noexcept;

} // namespace cairn
