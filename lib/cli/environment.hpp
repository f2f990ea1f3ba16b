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

/// The directory for temporary files: $TMPDIR, or /tmp.
std::string temporary_directory();

} // namespace cairn
