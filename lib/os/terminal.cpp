#include "os/terminal.hpp"

#include "base/error.hpp"
#include "os/detail/retry.hpp"
#include "os/errno.hpp"
#include "os/fd.hpp"

#include <array>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

namespace cairn {
namespace {

/// Turns the echo off until destroyed. Signals that would leave it off wait for that.
class Silence {
public:
    explicit Silence(int fd) : fd_{fd}
    {
        if (::tcgetattr(fd, &before_) != 0) throw_errno(Exit::oserr, "set up", "/dev/tty");
        sigset_t ending{};
        ::sigemptyset(&ending);
        for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
            struct sigaction action = {};
            ::sigaction(signal, nullptr, &action);
            if (action.sa_handler != SIG_IGN) ::sigaddset(&ending, signal);
        }
        signals_ = Fd{::signalfd(-1, &ending, SFD_CLOEXEC)};
        if (!signals_) throw_errno(Exit::oserr, "wait for signals at", "/dev/tty");
        ::pthread_sigmask(SIG_BLOCK, &ending, &mask_before_);
        termios silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        silent.c_lflag |= static_cast<tcflag_t>(ECHONL | ICANON);
        // Ctrl-C arrives as a byte, so that the echo is never left off.
        silent.c_lflag &= ~static_cast<tcflag_t>(ISIG);
        ::tcsetattr(fd, TCSAFLUSH, &silent);
    }
    Silence(const Silence&) = delete;
    Silence& operator=(const Silence&) = delete;
    ~Silence()
    {
        ::tcsetattr(fd_, TCSAFLUSH, &before_);
        ::pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr); // what waited comes now
    }

    /// Waits for something to read; false when a signal waits to end the process.
    [[nodiscard]] bool wait() const
    {
        std::array<pollfd, 2> sources{pollfd{fd_, POLLIN, 0}, pollfd{signals_.number(), POLLIN, 0}};
        detail::retry([&] { return ::poll(sources.data(), sources.size(), -1); });
        return sources[1].revents == 0;
    }

private:
    int fd_;
    termios before_{};
    Fd signals_;
    sigset_t mask_before_{};
};

constexpr std::byte ctrl_c{3};
constexpr std::size_t line_size_max = 1024; // bytes

} // namespace

bool TerminalText::accepts(ByteView bytes) noexcept
{
    for (const std::byte byte : bytes) {
        const auto value = std::to_integer<unsigned>(byte);
        if (continuations_ > 0) {
            if ((value & 0xc0U) != 0x80U) return false;
            if (is_c1_next_ && value < 0xa0U) return false;
            is_c1_next_ = false;
            --continuations_;
            continue;
        }
        if (value < 0x80U) {
            if ((value < ' ' && value != '\n' && value != '\t') || value == 0x7fU) return false;
            continue;
        }
        if (value < 0xc2U || value > 0xf4U) return false;
        continuations_ = value < 0xe0U ? 1 : value < 0xf0U ? 2 : 3;
        is_c1_next_ = value == 0xc2U;
    }
    return true;
}

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
    bool interrupted = false;
    bool ended = false;
    std::size_t size = 0;
    {
        const Silence silence{terminal.number()}; // before people see that they can type
        write_all(terminal.number(), as_bytes(question), "/dev/tty");
        std::byte byte{};
        while (!(ended = !silence.wait()) &&
               detail::retry([&] { return ::read(terminal.number(), &byte, 1); }) == 1 &&
               byte != std::byte{'\n'}) {
            interrupted = interrupted || byte == ctrl_c;
            if (size < answer.size()) answer[size] = byte;
            ++size;
            if (interrupted) break;
        }
    }
    if (interrupted) ::raise(SIGINT);
    if (ended) throw Error{Exit::noperm, "a signal came before the passphrase"}; // and was handled
    if (size > answer.size()) throw Error{Exit::noperm, "the passphrase is too long"};
    return size;
}

std::optional<std::string> prompt_line(const std::string& question)
{
    const Fd terminal{::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)};
    if (!terminal) return std::nullopt;
    write_all(terminal.number(), as_bytes(question), "/dev/tty");
    std::string line;
    char byte = 0;
    while (detail::retry([&] { return ::read(terminal.number(), &byte, 1); }) == 1 && byte != '\n')
        if (line.size() < line_size_max) line += byte;
    return line;
}

} // namespace cairn
