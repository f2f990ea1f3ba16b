#pragma once

#include "client/session.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace cairn {

/// A shard to be stored. `owner` keeps `bytes` where they are for as long as somebody may read
/// them.
struct OutgoingShard {
    ShardClass kind = ShardClass::data;
    ShardItem item;
    ByteView bytes;
    std::shared_ptr<const void> owner;
};

/// What became of an upload.
struct UploadResult {
    enum class Kind : std::uint8_t {
        stored,  ///< there is a good receipt
        busy,    ///< the provider asks to come again later
        full,    ///< it has no room for this owner
        refused, ///< it does not want to, and will not the next time
        lost,    ///< the connection, or the time
        lied,    ///< its receipt is wrong
    };
    Kind kind = Kind::lost;
    std::string reason;                   ///< why it is not stored
    std::shared_ptr<const Bytes> receipt; ///< for this shard and perhaps others
    std::uint64_t serial = 0;             ///< of the entry at the provider
};

struct UploadId {
    std::uint64_t number = 0;

    friend bool operator==(const UploadId&, const UploadId&) = default;
    friend bool operator<(const UploadId& a, const UploadId& b) { return a.number < b.number; }
};

/// Sends shards to providers and checks their receipts. Small shards for one provider go together,
/// so that a provider syncs once for many. Single-threaded, like the session.
class Uploader {
public:
    /// `session` must live longer; its owner is the one that receipts must name. `taken` gets each
    /// good receipt once. A provider that does nothing for `patience_ms` is given up.
    Uploader(Session& session, const NetworkId& network, const AccountId& owner,
             std::function<void(ByteView receipt)> taken = {}, std::uint64_t patience_ms = 30'000);
    Uploader(const Uploader&) = delete;
    Uploader& operator=(const Uploader&) = delete;
    ~Uploader();

    /// Sends a shard at the next flush(). `done` is called once, from Session::run().
    UploadId start(std::size_t provider, OutgoingShard shard,
                   std::function<void(UploadResult&&)> done);

    /// `done` is not called any more. Nothing happens when it was.
    void cancel(UploadId upload);

    /// Whether it is on its way, and not waiting for its turn.
    [[nodiscard]] bool is_sent(UploadId upload) const { return sent_.contains(upload); }

    /// Starts calls for what waits, as far as it is worth it now; whether there were any.
    bool flush();

private:
    struct Item {
        UploadId id;
        OutgoingShard shard;
        std::function<void(UploadResult&&)> done; // empty: cancelled
    };
    struct Batch {
        std::size_t provider = 0;
        CallId call;
        std::vector<Item> items;
        bool is_small = false;
        bool is_settled = false; // there is a result; `done` is being called
    };
    struct Queue {
        std::map<ShardClass, std::deque<Item>> waiting;
        unsigned small_batches = 0; // in flight
    };

    bool flush(std::size_t provider, std::deque<Item>& waiting);
    void send(std::size_t provider, std::vector<Item> items, bool is_small);
    void settle(std::uint64_t batch_number, Reply&& reply);
    [[nodiscard]] UploadResult judge(const Batch& batch, const Reply& reply) const;
    [[nodiscard]] std::string fault_of(const Receipt& receipt, const Batch& batch) const;

    Session* session_;
    NetworkId network_;
    AccountId owner_;
    std::function<void(ByteView)> taken_;
    std::uint64_t patience_ms_;
    std::vector<Queue> queues_;
    std::set<std::size_t> ready_; // providers with something that may be sent
    std::map<std::uint64_t, Batch> batches_;
    std::map<UploadId, std::uint64_t> sent_; // in which batch
    std::map<UploadId, std::size_t> unsent_; // for which provider
    std::uint64_t last_ = 0;
};

} // namespace cairn
