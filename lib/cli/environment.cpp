#include "cli/environment.hpp"

#include "base/error.hpp"

#include <cstdlib>
#include <string_view>

namespace cairn {

std::string credential_path(const std::string& text)
{
    constexpr std::string_view prefix = "credential:";
    if (!text.starts_with(prefix)) return text;
    const std::string name = text.substr(prefix.size());
    if (name.empty() || name == "." || name == ".." || name.find('/') != name.npos)
        throw Error{Exit::usage, "'" + text + "' does not name a credential"};
    const char* const directory = std::getenv("CREDENTIALS_DIRECTORY");
    if (directory == nullptr || *directory == '\0')
        throw Error{Exit::config, "no credentials here: CREDENTIALS_DIRECTORY is not set"};
    return std::string{directory} + '/' + name;
}

std::string temporary_directory()
{
    const char* const directory = std::getenv("TMPDIR");
    return directory != nullptr && *directory != '\0' ? directory : "/tmp";
}

} // namespace cairn
