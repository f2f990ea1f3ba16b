#pragma once

#include "base/error.hpp"
#include "json/json.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace cairn {

namespace detail {
class Reporter;
}

/// The release of the toolkit: "0.1.0".
const char* release() noexcept;

enum class ProgressMode { none, bar, plain, json };

/// Tells people and programs how a command goes: the result on standard output, all else on
/// standard error, as text or, with --json, as one JSON object a line. Messages may hold what an
/// attacker chose: they are escaped and take one line each. Safe to use from several threads.
/// Create none: Cli::run does.
class Console {
public:
    struct Options {
        bool json = false;
        bool quiet = false;
        unsigned verbosity = 0; ///< 1: info, 2: debug
        ProgressMode progress = ProgressMode::none;
    };

    Console(const std::string& tool, const Options& options);
    Console(const Console&) = delete;
    Console& operator=(const Console&) = delete;
    ~Console();

    /// "cairn-put"
    [[nodiscard]] const std::string& tool() const noexcept;
    [[nodiscard]] const Options& options() const noexcept;
    [[nodiscard]] bool json() const noexcept { return options().json; }

    /// Writes one line of JSON to standard output: the result, or one record of many.
    /// Throws Error{ioerr}.
    void result(const Json& document);

    /// Writes text for people to standard output, as it is. Throws Error{ioerr}.
    void print(std::string_view text);

    // The rest goes to standard error and is lost when that cannot be written. With -q only errors
    // are shown.

    /// The last line of a failed command. The code's name and number are in the JSON form.
    void error(Exit code, std::string_view message, std::string_view hint = {});

    /// Something the user should know although the command goes on.
    void warning(std::string_view message);

    void info(std::string_view message);  ///< shown with -v
    void debug(std::string_view message); ///< shown with -vv

    /// What was done, once, at the end: `text` for people, `fields` for programs.
    void summary(std::string_view text, const Json& fields = Json::object());

    /// For programs only, so with --json only: {"ev": name, ...fields}.
    void event(std::string_view name, const Json& fields);

private:
    friend class Cli;
    friend class Progress;

    std::unique_ptr<detail::Reporter> reporter_;
};

/// Writes a document as the result: one line of JSON, or lines for people.
void show(const Json& json, Console& console);

} // namespace cairn
