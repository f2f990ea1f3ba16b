#include "os/partial_file.hpp"

#include "os/detail/retry.hpp"
#include "os/errno.hpp"
#include "os/output.hpp"

#include <cerrno>
#include <cstdio>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cairn {

using detail::retry;

namespace {

constexpr std::uint64_t writeback_size = std::uint64_t{4} << 20U; // bytes, as in Output

[[noreturn]] void throw_exists(const std::string& path)
{
    throw Error{Exit::cantcreat, "'" + path + "' exists already", "choose another name, or use -f"};
}

} // namespace

std::string PartialFile::name_of_part(const std::string& path)
{
    return path + ".cairn-part";
}

PartialFile::PartialFile(const std::string& path) : path_{path}, part_path_{name_of_part(path)}
{
    struct stat status = {};
    if (::lstat(path.c_str(), &status) == 0) throw_exists(path);
    constexpr int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    constexpr mode_t mode = 0666;
    fd_ = Fd{retry([&] { return ::open(part_path_.c_str(), flags, mode); })};
    if (!fd_) throw_errno(Exit::cantcreat, "create", part_path_);
    lock();
}

void PartialFile::lock()
{
    struct stat ours = {};
    struct stat named = {};
    if (::fstat(fd_.number(), &ours) != 0) throw_errno(Exit::cantcreat, "look at", part_path_);
    const bool is_locked = ::flock(fd_.number(), LOCK_EX | LOCK_NB) == 0;
    const bool is_refused = !is_locked && errno == EWOULDBLOCK;
    // The one who had the lock may have given the file its name in the meantime.
    const bool is_there = ::lstat(part_path_.c_str(), &named) == 0 && named.st_ino == ours.st_ino;
    if (!S_ISREG(ours.st_mode) || is_refused || !is_there) {
        if (!S_ISREG(ours.st_mode))
            throw Error{Exit::cantcreat, "'" + part_path_ + "' is in the way and not a file"};
        throw Error{Exit::tempfail, "another process is making '" + path_ + "'"};
    }
    size_ = handed_over_ = static_cast<std::uint64_t>(ours.st_size);
}

PartialFile::~PartialFile()
{
    if (!is_committed_ && fd_ && (has_failed_ || size_ == 0)) ::unlink(part_path_.c_str());
}

std::size_t PartialFile::read_at(std::uint64_t offset, MutableByteView buffer) const
{
    return pread_full(fd_.number(), buffer, offset, part_path_);
}

void PartialFile::truncate(std::uint64_t size)
{
    if (retry([&] { return ::ftruncate(fd_.number(), static_cast<off_t>(size)); }) != 0)
        throw_errno(Exit::ioerr, "shorten", part_path_);
    size_ = handed_over_ = size;
}

void PartialFile::write(ByteView data)
{
    has_failed_ = true;
    pwrite_all(fd_.number(), data, size_, path_);
    has_failed_ = false;
    size_ += data.size();
    if (size_ - handed_over_ < writeback_size) return;
    ::sync_file_range(fd_.number(), static_cast<off64_t>(handed_over_),
                      static_cast<off64_t>(size_ - handed_over_), SYNC_FILE_RANGE_WRITE);
    handed_over_ = size_;
}

void PartialFile::commit()
{
    has_failed_ = true;
    if (retry([&] { return ::fsync(fd_.number()); }) != 0) throw_errno(Exit::ioerr, "sync", path_);
    has_failed_ = false;
    if (::renameat2(AT_FDCWD, part_path_.c_str(), AT_FDCWD, path_.c_str(), RENAME_NOREPLACE) != 0) {
        if (errno == EEXIST) throw_exists(path_);
        // Not every file system knows how: a link does not replace anything either.
        if (::link(part_path_.c_str(), path_.c_str()) != 0) {
            if (errno == EEXIST) throw_exists(path_);
            throw_errno(Exit::cantcreat, "create", path_);
        }
        ::unlink(part_path_.c_str());
    }
    is_committed_ = true;
    sync_directory(directory_of(path_));
}

} // namespace cairn
