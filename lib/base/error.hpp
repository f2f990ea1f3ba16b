#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace cairn {

/// Exit status, the same for every tool. Listed in cairn(7); scripts depend on it.
enum class Exit {
    ok = 0,         ///< done and durable, or done already
    no = 1,         ///< the question was answered "no": bad signature, absent object
    partial = 3,    ///< committed in part; the list is on standard error
    usage = 64,     ///< the command line is wrong
    data = 65,      ///< an input is malformed, truncated, tampered with or of the wrong kind
    noinput = 66,   ///< an input is missing or cannot be read
    nohost = 68,    ///< a peer's name cannot be resolved
    unavail = 69,   ///< a service cannot be reached, or too few providers
    bug = 70,       ///< an internal error
    oserr = 71,     ///< a missing kernel feature, a limit, memory
    cantcreat = 73, ///< the output exists or cannot be created
    ioerr = 74,     ///< reading, writing or syncing failed
    tempfail = 75,  ///< try again later: a lock, a timeout
    protocol = 76,  ///< a peer misbehaved
    noperm = 77,    ///< wrong key or passphrase, unsafe key file, not allowed
    config = 78,    ///< a bad profile or environment value
};

/// The stable name of a status, as scripts find it in JSON errors: "data", "noperm", ...
const char* to_text(Exit code) noexcept;

/// The only exception we throw: this command cannot do its job, and why.
/// Write the message for the user: lower case, no full stop, objects in quotes, the cause last,
/// never a secret. The hint, if any, is one line that can be pasted or acted on.
class Error : public std::runtime_error {
public:
    Error(Exit code, const std::string& message, std::string hint = {})
        : std::runtime_error{message},
          code_{code},
          hint_{std::move(hint)}
    {
    }

    [[nodiscard]] Exit code() const noexcept { return code_; }
    [[nodiscard]] const std::string& hint() const noexcept { return hint_; }

private:
    Exit code_;
    std::string hint_;
};

} // namespace cairn
