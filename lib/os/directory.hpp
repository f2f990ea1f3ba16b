#pragma once

#include "os/fd.hpp"

#include <string>
#include <vector>

namespace cairn {

/// Makes a directory unless it is there; true if it was made. The parent must exist, and the new
/// name is durable. Throws Error{cantcreat}.
bool make_directory(const std::string& path);

/// Makes a directory, and those above it that are missing, for this user alone: mode 0700. Throws
/// Error{cantcreat}, and Error{noperm} when it is there but is another user's or others may write
/// to it.
void make_private_directory(const std::string& path);

bool is_directory(const std::string& path) noexcept;

/// Whether there is anything of that name, a dangling link too.
bool exists(const std::string& path) noexcept;

/// The same path from the root; nothing is looked up. Throws Error{noinput} when the current
/// directory has none.
std::string absolute_path(const std::string& path);

/// The names in a directory, sorted, without "." and "..". Throws Error{noinput}.
std::vector<std::string> list_directory(const std::string& path);

/// Removes a file; no error if there is none.
void remove_file(const std::string& path) noexcept;

/// Gives a file or directory another name, which must be free. Throws Error{cantcreat}.
void rename_to_free_name(const std::string& from, const std::string& to);

/// Locks a directory against others who lock it, until the descriptor is closed, also by the death
/// of the process. Throws Error{tempfail}, naming the holder, when it is still locked after
/// `wait_ms`.
Fd lock_directory(const std::string& path, std::uint64_t wait_ms = 0);

} // namespace cairn
