#pragma once

#include <cstddef>
#include <functional>

namespace cairn {

/// Calls work(0) to work(count - 1) from up to `threads` threads, which end before it returns: for
/// calls that wait, such as syncs, which a disk takes together when they come together. When some
/// throw, all are called all the same, and the first exception leaves.
void in_parallel(std::size_t count, std::size_t threads,
                 const std::function<void(std::size_t)>& work);

} // namespace cairn
