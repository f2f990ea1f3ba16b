#pragma once

#include "codec/cbor.hpp"
#include "ledger/ids.hpp"

#include <deque>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

// The state of a chain: keys and values, and what a block changes of them, cairn-state(5).

namespace cairn {

/// Where a key is in the state's tree: SHA-256 of the key.
using StatePath = Fixed<struct StatePathTag, 32>;

/// The module a record belongs to, its table in there, and the record's own key.
struct StateKey {
    Bytes bytes;
    StatePath path;

    friend bool operator==(const StateKey&, const StateKey&) = default;
};

inline constexpr std::size_t state_key_size_max = 128;     // bytes
inline constexpr std::size_t state_value_size_max = 2'048; // bytes

/// One of the tables of a module.
struct StateTable {
    std::uint16_t module = 0;
    std::uint8_t number = 0;

    friend bool operator==(const StateTable&, const StateTable&) = default;
};

/// BE16 module, table, key.
[[nodiscard]] StateKey state_key(StateTable table, ByteView key);
[[nodiscard]] StateKey state_key(StateTable table, ByteView key, std::uint32_t number);

/// A key by its bytes, of whatever table. Throws Error{data} unless they are a module and a table,
/// and at most state_key_size_max.
[[nodiscard]] StateKey parse_state_key(ByteView bytes);

/// The table that a key is in. Needs a key that was made by one of these.
[[nodiscard]] StateTable table_of(const StateKey& key);

/// Reads the state after some block. An interface, because a node has it on disk and tests in
/// memory.
class StateReader {
public:
    StateReader() = default;
    StateReader(const StateReader&) = delete;
    StateReader& operator=(const StateReader&) = delete;
    virtual ~StateReader() = default;

    /// The value of a key; none where there is none.
    [[nodiscard]] virtual std::optional<Bytes> get(const StateKey& key) const = 0;
};

/// What became of a key.
struct StateChange {
    StateKey key;
    std::optional<Bytes> before;
    std::optional<Bytes> after;

    friend bool operator==(const StateChange&, const StateChange&) = default;
};

/// A state with changes on top, which can be taken back to a mark.
class StateChanges {
public:
    /// On top of `base`, which must live longer. With a seed that nobody could foresee, nobody can
    /// choose keys that take long to find.
    explicit StateChanges(const StateReader& base, std::uint64_t seed = 0)
        : base_{&base},
          places_{0, PathHash{seed}}
    {
    }

    /// The value of a key now; lives until the key is changed.
    [[nodiscard]] std::optional<ByteView> get(const StateKey& key);

    void put(const StateKey& key, Bytes value);
    void erase(const StateKey& key);

    /// A point in time.
    struct Mark {
        std::size_t steps = 0;
    };
    [[nodiscard]] Mark mark() const { return {steps_.size()}; }

    /// Takes back all that was changed since.
    void roll_back(Mark mark);

    /// All keys with another value than in the base, in the order of their paths.
    [[nodiscard]] std::vector<StateChange> all() const;

    /// The same, and there are no changes any more.
    [[nodiscard]] std::vector<StateChange> take_all();

private:
    struct Entry {
        StateKey key;
        std::optional<Bytes> before;
        std::optional<Bytes> now;
    };
    struct Step {
        std::size_t entry = 0;
        std::optional<Bytes> before;
    };
    struct PathHash {
        std::uint64_t seed = 0;

        std::size_t operator()(const StatePath& path) const noexcept;
    };

    [[nodiscard]] std::vector<std::size_t> changed() const;
    std::size_t find(const StateKey& key);
    void change(const StateKey& key, std::optional<Bytes> value);

    const StateReader* base_;
    std::deque<Entry> entries_; // in the order in which keys were asked for
    std::unordered_map<StatePath, std::size_t, PathHash> places_; // looked up, never gone through
    std::vector<Step> steps_;
};

} // namespace cairn
