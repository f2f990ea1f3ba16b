#include "cli/detail/command.hpp"

#include "base/error.hpp"
#include "base/text.hpp"

#include <algorithm>

namespace cairn::detail {
namespace {

template <class Match>
const Option* find_option(const Command* command, const Match& match) noexcept
{
    for (; command != nullptr; command = command->tool) {
        const auto found = std::ranges::find_if(command->options, match);
        if (found != command->options.end()) return &*found;
    }
    return nullptr;
}

std::string see_help(const Command& command)
{
    return "try '" + command.name + " --help'";
}

void store_operands(const Command& command, const std::vector<std::string>& values)
{
    std::size_t next = 0;
    for (const Operand& operand : command.operands) {
        const std::size_t count = std::min(operand.most, values.size() - next);
        if (count < operand.least)
            throw Error{Exit::usage, "operand " + operand.name + " is missing", see_help(command)};
        for (const std::size_t end = next + count; next < end; ++next) operand.store(values[next]);
    }
    if (next < values.size())
        throw Error{Exit::usage, "unexpected operand '" + escape(values[next]) + "'",
                    see_help(command)};
}

} // namespace

const Command* Command::find_verb(std::string_view its_name) const noexcept
{
    const auto found = std::ranges::find(verbs, its_name, &Command::verb);
    return found == verbs.end() ? nullptr : *found;
}

const Option* Command::find_long(std::string_view its_name) const noexcept
{
    return find_option(this, [&](const Option& option) { return option.long_name == its_name; });
}

const Option* Command::find_short(char its_name) const noexcept
{
    return find_option(this, [&](const Option& option) {
        return option.short_name == its_name && its_name != '\0';
    });
}

void store(const Given& given)
{
    for (const Given::Choice& choice : given.options) {
        const Option& option = *choice.option;
        if (option.takes_value() && !option.is_repeatable && choice.values.size() > 1)
            throw Error{Exit::usage, "option '" + option.name() + "' is given twice"};
        for (const std::string& value : choice.values) option.store(value);
    }
    store_operands(*given.command, given.operands);
}

} // namespace cairn::detail
