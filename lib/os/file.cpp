#include "os/file.hpp"

#include "os/detail/retry.hpp"
#include "os/errno.hpp"

#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace cairn {

using detail::retry;

namespace {

[[noreturn]] void throw_disk(const char* action, const std::string& name)
{
    const bool is_full = errno == ENOSPC || errno == EDQUOT;
    throw_errno(is_full ? Exit::tempfail : Exit::ioerr, action, name);
}

Fd open_existing(const std::string& path, int flags)
{
    Fd fd{retry([&] { return ::open(path.c_str(), flags | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW); })};
    if (!fd && errno == EACCES) throw_errno(Exit::noperm, "open", path);
    if (!fd && errno != ENOENT) throw_disk("open", path);
    return fd;
}

} // namespace

File File::create(const std::string& path)
{
    constexpr int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    constexpr mode_t mode = 0666;
    Fd fd{retry([&] { return ::open(path.c_str(), flags, mode); })};
    if (!fd) throw_disk("create", path);
    return {std::move(fd), path};
}

std::optional<File> File::open(const std::string& path)
{
    Fd fd = open_existing(path, O_RDONLY);
    if (!fd) return std::nullopt;
    return File{std::move(fd), path};
}

std::optional<File> File::open_to_write(const std::string& path)
{
    Fd fd = open_existing(path, O_RDWR);
    if (!fd) return std::nullopt;
    return File{std::move(fd), path};
}

std::uint64_t File::size() const
{
    struct stat status = {};
    if (::fstat(fd_.number(), &status) != 0) throw_disk("look at", name_);
    return static_cast<std::uint64_t>(status.st_size);
}

std::size_t File::read_at(std::uint64_t offset, MutableByteView buffer) const
{
    return pread_full(fd_.number(), buffer, offset, name_);
}

void File::write_at(std::uint64_t offset, ByteView data)
{
    while (!data.empty()) {
        const auto at = static_cast<off_t>(offset);
        const auto count =
            retry([&] { return ::pwrite(fd_.number(), data.data(), data.size(), at); });
        if (count == -1) throw_disk("write", name_);
        data = data.subspan(static_cast<std::size_t>(count));
        offset += static_cast<std::uint64_t>(count);
    }
}

void File::start_writeback(std::uint64_t offset, std::uint64_t size) const noexcept
{
    ::sync_file_range(fd_.number(), static_cast<off64_t>(offset), static_cast<off64_t>(size),
                      SYNC_FILE_RANGE_WRITE);
}

void File::truncate(std::uint64_t size)
{
    if (retry([&] { return ::ftruncate(fd_.number(), static_cast<off_t>(size)); }) != 0)
        throw_disk("truncate", name_);
}

void File::sync()
{
    if (retry([&] { return ::fdatasync(fd_.number()); }) != 0) throw_disk("sync", name_);
}

bool rename_file(const std::string& from, const std::string& to)
{
    if (::rename(from.c_str(), to.c_str()) == 0) return true;
    if (errno == ENOENT && ::access(from.c_str(), F_OK) != 0 && errno == ENOENT) return false;
    throw_disk("rename", from);
}

bool erase_file(const std::string& path)
{
    if (::unlink(path.c_str()) == 0) return true;
    if (errno == ENOENT) return false;
    throw_disk("remove", path);
}

void allocate_file(const std::string& path, std::uint64_t size)
{
    constexpr int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC;
    constexpr mode_t mode = 0666;
    const Fd fd{retry([&] { return ::open(path.c_str(), flags, mode); })};
    if (!fd) throw_disk("create", path);
    do errno = ::posix_fallocate(fd.number(), 0, static_cast<off_t>(size));
    while (errno == EINTR);
    if (errno != 0) throw_disk("enlarge", path);
}

bool create_directory(const std::string& path)
{
    constexpr mode_t mode = 0777;
    if (::mkdir(path.c_str(), mode) == 0) return true;
    if (errno == EEXIST) return false;
    throw_disk("create the directory", path);
}

bool erase_directory(const std::string& path)
{
    if (::rmdir(path.c_str()) == 0) return true;
    if (errno == ENOENT) return false;
    throw_disk("remove", path);
}

void sync_names(const std::string& directory)
{
    const Fd fd = open_existing(directory, O_RDONLY | O_DIRECTORY);
    if (!fd) throw_disk("open", directory);
    if (retry([&] { return ::fsync(fd.number()); }) != 0) throw_disk("sync", directory);
}

std::uint64_t free_space(const std::string& path)
{
    struct statvfs status = {};
    if (retry([&] { return ::statvfs(path.c_str(), &status); }) != 0)
        throw_errno(Exit::ioerr, "look at the file system of", path);
    return std::uint64_t{status.f_bavail} * status.f_frsize;
}

} // namespace cairn
