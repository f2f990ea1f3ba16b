#pragma once

#include <string>

namespace cairn {

/// "credential:NAME" as the path of the file that systemd made for this service; other texts as
/// they are. Throws Error{config} where systemd gave no credentials, Error{usage} when NAME is not
/// the name of a file.
std::string credential_path(const std::string& text);

/// The directory for temporary files: $TMPDIR, or /tmp.
std::string temporary_directory();

} // namespace cairn
