#pragma once

namespace cairn::detail {

/// Starts libsodium; call it before any other sodium function. Cheap after the first time.
/// Throws Error{oserr} when the system has no random source.
void start_sodium();

} // namespace cairn::detail
