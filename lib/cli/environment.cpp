#include "cli/environment.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "os/directory.hpp"

#include <cstdlib>
#include <optional>
#include <string_view>

namespace cairn {
namespace {
constexpr std::string_view credential = "credential:";

/// The value of a variable; none when it is not set or empty.
std::optional<std::string> variable(const char* name)
{
    const char* const value =
        std::getenv(name); // NOLINT(concurrency-mt-unsafe): nothing changes it
    if (value == nullptr || *value == '\0') return std::nullopt;
    return value;
}

/// A kind of directory and where the environment tells of it.
struct Place {
    const char* name;    ///< below CAIRN_HOME
    const char* service; ///< systemd's variable, a list with ':' between
    const char* user;    ///< that of the XDG specification
};

/// None where neither CAIRN_HOME nor systemd nor the XDG variable tells.
std::optional<std::string> find_place(const Place& place)
{
    if (const auto home = variable("CAIRN_HOME")) {
        if (!home->starts_with('/'))
            throw Error{Exit::config, "environment variable CAIRN_HOME: '" + escape(*home) +
                                          "' does not begin with '/'"};
        return *home + '/' + place.name;
    }
    if (const auto list = variable(place.service)) return list->substr(0, list->find(':'));
    const auto base = variable(place.user);
    if (!base || !base->starts_with('/')) return std::nullopt; // relative ones are to be ignored
    return *base + "/cairn";
}

std::string below_home(const char* name)
{
    const auto home = variable("HOME");
    if (!home || !home->starts_with('/'))
        throw Error{Exit::config, "no home directory: HOME is not set", "set CAIRN_HOME"};
    return *home + '/' + name + "/cairn";
}

std::string made(std::string directory)
{
    make_private_directory(directory);
    return directory;
}

} // namespace

std::string state_directory()
{
    const auto found = find_place({"state", "STATE_DIRECTORY", "XDG_STATE_HOME"});
    return made(found ? *found : below_home(".local/state"));
}

std::string cache_directory()
{
    const auto found = find_place({"cache", "CACHE_DIRECTORY", "XDG_CACHE_HOME"});
    return made(found ? *found : below_home(".cache"));
}

std::string runtime_directory()
{
    const auto found = find_place({"run", "RUNTIME_DIRECTORY", "XDG_RUNTIME_DIR"});
    return made(found ? *found : state_directory() + "/run");
}

SecretReaders readers_of(const std::string& path)
{
    return path.starts_with(credential) ? SecretReaders::group : SecretReaders::owner;
}

std::string credential_path(const std::string& text)
{
    if (!text.starts_with(credential)) return text;
    const std::string name = text.substr(credential.size());
    if (name.empty() || name == "." || name == ".." || name.find('/') != name.npos)
        throw Error{Exit::usage, "'" + text + "' does not name a credential"};
    const auto directory = variable("CREDENTIALS_DIRECTORY");
    if (!directory)
        throw Error{Exit::config, "no credentials here: CREDENTIALS_DIRECTORY is not set"};
    return *directory + '/' + name;
}

std::string temporary_directory()
{
    return variable("TMPDIR").value_or("/tmp");
}

} // namespace cairn
