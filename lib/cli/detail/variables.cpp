#include "cli/detail/variables.hpp"

#include "base/error.hpp"
#include "base/text.hpp"

#include <algorithm>

namespace cairn::detail {
namespace {

constexpr std::uint64_t repeats_max = 9; // of a flag that can be repeated

/// The values that a variable gives to its option.
std::vector<std::string> to_values(const Option& option, const std::string& text)
{
    if (option.takes_value() && !option.is_repeatable) return {text};
    std::vector<std::string> values;
    if (!option.takes_value()) {
        const auto most = option.is_repeatable ? static_cast<char>('0' + repeats_max) : '1';
        if (text.size() != 1 || text.front() < '0' || text.front() > most)
            throw Error{Exit::config, std::string{"it takes a number from 0 to "} + most +
                                          ", not '" + escape(text) + "'"};
        values.resize(static_cast<std::size_t>(text.front() - '0'));
        return values;
    }
    constexpr std::string_view space = " \t\n";
    for (std::string_view rest = text; !rest.empty();) {
        const std::size_t size = std::min(rest.find_first_of(space), rest.size());
        if (size > 0) values.emplace_back(rest.substr(0, size));
        rest.remove_prefix(std::min(size + 1, rest.size()));
    }
    return values;
}

bool is_given(const Given& given, const Option& option)
{
    return std::ranges::any_of(
        given.options, [&](const Given::Choice& choice) { return choice.option == &option; });
}

} // namespace

std::string variable_of(const Option& option)
{
    std::string name = "CAIRN_" + option.long_name;
    std::ranges::transform(name, name.begin(), [](char c) {
        if (c == '-') return '_';
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return name;
}

void store_variables(const Given& given, const Lookup& look_up)
{
    for (const Command* each = given.command; each != nullptr; each = each->tool)
        for (const Option& option : each->options) {
            if (option.is_question || is_given(given, option)) continue;
            const std::string name = variable_of(option);
            const char* const text = look_up(name);
            if (text == nullptr || *text == '\0') continue;
            try {
                for (const std::string& value : to_values(option, text)) option.store(value);
            } catch (const Error& error) {
                throw Error{Exit::config, "environment variable " + name + ": " + error.what(),
                            error.hint()};
            }
        }
}

} // namespace cairn::detail
