#pragma once

#include <string>
#include <vector>

namespace cairn {

/// Makes a directory unless it is there; true if it was made. The parent must exist, and the new
/// name is durable. Throws Error{cantcreat}.
bool make_directory(const std::string& path);

bool is_directory(const std::string& path) noexcept;

/// Whether there is anything of that name, a dangling link too.
bool exists(const std::string& path) noexcept;

/// The names in a directory, sorted, without "." and "..". Throws Error{noinput}.
std::vector<std::string> list_directory(const std::string& path);

} // namespace cairn
