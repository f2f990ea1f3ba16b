#include "os/direct_file.hpp"

#include "os/detail/retry.hpp"
#include "os/errno.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cairn {

using detail::retry;

namespace {

constexpr std::size_t transfer_max = 4UL * 1024 * 1024; // bytes in one call

/// The same file once more, with other flags: it has no name that others could not change.
Fd open_again(int fd, int flags)
{
    const std::string path = "/proc/self/fd/" + std::to_string(fd);
    return Fd{retry([&] { return ::open(path.c_str(), flags | O_CLOEXEC); })};
}

} // namespace

AlignedBuffer::AlignedBuffer(std::size_t size) : size_{size}
{
    constexpr std::size_t page = 2UL * 1024 * 1024; // a large one
    const std::size_t unit = size < page ? alignment : page;
    const std::size_t rounded = (size + unit - 1) / unit * unit;
    auto* const memory = static_cast<std::byte*>(std::aligned_alloc(unit, rounded));
    if (memory == nullptr)
        throw Error{Exit::oserr, "no memory for a buffer of " + std::to_string(size) + " bytes"};
    data_.reset(memory);
    if (size >= page) ::madvise(memory, rounded, MADV_HUGEPAGE); // a wish
}

void AlignedBuffer::Free::operator()(std::byte* data) const noexcept
{
    std::free(data); // NOLINT(cppcoreguidelines-no-malloc): aligned_alloc has no other end
}

DirectFile::DirectFile(Fd cached, std::string name)
    : cached_{std::move(cached)},
      name_{std::move(name)}
{
    const int mode = ::fcntl(cached_.number(), F_GETFL) & O_ACCMODE;
    direct_ = open_again(cached_.number(), mode | O_DIRECT);
    if (!direct_) reason_ = "the file system has no direct access";
}

DirectFile DirectFile::open(const std::string& path)
{
    Fd fd{retry([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); })};
    if (!fd) throw_errno(Exit::noinput, "open", path);
    struct stat status = {};
    if (::fstat(fd.number(), &status) != 0) throw_errno(Exit::noinput, "look at", path);
    if (!S_ISREG(status.st_mode))
        throw Error{Exit::noinput, "'" + path + "' is not a regular file"};
    return {std::move(fd), path};
}

DirectFile DirectFile::open_to_write(const std::string& path)
{
    constexpr int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC;
    constexpr mode_t mode = 0644;
    Fd fd{retry([&] { return ::open(path.c_str(), flags, mode); })};
    if (!fd) throw_errno(Exit::cantcreat, "create", path);
    return {std::move(fd), path};
}

std::uint64_t DirectFile::size() const
{
    struct stat status = {};
    if (::fstat(cached_.number(), &status) != 0) throw_errno(Exit::ioerr, "look at", name_);
    return static_cast<std::uint64_t>(status.st_size);
}

bool DirectFile::is_same(const DirectFile& other) const
{
    struct stat own = {};
    struct stat its = {};
    if (::fstat(cached_.number(), &own) != 0 || ::fstat(other.cached_.number(), &its) != 0)
        return false;
    return own.st_dev == its.st_dev && own.st_ino == its.st_ino;
}

bool DirectFile::allocate(std::uint64_t size)
{
    const auto length = static_cast<off_t>(size);
    if (retry([&] { return ::fallocate(cached_.number(), 0, 0, length); }) == 0) return true;
    if (errno != EOPNOTSUPP && errno != ENOSYS) throw_errno(Exit::ioerr, "reserve room for", name_);
    if (retry([&] { return ::ftruncate(cached_.number(), length); }) != 0)
        throw_errno(Exit::ioerr, "set the size of", name_);
    return false;
}

bool DirectFile::is_direct(std::uint64_t offset, ByteView memory) const noexcept
{
    constexpr std::uint64_t rest = AlignedBuffer::alignment - 1;
    return direct_ && ((offset | memory.size()) & rest) == 0 &&
           (reinterpret_cast<std::uintptr_t>(memory.data()) & rest) == 0;
}

void DirectFile::read_at(std::uint64_t offset, MutableByteView buffer) const
{
    const Fd& fd = is_direct(offset, buffer) ? direct_ : cached_;
    while (!buffer.empty()) {
        const std::size_t size = std::min(buffer.size(), transfer_max);
        const auto at = static_cast<off_t>(offset);
        const auto count = retry([&] { return ::pread(fd.number(), buffer.data(), size, at); });
        if (count == -1) throw_errno(Exit::ioerr, "read", name_);
        if (count == 0) throw Error{Exit::data, "'" + name_ + "' ends too early"};
        buffer = buffer.subspan(static_cast<std::size_t>(count));
        offset += static_cast<std::uint64_t>(count);
    }
}

void DirectFile::write_at(std::uint64_t offset, ByteView data)
{
    const Fd& fd = is_direct(offset, data) ? direct_ : cached_;
    while (!data.empty()) {
        const std::size_t size = std::min(data.size(), transfer_max);
        const auto at = static_cast<off_t>(offset);
        const auto count = retry([&] { return ::pwrite(fd.number(), data.data(), size, at); });
        if (count == -1) throw_errno(Exit::ioerr, "write", name_);
        data = data.subspan(static_cast<std::size_t>(count));
        offset += static_cast<std::uint64_t>(count);
    }
}

void DirectFile::sync()
{
    if (retry([&] { return ::fdatasync(cached_.number()); }) != 0)
        throw_errno(Exit::ioerr, "sync", name_);
}

} // namespace cairn
