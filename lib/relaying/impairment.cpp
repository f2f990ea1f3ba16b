#include "relaying/impairment.hpp"

#include "base/error.hpp"
#include "base/number.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <vector>

namespace cairn {
namespace {

constexpr std::uint64_t duration_max_ms = 86'400'000;
constexpr std::uint64_t size_max = std::uint64_t{1} << 50U; // bytes, far from any overflow

/// "loss=0.01", taken apart.
struct Assignment {
    std::string_view text;
    std::string_view name;
    std::optional<std::string_view> value;
};

[[noreturn]] void fail(const Assignment& assignment, const char* what)
{
    throw Error{Exit::usage, "impairment '" + escape(assignment.text) + "' " + what};
}

std::string_view value_of(const Assignment& assignment)
{
    if (!assignment.value) fail(assignment, "has no value");
    return *assignment.value;
}

double to_probability(const Assignment& assignment)
{
    const std::string_view text = value_of(assignment);
    double value = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !(value >= 0 && value <= 1))
        fail(assignment, "takes a probability from 0 to 1");
    return value;
}

std::uint64_t to_duration_ms(const Assignment& assignment, std::string_view text)
{
    const auto value = parse_duration_ms(text);
    if (!value || *value > duration_max_ms) fail(assignment, "takes a duration of at most 1d");
    return *value;
}

std::uint64_t to_size(const Assignment& assignment, std::string_view text)
{
    const auto value = parse_size(text);
    if (!value || *value > size_max) fail(assignment, "takes a size such as 4096 or 64KiB");
    return *value;
}

std::uint64_t to_amount(const Assignment& assignment)
{
    const std::uint64_t value = to_size(assignment, value_of(assignment));
    if (value == 0) fail(assignment, "takes a size of at least 1");
    return value;
}

Impairment::Stall to_stall(const Assignment& assignment)
{
    const std::string_view text = value_of(assignment);
    const std::size_t colon = std::min(text.find(':'), text.size());
    Impairment::Stall stall{to_size(assignment, text.substr(0, colon)), std::nullopt};
    if (colon < text.size()) stall.duration_ms = to_duration_ms(assignment, text.substr(colon + 1));
    return stall;
}

struct Setting {
    std::string_view name;
    void (*apply)(Impairment& impairment, const Assignment& assignment);
};

constexpr std::array settings{
    Setting{"loss", [](Impairment& i, const Assignment& a) { i.loss = to_probability(a); }},
    Setting{"corrupt", [](Impairment& i, const Assignment& a) { i.corrupt = to_probability(a); }},
    Setting{"delay", [](Impairment& i,
                        const Assignment& a) { i.delay_ms = to_duration_ms(a, value_of(a)); }},
    Setting{"jitter", [](Impairment& i,
                         const Assignment& a) { i.jitter_ms = to_duration_ms(a, value_of(a)); }},
    Setting{"rate", [](Impairment& i, const Assignment& a) { i.rate = to_amount(a); }},
    Setting{"slice", [](Impairment& i, const Assignment& a) { i.slice = to_amount(a); }},
    Setting{"stall", [](Impairment& i, const Assignment& a) { i.stall = to_stall(a); }},
    Setting{"close", [](Impairment& i, const Assignment& a) { i.close = to_size(a, value_of(a)); }},
    Setting{"reset", [](Impairment& i, const Assignment& a) { i.reset = to_size(a, value_of(a)); }},
    Setting{"blackhole",
            [](Impairment& i, const Assignment& a) {
                if (a.value) fail(a, "takes no value");
                i.blackhole = true;
            }},
};

std::uint64_t to_seed(const Assignment& assignment)
{
    const auto value = parse_number(value_of(assignment));
    if (!value) fail(assignment, "takes a number");
    return *value;
}

void apply(Impairments& impairments, const Assignment& assignment)
{
    if (assignment.name == "seed") {
        impairments.seed = to_seed(assignment);
        return;
    }
    if (assignment.name == "refuse") {
        impairments.refuse = to_probability(assignment);
        return;
    }
    std::string_view name = assignment.name;
    const bool is_up = name.starts_with("up.");
    const bool is_down = name.starts_with("down.");
    if (is_up || is_down) name.remove_prefix(name.find('.') + 1);
    const auto* const setting = std::ranges::find(settings, name, &Setting::name);
    if (setting == settings.end()) fail(assignment, "is not known");
    if (!is_down) setting->apply(impairments.up, assignment);
    if (!is_up) setting->apply(impairments.down, assignment);
}

/// The text without its comments.
std::string without_comments(std::string_view text)
{
    std::string result;
    bool is_comment = false;
    for (const char c : text) {
        is_comment = c != '\n' && (is_comment || c == '#');
        if (!is_comment) result += c;
    }
    return result;
}

} // namespace

Impairments parse_impairments(std::string_view text)
{
    constexpr std::string_view separators = ", \t\r\n";
    Impairments impairments;
    std::vector<std::string_view> names;
    const std::string plain = without_comments(text);
    for (std::string_view rest = plain; !rest.empty();) {
        const std::size_t size = std::min(rest.find_first_of(separators), rest.size());
        Assignment assignment{rest.substr(0, size), {}, std::nullopt};
        rest.remove_prefix(std::min(size + 1, rest.size()));
        if (assignment.text.empty()) continue;
        const std::size_t equals = assignment.text.find('=');
        assignment.name = assignment.text.substr(0, equals);
        if (equals != assignment.text.npos) assignment.value = assignment.text.substr(equals + 1);
        if (std::ranges::find(names, assignment.name) != names.end())
            fail(assignment, "is given twice");
        names.push_back(assignment.name);
        apply(impairments, assignment);
    }
    return impairments;
}

} // namespace cairn
