#pragma once

#include "depot/detail/store.hpp"

// One transaction on a store: the rules by which its tables and figures belong together.

namespace cairn::detail {

/// Ends without a trace unless commit() is called. Made by who holds Store::changing_.
class Change {
public:
    explicit Change(Store& store);

    [[nodiscard]] const ReadTransaction& view() const { return writes_.view(); }

    /// Says that a shard's file may soon be where it does not belong, or the reverse.
    void announce(const ShardRoot& root);
    void settled(const ShardRoot& root);

    /// A shard has come to the disk, as a file or, with a place, in a pack. It was not here, or
    /// damaged.
    void add_shard(const ShardItem& item, const std::optional<PackPlace>& place,
                   const std::vector<Blake3Chaining>& pieces);

    /// An owner has a shard that is here; its serial.
    std::uint64_t add_entry(const AccountId& owner, ShardClass kind, const EntryRecord& record);

    /// A shard that somebody has is the source of these.
    void add_notes(const ShardRoot& root, std::span<const Note> notes);

    /// Takes an entry away, if it is there and of this shard; the last one of a shard sends it to
    /// the trash, without its notes.
    bool drop_entry(const EntryKey& key, const std::optional<ShardRoot>& root);

    /// Forgets a shard that is in the trash.
    void erase_shard(const ShardRoot& root);

    /// A shard is not what it was.
    void mark_damaged(const ShardRoot& root);

    /// What is kept of a shard's pieces is written again.
    void renew_pieces(const PieceTree& tree);

    /// A packed shard is now elsewhere.
    void move_shard(const ShardRoot& root, const PackPlace& place);

    [[nodiscard]] std::uint32_t new_pack();
    void extend_pack(std::uint32_t number, std::uint64_t length);
    void erase_pack(std::uint32_t number);
    [[nodiscard]] PackRecord pack(std::uint32_t number) const;

    void set_draining(bool is_draining) { put_draining(writes_, is_draining); }
    void set_scrub_position(const ShardRoot& root) { totals_.scrubbed = root; }

    /// Makes all of it durable.
    void commit();

private:
    void occupy(const ShardRecord& record);
    void vacate(const ShardRoot& root, const ShardRecord& record);
    void forget(const ShardRoot& root, const ShardRecord& record);
    [[nodiscard]] ShardRecord shard(const ShardRoot& root) const;

    Store* store_;
    WriteTransaction writes_;
    Totals totals_;
    std::map<std::uint32_t, std::optional<PackRecord>> packs_; // changed ones; none: gone
};

} // namespace cairn::detail
