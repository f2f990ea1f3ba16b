#pragma once

#include "base/entropy.hpp"
#include "chain/chain_store.hpp"
#include "chain/peer_book.hpp"
#include "engine/producer.hpp"
#include "json/json.hpp"
#include "mempool/mempool.hpp"
#include "net/hub.hpp"

#include <memory>
#include <set>
#include <string>

// A node of a chain: it gets blocks and transactions from its peers and gives them to others, keeps
// the best chain in a store, and makes blocks where it is told to. cairn-chain(7).

namespace cairn {

/// Whom a node makes blocks for.
struct MiningOptions {
    const Ed25519KeyPair* key = nullptr; ///< seals
    AccountId account;                   ///< is paid
    SoloProducer::Options solo{};
};

struct ChainNodeOptions {
    std::string address; ///< where others reach it; empty: nowhere
    std::vector<std::string> peers{};
    std::size_t outbound = 8;     ///< connections that it looks for
    std::size_t inbound_max = 64; ///< peers that have called
    unsigned check_threads = 2;   ///< 0: blocks are checked where they arrive
    std::optional<MiningOptions> mining{};
    std::optional<std::pair<Height, BlockId>> checkpoint{};
    std::function<std::uint64_t()> now_ms; ///< wall clock
};

/// How a node speaks to whoever runs it; all are called from its thread.
struct ChainVoice {
    std::function<void(const std::string& name, const Json& event)> event; ///< cairn-api(7)
    std::function<void(const std::string&)> info;
    std::function<void(const std::string&)> warn;
};

/// What has a name of its own on the disk, so that tests can do without one.
class NodeFiles {
public:
    NodeFiles() = default;
    NodeFiles(const NodeFiles&) = delete;
    NodeFiles& operator=(const NodeFiles&) = delete;
    virtual ~NodeFiles() = default;

    /// What was saved last under a name; empty: nothing.
    [[nodiscard]] virtual Bytes load(const std::string& name) = 0;

    /// Saves it; it is durable when this returns.
    virtual void save(const std::string& name, ByteView bytes) = 0;
};

struct ChainPeer {
    std::string address;
    Ed25519PublicKey link_key;
    Height height;
    unsigned points = 0;
    bool is_caller = false; ///< this node has called
    bool is_ready = false;  ///< it has said hello
};

struct ChainCounts {
    std::uint64_t blocks_connected = 0;
    std::uint64_t blocks_disconnected = 0;
    std::uint64_t blocks_made = 0;
    std::uint64_t blocks_compact = 0; ///< that came as ids of transactions
    std::uint64_t headers = 0;        ///< that came
    std::uint64_t transactions = 0;   ///< taken from peers and users
    std::uint64_t refused = 0;        ///< transactions that were not
    std::uint64_t faults = 0;         ///< of peers
    std::uint64_t banned = 0;         ///< peers
    std::uint64_t calls_failed = 0;   ///< that this node has made
};

struct ChainStatus {
    Height height;
    BlockId tip;
    std::uint64_t time_s = 0; ///< of the tip
    Height best;              ///< header that is known
    Height told;              ///< of what the peers have, as they say
    std::string waits_for;    ///< in words
    bool is_synced = false;
    bool is_halted = false;
    std::size_t wanted = 0; ///< blocks that are being fetched
    std::size_t peers = 0;
    ChainCounts counts;
};

class ChainNode {
public:
    /// All must outlive it. `voice` and `files` too.
    struct Parts {
        Hub& hub;
        ChainStore& store;
        const Consensus& consensus;
        Mempool& mempool;
        Entropy& entropy;
        NodeFiles& files;
    };
    ChainNode(const Parts& parts, ChainNodeOptions options, ChainVoice voice);
    ChainNode(const ChainNode&) = delete;
    ChainNode& operator=(const ChainNode&) = delete;
    ~ChainNode();

    void handle(const HubEvent& event);

    /// Does what is due, and returns when it wants to be called again, of Hub::now_ms().
    std::uint64_t advance();

    /// Makes the chain durable as it is now, so that all that can be looked up is of one state.
    void commit();

    /// Makes durable all that it has.
    void finish();

    // ---- For programs of this machine.

    /// Takes a transaction as if a peer had sent it.
    [[nodiscard]] std::variant<TransactionId, PoolRefusal> send(Transaction transaction);

    /// What plots are to be searched for; none where the chain is not mined by plots.
    [[nodiscard]] std::optional<PocRound> round() const;

    /// Whether a proof was taken for it.
    [[nodiscard]] bool has_proof() const;

    /// A proof for the block behind the tip. Empty: it was taken, whether or not it is the best.
    [[nodiscard]] std::string offer(const PocData& proof);

    [[nodiscard]] ChainStatus status() const;

    /// The wall clock, as the options have it.
    [[nodiscard]] std::uint64_t now_ms() const;
    [[nodiscard]] std::vector<ChainPeer> peers() const;
    void add_peer(const std::string& address);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace cairn
