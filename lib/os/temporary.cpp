#include "os/temporary.hpp"

#include "os/errno.hpp"

#include <cstdlib>
#include <filesystem>

namespace cairn {

TemporaryDirectory::TemporaryDirectory()
{
    const char* const given = std::getenv("TMPDIR"); // NOLINT(concurrency-mt-unsafe)
    path_ = std::string{given != nullptr && *given != '\0' ? given : "/var/tmp"} + "/cairn-XXXXXX";
    if (::mkdtemp(path_.data()) == nullptr) throw_errno(Exit::cantcreat, "make", path_);
}

TemporaryDirectory::~TemporaryDirectory()
{
    std::error_code ignored; // what cannot be removed stays
    std::filesystem::remove_all(path_, ignored);
}

} // namespace cairn
