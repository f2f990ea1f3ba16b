#pragma once

#include <cstdint>
#include <string>
#include <vector>

// What a daemon gives up before it reads what strangers send: files by Landlock, system calls by
// seccomp. Neither can be undone, and children inherit both.

namespace cairn {

struct FileRights {
    std::vector<std::string> writable; ///< directories: anything below, but no programs
    std::vector<std::string> readable; ///< directories or files; what is not there is left out
    std::vector<std::uint16_t> ports;  ///< TCP ports that may be listened on; 0: any free one
    bool may_connect = false;          ///< to TCP ports
};

/// No other files, and no other TCP ports, for this thread and those it makes from now on: call it
/// before there are threads. Returns the version of Landlock that the kernel has, 0 for none.
/// Throws Error{oserr} when the kernel has it and refuses.
unsigned confine_files(const FileRights& rights);

/// No programs, no processes, no new sockets but accepted ones (with `may_connect`: but those to
/// connect with), no debugging, no executable memory, and nothing that this toolkit has no use for:
/// for all threads. What is not allowed fails with EPERM. False when the kernel has no filters, or
/// this build has sanitizers, which need more. Throws Error{oserr} when the kernel refuses.
bool confine_calls(bool may_connect = false);

/// One forbidden thing that was tried.
struct SandboxProbe {
    const char* what = "";
    bool is_denied = false;
};

/// Tries what a confined process must not do: to open files outside, to make one there, to run a
/// program, to make a process, to connect, to listen, to get executable memory.
std::vector<SandboxProbe> probe_sandbox();

} // namespace cairn
