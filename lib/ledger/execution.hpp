#pragma once

#include "ledger/block.hpp"
#include "ledger/genesis.hpp"
#include "ledger/state.hpp"

// What transactions are executed with: the block they are in, the state before, and what they
// change.

namespace cairn {

/// Whose plots made a block, and which of them.
struct WinningPlot {
    AccountId account;
    std::uint32_t salt = 0;

    friend bool operator==(const WinningPlot&, const WinningPlot&) = default;
};

/// What the rules may know of a block besides its transactions. The engine makes it of a header.
struct BlockContext {
    NetworkId chain{};
    Height height{};
    std::uint64_t time_s = 0;
    AccountId producer{};
    BlockId parent{};
    Beacon beacon{};
    Ed25519PublicKey sealer{};     ///< the key that sealed it
    std::uint64_t space_bytes = 0; ///< that the engine certifies
    std::optional<WinningPlot> plot{};
};

class Execution;

/// A record of the state is a type with put(writer) and take(reader).
template <class Record>
[[nodiscard]] Bytes record_bytes(const Record& record)
{
    Bytes bytes;
    CborWriter writer{bytes};
    record.put(writer);
    return bytes;
}

/// Throws Error{data}.
template <class Record>
[[nodiscard]] Record parse_record(ByteView bytes)
{
    CborReader reader{bytes, "a record of the state"};
    Record record = Record::take(reader);
    reader.finish();
    return record;
}

/// A number of 128 bits in a record: its high and its low word.
inline void put_wide(CborWriter& writer, Uint128 value)
{
    writer.number(static_cast<std::uint64_t>(value >> 64U));
    writer.number(static_cast<std::uint64_t>(value));
}
inline Uint128 take_wide(CborReader& reader)
{
    const Uint128 high = reader.number();
    return high << 64U | reader.number();
}

/// All that a module may look at and change while a block is executed.
class Execution {
public:
    Execution(const Genesis& genesis, const BlockContext& block, const StateReader& base);

    [[nodiscard]] const Genesis& genesis() const noexcept { return *genesis_; }
    [[nodiscard]] const BlockContext& block() const noexcept { return block_; }

    template <class Record>
    [[nodiscard]] std::optional<Record> find(const StateKey& key)
    {
        const std::optional<ByteView> bytes = state_.get(key);
        if (!bytes) return std::nullopt;
        return parse_record<Record>(*bytes);
    }
    [[nodiscard]] bool has(const StateKey& key) { return state_.get(key).has_value(); }

    template <class Record>
    void put(const StateKey& key, const Record& record)
    {
        state_.put(key, record_bytes(record));
    }
    void erase(const StateKey& key) { state_.erase(key); }

    /// Tells of something; it is in the transaction's receipt if the transaction is done.
    void tell(std::uint16_t module, std::uint16_t kind, Bytes data)
    {
        events_.push_back({module, kind, std::move(data)});
    }
    [[nodiscard]] std::vector<Event> take_events() { return std::exchange(events_, {}); }

    /// The deposit for a record of so many bytes.
    [[nodiscard]] Amount deposit_for(std::size_t bytes) const
    {
        return {bytes * genesis_->fee.byte_atoms};
    }

    [[nodiscard]] StateChanges& state() noexcept { return state_; }

private:
    const Genesis* genesis_;
    BlockContext block_;
    StateChanges state_;
    std::vector<Event> events_;
};

} // namespace cairn
