#include "os/machine.hpp"

#include "base/number.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <malloc.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace cairn {
namespace {

/// The begin of a file of the system; empty where there is none.
std::string system_text(const std::string& path)
{
    std::array<char, 4096> text{};
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return {};
    const ssize_t size = ::read(fd, text.data(), text.size());
    ::close(fd);
    return {text.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
}

/// The number that a text begins with, behind spaces.
std::optional<std::uint64_t> number_in(std::string_view text)
{
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    return parse_number(text.substr(0, text.find_first_not_of("0123456789")));
}

std::uint64_t left_in_system()
{
    constexpr std::string_view word = "MemAvailable:";
    const std::string text = system_text("/proc/meminfo");
    const std::size_t at = text.find(word);
    if (at == std::string::npos) return UINT64_MAX;
    return number_in(std::string_view{text}.substr(at + word.size())).value_or(0) * 1024;
}

std::uint64_t left_in_group(const std::string& directory)
{
    const auto most = number_in(system_text(directory + "/memory.max"));
    const auto taken = number_in(system_text(directory + "/memory.current"));
    if (!most || !taken) return UINT64_MAX;
    return *most - std::min(*most, *taken);
}

} // namespace

std::uint64_t available_memory()
{
    std::uint64_t left = left_in_system();
    // "0::/a/b": the group and those above it.
    const std::string text = system_text("/proc/self/cgroup");
    const std::size_t begin = text.find("0::/");
    if (begin == std::string::npos) return left;
    std::string group = text.substr(begin + 3, text.find('\n', begin) - begin - 3);
    for (;;) {
        left = std::min(left, left_in_group("/sys/fs/cgroup" + group));
        if (group.empty()) return left;
        group.resize(group.rfind('/'));
    }
}

void return_memory_early() noexcept
{
    constexpr int large = 1 << 20;      // bytes
    ::mallopt(M_MMAP_THRESHOLD, large); // NOLINT(concurrency-mt-unsafe): before there are threads
}

void work_when_idle() noexcept
{
    constexpr int nicest = 19;
    constexpr int of_process = 1;              // IOPRIO_WHO_PROCESS
    constexpr unsigned idle_class = 3U << 13U; // IOPRIO_CLASS_IDLE
    const sched_param parameter = {};
    ::setpriority(PRIO_PROCESS, 0, nicest);
    ::sched_setscheduler(0, SCHED_IDLE, &parameter);
    ::syscall(SYS_ioprio_set, of_process, 0, idle_class); // NOLINT(*-vararg): there is no other way
}

} // namespace cairn
