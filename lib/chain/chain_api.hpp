#pragma once

#include "chain/chain_node.hpp"
#include "mining/round.hpp"
#include "net/local_api.hpp"

namespace cairn {

/// What a node's daemon knows besides the node.
struct ChainNodeFacts {
    std::string listening;
    std::string events; ///< endpoint
    std::string sealer; ///< address; empty: it makes no blocks
    AccountId account;  ///< of the sealer
    std::uint64_t uptime_s = 0;
};

/// The methods that a chain's node answers to programs of its own user, cairn-api(7). All calls
/// come from the node's thread.
class ChainApi {
public:
    /// All must outlive it.
    ChainApi(ChainNode& node, const ChainStore& store, const Mempool& mempool,
             std::function<ChainNodeFacts()> facts);

    /// Never throws for what a request says.
    [[nodiscard]] LocalReply answer(const LocalRequest& request);

    [[nodiscard]] Json status() const;

private:
    using Handler = LocalReply (ChainApi::*)(const Json& json, ByteView body);
    struct Method {
        const char* name;
        Handler answer;
        bool is_of_chain = false; ///< tells of blocks or of the state
    };

    // About the node.
    LocalReply tell_status(const Json& json, ByteView body);
    LocalReply tell_genesis(const Json& json, ByteView body);
    LocalReply tell_peers(const Json& json, ByteView body);
    LocalReply connect(const Json& json, ByteView body);
    LocalReply tell_round(const Json& json, ByteView body);
    LocalReply submit(const Json& json, ByteView body);

    // About blocks and transactions.
    LocalReply find_header(const Json& json, ByteView body);
    LocalReply find_block(const Json& json, ByteView body);
    LocalReply find_transaction(const Json& json, ByteView body);
    LocalReply find_history(const Json& json, ByteView body);
    LocalReply send(const Json& json, ByteView body);
    LocalReply tell_mempool(const Json& json, ByteView body);
    LocalReply estimate(const Json& json, ByteView body);

    // About the state.
    LocalReply find_account(const Json& json, ByteView body);
    LocalReply find_value(const Json& json, ByteView body);
    LocalReply find_providers(const Json& json, ByteView body);
    LocalReply audit_supply(const Json& json, ByteView body);

    [[nodiscard]] std::optional<PocData> data_of(const Answer& said, const Json& json) const;
    [[nodiscard]] std::optional<KnownHeader> header_of(const Json& json) const;
    [[nodiscard]] Json to_json(const KnownHeader& known) const;
    [[nodiscard]] std::uint32_t confirmations(Height height) const;

    ChainNode* node_;
    const ChainStore* store_;
    const Mempool* mempool_;
    std::function<ChainNodeFacts()> facts_;
};

/// An account's id: an address, a did:key, or 64 hex digits. Throws Error{data}.
[[nodiscard]] AccountId account_of(const std::string& text);

} // namespace cairn
