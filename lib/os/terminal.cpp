#include "os/terminal.hpp"

#include "base/error.hpp"
#include "os/detail/retry.hpp"
#include "os/errno.hpp"
#include "os/fd.hpp"

#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

namespace cairn {
namespace {

/// Turns the echo off until destroyed. Signals that would leave it off are held back meanwhile.
class Silence {
public:
    explicit Silence(int fd) : fd_{fd}
    {
        if (::tcgetattr(fd, &before_) != 0) throw_errno(Exit::oserr, "set up", "/dev/tty");
        termios silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        silent.c_lflag |= static_cast<tcflag_t>(ECHONL | ICANON);
        // Ctrl-C arrives as a byte, so that the echo is never left off.
        silent.c_lflag &= ~static_cast<tcflag_t>(ISIG);
        ::tcsetattr(fd, TCSAFLUSH, &silent);
    }
    Silence(const Silence&) = delete;
    Silence& operator=(const Silence&) = delete;
    ~Silence() { ::tcsetattr(fd_, TCSAFLUSH, &before_); }

private:
    int fd_;
    termios before_{};
};

constexpr std::byte ctrl_c{3};

} // namespace

bool is_terminal(int fd) noexcept
{
    return ::isatty(fd) == 1;
}

unsigned terminal_width(int fd) noexcept
{
    winsize size{};
    if (::ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
    return size.ws_col;
}

std::size_t prompt_secret(const char* question, MutableByteView answer)
{
    const Fd terminal{::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)};
    if (!terminal)
        throw Error{Exit::usage, "no terminal to ask for the passphrase",
                    "give it with --passphrase-fd N or --passphrase-file FILE"};
    write_all(terminal.number(), as_bytes(question), "/dev/tty");

    bool interrupted = false;
    std::size_t size = 0;
    {
        const Silence silence{terminal.number()};
        std::byte byte{};
        while (detail::retry([&] { return ::read(terminal.number(), &byte, 1); }) == 1 &&
               byte != std::byte{'\n'}) {
            interrupted = interrupted || byte == ctrl_c;
            if (size < answer.size()) answer[size] = byte;
            ++size;
            if (interrupted) break;
        }
    }
    if (interrupted) ::raise(SIGINT);
    if (size > answer.size()) throw Error{Exit::noperm, "the passphrase is too long"};
    return size;
}

} // namespace cairn
