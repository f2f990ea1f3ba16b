#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <list>
#include <string>
#include <string_view>
#include <vector>

// What a tool's command line may hold, as Cli was told.

namespace cairn::detail {

struct Option {
    std::string long_name;  ///< "output"
    char short_name = '\0'; ///< 'o', or none
    std::string value_name; ///< "FILE"; empty for a flag
    std::vector<std::string> choices;
    std::string word; ///< that a flag may take all the same: "full" of "--check[=full]"
    std::string help;
    std::string group;
    bool is_repeatable = false;
    bool is_hidden = false;
    bool is_question = false; ///< answered instead of running the tool: "--help"

    /// Takes one value, empty for a flag. Throws Error{usage}.
    std::function<void(const std::string& value)> store;

    [[nodiscard]] bool takes_value() const noexcept { return !value_name.empty(); }

    /// "--output"
    [[nodiscard]] std::string name() const { return "--" + long_name; }

    /// "-o,--output"
    [[nodiscard]] std::string names() const
    {
        return short_name == '\0' ? name() : std::string{'-', short_name, ','} + name();
    }
};

struct Operand {
    static constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

    std::string name;
    std::string help;
    std::size_t least = 0;
    std::size_t most = 1;
    std::function<void(const std::string& value)> store;
};

struct Example {
    std::string command;
    std::string explanation;
};

/// A tool or one of its verbs.
struct Command {
    std::string name; ///< "cairn-verify" or "cairn-verify link"
    std::string verb; ///< "link"; empty for a tool
    std::string summary;
    std::vector<std::string> usages;
    std::vector<Option> options;
    std::vector<Operand> operands;
    std::vector<Example> examples;
    std::vector<const Command*> verbs; // borrowed
    const Command* tool = nullptr;     // borrowed; what a verb belongs to
    bool has_environment = false;      ///< a tool's: options come from variables too

    [[nodiscard]] const Command* find_verb(std::string_view name) const noexcept;

    // Those of a verb include those of its tool. Null if there is none.
    [[nodiscard]] const Option* find_long(std::string_view name) const noexcept;
    [[nodiscard]] const Option* find_short(char name) const noexcept;
};

/// What a command line says.
struct Given {
    struct Choice {
        const Option* option;
        std::vector<std::string> values; ///< for flags, an empty one each time
    };

    const Command* command = nullptr; ///< the tool, or the verb
    std::vector<Choice> options;      ///< in the order of declaration
    std::vector<std::string> operands;
};

/// Takes a command line apart, without the program's name. Throws Error{usage}. What it returns
/// borrows from `tool`.
Given parse(const Command& tool, const std::vector<std::string>& arguments);

/// Hands values and operands to the functions that store them. Throws Error{usage}.
void store(const Given& given);

/// The words of --help, at most 80 columns wide.
std::string to_help(const Command& command);

/// A line for the tool and each verb, option and operand: kind, its verb, name, short name, value,
/// "one" or "many", choices, help, with tabs between and "-" for what is not there.
/// scripts/completions reads it.
std::string to_option_table(const Command& tool);

} // namespace cairn::detail
