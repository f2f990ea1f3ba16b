#pragma once

#include "base/error.hpp"
#include "depot/detail/index.hpp"
#include "depot/detail/layout.hpp"
#include "depot/detail/ledger.hpp"
#include "depot/detail/pack.hpp"

#include <type_traits>

namespace cairn::detail {

class Arrival;
class Change;

/// Where in a pack a shard is.
struct PackPlace {
    std::uint32_t pack = 0;
    std::uint64_t offset = 0;
};

/// A shard that goes into a pack, and where its bytes come from.
struct Packed {
    ShardItem item;
    std::function<void(MutableByteView bytes)> read;
};

/// A file that is kept; none when it is not there or the disk does not open it, which is rot like
/// any other. Throws Error{oserr} for lack of descriptors, Error{noperm} for lack of rights.
std::optional<File> open_kept(const std::string& path);
std::optional<File> open_kept_to_write(const std::string& path);

/// Fills the bytes from a file that has them. Throws Error{data} when it has not or cannot be read:
/// a disk that does not read all may still write.
void read_kept(const File& file, std::uint64_t offset, MutableByteView bytes);

/// What a Depot is made of. Reading takes a transaction of the database and no lock; whatever
/// changes the store or its files holds `changing_`.
class Store {
public:
    Store(const std::string& directory, DepotOptions with);

    const Layout layout;
    const DepotOptions options;
    Ledger ledger;
    std::atomic<std::uint64_t> next_temporary{1};

    [[nodiscard]] ReadTransaction read() const { return database_->read(); }
    [[nodiscard]] std::uint64_t now_s() const { return options.now_s(); }

    /// The grant that covers an owner now; none when there is none.
    [[nodiscard]] std::optional<Grant> grant_of(const AccountId& owner) const;

    /// What an owner has left of it, promises aside.
    [[nodiscard]] Usage left_of(const ReadTransaction& reads, const AccountId& owner,
                                const Grant& grant) const;

    /// Whether there is a good shard here; it may be in the trash.
    [[nodiscard]] bool is_here(const std::optional<ShardRecord>& record,
                               const ShardRoot& root) const;

    /// Whether it may be served.
    [[nodiscard]] bool is_served(const std::optional<ShardRecord>& record,
                                 const ShardRoot& root) const;

    /// The file that holds a shard and where in it; none when the file is missing.
    struct Location {
        File file;
        std::uint64_t offset = 0;
    };
    [[nodiscard]] std::optional<Location> locate(const ShardRoot& root,
                                                 const ShardRecord& record) const;

    /// Reads all of a shard; none when it is not what its root says, or cannot be read.
    [[nodiscard]] std::optional<PieceTree> examine(const ShardRoot& root,
                                                   const ShardRecord& record) const;

    /// Makes complete arrivals durable; the first serial of each.
    std::vector<std::uint64_t> commit(std::span<Arrival* const> arrivals, std::uint64_t time_s);

    std::uint64_t drop(const AccountId& owner, std::span<const DropItem> items);
    bool collect(std::uint64_t budget);
    std::vector<ShardRoot> scrub(std::uint64_t budget);
    void drain(bool is_draining);

    /// Runs work that may write. After an error of the disk there is no more of it. Throws
    /// Error{ioerr} when that is so already.
    template <class Work>
    auto guard(Work&& work);

private:
    friend class Change;
    friend class Commit;

    // start.cpp
    void empty_temporary();
    void trim_packs();
    void settle_pending();
    void settle_rotten();
    void settle();

    /// guard(), alone, and with everything in order before.
    template <class Work>
    auto change(Work&& work);

    // packing.cpp
    struct OpenPack {
        std::uint32_t number = 0;
        File file;
    };
    [[nodiscard]] OpenPack pack_with_room(Change& change);
    std::vector<PackPlace> append_packed(Change& change, std::span<const Packed> shards);
    [[nodiscard]] std::vector<PackEntry> used_entries(const ReadTransaction& reads,
                                                      std::uint32_t number) const;
    void compact_pack(std::uint32_t number);

    // collect.cpp
    bool drop_expired();
    bool empty_trash(std::uint64_t& budget);
    bool compact_next(std::uint32_t& number, std::uint64_t& budget);

    Fd lock_;
    std::unique_ptr<Database> database_;
    std::mutex changing_;
    // What follows belongs to who holds `changing_`.
    std::map<std::uint32_t, PackRecord> packs_;
    std::uint32_t open_pack_ = 0; // that shards are appended to; 0: none
    bool is_unsettled_ = false;   // files may be where they do not belong

    std::mutex scrubbing_;       // taken before `changing_`
    std::uint64_t scrubbed_ = 0; // bytes since the position was saved
    ShardRoot scrub_position_;
};

template <class Work>
auto Store::guard(Work&& work)
{
    if (ledger.is_read_only)
        throw Error{Exit::ioerr, "the store only reads since an error of its disk"};
    try {
        return work();
    } catch (const Error& error) {
        if (error.code() == Exit::ioerr) ledger.is_read_only = true;
        throw;
    }
}

template <class Work>
auto Store::change(Work&& work)
{
    const std::lock_guard lock{changing_};
    return guard([&] {
        settle();
        is_unsettled_ = true;
        if constexpr (std::is_void_v<decltype(work())>) {
            work();
            is_unsettled_ = false;
        } else {
            auto result = work();
            is_unsettled_ = false;
            return result;
        }
    });
}

} // namespace cairn::detail
