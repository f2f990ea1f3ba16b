#pragma once

#include "depot/depot.hpp"
#include "format/audit_message.hpp"
#include "net/hub.hpp"
#include "provider/guarantor.hpp"

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace cairn {

/// What a provider takes of its peers, whoever they are: cairn-storage(7), "Limits".
struct ServiceLimits {
    std::size_t uploads_max = 512;     ///< in progress, of all peers
    std::size_t reads_max = 1024;      ///< in progress, of all peers
    std::size_t pieces_max = 48;       ///< in memory, of all reads
    std::uint64_t stall_ms = 30'000;   ///< a stream without a byte for so long is cut
    std::uint64_t rate_min = 8 * 1024; ///< bytes a second that a stream makes on average
    unsigned faults_max = 8;           ///< requests that break the rules, until the link is closed
};

struct ServiceOptions {
    NetworkId network;
    const Ed25519KeyPair* node = nullptr; ///< signs receipts; must outlive the service
    std::function<std::uint64_t()> now_s; ///< wall clock
    ServiceLimits limits;
};

/// The methods of the storage protocol, as they are counted.
inline constexpr std::array<std::string_view, 10> counted_methods{
    method::hello,       method::shard_put,
    method::shard_get,   method::shard_has,
    method::shard_drop,  method::shard_list,
    method::shard_prove, method::shard_tags,
    method::peers,       "other"};
inline constexpr std::size_t call_statuses = 9;

/// What was done since the start. Written by the service's thread, read by any.
struct ServiceCounts {
    using Count = std::atomic<std::uint64_t>;

    Count links = 0; ///< now
    Count links_total = 0;
    Count streams = 0;        ///< uploads, reads and proofs, now
    Count received_bytes = 0; ///< of shards
    Count sent_bytes = 0;     ///< of shards and proofs
    Count faults = 0;         ///< requests that break the rules
    Count closed_links = 0;   ///< for faults
    Count cut_streams = 0;    ///< for being slow
    Count tags_checked = 0;   ///< before a receipt
    Count tags_refused = 0;   ///< uploads of class tags
    Count proofs = 0;         ///< made
    Count proofs_refused = 0; ///< what is to be proven is not here
    std::array<std::array<Count, call_statuses>, counted_methods.size()> calls{};
};

/// The storage protocol over a hub and a depot. Single-threaded, like the hub: its owner passes it
/// every event, and calls advance() as long as there is something to do.
class Service {
public:
    /// The guarantor and the committer must be of this depot.
    Service(Hub& hub, Depot& depot, Committer& committer, Guarantor& guarantor,
            ServiceOptions options);
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;
    ~Service();

    /// The node's own record, for hello; before the first event.
    void set_record(NodeRecord record);

    /// What `peers` tells besides.
    void set_peers(std::vector<NodeRecord> records);

    void handle(const HubEvent& event);

    /// Takes what is committed, cuts what is too slow, and lets some streams send; whether there
    /// is more to send at once.
    bool advance();

    /// When advance() is due although nothing happens, in now_ms() of the hub; none: never.
    [[nodiscard]] std::optional<std::uint64_t> deadline_ms() const;

    /// Uploads, reads and proofs in progress.
    [[nodiscard]] std::size_t streams() const;

    [[nodiscard]] const ServiceCounts& counts() const noexcept;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace cairn
