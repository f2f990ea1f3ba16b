#include "os/path_info.hpp"

#include "os/errno.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>

#include <sys/stat.h>
#include <unistd.h>

namespace cairn {
namespace {

PathInfo::Kind kind_of(mode_t mode)
{
    if (S_ISREG(mode)) return PathInfo::Kind::file;
    if (S_ISDIR(mode)) return PathInfo::Kind::directory;
    return S_ISLNK(mode) ? PathInfo::Kind::symlink : PathInfo::Kind::other;
}

std::string target_of(const std::string& path)
{
    std::string target(PATH_MAX, '\0');
    const ssize_t size = ::readlink(path.c_str(), target.data(), target.size());
    if (size < 0) throw_errno(Exit::noinput, "read the symbolic link", path);
    target.resize(static_cast<std::size_t>(size));
    return target;
}

} // namespace

std::optional<PathInfo> look_at_path(const std::string& path)
{
    constexpr std::int64_t ns_per_s = 1'000'000'000;
    constexpr mode_t permissions = 07777;
    struct stat status = {};
    if (::lstat(path.c_str(), &status) != 0) {
        if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
        throw_errno(Exit::noinput, "look at", path);
    }
    PathInfo info;
    info.kind = kind_of(status.st_mode);
    info.mode = status.st_mode & permissions;
    const std::int64_t mtime_ns =
        std::int64_t{status.st_mtim.tv_sec} * ns_per_s + status.st_mtim.tv_nsec;
    info.mtime_ns = static_cast<std::uint64_t>(std::max<std::int64_t>(0, mtime_ns));
    if (info.kind == PathInfo::Kind::file) info.size = static_cast<std::uint64_t>(status.st_size);
    if (info.kind == PathInfo::Kind::symlink) info.target = target_of(path);
    return info;
}

} // namespace cairn
