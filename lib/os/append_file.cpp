#include "os/append_file.hpp"

#include "base/text.hpp"
#include "os/detail/retry.hpp"
#include "os/errno.hpp"
#include "os/output.hpp"

#include <cerrno>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cairn {

using detail::retry;

namespace {
constexpr mode_t owner_only = 0600;
}

AppendFile AppendFile::open(const std::string& path)
{
    constexpr int flags = O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    Fd fd{retry([&] { return ::open(path.c_str(), flags, owner_only); })};
    if (!fd) throw_errno(Exit::cantcreat, "open", path);
    if (retry([&] { return ::flock(fd.number(), LOCK_EX | LOCK_NB); }) != 0) {
        if (errno != EWOULDBLOCK) throw_errno(Exit::ioerr, "lock", path);
        throw Error{Exit::tempfail, "'" + path + "' is locked by another process"};
    }
    struct stat status = {};
    if (::fstat(fd.number(), &status) != 0) throw_errno(Exit::cantcreat, "look at", path);
    if (!S_ISREG(status.st_mode))
        throw Error{Exit::cantcreat, "'" + path + "' is not a regular file"};
    if (status.st_uid != ::geteuid() || (status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        throw Error{Exit::noperm, "'" + path + "' can be read or changed by others than its owner",
                    "chmod 600 " + shell_quote(path)};
    // Who had the lock may have removed the file in the meantime.
    if (status.st_nlink == 0)
        throw Error{Exit::tempfail, "'" + path + "' is being removed by another process"};
    AppendFile file{std::move(fd), path};
    file.size_ = static_cast<std::uint64_t>(status.st_size);
    if (file.size_ == 0) sync_directory(directory_of(path));
    return file;
}

std::size_t AppendFile::read_at(std::uint64_t offset, MutableByteView buffer) const
{
    return pread_full(fd_.number(), buffer, offset, path_);
}

void AppendFile::truncate(std::uint64_t size)
{
    if (retry([&] { return ::ftruncate(fd_.number(), static_cast<off_t>(size)); }) != 0)
        throw_errno(Exit::ioerr, "truncate", path_);
    size_ = size;
}

void AppendFile::append(std::span<const ByteView> parts)
{
    writev_all(fd_.number(), parts, path_);
    for (const ByteView part : parts) size_ += part.size();
}

void AppendFile::sync()
{
    if (retry([&] { return ::fdatasync(fd_.number()); }) != 0)
        throw_errno(Exit::ioerr, "sync", path_);
}

void AppendFile::remove() noexcept
{
    ::unlink(path_.c_str());
}

} // namespace cairn
