#pragma once

#include "provider/detail/desk.hpp"

namespace cairn::detail {

/// The shard.put calls in progress: from the reservation to the receipt.
class Uploads {
public:
    explicit Uploads(Desk& desk) : desk_{&desk} {}

    /// Reserves room, or refuses.
    void open(LinkId link, StreamId stream, const AccountId& owner, PutRequest request);

    /// False when the stream is none of these.
    bool data(StreamId stream, ByteView bytes);
    void half_end(StreamId stream);

    /// The stream is gone.
    void forget(StreamId stream);

    /// What has come was looked at: it goes on to the disk, or nothing of it is kept.
    void finish(Guarantor::Checked checked);

    /// A job is done; false when it is none of these.
    bool finish(const Committer::Outcome& outcome);

    void cut_slow(std::uint64_t now_ms);
    [[nodiscard]] std::size_t size() const noexcept
    {
        return active_.size() + checked_.size() + waiting_.size();
    }

private:
    struct Active {
        LinkId link;
        AccountId owner;
        ShardClass kind = ShardClass::data;
        std::vector<ShardItem> items;
        Upload upload;
        std::uint64_t heard_ms = 0;
        std::uint64_t limit_ms = 0; ///< until then it must be complete
    };

    /// Complete: looked at, or on its way to the disk.
    struct Waiting {
        StreamId stream;
        AccountId owner;
        std::vector<ShardItem> items;
    };

    bool take(std::map<StreamId, Active>::iterator upload, ByteView bytes);
    void commit(Upload upload, Waiting waiting);
    bool make_room(std::uint64_t now_ms);
    void cut(std::map<StreamId, Active>::iterator upload, std::string_view reason);

    Desk* desk_;
    std::map<StreamId, Active> active_;
    std::map<StreamId, Waiting> checked_;      // by the guarantor
    std::map<std::uint64_t, Waiting> waiting_; // by job
};

} // namespace cairn::detail
