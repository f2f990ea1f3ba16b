#pragma once

#include "client/session.hpp"

namespace cairn::detail {

/// Keeps the account of one provider: a measured value counts a quarter, what was known the rest.
class HealthMeter {
public:
    [[nodiscard]] const ProviderHealth& health() const noexcept { return health_; }
    [[nodiscard]] ProviderHealth& health() noexcept { return health_; }

    /// A call began; it is in progress until end().
    void begin(std::uint64_t now_ms) noexcept;
    void end(std::uint64_t now_ms) noexcept;

    /// The first answer to a call that was sent at `sent_ms`.
    void answer(std::uint64_t sent_ms, std::uint64_t now_ms) noexcept;

    /// Bytes went one way or the other.
    void move(std::size_t bytes, std::uint64_t now_ms) noexcept;

    /// Something went wrong. What comes at once, such as the end of all calls of a link, is one
    /// fault.
    void fault(std::uint64_t now_ms) noexcept;

private:
    void sample(std::uint64_t now_ms) noexcept;

    ProviderHealth health_;
    std::uint64_t window_start_ms_ = 0;
    std::uint64_t window_bytes_ = 0;
    std::uint64_t fault_ms_ = 0;
};

} // namespace cairn::detail
