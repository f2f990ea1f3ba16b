#include "ledger/state.hpp"

#include "base/cursor.hpp"
#include "base/error.hpp"
#include "ledger/amount.hpp"

#include <cassert>
#include <cstring>

namespace cairn {
namespace {

constexpr std::size_t table_size = 3; // bytes of a key before its own

StateKey with_path(Bytes bytes)
{
    assert(bytes.size() <= state_key_size_max);
    const StatePath path{sha256(bytes).bytes};
    return {std::move(bytes), path};
}

Bytes front_of(StateTable table)
{
    Bytes bytes;
    Writer writer{bytes};
    writer.big_endian(table.module);
    writer.big_endian(table.number);
    return bytes;
}

} // namespace

StateKey state_key(StateTable table, ByteView key)
{
    Bytes bytes = front_of(table);
    Writer{bytes}.put(key);
    return with_path(std::move(bytes));
}

StateKey state_key(StateTable table, ByteView key, std::uint32_t number)
{
    Bytes bytes = front_of(table);
    Writer writer{bytes};
    writer.put(key);
    writer.big_endian(number);
    return with_path(std::move(bytes));
}

StateKey parse_state_key(ByteView bytes)
{
    if (bytes.size() < table_size || bytes.size() > state_key_size_max)
        throw Error{Exit::data, "the key is none of a state"};
    return with_path({bytes.begin(), bytes.end()});
}

StateTable table_of(const StateKey& key)
{
    Reader reader{key.bytes, "the key"};
    StateTable table;
    table.module = reader.big_endian<std::uint16_t>();
    table.number = reader.big_endian<std::uint8_t>();
    return table;
}

std::size_t StateChanges::PathHash::operator()(const StatePath& path) const noexcept
{
    std::array<std::uint64_t, 2> words{};
    std::memcpy(words.data(), path.bytes.data(), sizeof words);
    const Uint128 product = Uint128{words[0] ^ seed} * (words[1] ^ ~seed);
    return static_cast<std::size_t>(product ^ product >> 64U);
}

std::size_t StateChanges::find(const StateKey& key)
{
    if (const auto place = places_.find(key.path); place != places_.end()) return place->second;
    std::optional<Bytes> value = base_->get(key); // which may throw: then nothing is remembered
    entries_.push_back({key, value, std::move(value)});
    places_.emplace(key.path, entries_.size() - 1);
    return entries_.size() - 1;
}

std::optional<ByteView> StateChanges::get(const StateKey& key)
{
    const Entry& entry = entries_[find(key)];
    if (!entry.now) return std::nullopt;
    return ByteView{*entry.now};
}

void StateChanges::change(const StateKey& key, std::optional<Bytes> value)
{
    const std::size_t place = find(key);
    std::swap(entries_[place].now, value);
    steps_.push_back({place, std::move(value)});
}

void StateChanges::put(const StateKey& key, Bytes value)
{
    assert(value.size() <= state_value_size_max);
    change(key, std::move(value));
}

void StateChanges::erase(const StateKey& key)
{
    change(key, std::nullopt);
}

void StateChanges::roll_back(Mark mark)
{
    while (steps_.size() > mark.steps) {
        entries_[steps_.back().entry].now = std::move(steps_.back().before);
        steps_.pop_back();
    }
}

/// The entries with another value than in the base, in the order of their paths.
std::vector<std::size_t> StateChanges::changed() const
{
    struct Place {
        const StatePath* path;
        std::size_t index;
    };
    std::vector<Place> places;
    for (std::size_t i = 0; i < entries_.size(); ++i)
        if (const Entry& entry = entries_[i]; entry.before != entry.now)
            places.push_back({&entry.key.path, i});
    std::ranges::sort(places, {},
                      [](const Place& place) -> const StatePath& { return *place.path; });
    std::vector<std::size_t> changed;
    changed.reserve(places.size());
    for (const Place& place : places) changed.push_back(place.index);
    return changed;
}

std::vector<StateChange> StateChanges::all() const
{
    std::vector<StateChange> changes;
    for (const std::size_t i : changed())
        changes.push_back({entries_[i].key, entries_[i].before, entries_[i].now});
    return changes;
}

std::vector<StateChange> StateChanges::take_all()
{
    std::vector<StateChange> changes;
    for (const std::size_t i : changed()) {
        Entry& entry = entries_[i];
        changes.push_back({std::move(entry.key), std::move(entry.before), std::move(entry.now)});
    }
    entries_.clear();
    places_.clear();
    steps_.clear();
    return changes;
}

} // namespace cairn
