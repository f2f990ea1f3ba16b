#pragma once

#include "base/testing.hpp"
#include "client/session.hpp"
#include "crypto/testing.hpp"
#include "hash/pieces.hpp"
#include "net/sim_hub.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

// For *_test.cpp files only.

namespace cairn {

/// What a SimProvider does with shards that are put.
enum class PutManner {
    honest,
    full,
    denies,
    busy,            ///< the first three times
    fails,           ///< its disk
    resets,          ///< cuts every call
    resets_once,     ///< the first call
    breaks_once,     ///< the connection, at the first call
    never_answers,   ///< takes everything and says nothing
    answers_late,    ///< after 20 seconds
    wrong_signature, ///< and other receipts that are no good
    wrong_key,
    wrong_network,
    wrong_owner,
    wrong_root,
    no_receipt,
    forgets, ///< gives a receipt and stores nothing
};

/// What a SimProvider does with shards that are read.
enum class GetManner {
    honest,
    has_lost, ///< it sees that they are not what they should be, until they are put again
    flips,    ///< one bit
    never_answers,
};

/// A provider in memory, in a SimNetwork.
class SimProvider {
public:
    struct Entry {
        Bytes bytes;
        std::map<AccountId, std::uint64_t> serials; ///< of the entries of each owner
        ShardClass kind = ShardClass::data;
        GetManner manner = GetManner::honest;
    };

    SimProvider(SimNetwork& network, std::uint64_t seed)
        : node{Secret::copy(noise(32, 2 * seed + 5000))},
          link{Secret::copy(noise(32, 2 * seed + 5001))},
          address{"provider-" + std::to_string(seed) + ":1"},
          network_{&network},
          hub_{&network.add({.address = address, .link_key = &link})}
    {
        network.serve(*hub_, [this](const HubEvent& event) { handle(event); });
    }

    Ed25519KeyPair node;
    Ed25519KeyPair link;
    std::string address;
    NetworkId id;
    PutManner manner = PutManner::honest;
    std::map<ShardRoot, Entry> shards;
    std::uint64_t free_size = std::uint64_t{1} << 40U;
    std::uint64_t delay_ms = 0; ///< before it answers a put
    std::size_t puts = 0;       ///< calls of shard.put
    std::size_t gets = 0;       ///< calls of shard.get
    std::size_t items = 0;      ///< shards in them
    std::size_t drops = 0;
    std::function<void()> on_put; ///< before a put is answered
    std::set<ShardRoot> seen;     ///< of all shards that came, whatever became of them
    /// Answers other methods; none: never.
    std::function<std::optional<std::pair<CallStatus, Bytes>>(
        std::string_view method, ByteView request, const Ed25519PublicKey& owner)>
        others;

    [[nodiscard]] ProviderName name() const { return {node.public_key(), {address}, {}}; }
    [[nodiscard]] Hub& hub() { return *hub_; }
    [[nodiscard]] std::size_t count(ShardClass kind) const
    {
        return static_cast<std::size_t>(std::ranges::count_if(
            shards, [&](const auto& shard) { return shard.second.kind == kind; }));
    }

private:
    struct Call {
        LinkId link;
        std::string method;
        Bytes request;
        Bytes body;
    };

    void handle(const HubEvent& event)
    {
        switch (event.kind) {
        case HubEvent::Kind::opened:
            calls_[event.stream] = {event.link,
                                    std::string{event.method},
                                    Bytes{event.data.begin(), event.data.end()},
                                    {}};
            break;
        case HubEvent::Kind::data: {
            Call& call = calls_[event.stream];
            call.body.insert(call.body.end(), event.data.begin(), event.data.end());
            hub_->consumed(event.stream, event.data.size());
            break;
        }
        case HubEvent::Kind::half_end: {
            const Call call = std::move(calls_[event.stream]);
            calls_.erase(event.stream);
            answer(event.stream, call);
            break;
        }
        case HubEvent::Kind::writable:
            pour(event.stream);
            break;
        case HubEvent::Kind::reset:
            calls_.erase(event.stream);
            answers_.erase(event.stream);
            break;
        default:
            break;
        }
    }

    void answer(StreamId stream, const Call& call)
    {
        if (call.method == method::hello) {
            const HelloRequest request = parse_hello_request(call.request);
            if (request.owner) owners_[call.link] = account_id(*request.owner);
            if (request.owner) owner_keys_[call.link] = *request.owner;
            HelloReply reply;
            reply.record = {.sequence = 1,
                            .node_key = node.public_key(),
                            .link_key = link.public_key(),
                            .addresses = {address},
                            .capabilities = 1,
                            .network = id,
                            .expiry_s = 4'000'000'000,
                            .signature = {}};
            reply.free_size = free_size;
            reply.shard_size = std::uint64_t{1} << 26U;
            sign(reply.record, node);
            return hub_->end(stream, CallStatus::ok, to_bytes(reply));
        }
        if (call.method == method::shard_put) return answer_put(stream, call);
        if (call.method == method::shard_has) return answer_has(stream, call);
        if (call.method == method::shard_get) return answer_get(stream, call);
        if (call.method == method::shard_drop) return answer_drop(stream, call);
        if (call.method == method::shard_list) return answer_list(stream, call);
        if (!others) return hub_->end(stream, CallStatus::unsupported, {});
        const auto reply = others(call.method, call.request, owner_keys_[call.link]);
        if (reply) hub_->end(stream, reply->first, reply->second);
    }

    void answer_put(StreamId stream, const Call& call)
    {
        ++puts;
        for (const ShardItem& item : parse_put_request(call.request).items) seen.insert(item.root);
        if (on_put) on_put();
        const bool is_first = puts == 1;
        switch (manner) {
        case PutManner::full:
            return hub_->end(stream, CallStatus::full, as_bytes("no room"));
        case PutManner::denies:
            return hub_->end(stream, CallStatus::denied, as_bytes("no grant"));
        case PutManner::fails:
            return hub_->end(stream, CallStatus::failed, as_bytes("disk"));
        case PutManner::busy:
            if (puts <= 3) return hub_->end(stream, CallStatus::busy, {});
            break;
        case PutManner::resets:
            return hub_->reset(stream, "for no reason");
        case PutManner::resets_once:
            if (is_first) return hub_->reset(stream, "for no reason");
            break;
        case PutManner::breaks_once:
            if (is_first) return hub_->close(call.link, "for no reason");
            break;
        case PutManner::never_answers:
            return;
        case PutManner::answers_late:
            return later(20'000, [this, stream, call] { store(stream, call); });
        default:
            break;
        }
        later(delay_ms, [this, stream, call] { store(stream, call); });
    }

    void later(std::uint64_t wait_ms, std::function<void()> task)
    {
        if (wait_ms == 0) return task();
        network_->at(network_->now_ms() + wait_ms, std::move(task));
    }

    void store(StreamId stream, const Call& call)
    {
        const PutRequest request = parse_put_request(call.request);
        Receipt receipt{.network = id,
                        .node_key = node.public_key(),
                        .owner = owners_[call.link],
                        .serial = last_serial_ + 1,
                        .time_s = 1'000,
                        .expiry_s = 0,
                        .items = request.items,
                        .signature = {}};
        std::size_t at = 0;
        for (const ShardItem& item : request.items) {
            const ByteView bytes = ByteView{call.body}.subspan(at, item.size);
            at += item.size;
            if (blake3(bytes) != item.root)
                return hub_->end(stream, CallStatus::malformed, as_bytes("wrong root"));
            ++items;
            ++last_serial_;
            if (manner == PutManner::forgets) continue;
            Entry& entry = shards[item.root];
            entry.bytes.assign(bytes.begin(), bytes.end());
            entry.kind = request.kind;
            entry.manner = GetManner::honest;
            entry.serials[receipt.owner] = last_serial_;
        }
        distort(receipt);
        sign(receipt, manner == PutManner::wrong_key ? link : node);
        if (manner == PutManner::wrong_signature) receipt.signature.bytes[9] ^= std::byte{1};
        if (manner == PutManner::no_receipt) return hub_->end(stream, CallStatus::ok, {});
        hub_->end(stream, CallStatus::ok, to_bytes(receipt));
    }

    void distort(Receipt& receipt) const
    {
        if (manner == PutManner::wrong_network) receipt.network.bytes[0] ^= std::byte{1};
        if (manner == PutManner::wrong_owner) receipt.owner.bytes[0] ^= std::byte{1};
        if (manner == PutManner::wrong_root) receipt.items[0].root.bytes[0] ^= std::byte{1};
    }

    void answer_has(StreamId stream, const Call& call)
    {
        HasReply reply;
        for (const ShardRoot& root : parse_has_request(call.request).roots) {
            HasEntry& entry = reply.entries.emplace_back();
            const auto found = shards.find(root);
            if (found == shards.end()) continue;
            entry.is_here = true;
            entry.size = found->second.bytes.size();
            const auto serial = found->second.serials.find(owners_[call.link]);
            if (serial != found->second.serials.end()) entry.serial = serial->second;
        }
        hub_->end(stream, CallStatus::ok, to_bytes(reply));
    }

    void answer_get(StreamId stream, const Call& call)
    {
        ++gets;
        const GetRequest request = parse_get_request(call.request);
        const auto found = shards.find(request.root);
        if (found == shards.end()) return hub_->end(stream, CallStatus::no, {});
        const Entry& entry = found->second;
        if (entry.manner == GetManner::never_answers) return;
        if (entry.manner == GetManner::has_lost) return hub_->end(stream, CallStatus::damaged, {});
        const std::uint64_t first = request.offset / piece_size;
        const std::uint64_t last =
            request.length == 0 ? first : (request.offset + request.length - 1) / piece_size;
        const std::size_t end = std::min<std::size_t>(entry.bytes.size(), (last + 1) * piece_size);
        Bytes& answer = answers_[stream];
        answer = PieceTree::of(entry.bytes).proof(first, last);
        answer.insert(answer.end(),
                      entry.bytes.begin() + static_cast<std::ptrdiff_t>(first * piece_size),
                      entry.bytes.begin() + static_cast<std::ptrdiff_t>(end));
        if (entry.manner == GetManner::flips) answer.back() ^= std::byte{1};
        pour(stream);
    }

    /// Sends what the credit allows.
    void pour(StreamId stream)
    {
        const auto found = answers_.find(stream);
        if (found == answers_.end()) return;
        Bytes& answer = found->second;
        for (;;) {
            const std::size_t size =
                std::min({answer.size(), frame_payload_max, hub_->writable(stream)});
            if (size == 0) break;
            hub_->send(stream, ByteView{answer}.first(size));
            answer.erase(answer.begin(), answer.begin() + static_cast<std::ptrdiff_t>(size));
        }
        if (!answer.empty()) return;
        answers_.erase(found);
        hub_->end(stream, CallStatus::ok, {});
    }

    void answer_drop(StreamId stream, const Call& call)
    {
        ++drops;
        const DropRequest request = parse_drop_request(call.request);
        const AccountId owner = account_id(request.owner);
        if (!is_signed(request) || request.provider != account_id(node.public_key()))
            return hub_->end(stream, CallStatus::denied, as_bytes("signature"));
        DropReply reply;
        for (const DropItem& item : request.items) {
            const auto found = shards.find(item.root);
            if (found == shards.end()) continue;
            const auto serial = found->second.serials.find(owner);
            if (serial == found->second.serials.end() || serial->second != item.serial) continue;
            found->second.serials.erase(serial);
            if (found->second.serials.empty()) shards.erase(found);
            ++reply.dropped;
        }
        hub_->end(stream, CallStatus::ok, to_bytes(reply));
    }

    void answer_list(StreamId stream, const Call& call)
    {
        const ListRequest request = parse_list_request(call.request);
        std::map<std::uint64_t, ListEntry> entries;
        for (const auto& [root, entry] : shards) {
            const auto serial = entry.serials.find(owners_[call.link]);
            if (entry.kind != request.kind || serial == entry.serials.end()) continue;
            if (serial->second <= request.after) continue;
            entries[serial->second] = {serial->second, {root, entry.bytes.size()}, 1'000};
        }
        ListReply reply;
        for (const auto& [serial, entry] : entries)
            if (reply.entries.size() < list_entries_max) reply.entries.push_back(entry);
        hub_->end(stream, CallStatus::ok, to_bytes(reply));
    }

    SimNetwork* network_;
    Hub* hub_;
    std::map<StreamId, Call> calls_;
    std::map<StreamId, Bytes> answers_; // what is left of them to send
    std::map<LinkId, AccountId> owners_;
    std::map<LinkId, Ed25519PublicKey> owner_keys_;
    std::uint64_t last_serial_ = 0;
};

} // namespace cairn
