#include "cli/detail/command.hpp"

#include <algorithm>

namespace cairn::detail {
namespace {

constexpr std::size_t width_max = 80;   // columns
constexpr std::size_t help_column = 26; // where explanations begin

/// Appends the words of `text` in lines that begin at `column`; the first where `out` stands.
void put_wrapped(std::string& out, std::string_view text, std::size_t column)
{
    std::size_t at = out.size() - (out.rfind('\n') + 1);
    while (!text.empty()) {
        const std::size_t size = std::min(text.find(' '), text.size());
        if (at > column && at + 1 + size > width_max) {
            out.append(1, '\n').append(column, ' ');
            at = column;
        } else if (at > column) {
            out += ' ';
            ++at;
        }
        out += text.substr(0, size);
        at += size;
        text.remove_prefix(std::min(size + 1, text.size()));
    }
    out += '\n';
}

/// A term and, beside it or below, what it means.
void put_entry(std::string& out, const std::string& term, std::string_view help)
{
    std::string line = "  " + term;
    if (line.size() + 2 > help_column) {
        out += line + '\n';
        line.clear();
    }
    line.append(help_column - line.size(), ' ');
    out += line;
    put_wrapped(out, help, help_column);
}

std::string join(const std::vector<std::string>& words, std::string_view between)
{
    std::string text;
    for (const std::string& word : words) {
        if (!text.empty()) text += between;
        text += word;
    }
    return text;
}

std::string to_term(const Option& option)
{
    std::string term = option.short_name == '\0' ? "    " : std::string{'-', option.short_name};
    term += (option.short_name == '\0' ? "" : ", ") + option.name();
    if (!option.word.empty()) return term + "[=" + option.word + ']';
    if (!option.takes_value()) return term;
    return term + (option.choices.empty() ? ' ' + option.value_name : "=WORD");
}

std::string to_explanation(const Option& option)
{
    std::string text = option.help;
    if (!option.choices.empty()) text += ": " + join(option.choices, ", ");
    if (option.takes_value() && option.is_repeatable) text += "; may be repeated";
    return text;
}

std::string to_synopsis(const Command& command)
{
    std::string text = command.verbs.empty() ? "[OPTION]..." : "VERB [OPTION]...";
    for (const Operand& operand : command.operands) {
        const std::string dots = operand.most > 1 ? "..." : "";
        text += ' ' + (operand.least == 0 ? '[' + operand.name + ']' : operand.name) + dots;
    }
    return text;
}

void put_usage(std::string& out, const Command& command)
{
    std::vector<std::string> usages = command.usages;
    if (usages.empty()) usages.push_back(to_synopsis(command));
    const char* lead = "Usage: ";
    for (const std::string& usage : usages) {
        out += lead + command.name + ' ';
        put_wrapped(out, usage, std::string_view{lead}.size() + command.name.size() + 1);
        lead = "   or: ";
    }
}

/// The options of the command and, if it is a verb, of its tool, by groups.
void put_options(std::string& out, const Command& command)
{
    std::vector<const Option*> options;
    for (const Command* each = &command; each != nullptr; each = each->tool)
        for (const Option& option : each->options)
            if (!option.is_hidden) options.push_back(&option);

    std::vector<std::string> groups;
    for (const Option* option : options)
        if (std::ranges::find(groups, option->group) == groups.end())
            groups.push_back(option->group);
    for (const std::string& group : groups) {
        out += '\n' + group + ":\n";
        for (const Option* option : options)
            if (option->group == group) put_entry(out, to_term(*option), to_explanation(*option));
    }
}

/// A field of the table: nothing in it may end it.
std::string field(std::string text)
{
    std::ranges::replace_if(
        text, [](char c) { return c == '\t' || c == '\n'; }, ' ');
    return text.empty() ? "-" : text;
}

void put_table(std::string& out, const Command& command)
{
    const auto put = [&](const std::vector<std::string>& fields) {
        for (const std::string& text : fields) out += field(text) + '\t';
        out.back() = '\n';
    };
    const std::string& verb = command.verb;
    if (verb.empty())
        put({"tool", "", command.name, "", "", "", "", command.summary});
    else
        put({"verb", "", verb, "", "", "", "", command.summary});
    for (const Option& option : command.options) {
        if (option.is_hidden) continue;
        std::string short_name;
        if (option.short_name != '\0') short_name = option.short_name;
        put({"option", verb, option.long_name, short_name, option.value_name,
             option.is_repeatable ? "many" : "one", join(option.choices, " "), option.help});
    }
    for (const Operand& operand : command.operands)
        put({"operand", verb, operand.name, "", operand.name, operand.most > 1 ? "many" : "one", "",
             operand.help});
    for (const Command* each : command.verbs) put_table(out, *each);
}

} // namespace

std::string to_help(const Command& command)
{
    std::string out;
    put_wrapped(out, command.summary + '.', 0);
    out += '\n';
    put_usage(out, command);
    if (!command.verbs.empty()) {
        out += "\nVerbs:\n";
        for (const Command* verb : command.verbs) put_entry(out, verb->verb, verb->summary);
    }
    const bool has_help = std::ranges::any_of(
        command.operands, [](const Operand& operand) { return !operand.help.empty(); });
    if (has_help) out += "\nOperands:\n";
    for (const Operand& operand : command.operands)
        if (!operand.help.empty()) put_entry(out, operand.name, operand.help);
    put_options(out, command);
    if (!command.examples.empty()) out += "\nExamples:\n";
    for (const Example& example : command.examples) {
        out += "  " + example.command + "\n      ";
        put_wrapped(out, example.explanation, 6);
    }
    const Command& tool = command.tool == nullptr ? command : *command.tool;
    if (tool.has_environment)
        out += "\nLong options can be set in the environment: --progress as CAIRN_PROGRESS.";
    return out + "\nMore, and every exit status: man " + tool.name + ", man 7 cairn\n";
}

std::string to_option_table(const Command& tool)
{
    std::string out;
    put_table(out, tool);
    return out;
}

} // namespace cairn::detail
