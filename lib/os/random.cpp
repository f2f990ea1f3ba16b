#include "os/random.hpp"

#include "os/detail/retry.hpp"
#include "os/errno.hpp"

#include <sys/random.h>

namespace cairn {

void SystemEntropy::fill(MutableByteView bytes)
{
    while (!bytes.empty()) {
        const auto count =
            detail::retry([&] { return ::getrandom(bytes.data(), bytes.size(), 0); });
        if (count <= 0) throw_errno(Exit::oserr, "read", "the system's random source");
        bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
}

} // namespace cairn
