#pragma once

#include "format/message.hpp"
#include "format/record_parts.hpp"

// The list of shards in put requests and receipts.

namespace cairn::detail {

void put_items(CborWriter& writer, const std::vector<ShardItem>& items);

/// At least one item, and at most put_items_max.
std::vector<ShardItem> take_items(CborReader& reader);

} // namespace cairn::detail
