#include "os/program.hpp"

#include "base/error.hpp"
#include "os/errno.hpp"

#include <array>
#include <climits>
#include <string_view>

#include <sys/stat.h>
#include <unistd.h>

namespace cairn {
std::string program_directory()
{
    constexpr const char* link = "/proc/self/exe";
    std::array<char, PATH_MAX> path{};
    const auto size = ::readlink(link, path.data(), path.size());
    if (size == -1) return {};
    const std::string_view file{path.data(), static_cast<std::size_t>(size)};
    return std::string{file.substr(0, file.rfind('/'))};
}

bool is_program(const std::string& path) noexcept
{
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
           ::access(path.c_str(), X_OK) == 0;
}

void execute(const std::string& file, const std::vector<std::string>& arguments)
{
    std::vector<char*> pointers;
    pointers.reserve(arguments.size() + 1);
    for (const std::string& argument : arguments)
        pointers.push_back(const_cast<char*>(argument.c_str())); // execvp does not change them
    pointers.push_back(nullptr);
    ::execvp(file.c_str(), pointers.data());
    throw_errno(Exit::oserr, "execute", file);
}

} // namespace cairn
