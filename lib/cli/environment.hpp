#pragma once

#include "os/input.hpp"

#include <string>

namespace cairn {

/// "credential:NAME" as the path of the file that systemd made for this service; other texts as
/// they are. Throws Error{config} where systemd gave no credentials, Error{usage} when NAME is not
/// the name of a file.
std::string credential_path(const std::string& text);

/// Who may read a secret file besides its owner: systemd gives credentials an access list, which
/// shows as the group's right to read.
SecretReaders readers_of(const std::string& path);

// The directories of this user, or of the service that systemd runs. $CAIRN_HOME has all of them
// below it; without it they are systemd's, or those of the XDG specification. They are made when
// they are missing, for this user alone. Throw Error{config} where the environment names none,
// Error{cantcreat}, and Error{noperm} when others may write there.

/// What must not be lost: "state" of CAIRN_HOME, $STATE_DIRECTORY, $XDG_STATE_HOME/cairn.
std::string state_directory();

/// What can be made again: "cache" of CAIRN_HOME, $CACHE_DIRECTORY, $XDG_CACHE_HOME/cairn.
std::string cache_directory();

/// Sockets: "run" of CAIRN_HOME, $RUNTIME_DIRECTORY, $XDG_RUNTIME_DIR/cairn; where there is none of
/// these, "run" of the state directory.
std::string runtime_directory();

/// The directory for temporary files: $TMPDIR, or /tmp.
std::string temporary_directory();

} // namespace cairn
