#include "os/fd.hpp"
#include "os/sandbox.hpp"

#include <cerrno>
#include <cstddef>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

namespace cairn {
namespace {

/// Whether what was just tried was forbidden, and did not merely fail.
bool is_denied_now()
{
    return errno == EPERM || errno == EACCES;
}

bool is_open_denied(const char* path, int flags)
{
    const Fd fd{::open(path, flags | O_CLOEXEC, 0600)};
    return !fd && is_denied_now();
}

/// A program would take the place of this one: it runs in a process of its own, if it can be made.
bool is_execution_denied()
{
    const pid_t child = ::fork();
    if (child == -1) return is_denied_now();
    if (child == 0) {
        ::execl("/bin/true", "true", nullptr);
        ::_exit(is_denied_now() ? 1 : 2);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 1;
}

bool is_process_denied()
{
    const pid_t child = ::fork();
    if (child == -1) return is_denied_now();
    if (child == 0) ::_exit(0);
    ::waitpid(child, nullptr, 0);
    return false;
}

/// Connecting and listening both need a socket.
bool is_socket_denied(int (*use)(int, const sockaddr*, socklen_t))
{
    const Fd fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (!fd) return is_denied_now();
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(9);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return use(fd.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
           is_denied_now();
}

bool is_code_denied()
{
    constexpr std::size_t size = 4096;
    void* const place = ::mmap(nullptr, size, PROT_READ | PROT_WRITE | PROT_EXEC,
                               MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (place == MAP_FAILED) return is_denied_now();
    ::munmap(place, size);
    return false;
}

/// What debuggers do; one's own memory is as good as another's here.
bool is_debugging_denied()
{
    int from = 1;
    int to = 0;
    const iovec local{&to, sizeof to};
    const iovec remote{&from, sizeof from};
    return ::process_vm_readv(::getpid(), &local, 1, &remote, 1, 0) == -1 && is_denied_now();
}

} // namespace

std::vector<SandboxProbe> probe_sandbox()
{
    return {
        {"read a file outside", is_open_denied("/etc/passwd", O_RDONLY)},
        {"make a file outside", is_open_denied("/tmp/cairn-sandbox-probe", O_CREAT | O_WRONLY)},
        {"run a program", is_execution_denied()},
        {"make a process", is_process_denied()},
        {"connect", is_socket_denied(::connect)},
        {"listen", is_socket_denied(::bind)},
        {"get executable memory", is_code_denied()},
        {"read the memory of a process", is_debugging_denied()},
    };
}

} // namespace cairn
