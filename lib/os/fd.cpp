#include "os/fd.hpp"

#include "os/detail/retry.hpp"
#include "os/errno.hpp"

#include <algorithm>
#include <array>

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

namespace cairn {

using detail::retry;

namespace {

// One call moves at most this much, so that a pipe's two ends work at the same time.
constexpr std::size_t io_size_max = 260 * 1024; // bytes: 256 KiB and the tags of its chunks

[[noreturn]] void throw_read(const std::string& name)
{
    throw_errno(errno == EISDIR || errno == EBADF ? Exit::noinput : Exit::ioerr, "read", name);
}

} // namespace

Fd::~Fd()
{
    if (number_ > STDERR_FILENO) ::close(number_);
}

bool is_open(int fd) noexcept
{
    return ::fcntl(fd, F_GETFD) != -1;
}

Fd open_to_write(const std::string& path)
{
    constexpr mode_t owner_only = 0600;
    constexpr int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;
    Fd fd{retry([&] { return ::open(path.c_str(), flags, owner_only); })};
    if (!fd) throw_errno(Exit::cantcreat, "write", path);
    return fd;
}

std::size_t read_full(int fd, MutableByteView buffer, const std::string& name)
{
    std::size_t filled = 0;
    while (filled < buffer.size()) {
        const auto rest = buffer.subspan(filled, std::min(buffer.size() - filled, io_size_max));
        const auto count = retry([&] { return ::read(fd, rest.data(), rest.size()); });
        if (count == -1) throw_read(name);
        if (count == 0) break;
        filled += static_cast<std::size_t>(count);
    }
    return filled;
}

std::size_t read_some(int fd, MutableByteView buffer, const std::string& name)
{
    const auto count = retry([&] { return ::read(fd, buffer.data(), buffer.size()); });
    if (count == -1) throw_read(name);
    return static_cast<std::size_t>(count);
}

std::size_t pread_full(int fd, MutableByteView buffer, std::uint64_t offset,
                       const std::string& name)
{
    std::size_t filled = 0;
    while (filled < buffer.size()) {
        const auto rest = buffer.subspan(filled);
        const auto at = static_cast<off_t>(offset + filled);
        const auto count = retry([&] { return ::pread(fd, rest.data(), rest.size(), at); });
        if (count == -1) throw_read(name);
        if (count == 0) break;
        filled += static_cast<std::size_t>(count);
    }
    return filled;
}

void write_all(int fd, ByteView data, const std::string& name)
{
    while (!data.empty()) {
        const std::size_t size = std::min(data.size(), io_size_max);
        const auto count = retry([&] { return ::write(fd, data.data(), size); });
        if (count == -1) throw_errno(Exit::ioerr, "write", name);
        data = data.subspan(static_cast<std::size_t>(count));
    }
}

void pwrite_all(int fd, ByteView data, std::uint64_t offset, const std::string& name)
{
    while (!data.empty()) {
        const auto at = static_cast<off_t>(offset);
        const auto count = retry([&] { return ::pwrite(fd, data.data(), data.size(), at); });
        if (count == -1) throw_errno(Exit::ioerr, "write", name);
        data = data.subspan(static_cast<std::size_t>(count));
        offset += static_cast<std::uint64_t>(count);
    }
}

void writev_all(int fd, std::span<const ByteView> parts, const std::string& name)
{
    constexpr std::size_t parts_max = 64; // of one call
    std::size_t skip = 0;                 // bytes of the first part that are written already
    while (!parts.empty()) {
        std::array<iovec, parts_max> list{};
        const std::size_t count = std::min(parts.size(), parts_max);
        for (std::size_t i = 0; i < count; ++i) {
            const ByteView part = i == 0 ? parts[i].subspan(skip) : parts[i];
            list[i] = {const_cast<std::byte*>(part.data()), part.size()};
        }
        const auto written =
            retry([&] { return ::writev(fd, list.data(), static_cast<int>(count)); });
        if (written == -1) throw_errno(Exit::ioerr, "write", name);
        skip += static_cast<std::size_t>(written);
        while (!parts.empty() && skip >= parts.front().size()) {
            skip -= parts.front().size();
            parts = parts.subspan(1);
        }
    }
}

void enlarge_pipe(int fd) noexcept
{
    constexpr int pipe_size = 1024 * 1024; // bytes
    const int error = errno;
    ::fcntl(fd, F_SETPIPE_SZ, pipe_size); // fails on all but pipes: no harm
    errno = error;
}

} // namespace cairn
