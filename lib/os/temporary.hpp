#pragma once

#include <string>

namespace cairn {

/// A new directory of this user alone, in $TMPDIR or /var/tmp, that is removed with all that is in
/// it. Throws Error{cantcreat}.
class TemporaryDirectory {
public:
    TemporaryDirectory();
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    ~TemporaryDirectory();

    [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
    std::string path_;
};

} // namespace cairn
