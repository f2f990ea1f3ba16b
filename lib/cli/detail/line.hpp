#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cairn::detail {

/// Text in memory of its own, so that a signal handler can make it; what does not fit is cut off.
class Line {
public:
    Line& put(std::string_view text) noexcept;
    Line& put(std::uint64_t number) noexcept;

    /// Fills with `fill` up to `size` characters.
    Line& pad(std::size_t size, char fill = ' ') noexcept;

    /// "2026-01-02T03:04:05.678Z" from milliseconds since 1970, without time zones and locales.
    Line& put_timestamp(std::uint64_t wall_clock_ms) noexcept;

    void cut(std::size_t size) noexcept;

    [[nodiscard]] std::string_view text() const noexcept { return {text_.data(), size_}; }

private:
    Line& put_digits(std::uint64_t number, unsigned digits) noexcept;

    std::array<char, 512> text_;
    std::size_t size_ = 0;
};

} // namespace cairn::detail
