#pragma once

#include "base/testing.hpp"
#include "crypto/testing.hpp"
#include "hash/pieces.hpp"
#include "os/testing.hpp"
#include "provider/service.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>

// For *_test.cpp files only.

namespace cairn {

/// A hub without a network: the test is all the peers.
class PaperHub final : public Hub {
public:
    struct End {
        CallStatus status = CallStatus::ok;
        Bytes reply;

        [[nodiscard]] std::string text() const { return std::string{as_text(reply)}; }
    };

    std::uint64_t time_ms = 1'000;
    std::map<StreamId, std::size_t> credit;
    std::map<StreamId, Bytes> sent;
    std::map<StreamId, End> ends;
    std::map<StreamId, std::string> resets;
    std::map<StreamId, std::size_t> taken; // by consumed()
    std::set<LinkId> closed;

    LinkId connect(const Endpoint&) override { return {}; }
    void close(LinkId link, std::string_view) override { closed.insert(link); }
    std::optional<StreamId> open(LinkId, std::string_view, ByteView) override { return {}; }
    [[nodiscard]] std::size_t writable(StreamId stream) const override
    {
        const auto found = credit.find(stream);
        return found == credit.end() ? 0 : found->second;
    }
    void send(StreamId stream, ByteView data) override
    {
        if (data.size() > writable(stream)) std::abort();
        credit[stream] -= data.size();
        Bytes& all = sent[stream];
        all.insert(all.end(), data.begin(), data.end());
    }
    void half_end(StreamId) override {}
    void end(StreamId stream, CallStatus status, ByteView reply) override
    {
        if (reply.size() > request_size_max) std::abort();
        ends[stream] = {status, {reply.begin(), reply.end()}};
    }
    void reset(StreamId stream, std::string_view reason) override { resets[stream] = reason; }
    void consumed(StreamId stream, std::size_t bytes) override { taken[stream] += bytes; }
    std::optional<HubEvent> next(std::uint64_t) override { return {}; }
    void wake() noexcept override {}
    [[nodiscard]] std::uint64_t now_ms() const noexcept override { return time_ms; }
    [[nodiscard]] const Ed25519PublicKey& link_key() const noexcept override { return key_; }

private:
    Ed25519PublicKey key_ = Ed25519KeyPair{Secret::copy(noise(32, 77))}.public_key();
};

/// The same numbers each time.
class NoiseEntropy final : public Entropy {
public:
    void fill(MutableByteView bytes) override
    {
        std::ranges::copy(noise(bytes.size(), next_++), bytes.begin());
    }

private:
    std::uint64_t next_ = 1'000'000;
};

/// A service with its depot, and one owner who may store there.
class TestProvider {
public:
    explicit TestProvider(ServiceLimits limits = {})
        : depot{directory / "depot", depot_options()},
          committer{depot, Committer::Runs::when_asked, [] {}},
          guarantor{depot,
                    {.runs = Committer::Runs::when_asked,
                     .wake = [] {},
                     .entropy = &entropy,
                     .waiting_max = 8}},
          service{hub,
                  depot,
                  committer,
                  guarantor,
                  {.network = {}, .node = &node, .now_s = [] { return now_s; }, .limits = limits}}
    {
        NodeRecord record;
        record.link_key = hub.link_key();
        record.addresses = {"127.0.0.1:4100"};
        sign(record, node);
        service.set_record(record);
    }

    static constexpr std::uint64_t now_s = 1'800'000'000;

    TestDirectory directory;
    Ed25519KeyPair node{Secret::copy(noise(32, 1))};
    Ed25519KeyPair owner{Secret::copy(noise(32, 2))};
    PaperHub hub;
    Depot depot;
    Committer committer;
    NoiseEntropy entropy;
    Guarantor guarantor;
    Service service;

    [[nodiscard]] static Ed25519PublicKey peer_key(LinkId link)
    {
        return Ed25519KeyPair{Secret::copy(noise(32, 100 + link.number))}.public_key();
    }

    void event(HubEvent::Kind kind, StreamId stream, LinkId link = {1}, ByteView data = {})
    {
        HubEvent happened;
        happened.kind = kind;
        happened.link = link;
        happened.stream = stream;
        happened.peer = peer_key(link);
        happened.data = data;
        service.handle(happened);
    }

    void link(LinkId link) { event(HubEvent::Kind::linked, {}, link); }

    /// Opens a stream, which the peer gives some credit.
    StreamId call(LinkId link, std::string_view method, ByteView request,
                  std::size_t credit = 65'536)
    {
        const StreamId stream{++streams_};
        hub.credit[stream] = credit;
        HubEvent happened;
        happened.kind = HubEvent::Kind::opened;
        happened.link = link;
        happened.stream = stream;
        happened.method = method;
        happened.data = request;
        service.handle(happened);
        return stream;
    }

    /// The outcome of a call without data, which must be there at once.
    PaperHub::End ask(LinkId link, std::string_view method, ByteView request)
    {
        const StreamId stream = call(link, method, request);
        service.advance();
        const auto found = hub.ends.find(stream);
        if (found == hub.ends.end()) std::abort();
        return found->second;
    }

    /// A link whose peer has said hello, as the owner unless told otherwise.
    LinkId guest(std::uint64_t number, const Ed25519KeyPair* as)
    {
        const LinkId peer{number};
        link(peer);
        HelloRequest hello;
        if (as != nullptr) {
            hello.owner = as->public_key();
            sign(hello, *as, peer_key(peer), hub.link_key());
        }
        if (ask(peer, method::hello, to_bytes(hello)).status != CallStatus::ok) std::abort();
        return peer;
    }

    /// Starts to put some shards.
    StreamId begin_put(LinkId link, const std::vector<Bytes>& shards,
                       ShardClass kind = ShardClass::data)
    {
        PutRequest request;
        request.kind = kind;
        for (const Bytes& shard : shards) request.items.push_back({blake3(shard), shard.size()});
        return call(link, method::shard_put, to_bytes(request));
    }

    /// Sends all the bytes of some shards, whose stream is not looked at before advance().
    StreamId send_put(LinkId link, const std::vector<Bytes>& shards,
                      ShardClass kind = ShardClass::data)
    {
        const StreamId stream = begin_put(link, shards, kind);
        for (const Bytes& shard : shards) event(HubEvent::Kind::data, stream, link, shard);
        event(HubEvent::Kind::half_end, stream, link);
        return stream;
    }

    /// Puts some shards; the outcome.
    PaperHub::End put_all(LinkId link, const std::vector<Bytes>& shards,
                          ShardClass kind = ShardClass::data)
    {
        const StreamId stream = send_put(link, shards, kind);
        service.advance();
        return hub.ends.at(stream);
    }
    PaperHub::End put(LinkId link, const Bytes& shard) { return put_all(link, {shard}); }

    StreamId begin_get(LinkId link, const Bytes& shard, std::size_t credit)
    {
        const GetRequest request{blake3(shard), shard.size(), 0, shard.size()};
        return call(link, method::shard_get, to_bytes(request), credit);
    }

    /// The peer takes more.
    void grant(StreamId stream, LinkId link, std::size_t bytes)
    {
        hub.credit[stream] += bytes;
        event(HubEvent::Kind::writable, stream, link);
    }

    void run()
    {
        while (service.advance()) {
        }
    }

private:
    [[nodiscard]] DepotOptions depot_options() const
    {
        return {.capacity = std::uint64_t{64} << 20U,
                .reserve = 0,
                .trash_s = 100,
                .grants = {{account_id(owner.public_key()), std::uint64_t{32} << 20U, 1000, 0}},
                .now_s = [] { return now_s; }};
    }

    std::uint64_t streams_ = 0;
};

} // namespace cairn
