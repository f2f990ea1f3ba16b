#pragma once

#include "os/fd.hpp"

#include <optional>
#include <string>

namespace cairn {

/// Which file it is and when it was last changed: as long as this is equal, nothing was written to
/// it, by people's clocks.
struct FileState {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::uint64_t size = 0;        ///< bytes
    std::uint64_t modified_ns = 0; ///< since 1970
    std::uint32_t mode = 0;        ///< permissions, at most 07777

    friend bool operator==(const FileState&, const FileState&) = default;
};

/// A file or standard input, read from front to back or, if it is a file, at any place.
class Input {
public:
    /// "-" is standard input. Throws Error{noinput}.
    static Input open(const std::string& path);

    /// A regular file, without waiting for whoever may be behind other kinds. Throws
    /// Error{noinput}.
    static Input open_regular(const std::string& path);

    /// The same as open(), with standard input where there is no path. Throws Error{usage} when
    /// that is a terminal: a tool that waits for data nobody announced looks dead.
    static Input open_operand(const std::optional<std::string>& path);

    /// Fills `buffer` as far as the input reaches; returns the number of bytes read.
    std::size_t read(MutableByteView buffer) { return read_full(fd_.number(), buffer, name_); }

    /// As much as there is: waits for the first byte only; 0 at the end.
    std::size_t read_some(MutableByteView buffer)
    {
        return cairn::read_some(fd_.number(), buffer, name_);
    }

    /// As read() from a place of a file, see size().
    [[nodiscard]] std::size_t read_at(std::uint64_t offset, MutableByteView buffer) const
    {
        return pread_full(fd_.number(), buffer, offset, name_);
    }

    /// The bytes of a regular file; none for pipes, terminals and devices.
    [[nodiscard]] std::optional<std::uint64_t> size() const noexcept { return size_; }

    /// Of a regular file, as it is now; none for others.
    [[nodiscard]] std::optional<FileState> state() const;

    [[nodiscard]] int descriptor() const noexcept { return fd_.number(); }
    [[nodiscard]] const std::string& name() const noexcept { return name_; }

private:
    Input(Fd fd, std::string name);

    Fd fd_;
    std::string name_;
    std::optional<std::uint64_t> size_;
};

/// All of a small file. Throws Error{data} when it is larger than `size_max` bytes.
Bytes read_small_file(const std::string& path, std::size_t size_max);

/// The same; none where there is no file of that name. "-" is standard input.
std::optional<Bytes> read_if_there(const std::string& path, std::size_t size_max);

enum class SecretReaders {
    owner,  ///< the owner alone may read the file
    group,  ///< its group too
    anyone, ///< whoever may: it need not hold a secret
};

/// Reads a file of secrets into `buffer`, returns its size; "-" and "fd:N" read from descriptors.
/// Throws Error{noperm} when others than its owner may read the file, Error{data} when it does not
/// fit the buffer.
std::size_t read_secret_file(const std::string& path, MutableByteView buffer,
                             SecretReaders readers = SecretReaders::owner);

} // namespace cairn
