#pragma once

#include <array>

#include <sys/syscall.h>

// The system calls that a confined daemon needs: its own, and those of the C library, libzmq, LMDB
// and OpenSSL. Those that only old architectures have are in the second list.

namespace cairn::detail {

inline constexpr std::array system_calls{
    // bytes of open descriptors
    SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_pread64, SYS_pwrite64, SYS_preadv, SYS_pwritev,
    SYS_close, SYS_lseek, SYS_fcntl, SYS_flock, SYS_fsync, SYS_fdatasync, SYS_sync_file_range,
    SYS_ftruncate, SYS_fallocate, SYS_fadvise64, SYS_dup, SYS_dup3, SYS_pipe2,
    // files, of which Landlock says which
    SYS_openat, SYS_newfstatat, SYS_fstat, SYS_statx, SYS_statfs, SYS_fstatfs, SYS_faccessat,
    SYS_faccessat2, SYS_getdents64, SYS_readlinkat, SYS_linkat, SYS_unlinkat, SYS_renameat,
    SYS_renameat2, SYS_mkdirat, SYS_fchmod, SYS_fchmodat, SYS_fchown, SYS_utimensat, SYS_getcwd,
    SYS_umask,
    // memory
    SYS_munmap, SYS_mremap, SYS_madvise, SYS_msync, SYS_brk, SYS_mlock, SYS_mlock2, SYS_munlock,
    SYS_mincore, SYS_membarrier,
    // threads and signals of this process
    SYS_futex, SYS_set_robust_list, SYS_get_robust_list, SYS_rseq, SYS_set_tid_address,
    SYS_sched_yield, SYS_sched_getparam, SYS_sched_getscheduler, SYS_sched_setscheduler,
    SYS_sched_getaffinity, SYS_getpid, SYS_gettid, SYS_tgkill, SYS_exit, SYS_exit_group,
    SYS_restart_syscall, SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn,
    SYS_rt_sigtimedwait, SYS_sigaltstack,
    // waiting and time
    SYS_epoll_create1, SYS_epoll_ctl, SYS_epoll_pwait, SYS_ppoll, SYS_pselect6, SYS_eventfd2,
    SYS_nanosleep, SYS_clock_nanosleep, SYS_clock_gettime, SYS_clock_getres, SYS_gettimeofday,
    // sockets that exist
    SYS_accept, SYS_accept4, SYS_recvfrom, SYS_recvmsg, SYS_sendto, SYS_sendmsg, SYS_shutdown,
    SYS_getsockopt, SYS_setsockopt, SYS_getsockname, SYS_getpeername,
    // the rest
    SYS_getrandom, SYS_uname, SYS_prlimit64, SYS_getrusage, SYS_getuid, SYS_geteuid, SYS_getgid,
    SYS_getegid, SYS_sysinfo};

#if defined(__x86_64__)
inline constexpr std::array old_system_calls{
    SYS_open,   SYS_stat,       SYS_lstat,        SYS_access,  SYS_readlink, SYS_link,
    SYS_unlink, SYS_rename,     SYS_mkdir,        SYS_rmdir,   SYS_chmod,    SYS_poll,
    SYS_select, SYS_epoll_wait, SYS_getdents,     SYS_dup2,    SYS_pipe,     SYS_time,
    SYS_pause,  SYS_arch_prctl, SYS_epoll_create, SYS_eventfd, SYS_getrlimit};
#else
inline constexpr std::array<long, 0> old_system_calls{};
#endif

/// To make sockets for connections to others.
inline constexpr std::array connecting_calls{SYS_socket, SYS_connect, SYS_bind, SYS_socketpair};

} // namespace cairn::detail
