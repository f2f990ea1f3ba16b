#include "cli/cli.hpp"

#include "base/text.hpp"
#include "cli/detail/command.hpp"
#include "cli/detail/reporter.hpp"
#include "cli/detail/value.hpp"
#include "cli/detail/variables.hpp"
#include "os/process.hpp"
#include "os/terminal.hpp"

#include <algorithm>
#include <cassert>
#include <cstdlib>
#include <new>
#include <span>
#include <utility>

namespace cairn {

using detail::Unit;

namespace {

constexpr int standard_error = 2;
constexpr const char* general = "General";

ProgressMode to_progress_mode(const std::string& word, const Console::Options& options)
{
    if (options.quiet || word == "none") return ProgressMode::none;
    if (word == "auto") {
        const char* const terminal = std::getenv("TERM"); // NOLINT(concurrency-mt-unsafe)
        const bool is_dumb = terminal == nullptr || std::string_view{terminal} == "dumb";
        const bool is_bar = !options.json && !is_dumb && is_terminal(standard_error);
        return is_bar ? ProgressMode::bar : ProgressMode::none;
    }
    if (options.json || word == "json")
        return ProgressMode::json; // all else would spoil the events
    return word == "bar" ? ProgressMode::bar : ProgressMode::plain;
}

const char* look_up(const std::string& name)
{
    return std::getenv(name.c_str()); // NOLINT(concurrency-mt-unsafe): nothing changes it
}

/// Also when the rest of the command line is wrong.
bool asks_for_json(const std::vector<std::string>& arguments, bool has_environment)
{
    const char* const variable = has_environment ? look_up("CAIRN_JSON") : nullptr;
    if (variable != nullptr && std::string_view{variable} == "1") return true;
    const auto end = std::ranges::find(arguments, "--");
    return std::find(arguments.begin(), end, "--json") != end;
}

bool is_given(const detail::Given& given, std::string_view long_name)
{
    return std::ranges::any_of(given.options, [&](const detail::Given::Choice& choice) {
        return choice.option->long_name == long_name;
    });
}

} // namespace

struct Cli::Impl {
    detail::Command command;
    std::string group = "Options";
    std::string formats;
    std::vector<std::unique_ptr<Cli>> verbs;
    bool is_chosen = false;

    // What every tool takes.
    Console::Options options;
    std::string progress = "auto";

    /// The caller says what becomes of the value.
    detail::Option& add(const std::string& names, const std::string& value_name,
                        const std::string& help)
    {
        detail::Option option;
        const bool has_short = names.size() > 2 && names[2] == ',';
        const std::string long_name = has_short ? names.substr(3) : names;
        assert(long_name.starts_with("--") && (!has_short || names[0] == '-'));
        option.long_name = long_name.substr(2);
        if (has_short) option.short_name = names[1];
        assert(command.find_long(option.long_name) == nullptr);
        assert(option.long_name != "home"); // CAIRN_HOME is something else
        assert(command.find_short(option.short_name) == nullptr);
        option.value_name = value_name;
        option.help = help;
        option.group = group;
        return command.options.emplace_back(std::move(option));
    }

    template <class Value>
    void add_number(const std::string& names, const std::string& value_name, Value& value,
                    std::pair<Range, Unit> kind, const std::string& help)
    {
        detail::Option& option = add(names, value_name, help);
        option.store = [&value, kind, name = option.name()](const std::string& text) {
            value = detail::to_number(name, text, kind.first, kind.second);
        };
    }

    template <class Store>
    void add_operand(const std::string& name, const std::string& help, const Store& store)
    {
        command.operands.push_back({.name = name, .help = help, .store = store});
    }

    void add_choice(const std::string& names, std::string& value,
                    const std::vector<std::string>& choices, const std::string& help);
    void add_common_options();
    void print_version(Console& console) const;
    Exit run(const std::vector<std::string>& arguments, Console& console, const Body& body);
    Exit run_and_tell(const std::vector<std::string>& arguments, Console& console,
                      const Body& body);
};

Cli::Cli(const std::string& tool, const std::string& summary) : impl_{std::make_unique<Impl>()}
{
    impl_->command.name = "cairn-" + tool;
    impl_->command.summary = summary;
}

Cli::Cli(Cli& parent, const std::string& name, const std::string& summary)
    : impl_{std::make_unique<Impl>()}
{
    const detail::Command& tool = parent.impl_->command;
    impl_->command.name = tool.name + ' ' + name;
    impl_->command.verb = name;
    impl_->command.summary = summary;
    impl_->command.tool = &tool;
}

Cli::~Cli() = default;

void Cli::flag(const std::string& names, bool& value, const std::string& help)
{
    impl_->add(names, {}, help).store = [&value](const std::string&) { value = true; };
}

void Cli::flag(const std::string& names, std::optional<std::string>& value, const std::string& word,
               const std::string& help)
{
    detail::Option& option = impl_->add(names, {}, help);
    option.word = word;
    option.store = [&value, word, name = option.name()](const std::string& text) {
        if (!text.empty() && text != word)
            throw Error{Exit::usage,
                        "option '" + name + "' takes '" + word + "', not '" + escape(text) + "'"};
        value = text;
    };
}

void Cli::option(const std::string& names, const std::string& value_name, std::string& value,
                 const std::string& help)
{
    impl_->add(names, value_name, help).store = [&value](const std::string& text) { value = text; };
}

void Cli::option(const std::string& names, const std::string& value_name,
                 std::optional<std::string>& value, const std::string& help)
{
    impl_->add(names, value_name, help).store = [&value](const std::string& text) { value = text; };
}

void Cli::option(const std::string& names, const std::string& value_name,
                 std::vector<std::string>& values, const std::string& help)
{
    detail::Option& option = impl_->add(names, value_name, help);
    option.is_repeatable = true;
    option.store = [&values](const std::string& text) { values.push_back(text); };
}

void Cli::number(const std::string& names, const std::string& value_name, std::uint64_t& value,
                 Range range, const std::string& help)
{
    impl_->add_number(names, value_name, value, {range, Unit::none}, help);
}

void Cli::number(const std::string& names, const std::string& value_name,
                 std::optional<std::uint64_t>& value, Range range, const std::string& help)
{
    impl_->add_number(names, value_name, value, {range, Unit::none}, help);
}

void Cli::size(const std::string& names, const std::string& value_name, std::uint64_t& value,
               Range range, const std::string& help)
{
    impl_->add_number(names, value_name, value, {range, Unit::bytes}, help);
}

void Cli::size(const std::string& names, const std::string& value_name,
               std::optional<std::uint64_t>& value, Range range, const std::string& help)
{
    impl_->add_number(names, value_name, value, {range, Unit::bytes}, help);
}

void Cli::duration_ms(const std::string& names, const std::string& value_name, std::uint64_t& value,
                      Range range, const std::string& help)
{
    impl_->add_number(names, value_name, value, {range, Unit::milliseconds}, help);
}

void Cli::choice(const std::string& names, std::string& value,
                 const std::vector<std::string>& choices, const std::string& help)
{
    impl_->add_choice(names, value, choices, help);
}

void Cli::operand(const std::string& name, std::string& value, const std::string& help)
{
    impl_->add_operand(name, help, [&value](const std::string& text) { value = text; });
    impl_->command.operands.back().least = 1;
}

void Cli::operand(const std::string& name, std::optional<std::string>& value,
                  const std::string& help)
{
    impl_->add_operand(name, help, [&value](const std::string& text) { value = text; });
}

void Cli::operands(const std::string& name, std::vector<std::string>& values,
                   const std::string& help, std::size_t least)
{
    impl_->add_operand(name, help, [&values](const std::string& text) { values.push_back(text); });
    impl_->command.operands.back().least = least;
    impl_->command.operands.back().most = detail::Operand::unlimited;
}

Cli& Cli::verb(const std::string& name, const std::string& summary)
{
    assert(impl_->command.tool == nullptr);
    impl_->verbs.push_back(std::unique_ptr<Cli>{new Cli{*this, name, summary}});
    Cli& verb = *impl_->verbs.back();
    impl_->command.verbs.push_back(&verb.impl_->command);
    return verb;
}

bool Cli::is_chosen() const noexcept
{
    return impl_->is_chosen;
}

void Cli::environment()
{
    assert(impl_->command.tool == nullptr);
    impl_->command.has_environment = true;
}

void Cli::usage(const std::string& synopsis)
{
    impl_->command.usages.push_back(synopsis);
}

void Cli::group(const std::string& title)
{
    impl_->group = title;
}

void Cli::example(const std::string& command, const std::string& explanation)
{
    impl_->command.examples.push_back({command, explanation});
}

void Cli::formats(const std::string& names)
{
    impl_->formats = names;
}

void Cli::Impl::add_choice(const std::string& names, std::string& value,
                           const std::vector<std::string>& choices, const std::string& help)
{
    detail::Option& option = add(names, "WORD", help);
    option.choices = choices;
    option.store = [&value, choices, name = option.name()](const std::string& text) {
        std::string allowed;
        for (const std::string& word : choices) allowed += (allowed.empty() ? "" : ", ") + word;
        if (std::ranges::find(choices, text) == choices.end())
            throw Error{Exit::usage, "option '" + name + "' takes one of " + allowed + ", not '" +
                                         escape(text) + "'"};
        value = text;
    };
}

void Cli::Impl::add_common_options()
{
    const auto add_question = [this](const std::string& names, const std::string& help) {
        detail::Option& option = add(names, {}, help);
        option.store = [](const std::string&) {}; // run() asks for them first
        option.is_question = true;
    };
    group = general;
    add_question("-h,--help", "Show this help");
    add_question("-V,--version", "Show the release and the formats it speaks");
    add("--json", {}, "Write results and messages as JSON").store = [this](const std::string&) {
        options.json = true;
    };
    add("-q,--quiet", {}, "Show nothing but errors").store = [this](const std::string&) {
        options.quiet = true;
    };
    detail::Option& verbose = add("-v,--verbose", {}, "Tell more; -vv tells even more");
    verbose.is_repeatable = true;
    verbose.store = [this](const std::string&) { ++options.verbosity; };
    add_choice("--progress", progress, {"auto", "bar", "plain", "json", "none"},
               "Show progress so");
    add_question("--option-table", {}); // for scripts/completions
    command.options.back().is_hidden = true;
}

void Cli::Impl::print_version(Console& console) const
{
    if (!console.json()) {
        const std::string suffix = formats.empty() ? "" : " (" + formats + ')';
        console.print(command.name + ' ' + release() + suffix + '\n');
        return;
    }
    Json list = Json::array();
    for (std::string_view rest = formats; !rest.empty();) {
        const std::size_t size = std::min(rest.find(", "), rest.size());
        list.push(rest.substr(0, size));
        rest.remove_prefix(std::min(size + 2, rest.size()));
    }
    console.result(Json::object()
                       .set("tool", command.name)
                       .set("version", release())
                       .set("formats", std::move(list)));
}

Exit Cli::Impl::run(const std::vector<std::string>& arguments, Console& console, const Body& body)
{
    add_common_options();
    const detail::Given given = detail::parse(command, arguments);
    if (is_given(given, "help")) return console.print(to_help(*given.command)), Exit::ok;
    if (is_given(given, "version")) return print_version(console), Exit::ok;
    if (is_given(given, "option-table")) return console.print(to_option_table(command)), Exit::ok;
    if (given.command == &command && !verbs.empty()) {
        std::string names;
        for (const detail::Command* each : command.verbs)
            names += (names.empty() ? "" : ", ") + each->verb;
        throw Error{Exit::usage, "no verb is given", "one of: " + names};
    }

    store(given);
    if (command.has_environment) detail::store_variables(given, look_up);
    for (const std::unique_ptr<Cli>& verb : verbs)
        verb->impl_->is_chosen = given.command == &verb->impl_->command;
    options.progress = to_progress_mode(progress, options);
    console.reporter_->options = options;
    return body(console);
}

/// Every failure but a lack of memory becomes a message and a status here.
Exit Cli::Impl::run_and_tell(const std::vector<std::string>& arguments, Console& console,
                             const Body& body)
{
    try {
        return run(arguments, console, body);
    } catch (const Error& error) {
        console.error(error.code(), error.what(), error.hint());
        return error.code();
    } catch (const std::bad_alloc&) {
        throw;
    } catch (const std::exception& error) {
        console.error(Exit::bug, std::string{"internal error: "} + error.what(),
                      "please report it together with the command line");
        return Exit::bug;
    }
}

int Cli::run(int argc, char** argv, const Body& body) noexcept
{
    prepare_process();
    bool is_json = false;
    try {
        const std::vector<std::string> arguments{argv + std::min(argc, 1), argv + argc};
        is_json = asks_for_json(arguments, impl_->command.has_environment);
        Console console{impl_->command.name, {.json = is_json}};
        const detail::StatusSignal signal{*console.reporter_};
        return static_cast<int>(impl_->run_and_tell(arguments, console, body));
    } catch (const std::bad_alloc&) {
        detail::put_out_of_memory(impl_->command.name, is_json);
        return static_cast<int>(Exit::oserr);
    }
}

} // namespace cairn
