#pragma once

#include "cli/cli.hpp"
#include "crypto/secret.hpp"

#include <optional>
#include <string>
#include <vector>

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

    /// Whether it is read from standard input.
    [[nodiscard]] bool is_from_standard_input() const;

    /// The passphrase: what the source holds, without one line end; asked for twice on the terminal
    /// where `is_new`. Throws Error{usage} without a source or a terminal, Error{noperm} when it is
    /// empty.
    [[nodiscard]] Secret read(bool is_new) const;
};

/// Whether a path given for a secret is standard input: "-" or "fd:0".
bool is_standard_input(const std::string& path);

/// Throws Error{usage} when a secret was given where the path of a file belongs.
void refuse_secret_as_path(const std::string& path);

/// Throws Error{usage} when standard input would be read for more than one purpose: the operand,
/// which is standard input if there is none, files with keys, and the passphrase.
void refuse_shared_standard_input(const std::optional<std::string>& operand,
                                  const std::vector<std::string>& key_files,
                                  const PassphraseOptions& passphrase);

} // namespace cairn
