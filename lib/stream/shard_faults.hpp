#pragma once

#include "stream/decode.hpp"
#include "stream/segment_reader.hpp"

namespace cairn {

/// What is wrong with the files of a set and which of its files are missing.
std::vector<ShardFault> list_faults(const ShardSet& set, const DamageLog& damage);

} // namespace cairn
