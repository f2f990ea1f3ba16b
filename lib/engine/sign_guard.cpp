#include "engine/sign_guard.hpp"

#include <algorithm>
#include <set>

namespace cairn {
namespace {

constexpr std::uint64_t version = 1;
constexpr std::size_t guard_parts = 3;
constexpr std::size_t entry_parts = 3;

} // namespace

SignGuard::Answer SignGuard::ask(Height height, const BlockId& parent, const BlockId& id)
{
    if (height < floor_) return Answer::never;
    for (const Entry& entry : entries_)
        if (entry.height == height && entry.parent == parent)
            return entry.id == id ? Answer::again : Answer::never;
    const bool is_full = entries_.size() == entries_max;
    if (is_full && height <= entries_.front().height) return Answer::never;
    if (is_full) {
        // All of the lowest height go together: of a height all or nothing is known.
        floor_ = entries_.front().height + 1;
        std::erase_if(entries_, [&](const Entry& entry) { return entry.height < floor_; });
    }
    const auto place = std::ranges::upper_bound(entries_, height, {}, &Entry::height);
    entries_.insert(place, {height, parent, id});
    return Answer::may;
}

Bytes SignGuard::to_bytes() const
{
    Bytes bytes;
    CborWriter writer{bytes};
    writer.array(guard_parts);
    writer.number(version);
    writer.number(floor_.value);
    writer.array(entries_.size());
    for (const Entry& entry : entries_) {
        writer.array(entry_parts);
        writer.number(entry.height.value);
        writer.bytes(entry.parent.bytes);
        writer.bytes(entry.id.bytes);
    }
    return bytes;
}

SignGuard SignGuard::parse(ByteView bytes)
{
    CborReader reader{bytes, "the sign guard"};
    reader.array(guard_parts);
    if (reader.number() != version) reader.refuse("its version is unknown");
    SignGuard guard;
    guard.floor_.value = static_cast<std::uint32_t>(reader.number(UINT32_MAX));
    guard.entries_.resize(reader.array_up_to(entries_max));
    Height before = guard.floor_;
    std::set<std::pair<Height, BlockId>> places;
    for (Entry& entry : guard.entries_) {
        reader.array(entry_parts);
        entry.height.value = static_cast<std::uint32_t>(reader.number(UINT32_MAX));
        if (entry.height < before) reader.refuse("heights not in their order");
        before = entry.height;
        entry.parent = reader.fixed<BlockId>();
        if (!places.emplace(entry.height, entry.parent).second)
            reader.refuse("two blocks for one place");
        entry.id = reader.fixed<BlockId>();
    }
    reader.finish();
    return guard;
}

} // namespace cairn
