#include "os/sandbox.hpp"

#include "base/error.hpp"
#include "os/detail/landlock.hpp"
#include "os/detail/system_calls.hpp"
#include "os/errno.hpp"
#include "os/fd.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <initializer_list>

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cairn {
namespace {

namespace landlock = detail::landlock;

// ---- Landlock

/// Numbers that are the same on all architectures; older headers lack them.
constexpr long create_ruleset_call = 444;
constexpr long add_rule_call = 445;
constexpr long restrict_self_call = 446;

/// The rights that a kernel of this version knows.
landlock::Ruleset known_rights(unsigned version)
{
    landlock::Ruleset known{.files = landlock::all_of_version_1, .ports = 0, .scopes = 0};
    if (version >= 2) known.files |= landlock::refer;
    if (version >= 3) known.files |= landlock::truncate;
    if (version >= 5) known.files |= landlock::ioctl_device;
    if (version >= 4) known.ports = landlock::bind_tcp | landlock::connect_tcp;
    if (version >= 6) known.scopes = landlock::scope_all;
    return known;
}

/// A kernel refuses a ruleset with fields that it does not know.
std::size_t ruleset_size(unsigned version)
{
    if (version >= 6) return sizeof(landlock::Ruleset);
    return version >= 4 ? offsetof(landlock::Ruleset, scopes) : offsetof(landlock::Ruleset, ports);
}

void allow_path(int ruleset, const std::string& path, std::uint64_t rights)
{
    const Fd fd{::open(path.c_str(), O_PATH | O_CLOEXEC)};
    if (!fd) return;
    struct stat status = {};
    if (::fstat(fd.number(), &status) != 0) throw_errno(Exit::oserr, "look at", path);
    if (!S_ISDIR(status.st_mode)) rights &= landlock::of_single_files;
    const landlock::PathRule rule{.rights = rights, .fd = fd.number()};
    if (::syscall(add_rule_call, ruleset, landlock::path_rule, &rule, 0) != 0)
        throw_errno(Exit::oserr, "allow", path);
}

void allow_port(int ruleset, std::uint16_t port)
{
    const landlock::PortRule rule{.rights = landlock::bind_tcp, .port = port};
    if (::syscall(add_rule_call, ruleset, landlock::port_rule, &rule, 0) != 0)
        throw_errno(Exit::oserr, "allow port", std::to_string(port));
}

void give_up_privileges()
{
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        throw_errno(Exit::oserr, "give up", "new privileges");
}

// ---- seccomp

/// A program for the kernel's filter. Each rule ends in a verdict or leaves the number of the call
/// loaded.
class Filter {
public:
    Filter()
    {
#if defined(__x86_64__)
        constexpr std::uint32_t architecture = AUDIT_ARCH_X86_64;
#else
        constexpr std::uint32_t architecture = AUDIT_ARCH_AARCH64;
#endif
        load(offsetof(seccomp_data, arch));
        add(BPF_JMP | BPF_JEQ | BPF_K, architecture, 1, 0);
        end(SECCOMP_RET_KILL_PROCESS);
        load(offsetof(seccomp_data, nr));
#if defined(__x86_64__)
        constexpr std::uint32_t other_abi = 0x40000000; // x32
        add(BPF_JMP | BPF_JGE | BPF_K, other_abi, 0, 1);
        end(refusal);
#endif
    }

    template <class Calls>
    void allow(const Calls& calls)
    {
        for (const auto call : calls) {
            add(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, 1);
            end(SECCOMP_RET_ALLOW);
        }
    }

    /// Allowed when the argument has all or none of the bits, as told.
    void allow_by_bits(long call, unsigned argument, std::uint32_t bits, bool is_set)
    {
        add(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, 4);
        load_argument(argument);
        add(BPF_JMP | BPF_JSET | BPF_K, bits, is_set ? 0 : 1, is_set ? 1 : 0);
        end(SECCOMP_RET_ALLOW);
        end(refusal);
    }

    /// Allowed when the argument is one of the values.
    void allow_by_value(long call, unsigned argument, std::initializer_list<std::uint32_t> values)
    {
        const auto size = static_cast<std::uint8_t>(2 * values.size() + 2);
        add(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, size);
        load_argument(argument);
        for (const std::uint32_t value : values) {
            add(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
            end(SECCOMP_RET_ALLOW);
        }
        end(refusal);
    }

    void refuse(long call, std::uint32_t number)
    {
        add(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, 1);
        end(SECCOMP_RET_ERRNO | number);
    }

    void install()
    {
        end(refusal);
        const sock_fprog program{static_cast<unsigned short>(code_.size()), code_.data()};
        if (::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) !=
            0)
            throw_errno(Exit::oserr, "confine", "system calls");
    }

private:
    static constexpr std::uint32_t refusal = SECCOMP_RET_ERRNO | EPERM;

    void add(int operation, std::uint32_t value, std::uint8_t if_true, std::uint8_t if_false)
    {
        code_.push_back({static_cast<std::uint16_t>(operation), if_true, if_false, value});
    }
    void load(std::size_t offset)
    {
        add(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset), 0, 0);
    }
    /// The low half, first in memory.
    void load_argument(unsigned argument)
    {
        load(offsetof(seccomp_data, args) + argument * sizeof(std::uint64_t));
    }
    void end(std::uint32_t verdict)
    {
        add(BPF_RET | BPF_K, verdict, 0, 0);
    }

    std::vector<sock_filter> code_;
};

bool has_filters()
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return false;
#elif defined(__x86_64__) || defined(__aarch64__)
    return ::prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != -1;
#else
    return false;
#endif
}

} // namespace

unsigned confine_files(const FileRights& rights)
{
    const long answer =
        ::syscall(create_ruleset_call, nullptr, std::size_t{0}, landlock::version_flag);
    if (answer <= 0) return 0; // the kernel has none, or it is switched off
    const auto version = static_cast<unsigned>(answer);
    const landlock::Ruleset all = known_rights(version);
    landlock::Ruleset taken = all;
    if (rights.may_connect) taken.ports &= ~landlock::connect_tcp;
    const Fd ruleset{
        static_cast<int>(::syscall(create_ruleset_call, &taken, ruleset_size(version), 0U))};
    if (!ruleset) throw_errno(Exit::oserr, "confine", "files");
    for (const std::string& path : rights.writable)
        allow_path(ruleset.number(), path,
                   all.files & ~(landlock::execute | landlock::make_device));
    for (const std::string& path : rights.readable)
        allow_path(ruleset.number(), path, landlock::read_file | landlock::read_directory);
    if (taken.ports != 0)
        for (const std::uint16_t port : rights.ports) allow_port(ruleset.number(), port);
    give_up_privileges();
    if (::syscall(restrict_self_call, ruleset.number(), 0U) != 0)
        throw_errno(Exit::oserr, "confine", "files");
    return version;
}

bool confine_calls(bool may_connect)
{
    if (!has_filters()) return false;
    give_up_privileges();
    Filter filter;
    filter.allow(detail::system_calls);
    filter.allow(detail::old_system_calls);
    if (may_connect) filter.allow(detail::connecting_calls);
    filter.allow_by_bits(SYS_clone, 0, CLONE_THREAD, true);
    filter.refuse(SYS_clone3, ENOSYS); // the C library then uses clone, whose flags can be seen
    filter.allow_by_bits(SYS_mmap, 2, PROT_EXEC, false);
    filter.allow_by_bits(SYS_mprotect, 2, PROT_EXEC, false);
    filter.allow_by_value(SYS_ioctl, 1, {FIONBIO, FIONREAD, TCGETS, TIOCGWINSZ});
    filter.allow_by_value(SYS_prctl, 0, {PR_SET_NAME, PR_GET_NAME, PR_SET_DUMPABLE});
    // What the threads of libzmq do when they begin, if they have not yet.
    filter.allow_by_value(SYS_sched_setscheduler, 1, {SCHED_OTHER});
    filter.install();
    return true;
}

} // namespace cairn
