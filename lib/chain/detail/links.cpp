#include "chain/detail/node_impl.hpp"

// Who this node is connected to.

namespace cairn {

using detail::CallKind;
using detail::Peer;

namespace {

constexpr std::uint64_t look_ms = 1'000;             // between looks for more peers
constexpr std::uint64_t ban_ms = 3'600'000;          // a peer with 100 points
constexpr std::uint64_t save_ms = 60'000;            // between writes of the book
constexpr std::uint64_t hello_ms = 15'000;           // before a peer has said it
constexpr std::uint64_t headers_again_ms = 20'000;   // between calls for headers without an end
constexpr std::uint64_t withheld_again_ms = 3'000;   // or where the last has brought none
constexpr unsigned points_max = 100;                 // of a peer
constexpr std::size_t banned_max = 10'000;           // keys
constexpr std::size_t transactions_at_first = 5'000; // that a new peer is offered
const char* const book_name = "peers";

} // namespace

ChainHello ChainNode::Impl::own_hello() const
{
    const KnownHeader& best = engine.best();
    return {chain, options.address, best.header.height, best.id};
}

void ChainNode::Impl::link_up(const HubEvent& event)
{
    const auto ours = connecting.find(event.link);
    std::string address = ours == connecting.end() ? event.address : ours->second;
    if (ours != connecting.end()) connecting.erase(ours);
    const std::uint64_t now_ms = parts.hub.now_ms();
    const auto ban = banned.find(event.peer);
    const bool is_banned = ban != banned.end() && ban->second > now_ms;
    const bool is_self = event.peer == parts.hub.link_key();
    if (is_self && event.is_caller) book.forget(address);
    const bool is_full = !is_banned && !is_self && !event.is_caller && !make_place(event.address);
    if (is_banned || is_self || is_full) {
        if (is_banned && event.is_caller) book.note_failure(address, now_ms);
        parts.hub.close(event.link, is_full ? "enough peers" : "no thanks");
        return;
    }
    Peer peer{.key = event.peer,
              .address = std::move(address),
              .listens = {},
              .is_caller = event.is_caller,
              .bucket = TokenBucket{now_ms},
              .since_ms = now_ms};
    peers.emplace(event.link, std::move(peer));
    if (event.is_caller)
        call({.kind = CallKind::hello, .link = event.link}, "chain.hello", to_bytes(own_hello()));
}

/// Whether one more may call, from a host: one that has not said hello yet makes room, the oldest
/// first, or else one of the host that has more links than any other, and than this one.
bool ChainNode::Impl::make_place(const std::string& host)
{
    std::size_t inbound = 0;
    std::map<std::string, std::size_t> of_host;
    std::optional<LinkId> silent;
    for (const auto& [link, peer] : peers) {
        if (peer.is_caller || peer.is_leaving) continue;
        ++inbound;
        ++of_host[peer.address];
        if (!peer.is_ready && !silent) silent = link; // they are in the order of their coming
    }
    if (inbound < options.inbound_max) return true;
    if (silent) {
        leave(*silent, "room for others");
        return true;
    }
    const auto most = std::ranges::max_element(
        of_host, [](const auto& a, const auto& b) { return a.second < b.second; });
    if (most == of_host.end() || most->second <= of_host[host] + 1) return false;
    std::optional<LinkId> last;
    for (const auto& [link, peer] : peers)
        if (!peer.is_caller && !peer.is_leaving && peer.address == most->first) last = link;
    leave(*last, "room for others");
    return true;
}

void ChainNode::Impl::link_down(const HubEvent& event)
{
    if (const auto ours = connecting.find(event.link); ours != connecting.end()) {
        book.note_failure(ours->second, parts.hub.now_ms());
        connecting.erase(ours);
    }
    const auto found = peers.find(event.link);
    if (found == peers.end()) return;
    if (found->second.is_ready) voice.info("peer " + found->second.address + " has gone");
    peers.erase(found);
    for (auto& [id, body] : wanted) {
        body.without.erase(event.link);
        if (body.fetching == event.link) body.fetching.reset();
        if (body.told_by == event.link) body.told_by.reset();
    }
}

/// A peer has said who it is: by calling, or in its answer.
void ChainNode::Impl::greeted(LinkId link, const ChainHello& hello)
{
    Peer& peer = peers.at(link);
    if (hello.chain != chain) {
        if (peer.is_caller) book.forget(peer.address);
        return leave(link, "another chain");
    }
    if (peer.is_caller && !peer.is_ready) {
        book.note_good(peer.address, peer.key, now_s());
        is_book_new = true;
    }
    // Two that have called each other keep the link that the smaller key has made.
    for (const auto& [other, same] : peers) {
        if (other == link || !same.is_ready || same.key != peer.key) continue;
        const bool is_new_kept =
            peer.is_caller == (parts.hub.link_key() < peer.key) && peer.is_caller != same.is_caller;
        leave(is_new_kept ? other : link, "linked twice");
        if (!is_new_kept) return;
        break;
    }
    peer.height = hello.height;
    if (is_node_address(hello.address)) peer.listens = hello.address;
    if (std::exchange(peer.is_ready, true)) return;
    voice.info("peer " + peer.address + " is at block " + std::to_string(hello.height.value));
    if (peer.is_caller)
        call({.kind = CallKind::peers, .link = link, .data_max = 0}, "chain.peers", {});
    else if (!peer.listens.empty())
        note_told(link, {peer.listens, peer.key});
    ask_headers(link, engine.known_ids());
    for (const PoolEntry* const entry :
         parts.mempool.arrived_after(std::nullopt, transactions_at_first))
        peer.to_offer.push_back(entry->measure.id);
}

/// A peer tells of a node. One on this machine it can only know of when it is here itself.
void ChainNode::Impl::note_told(LinkId link, const KnownNode& node)
{
    if (node.address == options.address) return;
    if (is_loopback(node.address) && !is_loopback(peers.at(link).address)) return;
    book.add(node);
}

void ChainNode::Impl::blame(LinkId link, unsigned points, const std::string& reason)
{
    ++counts.faults;
    const auto found = peers.find(link);
    if (found == peers.end()) return;
    Peer& peer = found->second;
    peer.points = std::min(points_max, peer.points + points);
    voice.info("peer " + peer.address + ": " + reason);
    if (peer.points < points_max) return;
    ++counts.banned;
    if (banned.size() >= banned_max) banned.clear();
    banned[peer.key] = parts.hub.now_ms() + ban_ms;
    if (peer.is_caller) book.note_failure(peer.address, parts.hub.now_ms());
    leave(link, reason);
}

void ChainNode::Impl::leave(LinkId link, const std::string& reason)
{
    const auto found = peers.find(link);
    if (found == peers.end() || std::exchange(found->second.is_leaving, true)) return;
    found->second.is_ready = false;
    parts.hub.close(link, reason);
}

std::size_t ChainNode::Impl::ready_peers() const
{
    std::size_t count = 0;
    for (const auto& [link, peer] : peers) count += peer.is_ready ? 1 : 0;
    return count;
}

/// Those that have called and say nothing make room for others; those that may have more than is
/// known here are asked for it again, for a call may have come to nothing.
void ChainNode::Impl::look_at_peers(std::uint64_t now_ms)
{
    std::vector<LinkId> silent;
    for (auto& [link, peer] : peers) {
        if (!peer.is_ready && !peer.is_leaving && now_ms > peer.since_ms + hello_ms)
            silent.push_back(link);
        const bool may_have_more = peer.height > engine.best().header.height;
        const std::uint64_t pause_ms =
            peer.has_withheld_headers ? withheld_again_ms : headers_again_ms;
        if (peer.is_ready && (may_have_more || peer.has_withheld_headers) &&
            now_ms >= peer.headers_ms + pause_ms)
            ask_headers(link, engine.known_ids());
    }
    for (const LinkId link : silent) leave(link, "no hello");
}

void ChainNode::Impl::look_for_peers(std::uint64_t now_ms)
{
    if (now_ms < next_look_ms) return;
    next_look_ms = now_ms + look_ms;
    look_at_peers(now_ms);
    std::set<std::string> taken;
    std::size_t outbound = connecting.size();
    for (const auto& [link, address] : connecting) taken.insert(address);
    for (const auto& [link, peer] : peers) {
        // Where one that has called listens is what it says, unless it was met there before.
        const bool is_met = !peer.is_caller && book.is_good(peer.listens, peer.key);
        if (peer.is_caller || is_met) taken.insert(peer.is_caller ? peer.address : peer.listens);
        outbound += peer.is_caller ? 1 : 0;
    }
    taken.insert(options.address);
    while (outbound < options.outbound) {
        const auto address = book.next(taken, now_ms, parts.entropy);
        if (!address) break;
        const LinkId link = parts.hub.connect({*address, book.key_of(*address)});
        connecting.emplace(link, *address);
        taken.insert(*address);
        ++outbound;
    }
    if (is_book_new && now_ms >= next_save_ms) save_book();
}

void ChainNode::Impl::save_book()
{
    next_save_ms = parts.hub.now_ms() + save_ms;
    if (!std::exchange(is_book_new, false)) return;
    parts.files.save(book_name, as_bytes(book.to_text()));
}

} // namespace cairn
