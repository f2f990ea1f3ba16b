// The syntax of command lines is CLI11's. It guesses at values, though: it splits "[a,b]", takes
// "-5" for an option and "++" for an order. So it gets to see options and verbs only; values and
// operands are shielded, each by a word that means nothing, and put back afterwards.

#include "base/error.hpp"
#include "base/text.hpp"
#include "cli/detail/command.hpp"
#include "cli/suggest.hpp"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <memory>
#include <utility>

#include <CLI/CLI.hpp>

namespace cairn::detail {
namespace {

[[noreturn]] void fail(const Command& command, const std::string& message, std::string hint = {})
{
    if (hint.empty()) hint = "try '" + command.name + " --help'";
    throw Error{Exit::usage, message, std::move(hint)};
}

/// Reads a command line from left to right, as POSIX does, and shields what is a value.
class Shield {
public:
    Shield(const Command& tool, const std::vector<std::string>& arguments)
        : command_{&tool},
          arguments_{arguments}
    {
        while (next_ < arguments_.size()) read(arguments_[next_++]);
    }

    /// The tool, or the verb.
    [[nodiscard]] const Command& command() const noexcept { return *command_; }

    [[nodiscard]] const std::vector<std::string>& words() const noexcept { return words_; }

    /// What a word stands for.
    [[nodiscard]] const std::string& value(std::string_view word) const
    {
        std::size_t index = 0;
        std::from_chars(word.data() + 1, word.data() + word.size(), index);
        return values_.at(index);
    }

private:
    std::string shield(std::string value)
    {
        values_.push_back(std::move(value));
        return ":" + std::to_string(values_.size() - 1);
    }

    void read(const std::string& argument)
    {
        if (has_ended_)
            words_.push_back(shield(argument));
        else if (argument == "--")
            has_ended_ = true;
        else if (argument.starts_with("--"))
            read_long(argument);
        else if (argument.starts_with('-') && argument.size() > 1)
            read_short(argument);
        else
            read_operand(argument);
    }

    void read_long(const std::string& argument)
    {
        const std::size_t size = std::min(argument.find('='), argument.size());
        const std::string name = argument.substr(0, size);
        const Option* const option = command_->find_long(std::string_view{name}.substr(2));
        if (option == nullptr) fail_unknown(name);
        words_.push_back(name);
        if (size == argument.size()) {
            if (option->takes_value()) read_value(*option);
        } else {
            if (!option->takes_value() && option->word.empty())
                fail(*command_, "option '" + name + "' takes no value");
            words_.back() += '=' + shield(argument.substr(size + 1));
        }
    }

    void read_short(const std::string& argument)
    {
        // "-output" would else mean "-o utput".
        if (argument.size() > 2 && command_->find_long(std::string_view{argument}.substr(1)))
            fail_unknown(argument);
        for (std::size_t i = 1; i < argument.size(); ++i) {
            const Option* const option = command_->find_short(argument[i]);
            if (option == nullptr) fail_unknown({'-', argument[i]});
            words_.push_back({'-', argument[i]});
            if (!option->takes_value()) continue;
            if (i + 1 == argument.size())
                read_value(*option);
            else
                words_.back() += shield(argument.substr(i + 1));
            return;
        }
    }

    /// A value in a word of its own, whatever it looks like.
    void read_value(const Option& option)
    {
        if (next_ == arguments_.size())
            fail(*command_, "option '" + option.name() + "' needs a value: " + option.value_name);
        words_.push_back(shield(arguments_[next_++]));
    }

    void read_operand(const std::string& argument)
    {
        if (command_->verbs.empty()) {
            words_.push_back(shield(argument));
            return;
        }
        const Command* const verb = command_->find_verb(argument);
        if (verb == nullptr) {
            std::vector<std::string> verbs;
            for (const Command* each : command_->verbs) verbs.push_back(each->verb);
            fail(*command_, "unknown verb '" + escape(argument) + "'", suggest(argument, verbs));
        }
        words_.push_back(argument);
        command_ = verb;
    }

    [[noreturn]] void fail_unknown(const std::string& name)
    {
        assert(command_ != nullptr);
        std::vector<std::string> names;
        for (const Command* each = command_; each != nullptr; each = each->tool)
            for (const Option& option : each->options)
                if (!option.is_hidden) names.push_back(option.name());
        const bool is_long = name.starts_with("--") || name.size() > 2;
        fail(*command_, "unknown option '" + escape(name) + "'",
             is_long ? suggest(name, names) : std::string{});
    }

    const Command* command_;
    const std::vector<std::string>& arguments_;
    std::size_t next_ = 0;
    bool has_ended_ = false;
    std::vector<std::string> words_;
    std::vector<std::string> values_;
};

/// Tells CLI11 what there is, and remembers which of its options are which of ours.
class Grammar {
public:
    explicit Grammar(const Command& tool) : app_{std::string{}, tool.name}
    {
        app_.set_help_flag(); // ours is an option like others
        declare(tool, app_);
        for (const Command* verb : tool.verbs) {
            CLI::App& app = *app_.add_subcommand(verb->verb);
            app.set_help_flag();
            app.fallthrough(); // a verb may be followed by its tool's options
            declare(*verb, app);
        }
    }

    Given parse(const Shield& shield)
    {
        std::vector<std::string> words{shield.words().rbegin(), shield.words().rend()};
        app_.parse(words); // reads from the back
        Given given;
        given.command = &shield.command();
        for (const auto& [option, declared] : options_) {
            if (declared->count() == 0) continue;
            given.options.push_back({option, {}});
            for (const std::string& word : declared->results()) {
                const bool is_shielded = word.starts_with(':'); // a flag's is "true" else
                given.options.back().values.push_back(is_shielded ? shield.value(word)
                                                                  : std::string{});
            }
        }
        for (const CLI::Option* const operands : operands_)
            for (const std::string& word : operands->results())
                given.operands.push_back(shield.value(word));
        return given;
    }

private:
    void declare(const Command& command, CLI::App& app)
    {
        constexpr auto take_all = CLI::MultiOptionPolicy::TakeAll; // store() counts
        for (const Option& option : command.options) {
            CLI::Option* const declared = option.takes_value()
                                              ? app.add_option(option.names())->expected(1)
                                              : app.add_flag(option.names());
            options_.emplace_back(&option, declared->multi_option_policy(take_all));
        }
        if (!command.verbs.empty()) return;
        CLI::Option* const operands = app.add_option("operands")->expected(-1);
        operands_.push_back(operands->multi_option_policy(take_all));
    }

    CLI::App app_;
    std::vector<std::pair<const Option*, CLI::Option*>> options_;
    std::vector<CLI::Option*> operands_;
};

} // namespace

Given parse(const Command& tool, const std::vector<std::string>& arguments)
{
    const Shield shield{tool, arguments};
    try {
        return Grammar{tool}.parse(shield);
    } catch (const CLI::ParseError& error) { // what the shield let through
        fail(shield.command(), error.what());
    }
}

} // namespace cairn::detail
