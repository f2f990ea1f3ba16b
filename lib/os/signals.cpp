#include "os/signals.hpp"

#include "os/detail/retry.hpp"
#include "os/errno.hpp"

#include <csignal>

#include <sys/signalfd.h>
#include <unistd.h>

namespace cairn {
namespace {

sigset_t handled_signals() noexcept
{
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, signal);
    return set;
}

} // namespace

SignalEvents::SignalEvents()
{
    const sigset_t set = handled_signals();
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
    fd_ = Fd{::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC)};
    if (!fd_) throw_errno(Exit::oserr, "wait for", "signals");
    struct sigaction action = {};
    action.sa_handler = SIG_IGN;
    ::sigaction(SIGPIPE, &action, nullptr);
}

SignalEvents::~SignalEvents()
{
    const sigset_t set = handled_signals();
    ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

std::optional<SignalEvents::Kind> SignalEvents::next() noexcept
{
    signalfd_siginfo info = {};
    const auto size = detail::retry([&] { return ::read(fd_.number(), &info, sizeof info); });
    if (size != static_cast<ssize_t>(sizeof info)) return std::nullopt;
    if (info.ssi_signo == SIGHUP) return Kind::reload;
    signal_ = static_cast<int>(info.ssi_signo);
    return Kind::stop;
}

void SignalEvents::end_by_signal() const noexcept
{
    if (signal_ == 0) return;
    struct sigaction action = {};
    action.sa_handler = SIG_DFL;
    ::sigaction(signal_, &action, nullptr);
    const sigset_t set = handled_signals();
    ::raise(signal_); // waits until it is let through
    ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

} // namespace cairn
