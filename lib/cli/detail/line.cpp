#include "cli/detail/line.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>

namespace cairn::detail {

Line& Line::put(std::string_view text) noexcept
{
    const std::size_t size = std::min(text.size(), text_.size() - size_);
    std::copy_n(text.data(), size, text_.data() + size_);
    size_ += size;
    return *this;
}

Line& Line::put(std::uint64_t number) noexcept
{
    std::array<char, 20> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    return put({digits.data(), static_cast<std::size_t>(end - digits.data())});
}

Line& Line::put_digits(std::uint64_t number, unsigned digits) noexcept
{
    if (digits > 1) put_digits(number / 10, digits - 1);
    return put(number % 10);
}

Line& Line::pad(std::size_t size, char fill) noexcept
{
    while (size_ < std::min(size, text_.size())) put({&fill, 1});
    return *this;
}

Line& Line::put_timestamp(std::uint64_t wall_clock_ms) noexcept
{
    using namespace std::chrono;
    const milliseconds time{wall_clock_ms};
    const sys_days day{floor<days>(time)};
    const year_month_day date{day};
    const hh_mm_ss<milliseconds> clock{time - day.time_since_epoch()};
    put_digits(static_cast<std::uint64_t>(static_cast<int>(date.year())), 4).put("-");
    put_digits(static_cast<unsigned>(date.month()), 2).put("-");
    put_digits(static_cast<unsigned>(date.day()), 2).put("T");
    put_digits(static_cast<std::uint64_t>(clock.hours().count()), 2).put(":");
    put_digits(static_cast<std::uint64_t>(clock.minutes().count()), 2).put(":");
    put_digits(static_cast<std::uint64_t>(clock.seconds().count()), 2).put(".");
    return put_digits(static_cast<std::uint64_t>(clock.subseconds().count()), 3).put("Z");
}

void Line::cut(std::size_t size) noexcept
{
    size_ = std::min(size_, size);
}

} // namespace cairn::detail
