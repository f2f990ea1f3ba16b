#pragma once

#include "base/error.hpp"
#include "cli/console.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn {

/// What a number may be; both ends are allowed.
struct Range {
    std::uint64_t min = 0;
    std::uint64_t max = UINT64_MAX;
};

/// A tool's command line: the tool declares what it takes and where that goes, and calls run().
/// Every tool also has --help, --version, --json, --quiet, --verbose and --progress.
///
/// `names` are written "-o,--output" or "--range"; `value_name` is what help calls the value, such
/// as "FILE"; `help` is a phrase without a full stop. Targets must live until run() returns and
/// keep their value where the user gives none. An option that takes one value may be given once.
class Cli {
public:
    using Body = std::function<Exit(Console&)>;

    /// `tool` without its "cairn-" prefix; `summary` is a sentence without a full stop.
    Cli(const std::string& tool, const std::string& summary);
    Cli(const Cli&) = delete;
    Cli& operator=(const Cli&) = delete;
    ~Cli();

    /// An option that is there or not.
    void flag(const std::string& names, bool& value, const std::string& help);

    /// The same, where "--check=full" says more than "--check": sets `value` to "" or to `word`.
    void flag(const std::string& names, std::optional<std::string>& value, const std::string& word,
              const std::string& help);

    // Options with a value, which follows as "-o FILE", "-oFILE", "--output FILE" or
    // "--output=FILE" and may be any text, also one that begins with '-'.

    void option(const std::string& names, const std::string& value_name, std::string& value,
                const std::string& help);
    void option(const std::string& names, const std::string& value_name,
                std::optional<std::string>& value, const std::string& help);

    /// May be given again; each adds one value.
    void option(const std::string& names, const std::string& value_name,
                std::vector<std::string>& values, const std::string& help);

    /// A plain decimal number.
    void number(const std::string& names, const std::string& value_name, std::uint64_t& value,
                Range range, const std::string& help);
    void number(const std::string& names, const std::string& value_name,
                std::optional<std::uint64_t>& value, Range range, const std::string& help);

    /// Bytes: "4096", "64KiB", "1.5GiB", "10GB".
    void size(const std::string& names, const std::string& value_name, std::uint64_t& value,
              Range range, const std::string& help);
    void size(const std::string& names, const std::string& value_name,
              std::optional<std::uint64_t>& value, Range range, const std::string& help);

    /// Milliseconds, given as "500ms", "90s", "15m", "36h", "30d".
    void duration_ms(const std::string& names, const std::string& value_name, std::uint64_t& value,
                     Range range, const std::string& help);

    /// One of several words, which help lists.
    void choice(const std::string& names, std::string& value,
                const std::vector<std::string>& choices, const std::string& help);

    // Operands, in the order in which they are declared; `name` is what help calls them.

    void operand(const std::string& name, std::string& value,
                 const std::string& help); ///< required
    void operand(const std::string& name, std::optional<std::string>& value,
                 const std::string& help);

    /// As many as there are; the last to be declared. `least` of them are required.
    void operands(const std::string& name, std::vector<std::string>& values,
                  const std::string& help, std::size_t least = 0);

    /// A tool that does several things has verbs, and one of them must be given: "verify link".
    /// The result takes what belongs to this verb only; it lives as long as its tool.
    Cli& verb(const std::string& name, const std::string& summary);

    /// True when run() found this verb.
    [[nodiscard]] bool is_chosen() const noexcept;

    /// Takes each long option that the command line does not give from the environment too:
    /// "--wait-time" from CAIRN_WAIT_TIME. For tools that work with the network and for daemons.
    /// A wrong value there is Error{config}.
    void environment();

    // Words for help and version.

    /// Replaces the line that follows "Usage:"; another call adds a line. Without "cairn-tool".
    void usage(const std::string& synopsis);

    /// The options declared next are shown under this title: "Output".
    void group(const std::string& title);

    /// A command line that works as it stands, and what it does. Two or more a tool.
    void example(const std::string& command, const std::string& explanation);

    /// Which formats and protocols the tool speaks: "age v1, stream 1".
    void formats(const std::string& names);

    /// Prepares the process, parses, runs `body` and returns the exit status. Every main() of a
    /// tool ends in this call; nothing else catches what tools throw. Throws nothing.
    int run(int argc, char** argv, const Body& body) noexcept;

private:
    struct Impl;

    Cli(Cli& parent, const std::string& name, const std::string& summary);

    std::unique_ptr<Impl> impl_;
};

} // namespace cairn
