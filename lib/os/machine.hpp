#pragma once

#include <cstdint>

namespace cairn {

/// Bytes of memory that this process may still take without anything being swapped out or killed:
/// what the system has left, within what the control groups of the process allow.
[[nodiscard]] std::uint64_t available_memory();

/// From now on large pieces of memory go back to the system as soon as they are freed: for programs
/// that promise to take no more than so much.
void return_memory_early() noexcept;

/// From now on this thread, and those that it makes, work only while nobody else wants the
/// processors or the disks, as far as the system knows such a thing.
void work_when_idle() noexcept;

} // namespace cairn
