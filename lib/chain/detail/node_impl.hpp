#pragma once

#include "base/error.hpp"
#include "chain/block_checker.hpp"
#include "chain/block_maker.hpp"
#include "chain/chain_node.hpp"
#include "chain/messages.hpp"
#include "engine/poc.hpp"
#include "engine/sign_guard.hpp"
#include "net/token_bucket.hpp"

#include <deque>

// A chain's node from inside: links.cpp connects, calls.cpp asks, serving.cpp answers, moving.cpp
// follows the engine, producing.cpp makes blocks.

namespace cairn {

namespace detail {

struct Peer {
    Ed25519PublicKey key;
    std::string address; ///< that was called; or the host that has called
    std::string listens; ///< as it says; empty: nowhere
    bool is_caller = false;
    bool is_ready = false;
    bool is_leaving = false;
    Height height{};
    unsigned points = 0;
    unsigned silences = 0; ///< calls that it has not answered
    TokenBucket bucket;
    std::size_t fetching = 0; ///< calls for blocks
    std::size_t serving = 0;  ///< streams that send it something
    std::uint64_t since_ms = 0;
    std::uint64_t headers_ms = 0;           ///< when it was last asked for headers
    bool has_withheld_headers = false;      ///< it was, in vain
    std::optional<std::uint64_t> tell_ms{}; ///< when to tell it again of the block on top
    std::deque<TransactionId> to_offer{};   ///< that it may not know
    std::set<TransactionId> offered{};      ///< to it or by it, of late
    std::deque<TransactionId> wants{};      ///< offered by it, to be asked for
    bool is_asked_for_transactions = false;
};

enum class CallKind : std::uint8_t {
    hello,
    headers,
    bodies,
    compact,
    missing,
    transactions,
    peers,
    told,
    offer,
};

/// A call of ours.
struct OwnCall {
    CallKind kind = CallKind::hello;
    LinkId link;
    std::size_t data_max = 0; ///< bytes
    std::vector<BlockId> ids{};
    Bytes data{};
    std::uint64_t begun_ms = 0;
    std::uint64_t moved_ms = 0;
    std::vector<TransactionId> transactions{};
};

/// A call of a peer that is being answered with data.
struct Answering {
    LinkId link;
    std::deque<BlockId> ids{}; ///< of blocks that follow
    Bytes bytes{};
    std::size_t sent = 0;  ///< of these
    std::size_t total = 0; ///< bytes of all
    std::uint64_t begun_ms = 0;
    std::uint64_t moved_ms = 0;
};

/// A block that is wanted.
struct WantedBody {
    std::optional<LinkId> fetching{};
    std::set<LinkId> without{}; ///< who did not give it
    std::uint64_t again_ms = 0;
    std::optional<LinkId> told_by{}; ///< has it, and may give it compact
};

/// A compact block whose missing transactions are asked for.
struct HalfBlock {
    std::shared_ptr<Block> block;
    std::vector<std::uint32_t> missing;
};

} // namespace detail

// Members are where they are used.
// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding)
struct ChainNode::Impl {
    Impl(const Parts& with, ChainNodeOptions as, ChainVoice tell);

    Parts parts;
    ChainNodeOptions options;
    ChainVoice voice;
    const Genesis& genesis;
    NetworkId chain;
    ChainEngine engine;
    ChainCounts counts;

    // ---- links.cpp
    std::map<LinkId, detail::Peer> peers;
    std::map<LinkId, std::string> connecting; ///< links that are not up yet
    PeerBook book;
    std::map<Ed25519PublicKey, std::uint64_t> banned; ///< until, of the hub's clock
    std::uint64_t next_look_ms = 0;
    std::uint64_t next_save_ms = 0;
    bool is_book_new = false;

    void link_up(const HubEvent& event);
    void link_down(const HubEvent& event);
    [[nodiscard]] bool make_place(const std::string& host);
    void greeted(LinkId link, const ChainHello& hello);
    void note_told(LinkId link, const KnownNode& node);
    [[nodiscard]] ChainHello own_hello() const;
    void blame(LinkId link, unsigned points, const std::string& reason);
    void leave(LinkId link, const std::string& reason);
    void look_for_peers(std::uint64_t now_ms);
    void look_at_peers(std::uint64_t now_ms);
    void save_book();
    [[nodiscard]] std::size_t ready_peers() const;

    // ---- calls.cpp
    std::map<StreamId, detail::OwnCall> calls;
    std::map<BlockId, detail::WantedBody> wanted;
    std::map<BlockId, detail::HalfBlock> halves;
    std::map<TransactionId, std::uint64_t> asked_transactions; ///< until
    std::size_t checking_bytes = 0;
    std::map<BlockId, std::size_t> checking; ///< bytes of each
    std::set<BlockId> unsigned_blocks;       ///< with a wrong signature
    std::uint64_t next_offer_ms = 0;

    bool call(detail::OwnCall call, std::string_view method, ByteView request);
    bool take_data(const HubEvent& event);
    bool take_end(const HubEvent& event);
    void finish_call(const detail::OwnCall& call, ByteView reply);
    void fail_call(const detail::OwnCall& call);
    void unread(const detail::OwnCall& call, const Error& error);

    /// What a peer has sent, as it is read; none where it cannot be, for which the peer is blamed.
    /// What fails besides, as when the disk does, is not its fault.
    template <class Parse>
    auto heard(const detail::OwnCall& call, Parse parse) -> std::optional<decltype(parse())>
    {
        try {
            return parse();
        } catch (const Error& error) {
            unread(call, error);
            return std::nullopt;
        }
    }
    void cut_slow_calls(std::uint64_t now_ms);
    void ask_headers(LinkId link, const std::vector<BlockId>& known);
    void fetch_bodies();
    [[nodiscard]] std::optional<LinkId> find_giver(const BlockId& id, detail::WantedBody& body);
    void take_bodies(const detail::OwnCall& call);
    void take_body(LinkId link, const BlockId& id, std::shared_ptr<const Block> block);
    void take_compact(const detail::OwnCall& call);
    void take_missing(const detail::OwnCall& call);
    void take_transactions(const detail::OwnCall& call);
    void not_given(const detail::OwnCall& call);
    void take_checked();
    void offer_transactions(std::uint64_t now_ms);
    void ask_for_transactions(LinkId link, detail::Peer& peer);
    void end_asking(const detail::OwnCall& call);
    void spread(const TransactionId& id, LinkId from);

    // ---- serving.cpp
    std::map<StreamId, detail::Answering> answering;
    std::optional<std::pair<BlockId, Block>> served; ///< the last block that was looked into

    void open(const HubEvent& event);
    void answer(const HubEvent& event, detail::Peer& peer);
    [[nodiscard]] bool may(const HubEvent& event, detail::Peer& peer, std::uint64_t cost);
    void answer_blocks(const HubEvent& event, detail::Peer& peer);
    void answer_transactions(const HubEvent& event, detail::Peer& peer);
    void hear_told(const HubEvent& event, detail::Peer& peer);
    void refuse(const HubEvent& event, const Error& error);

    /// What a peer asks for, as it is read; none where it cannot be, of which it was told.
    template <class Parse>
    auto asked(const HubEvent& event, Parse parse) -> std::optional<decltype(parse(event.data))>
    {
        try {
            return parse(event.data);
        } catch (const Error& error) {
            refuse(event, error);
            return std::nullopt;
        }
    }
    void give(StreamId stream, detail::Peer& peer, detail::Answering answer);
    void pump(StreamId stream);
    void end_answer(StreamId stream, CallStatus status);
    void cut_slow_answers(std::uint64_t now_ms);
    [[nodiscard]] const Block* block_to_serve(const BlockId& id);
    [[nodiscard]] Bytes headers_behind(const HeadersRequest& request);

    // ---- moving.cpp
    std::deque<EngineEvent> events;
    bool is_stepping = false;
    std::optional<std::uint64_t> wake_at_s;
    std::optional<std::uint64_t> uncommitted_since_ms;
    std::optional<std::uint64_t> ahead_ms; ///< while better blocks are known: when the last came
    bool is_tip_untold = false;
    std::string halted;
    std::optional<DraftBlock> made; ///< by this node, not connected yet
    std::set<BlockId> told_blocks;  ///< headers that peers were told of

    void step(const EngineEvent& event);
    void act(const EngineAction& action);
    void connect(const BlockId& id);
    void disconnect(const BlockId& id);
    void settle_tip();
    void tell_tip();
    void tell_again(std::uint64_t now_ms);
    [[nodiscard]] Bytes tip_message() const;
    void tell(LinkId link, detail::Peer& peer, ByteView message);
    void keep_evidence(const Equivocation& two);
    [[nodiscard]] std::uint64_t now_s() const { return options.now_ms() / 1000; }
    [[nodiscard]] std::string waits_for() const;
    [[nodiscard]] Height told_height() const;
    [[nodiscard]] bool is_synced() const;
    [[nodiscard]] bool is_behind() const;

    // ---- producing.cpp
    std::optional<PocProducer> poc;
    std::optional<SoloProducer> solo;
    std::optional<std::uint64_t> produce_at_s;

    std::optional<Block> unfinished; ///< was about to be sealed when the node ended

    void start_producing();
    void finish_block();
    void producer_tip_changed();
    void produce();
    void heed(const ProducerWish& wish);
    void make(const BlockOrder& order);
    void adopt(DraftBlock draft);
    [[nodiscard]] bool may_seal(const Block& block);
    [[nodiscard]] std::string offer(PocData proof);

    BlockChecker checker; // last: its threads wake the hub
};

} // namespace cairn
