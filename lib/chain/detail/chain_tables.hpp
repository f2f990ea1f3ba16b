#pragma once

#include "chain/chain_store.hpp"

// How what a chain keeps is written in its database, cairn-chain(5).

namespace cairn::detail {

inline constexpr Table meta_table{0};
inline constexpr Table state_table{1};
inline constexpr Table node_table{2};
inline constexpr Table undo_table{3};
inline constexpr Table block_table{4};
inline constexpr Table height_table{5};
inline constexpr Table transaction_table{6};
inline constexpr Table history_table{7};
inline constexpr Table receipt_table{8};
inline constexpr Table path_table{9}; // the keys of the state by their paths
[[nodiscard]] const std::vector<std::string>& chain_tables();

[[nodiscard]] Bytes height_key(Height height);
[[nodiscard]] Height parse_height(ByteView key);

/// A block of the chain, as the database knows it.
struct BlockEntry {
    KnownHeader known;
    BlockPlace place; ///< of size 0 for the first block
};
[[nodiscard]] Bytes to_bytes(const BlockEntry& entry);
[[nodiscard]] BlockEntry parse_block_entry(ByteView bytes);

/// What takes a block back: keys and what they were before.
[[nodiscard]] Bytes undo_bytes(std::span<const StateChange> changes);
/// Without `after`, which is for the caller to know.
[[nodiscard]] std::vector<StateChange> parse_undo(ByteView bytes);

[[nodiscard]] Bytes place_bytes(const TransactionPlace& place);
[[nodiscard]] TransactionPlace parse_place(ByteView bytes);
[[nodiscard]] Bytes history_key(const AccountId& account, const TransactionPlace& place);

/// The accounts that a transaction names as senders or receivers, each once.
[[nodiscard]] std::vector<AccountId> accounts_of(const Transaction& transaction);

/// The state in a database.
class DatabaseState final : public StateSnapshot {
public:
    /// Of a transaction that lives longer.
    explicit DatabaseState(const ReadTransaction& reads) : reads_{&reads} {}

    /// Of a transaction of its own.
    explicit DatabaseState(ReadTransaction&& reads) : own_{std::move(reads)}, reads_{&*own_} {}

    [[nodiscard]] std::optional<Bytes> get(const StateKey& key) const override;
    [[nodiscard]] std::optional<Bytes> get(ByteView key) const override;
    [[nodiscard]] Bytes value_at(const StatePath& path) const override;
    void visit(StateTable table, ByteView from,
               const std::function<bool(ByteView, ByteView)>& visit) const override;
    void visit_all(const std::function<void(const StateKey&, ByteView)>& visit) const override;

private:
    std::optional<ReadTransaction> own_;
    const ReadTransaction* reads_;
};

} // namespace cairn::detail
