#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace cairn {

/// What there is of a name, a symbolic link not followed.
struct PathInfo {
    enum class Kind : std::uint8_t { file, directory, symlink, other };

    Kind kind = Kind::other;
    unsigned mode = 0;          ///< permissions, at most 07777
    std::uint64_t mtime_ns = 0; ///< since 1970
    std::uint64_t size = 0;     ///< bytes of a file
    std::string target;         ///< of a symbolic link
};

/// None when there is nothing of that name. Throws Error{noinput} when it cannot be looked at.
std::optional<PathInfo> look_at_path(const std::string& path);

} // namespace cairn
