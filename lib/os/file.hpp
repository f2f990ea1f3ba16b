#pragma once

#include "os/fd.hpp"

#include <optional>
#include <string>

namespace cairn {

/// A file that is written and read at any place, for whoever keeps files: what has no room on the
/// disk is told apart from a disk that fails. Throws Error{tempfail} for the first, Error{ioerr}
/// for the second.
class File {
public:
    /// Makes a new file; nothing of that name may be there.
    static File create(const std::string& path);

    /// None when there is no such file. Throws also Error{noperm} when the file is another's.
    static std::optional<File> open(const std::string& path);
    static std::optional<File> open_to_write(const std::string& path);

    [[nodiscard]] std::uint64_t size() const;

    /// Fills `buffer` as far as the file reaches; returns the number of bytes read.
    [[nodiscard]] std::size_t read_at(std::uint64_t offset, MutableByteView buffer) const;

    void write_at(std::uint64_t offset, ByteView data);

    /// Has the disk begin with what was written there: a hint.
    void start_writeback(std::uint64_t offset, std::uint64_t size) const noexcept;

    /// Cuts the file off.
    void truncate(std::uint64_t size);

    /// The bytes reach the disk, and the size.
    void sync();

    [[nodiscard]] const std::string& name() const noexcept { return name_; }

private:
    File(Fd fd, std::string name) : fd_{std::move(fd)}, name_{std::move(name)} {}

    Fd fd_;
    std::string name_;
};

/// Gives a file another name; a file of that name is replaced. False when there is no such file.
/// Throws as File.
bool rename_file(const std::string& from, const std::string& to);

/// Removes a file's name; false when there is none. Throws as File.
bool erase_file(const std::string& path);

/// Gives a file, which is made if there is none, at least so many bytes, with room for them on the
/// disk: whoever writes to it by memory dies without. Throws as File.
void allocate_file(const std::string& path, std::uint64_t size);

/// Makes a directory; false when there is one. Its name is durable after sync_names(). Throws as
/// File.
bool create_directory(const std::string& path);

/// Removes an empty directory; false when there is none. Throws as File.
bool erase_directory(const std::string& path);

/// Names made and removed in a directory reach the disk. Throws as File.
void sync_names(const std::string& directory);

/// Bytes that are free for this user on the file system of `path`. Throws Error{ioerr}.
std::uint64_t free_space(const std::string& path);

} // namespace cairn
