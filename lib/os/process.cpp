#include "os/process.hpp"

#include "os/detail/retry.hpp"
#include "os/errno.hpp"
#include "os/fd.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace cairn {
namespace {

enum class Use : int { free, filling, file, directory };

// What the signal handler removes: it may touch nothing but lock-free atomics and plain memory.
struct Slot {
    std::atomic<Use> use{Use::free};
    std::array<char, PATH_MAX> path{};
};
std::array<Slot, CleanUp::clean_up_max> slots;

void remove_path(Use use, const char* path) noexcept
{
    if (use == Use::file) ::unlink(path);
    if (use == Use::directory) ::rmdir(path);
}

extern "C" void end_by_signal(int signal)
{
    for (const Slot& slot : slots) remove_path(slot.use.load(), slot.path.data());
    // SA_RESETHAND put the default action back: the process dies of the signal itself.
    ::raise(signal);
}

void open_standard_descriptors()
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
        if (is_open(fd)) continue;
        // A missing output must fail when it is written to, so it is opened for reading only.
        const int flags = fd == STDIN_FILENO ? O_WRONLY : O_RDONLY;
        if (::open("/dev/null", flags) != fd) ::_exit(71);
    }
}

} // namespace

void prepare_process()
{
    open_standard_descriptors();
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);

    struct sigaction action = {};
    action.sa_handler = SIG_DFL;
    ::sigaction(SIGPIPE, &action, nullptr);
    ::sigaction(SIGXFSZ, &action, nullptr);

    action.sa_handler = end_by_signal;
    action.sa_flags = static_cast<int>(SA_RESETHAND | SA_NODEFER);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        struct sigaction before = {};
        ::sigaction(signal, nullptr, &before);
        if (before.sa_handler != SIG_IGN) ::sigaction(signal, &action, nullptr); // nohup stays
    }
}

CleanUp::CleanUp(const std::string& path, Kind kind) : path_{path}, kind_{kind}
{
    if (path.size() >= PATH_MAX) return;
    for (std::size_t i = 0; i < slots.size(); ++i) {
        Use expected = Use::free;
        if (!slots[i].use.compare_exchange_strong(expected, Use::filling)) continue;
        std::memcpy(slots[i].path.data(), path.c_str(), path.size() + 1);
        slots[i].use = kind == Kind::file ? Use::file : Use::directory;
        slot_ = static_cast<int>(i);
        return;
    }
}

CleanUp::CleanUp(CleanUp&& other) noexcept
    : path_{std::exchange(other.path_, {})},
      kind_{other.kind_},
      slot_{std::exchange(other.slot_, -1)}
{
}

CleanUp& CleanUp::operator=(CleanUp&& other) noexcept
{
    std::swap(path_, other.path_);
    std::swap(kind_, other.kind_);
    std::swap(slot_, other.slot_);
    return *this;
}

CleanUp::~CleanUp()
{
    if (path_.empty()) return;
    remove_path(kind_ == Kind::file ? Use::file : Use::directory, path_.c_str());
    keep();
}

void CleanUp::keep() noexcept
{
    path_.clear();
    if (slot_ >= 0) slots[static_cast<std::size_t>(slot_)].use = Use::free;
    slot_ = -1;
}

std::uint64_t process_number() noexcept
{
    return static_cast<std::uint64_t>(::getpid());
}

unsigned available_cores() noexcept
{
    cpu_set_t set;
    CPU_ZERO(&set);
    if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    return static_cast<unsigned>(std::max(1, CPU_COUNT(&set)));
}

std::size_t read_command(const std::string& command, MutableByteView buffer)
{
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw_errno(Exit::oserr, "run", command);
    Fd reader{ends[0]};
    Fd writer{ends[1]};
    const pid_t child = ::fork();
    if (child == -1) throw_errno(Exit::oserr, "run", command);
    if (child == 0) {
        ::dup2(writer.number(), STDOUT_FILENO);
        const int nothing = ::open("/dev/null", O_RDONLY); // standard input is the tool's
        ::dup2(nothing, STDIN_FILENO);
        ::execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
        ::_exit(127);
    }
    writer = Fd{};
    const std::size_t size = read_full(reader.number(), buffer, command);
    std::array<std::byte, 1> more{};
    const bool is_too_long = size == buffer.size() && read_full(reader.number(), more, command) > 0;
    reader = Fd{}; // a command that prints more than fits must not wait for us to read it
    int status = 0;
    detail::retry([&] { return ::waitpid(child, &status, 0); });
    if (is_too_long) throw Error{Exit::data, "the passphrase command prints too much"};
    if (status != 0) throw Error{Exit::noperm, "the passphrase command failed"};
    return size;
}

std::size_t raise_open_files_limit() noexcept
{
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 256;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    ::getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur;
}

} // namespace cairn
