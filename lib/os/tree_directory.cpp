#include "os/tree_directory.hpp"

#include "os/detail/retry.hpp"
#include "os/errno.hpp"

#include <array>
#include <cassert>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cairn {

using detail::retry;

namespace {

constexpr mode_t directory_mode = 0777;
constexpr int directory_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
constexpr std::uint64_t ns_per_s = 1'000'000'000;

std::array<timespec, 2> to_times(std::uint64_t mtime_ns)
{
    std::array<timespec, 2> times{};
    times[0].tv_nsec = UTIME_OMIT;
    times[1].tv_sec = static_cast<time_t>(mtime_ns / ns_per_s);
    times[1].tv_nsec = static_cast<long>(mtime_ns % ns_per_s);
    return times;
}

void set_facts_of(int fd, unsigned mode, std::uint64_t mtime_ns, const std::string& shown)
{
    if (::fchmod(fd, static_cast<mode_t>(mode & 0777U)) != 0) // no file of another's rights
        throw_errno(Exit::ioerr, "set the mode of", shown);
    if (::futimens(fd, to_times(mtime_ns).data()) != 0)
        throw_errno(Exit::ioerr, "set the time of", shown);
}

} // namespace

TreeDirectory::TreeDirectory(const std::string& path) : path_{path}
{
    if (::mkdir(path.c_str(), directory_mode) != 0 && errno != EEXIST)
        throw_errno(Exit::cantcreat, "create", path);
    // The directory itself is the user's own choice and may be a link.
    root_ = Fd{retry([&] { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); })};
    if (!root_) throw_errno(Exit::cantcreat, "open", path);
}

Fd TreeDirectory::enter(int directory, const std::string& name, const std::string& shown) const
{
    if (::mkdirat(directory, name.c_str(), directory_mode) != 0 && errno != EEXIST)
        throw_errno(Exit::cantcreat, "create", shown);
    Fd fd{retry([&] { return ::openat(directory, name.c_str(), directory_flags); })};
    if (!fd) throw_errno(Exit::cantcreat, "open", shown);
    return fd;
}

TreeDirectory::Place TreeDirectory::find_place(const std::string& path) const
{
    Place place;
    place.directory = Fd{::fcntl(root_.number(), F_DUPFD_CLOEXEC, 0)};
    if (!place.directory) throw_errno(Exit::cantcreat, "open", path_);
    std::size_t begin = 0;
    for (;;) {
        const std::size_t end = path.find('/', begin);
        const std::string name = path.substr(begin, end - begin);
        assert(!name.empty() && name != "." && name != "..");
        if (end == std::string::npos) {
            place.name = name;
            return place;
        }
        place.directory = enter(place.directory.number(), name, name_of(path.substr(0, end)));
        begin = end + 1;
    }
}

TreeDirectory::NewFile TreeDirectory::create(const std::string& path) const
{
    Place place = find_place(path);
    struct stat status = {};
    if (::fstatat(place.directory.number(), place.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0)
        throw Error{Exit::cantcreat, "'" + name_of(path) + "' exists already"};
    // By way of the open directory, whatever its path leads to by now.
    const std::string held = "/proc/self/fd/" + std::to_string(place.directory.number());
    Output output = Output::open(held + '/' + place.name);
    return {std::move(place.directory), std::move(output)};
}

void TreeDirectory::NewFile::set_facts(unsigned mode, std::uint64_t mtime_ns)
{
    set_facts_of(output.descriptor(), mode, mtime_ns, output.name());
}

Fd TreeDirectory::open_existing(const std::string& path) const
{
    const Place place = find_place(path);
    constexpr int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    Fd fd{retry([&] { return ::openat(place.directory.number(), place.name.c_str(), flags); })};
    if (!fd && errno == ENOENT) return fd;
    if (!fd) throw_errno(Exit::cantcreat, "open", name_of(path));
    struct stat status = {};
    if (::fstat(fd.number(), &status) != 0 || !S_ISREG(status.st_mode))
        throw Error{Exit::cantcreat, "'" + name_of(path) + "' exists and is no file"};
    return fd;
}

void TreeDirectory::make_directory(const std::string& path) const
{
    const Place place = find_place(path);
    (void)enter(place.directory.number(), place.name, name_of(path));
}

void TreeDirectory::set_facts(const std::string& path, unsigned mode, std::uint64_t mtime_ns) const
{
    const Place place = find_place(path);
    const Fd fd = enter(place.directory.number(), place.name, name_of(path));
    set_facts_of(fd.number(), mode, mtime_ns, name_of(path));
}

void TreeDirectory::make_symlink(const std::string& path, const std::string& target) const
{
    const Place place = find_place(path);
    const char* const name = place.name.c_str();
    if (::symlinkat(target.c_str(), place.directory.number(), name) == 0) return;
    const int reason = errno;
    std::string there(target.size() + 1, '\0');
    const ssize_t size = ::readlinkat(place.directory.number(), name, there.data(), there.size());
    if (reason == EEXIST && size == static_cast<ssize_t>(target.size()) &&
        there.compare(0, target.size(), target) == 0)
        return;
    errno = reason;
    throw_errno(Exit::cantcreat, "create", name_of(path));
}

} // namespace cairn
