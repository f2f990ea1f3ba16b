#include "cli/environment.hpp"

#include "base/error.hpp"

#include <cstdlib>
#include <string_view>

namespace cairn {
namespace {
constexpr std::string_view credential = "credential:";
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
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing changes the environment
    const char* const directory = std::getenv("CREDENTIALS_DIRECTORY");
    if (directory == nullptr || *directory == '\0')
        throw Error{Exit::config, "no credentials here: CREDENTIALS_DIRECTORY is not set"};
    return std::string{directory} + '/' + name;
}

std::string temporary_directory()
{
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing changes the environment
    const char* const directory = std::getenv("TMPDIR");
    return directory != nullptr && *directory != '\0' ? directory : "/tmp";
}

} // namespace cairn
