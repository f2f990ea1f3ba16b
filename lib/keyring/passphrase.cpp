#include "keyring/passphrase.hpp"

#include "cli/environment.hpp"
#include "format/address.hpp"
#include "os/input.hpp"
#include "os/process.hpp"
#include "os/terminal.hpp"

#include <algorithm>

namespace cairn {
namespace {

Secret ask_twice()
{
    Secret first{passphrase_size_max};
    first.shrink(prompt_secret("new passphrase: ", first.bytes()));
    Secret again{passphrase_size_max};
    again.shrink(prompt_secret("the same again: ", again.bytes()));
    if (!constant_time_equal(first.bytes(), again.bytes()))
        throw Error{Exit::noperm, "the two passphrases differ"};
    return first;
}

Secret ask_once()
{
    Secret passphrase{passphrase_size_max};
    passphrase.shrink(prompt_secret("passphrase: ", passphrase.bytes()));
    return passphrase;
}

Secret from_file(const std::string& path)
{
    Secret passphrase{passphrase_size_max + 2};
    refuse_secret_as_path(path);
    passphrase.shrink(
        read_secret_file(credential_path(path), passphrase.bytes(), readers_of(path)));
    return passphrase;
}

Secret from_command(const std::string& command)
{
    Secret passphrase{passphrase_size_max + 2};
    passphrase.shrink(read_command(command, passphrase.bytes()));
    return passphrase;
}

void drop_line_end(Secret& text)
{
    for (const char end : {'\n', '\r'})
        if (text.size() > 0 && text.bytes().back() == std::byte(end)) text.shrink(text.size() - 1);
}

} // namespace

void PassphraseOptions::declare(Cli& cli, const std::string& ask_names)
{
    cli.flag(ask_names, ask, "Use a passphrase; ask for it on the terminal");
    cli.option("--passphrase-file", "FILE", file, "Use the passphrase in FILE, '-' or fd:N");
    cli.number("--passphrase-fd", "N", descriptor, {0, 1'000'000},
               "Use the passphrase read from descriptor N");
    cli.option("--passphrase-command", "CMD", command, "Use the passphrase that CMD prints");
}

Secret PassphraseOptions::read(bool is_new) const
{
    const int sources =
        int{file.has_value()} + int{descriptor.has_value()} + int{command.has_value()};
    if (sources > 1) throw Error{Exit::usage, "the passphrase is given in more than one way"};
    if (sources == 0) {
        Secret asked = is_new ? ask_twice() : ask_once();
        if (asked.size() == 0) throw Error{Exit::noperm, "the passphrase is empty"};
        return asked;
    }
    Secret passphrase = command ? from_command(*command)
                                : from_file(file ? *file : "fd:" + std::to_string(*descriptor));
    drop_line_end(passphrase);
    if (passphrase.size() == 0) throw Error{Exit::noperm, "the passphrase is empty"};
    return passphrase;
}

bool PassphraseOptions::is_from_standard_input() const
{
    return (file && is_standard_input(*file)) || descriptor == 0U;
}

bool is_standard_input(const std::string& path)
{
    return path == "-" || path == "fd:0";
}

void refuse_secret_as_path(const std::string& path)
{
    if (looks_secret(path))
        throw Error{Exit::usage, "a secret was given where the name of a file belongs",
                    "put it in a file that only you can read"};
}

void refuse_shared_standard_input(const std::optional<std::string>& operand,
                                  const std::vector<std::string>& key_files,
                                  const PassphraseOptions& passphrase)
{
    const auto readers = std::ranges::count_if(key_files, is_standard_input) +
                         (operand.value_or("-") == "-" ? 1 : 0) +
                         (passphrase.is_from_standard_input() ? 1 : 0);
    if (readers > 1)
        throw Error{Exit::usage, "standard input cannot be read for more than one purpose",
                    "name a file, or another descriptor as fd:N"};
}

} // namespace cairn
