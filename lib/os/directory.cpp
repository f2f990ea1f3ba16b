#include "os/directory.hpp"

#include "base/text.hpp"
#include "os/clock.hpp"
#include "os/detail/retry.hpp"
#include "os/errno.hpp"
#include "os/output.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <memory>

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cairn {

namespace {

/// " by process 812", as the kernel's list of locks tells; nothing if it does not.
std::string holder_of_lock(const Fd& fd)
{
    struct stat status = {};
    const Fd list{::open("/proc/locks", O_RDONLY | O_CLOEXEC)};
    if (!list || ::fstat(fd.number(), &status) != 0) return {};
    Bytes bytes(1024 * 1024);
    bytes.resize(read_full(list.number(), bytes, "/proc/locks"));
    // 1: FLOCK  ADVISORY  WRITE 812 fe:00:1234567 0 EOF
    const std::string_view text = as_text(bytes);
    const std::size_t inode = text.find(':' + std::to_string(status.st_ino) + " 0 EOF");
    const std::size_t device = inode == text.npos ? inode : text.rfind(' ', inode);
    const std::size_t process = device == text.npos ? device : text.rfind(' ', device - 1);
    if (process == text.npos) return {};
    return " by process " + std::string{text.substr(process + 1, device - process - 1)};
}

} // namespace

bool make_directory(const std::string& path)
{
    if (::mkdir(path.c_str(), 0777) == 0) {
        sync_directory(directory_of(path));
        return true;
    }
    if (errno == EEXIST && is_directory(path)) return false;
    throw_errno(Exit::cantcreat, "create the directory", path);
}

void make_private_directory(const std::string& path)
{
    constexpr mode_t owner_only = 0700;
    constexpr mode_t writable_by_others = 0022;
    for (std::size_t at = 0; at < path.size();) {
        at = std::min(path.find('/', at + 1), path.size());
        const std::string part = path.substr(0, at);
        if (::mkdir(part.c_str(), owner_only) == 0)
            sync_directory(directory_of(part));
        else if (!is_directory(part))
            throw_errno(Exit::cantcreat, "create the directory", part);
    }
    struct stat status = {};
    if (::stat(path.c_str(), &status) != 0) throw_errno(Exit::cantcreat, "open", path);
    if (status.st_uid != ::geteuid() || (status.st_mode & writable_by_others) != 0)
        throw Error{Exit::noperm, "the directory '" + path + "' can be changed by others",
                    "chmod 700 " + shell_quote(path)};
}

bool is_directory(const std::string& path) noexcept
{
    struct stat status = {};
    return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

bool exists(const std::string& path) noexcept
{
    struct stat status = {};
    return ::lstat(path.c_str(), &status) == 0;
}

std::string absolute_path(const std::string& path)
{
    if (path.starts_with('/')) return path;
    std::array<char, PATH_MAX> here{};
    if (::getcwd(here.data(), here.size()) == nullptr)
        throw_errno(Exit::noinput, "find", "the current directory");
    return std::string{here.data()} + '/' + path;
}

std::vector<std::string> list_directory(const std::string& path)
{
    struct Close {
        void operator()(DIR* directory) const noexcept { ::closedir(directory); }
    };
    std::unique_ptr<DIR, Close> directory;
    do directory.reset(::opendir(path.c_str()));
    while (!directory && errno == EINTR);
    if (!directory) throw_errno(Exit::noinput, "open the directory", path);
    std::vector<std::string> names;
    for (;;) {
        errno = 0;
        // NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread has this DIR
        const dirent* const entry = ::readdir(directory.get());
        if (entry == nullptr) break;
        const std::string name = entry->d_name;
        if (name != "." && name != "..") names.push_back(name);
    }
    if (errno != 0) throw_errno(Exit::ioerr, "read the directory", path);
    std::ranges::sort(names);
    return names;
}

void remove_file(const std::string& path) noexcept
{
    ::unlink(path.c_str());
}

void rename_to_free_name(const std::string& from, const std::string& to)
{
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) != 0)
        throw_errno(Exit::cantcreat, "create", to);
}

Fd lock_directory(const std::string& path, std::uint64_t wait_ms)
{
    constexpr useconds_t step_us = 50'000;
    Fd fd{detail::retry([&] { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); })};
    if (!fd) throw_errno(Exit::noinput, "open the directory", path);
    const std::uint64_t start_ms = monotonic_ms();
    while (::flock(fd.number(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EINTR) continue;
        if (errno != EWOULDBLOCK) throw_errno(Exit::ioerr, "lock", path);
        if (monotonic_ms() - start_ms >= wait_ms)
            throw Error{Exit::tempfail, "'" + path + "' is locked" + holder_of_lock(fd)};
        ::usleep(step_us);
    }
    return fd;
}

} // namespace cairn
