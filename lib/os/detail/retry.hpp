#pragma once

#include <cerrno>

namespace cairn::detail {

/// Makes a system call again for as long as signals interrupt it.
auto retry(auto call)
{
    auto result = call();
    while (result == -1 && errno == EINTR) result = call();
    return result;
}

} // namespace cairn::detail
