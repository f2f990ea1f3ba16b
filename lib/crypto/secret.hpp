#pragma once

#include "base/bytes.hpp"

#include <memory>

namespace cairn {

/// Secret bytes in guarded memory: move-only, not swapped out where the limits allow to lock them,
/// wiped when destroyed. Every key, seed and passphrase lives in one of these and nowhere else.
class Secret {
public:
    /// `size` zero bytes. Throws Error{oserr} when there is no memory.
    explicit Secret(std::size_t size);

    /// A copy of `bytes`, whose owner wipes the original.
    static Secret copy(ByteView bytes);

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] MutableByteView bytes() noexcept { return {data_.get(), size_}; }
    [[nodiscard]] ByteView bytes() const noexcept { return {data_.get(), size_}; }

    /// The first `size` bytes stay; needs size <= size().
    void shrink(std::size_t size) noexcept;

private:
    /// Small secrets share guarded pages: a page and its guards for each would cost more than what
    /// is done with the secret.
    struct Wipe {
        bool is_shared;

        void operator()(std::byte* data) const noexcept;
    };

    using Place = std::unique_ptr<std::byte, Wipe>;
    static Place find_place(std::size_t size);

    Place data_;
    std::size_t size_;
};

/// Compares secrets in time that depends on their sizes alone.
[[nodiscard]] bool constant_time_equal(ByteView a, ByteView b) noexcept;

/// Overwrites bytes that held a secret, in a way no compiler drops.
void wipe(MutableByteView bytes) noexcept;

} // namespace cairn
