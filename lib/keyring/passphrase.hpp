#pragma once

#include "cli/cli.hpp"
#include "crypto/secret.hpp"

#include <optional>
#include <string>

namespace cairn {

inline constexpr std::size_t passphrase_size_max = 1024; // bytes

/// Where a passphrase comes from: never from the command line itself.
struct PassphraseOptions {
    bool ask = false;
    std::optional<std::string> file;
    std::optional<std::uint64_t> descriptor;
    std::optional<std::string> command;

    /// Declares the options: `ask_names` such as "-p,--passphrase", then --passphrase-file,
    /// --passphrase-fd and --passphrase-command.
    void declare(Cli& cli, const std::string& ask_names);

    [[nodiscard]] bool is_given() const { return ask || file || descriptor || command; }

    /// The passphrase: what the source holds, without one line end; asked for twice on the terminal
    /// where `is_new`. Throws Error{usage} without a source or a terminal, Error{noperm} when it is
    /// empty.
    [[nodiscard]] Secret read(bool is_new) const;
};

} // namespace cairn
