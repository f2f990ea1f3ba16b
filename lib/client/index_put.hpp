#pragma once

#include "base/entropy.hpp"
#include "client/session.hpp"

#include <memory>

namespace cairn {

/// Stores the sealed file of an index record in three copies; how many there are then, fewer where
/// providers do not take it. `session` has an owner.
std::size_t put_index_record(Session& session, Entropy& entropy, const NetworkId& network,
                             const AccountId& owner, Bytes file);

} // namespace cairn
