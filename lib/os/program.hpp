#pragma once

#include <string>
#include <vector>

namespace cairn {

/// The directory of the running program's file, links resolved; empty where /proc is not mounted.
std::string program_directory();

/// True for a file that this process may execute.
bool is_program(const std::string& path) noexcept;

/// Becomes the program `file`, which is looked up in $PATH when it has no slash. `arguments` starts
/// with the name the program is told. Throws Error{oserr}.
[[noreturn]] void execute(const std::string& file, const std::vector<std::string>& arguments);

} // namespace cairn
