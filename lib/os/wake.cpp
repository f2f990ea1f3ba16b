#include "os/wake.hpp"

#include "os/detail/retry.hpp"
#include "os/errno.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

namespace cairn {

WakeUp::WakeUp() : fd_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)}
{
    if (!fd_) throw_errno(Exit::oserr, "make", "an event descriptor");
}

void WakeUp::signal() noexcept
{
    const std::uint64_t one = 1;
    detail::retry([&] { return ::write(fd_.number(), &one, sizeof one); }); // full is as good
}

void WakeUp::clear() noexcept
{
    std::uint64_t count = 0;
    detail::retry([&] { return ::read(fd_.number(), &count, sizeof count); }); // empty is no error
}

} // namespace cairn
