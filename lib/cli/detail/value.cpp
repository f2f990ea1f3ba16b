#include "cli/detail/value.hpp"

#include "base/number.hpp"
#include "base/text.hpp"

#include <array>
#include <optional>

namespace cairn::detail {
namespace {

struct Kind {
    const char* description;
    std::optional<std::uint64_t> (*parse)(std::string_view);
    std::string (*show)(std::uint64_t);
};

std::string show_number(std::uint64_t value)
{
    return std::to_string(value);
}

// Exactly, and as the user would write it.
std::string show_size(std::uint64_t value)
{
    constexpr std::array<const char*, 6> units{"", "KiB", "MiB", "GiB", "TiB", "PiB"};
    std::size_t unit = 0;
    for (; value != 0 && value % 1024 == 0 && unit + 1 < units.size(); ++unit) value /= 1024;
    return std::to_string(value) + units[unit];
}

std::string show_duration(std::uint64_t value)
{
    if (value == 0) return "0s";
    if (value % 86'400'000 == 0) return std::to_string(value / 86'400'000) + 'd';
    if (value % 3'600'000 == 0) return std::to_string(value / 3'600'000) + 'h';
    if (value % 60'000 == 0) return std::to_string(value / 60'000) + 'm';
    if (value % 1'000 == 0) return std::to_string(value / 1'000) + 's';
    return std::to_string(value) + "ms";
}

Kind kind_of(Unit unit)
{
    switch (unit) {
    case Unit::none:
        break;
    case Unit::bytes:
        return {"a size such as 4096, 64KiB or 1.5GiB,", parse_size, show_size};
    case Unit::milliseconds:
        return {"a duration such as 500ms, 90s or 15m,", parse_duration_ms, show_duration};
    }
    return {"a number", parse_number, show_number};
}

} // namespace

std::uint64_t to_number(const std::string& name, const std::string& text, Range range, Unit unit)
{
    const Kind kind = kind_of(unit);
    const std::optional<std::uint64_t> value = kind.parse(text);
    if (value && *value >= range.min && *value <= range.max) return *value;

    throw Error{Exit::usage, "option '" + name + "' takes " + kind.description + " from " +
                                 kind.show(range.min) + " to " + kind.show(range.max) + ", not '" +
                                 escape(text) + "'"};
}

} // namespace cairn::detail
