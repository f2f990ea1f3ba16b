#pragma once

#include <cstring>
#include <type_traits>

namespace cairn::detail {

/// Overwrites what held a secret, in a way no compiler drops.
template <class Object>
void forget(Object& object) noexcept
{
    static_assert(std::is_trivially_copyable_v<Object>);
    std::memset(static_cast<void*>(&object), 0, sizeof object);
    asm volatile("" : : "r"(&object) : "memory"); // NOLINT(hicpp-no-assembler)
}

} // namespace cairn::detail
