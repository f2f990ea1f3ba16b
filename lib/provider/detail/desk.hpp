#pragma once

#include "net/token_bucket.hpp"
#include "provider/service.hpp"

#include <map>
#include <string_view>

namespace cairn::detail {

/// A peer, for as long as its link is up.
struct Guest {
    Ed25519PublicKey link_key;
    TokenBucket bucket;
    bool is_welcome = false;                                  ///< has said hello
    std::optional<Ed25519PublicKey> owner_key = std::nullopt; ///< none: only reads
    std::optional<AccountId> owner = std::nullopt;            ///< of that key
    unsigned hellos = 0;
    unsigned faults = 0;
    bool is_leaving = false; ///< the link is being closed
};

/// What the parts of the service have in common.
struct Desk {
    Hub& hub;
    Depot& depot;
    Committer& committer;
    Guarantor& guarantor;
    ServiceOptions options;
    ServiceCounts counts;
    std::map<LinkId, Guest> guests;

    /// Ends a call and counts it.
    void end(StreamId stream, std::string_view method, CallStatus status, ByteView reply);

    /// The same with words instead of a reply.
    void refuse(StreamId stream, std::string_view method, CallStatus status, std::string_view text);

    /// A peer has broken the rules: too often, and its link is closed.
    void blame(LinkId link);

    /// How long a stream of so many bytes may take at the slowest rate.
    [[nodiscard]] std::uint64_t time_limit_ms(std::uint64_t size) const;
};

} // namespace cairn::detail
