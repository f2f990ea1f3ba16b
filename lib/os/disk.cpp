#include "os/disk.hpp"

#include "os/errno.hpp"

#include <cstdlib>
#include <memory>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

namespace cairn {
namespace {

struct Free {
    void operator()(char* text) const noexcept { std::free(text); } // NOLINT: realpath's
};

/// What a link of the system leads to; empty where there is none.
std::string resolved(const std::string& path)
{
    const std::unique_ptr<char, Free> text{::realpath(path.c_str(), nullptr)};
    return text ? text.get() : "";
}

std::string after_slash(const std::string& path)
{
    return path.substr(path.rfind('/') + 1);
}

bool says_one(const std::string& path)
{
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    char first = '0';
    const bool is_read = ::read(fd, &first, 1) == 1;
    ::close(fd);
    return is_read && first == '1';
}

} // namespace

std::uint64_t file_system_of(const std::string& path)
{
    struct stat status = {};
    if (::stat(path.c_str(), &status) != 0) throw_errno(Exit::noinput, "look at", path);
    return status.st_dev;
}

std::uint64_t allocated_size(const std::string& path) noexcept
{
    constexpr std::uint64_t block = 512; // bytes, whatever the file system's are
    struct stat status = {};
    if (::stat(path.c_str(), &status) != 0) return 0;
    return static_cast<std::uint64_t>(status.st_blocks) * block;
}

Disk disk_of(const std::string& path)
{
    const dev_t number_of = file_system_of(path);
    const std::string number =
        std::to_string(major(number_of)) + ':' + std::to_string(minor(number_of));
    std::string device = resolved("/sys/dev/block/" + number);
    if (device.empty()) return {number, false};
    // A partition lies in the directory of its disk.
    if (::access((device + "/partition").c_str(), F_OK) == 0) device.resize(device.rfind('/'));
    return {after_slash(device), says_one(device + "/queue/rotational")};
}

} // namespace cairn
