#pragma once

#include "client/provider_script_testing.hpp"
#include "client/session.hpp"
#include "erasure/segment.hpp"
#include "hash/pieces.hpp"

#include <algorithm>
#include <atomic>
#include <deque>
#include <map>
#include <memory>

// For *_test.cpp files only.

namespace cairn {

/// A network of scripted providers in virtual time: next() goes to the next event at once.
class ScriptedHub final : public Hub {
public:
    std::vector<std::unique_ptr<ScriptedProvider>> providers;
    NetworkId network;
    unsigned connections = 0;
    std::size_t streams_max = 0; ///< open at one time on one link, as seen

    explicit ScriptedHub(std::size_t count)
    {
        for (std::size_t i = 0; i < count; ++i)
            providers.push_back(std::make_unique<ScriptedProvider>(i));
    }

    [[nodiscard]] std::vector<ProviderName> names() const
    {
        std::vector<ProviderName> names;
        for (const auto& provider : providers) names.push_back(provider->name());
        return names;
    }

    /// All links of a provider break, now.
    void break_links(const ScriptedProvider& provider)
    {
        for (auto& [id, link] : links_)
            if (link.provider == &provider && link.is_up) break_link(id, "connection reset");
    }

    LinkId connect(const Endpoint& endpoint) override
    {
        ++connections;
        const LinkId id{++last_};
        Link& link = links_[id];
        for (const auto& provider : providers)
            if (provider->address == endpoint.address) link.provider = provider.get();
        if (link.provider == nullptr || link.provider->manner == Manner::refuses ||
            (endpoint.link_key && *endpoint.link_key != link.provider->link.public_key())) {
            post(1, of_link(HubEvent::Kind::unlinked, id, "connection refused"));
        } else if (link.provider->manner != Manner::silent) {
            link.is_up = true;
            HubEvent event = of_link(HubEvent::Kind::linked, id);
            event.is_caller = true;
            event.peer = link.provider->link.public_key();
            post(link.provider->delay_ms, std::move(event));
        }
        return id;
    }

    void close(LinkId link, std::string_view) override
    {
        links_.erase(link);
        std::erase_if(streams_, [&](const auto& stream) { return stream.second.link == link; });
    }

    std::optional<StreamId> open(LinkId link, std::string_view method, ByteView request) override
    {
        const auto found = links_.find(link);
        if (found == links_.end() || !found->second.is_up) return std::nullopt;
        const auto is_of_link = [&](const auto& stream) { return stream.second.link == link; };
        const auto open = static_cast<std::size_t>(std::ranges::count_if(streams_, is_of_link));
        if (open == link_streams_max) return std::nullopt;
        streams_max = std::max(streams_max, open + 1);
        const StreamId id{++last_};
        Stream& stream = streams_[id];
        stream.link = link;
        stream.provider = found->second.provider;
        stream.method = method;
        stream.request.assign(request.begin(), request.end());
        return id;
    }

    [[nodiscard]] std::size_t writable(StreamId id) const override
    {
        const auto found = streams_.find(id);
        return found == streams_.end() ? 0 : found->second.credit;
    }

    void send(StreamId id, ByteView data) override
    {
        const auto found = streams_.find(id);
        if (found == streams_.end()) return;
        Stream& stream = found->second;
        stream.credit -= data.size();
        stream.received.insert(stream.received.end(), data.begin(), data.end());
        if (stream.provider->manner == Manner::mute) return;
        later(stream.provider->frame_ms, [this, id, size = data.size()] {
            if (!streams_.contains(id)) return;
            streams_[id].credit += size;
            post(0, of_stream(HubEvent::Kind::writable, id));
        });
    }

    void half_end(StreamId id) override
    {
        const auto found = streams_.find(id);
        if (found == streams_.end()) return;
        later(found->second.provider->delay_ms, [this, id] {
            if (streams_.contains(id)) answer(id, streams_[id]);
        });
    }

    void end(StreamId, CallStatus, ByteView) override {}
    void reset(StreamId id, std::string_view) override { streams_.erase(id); }

    void consumed(StreamId id, std::size_t bytes) override
    {
        const auto found = streams_.find(id);
        if (found == streams_.end()) return;
        found->second.window += bytes;
        if (!std::exchange(found->second.is_sending, true)) pour(id);
    }

    std::optional<HubEvent> next(std::uint64_t deadline_ms) override
    {
        if (is_woken_.exchange(false)) return HubEvent{};
        for (;;) {
            if (agenda_.empty() || agenda_.begin()->first.first > deadline_ms) {
                now_ms_ = std::max(now_ms_, deadline_ms);
                return std::nullopt;
            }
            auto entry = agenda_.extract(agenda_.begin());
            now_ms_ = std::max(now_ms_, entry.key().first);
            Task task = std::move(entry.mapped());
            if (task.action) {
                task.action();
                continue;
            }
            if (!is_current(task.event)) continue;
            data_ = std::move(task.data);
            task.event.data = data_;
            if (task.event.kind == HubEvent::Kind::ended ||
                task.event.kind == HubEvent::Kind::reset)
                streams_.erase(task.event.stream);
            if (task.event.kind == HubEvent::Kind::unlinked) links_.erase(task.event.link);
            return std::move(task.event);
        }
    }

    void wake() noexcept override { is_woken_ = true; }
    [[nodiscard]] std::uint64_t now_ms() const noexcept override { return now_ms_; }
    [[nodiscard]] const Ed25519PublicKey& link_key() const noexcept override { return own_key_; }

private:
    struct Link {
        ScriptedProvider* provider = nullptr;
        bool is_up = false;
    };
    struct Stream {
        LinkId link;
        ScriptedProvider* provider = nullptr;
        std::string method;
        Bytes request;
        Bytes received;
        std::size_t credit = 64 * 1024;
        // The answer, as far as the caller's window reaches.
        std::size_t window = 64 * 1024;
        bool is_sending = false;
        Bytes data;
        std::size_t sent = 0;
        std::size_t stop_at = SIZE_MAX; // what happens there depends on the manner
        CallStatus status = CallStatus::ok;
        Bytes reply;
    };
    struct Task {
        HubEvent event;
        Bytes data;
        std::function<void()> action;
    };

    static HubEvent of_link(HubEvent::Kind kind, LinkId link, std::string reason = {})
    {
        HubEvent event;
        event.kind = kind;
        event.link = link;
        event.reason = std::move(reason);
        return event;
    }

    static HubEvent of_stream(HubEvent::Kind kind, StreamId stream, std::string reason = {})
    {
        HubEvent event;
        event.kind = kind;
        event.stream = stream;
        event.reason = std::move(reason);
        return event;
    }

    void post(std::uint64_t delay_ms, HubEvent event, Bytes data = {})
    {
        agenda_.emplace(std::pair{now_ms_ + delay_ms, ++last_},
                        Task{std::move(event), std::move(data), {}});
    }

    void later(std::uint64_t delay_ms, std::function<void()> action)
    {
        agenda_.emplace(std::pair{now_ms_ + delay_ms, ++last_}, Task{{}, {}, std::move(action)});
    }

    [[nodiscard]] bool is_current(const HubEvent& event) const
    {
        if (event.kind == HubEvent::Kind::woken) return true;
        return event.stream == StreamId{} ? links_.contains(event.link)
                                          : streams_.contains(event.stream);
    }

    void break_link(LinkId id, const std::string& reason)
    {
        links_[id].is_up = false;
        for (const auto& [stream_id, stream] : streams_)
            if (stream.link == id) post(0, of_stream(HubEvent::Kind::reset, stream_id, reason));
        post(0, of_link(HubEvent::Kind::unlinked, id, reason));
    }

    void finish(StreamId id, CallStatus status, Bytes reply)
    {
        HubEvent event = of_stream(HubEvent::Kind::ended, id);
        event.status = status;
        post(0, std::move(event), std::move(reply));
    }

    void answer(StreamId id, Stream& stream)
    {
        ScriptedProvider& provider = *stream.provider;
        if (stream.method == method::hello) {
            HelloReply reply;
            reply.record = {.sequence = 1,
                            .node_key = provider.node.public_key(),
                            .link_key = provider.link.public_key(),
                            .addresses = {provider.address},
                            .capabilities = 1,
                            .network = network,
                            .expiry_s = 4'000'000'000,
                            .signature = {}};
            if (provider.manner == Manner::impostor)
                reply.record.node_key = provider.link.public_key();
            sign(reply.record, provider.manner == Manner::impostor ? provider.link : provider.node);
            return finish(id, CallStatus::ok, to_bytes(reply));
        }
        if (provider.manner == Manner::mute) return;
        if (stream.method == method::shard_has) return answer_has(id, stream);
        if (stream.method == method::shard_get) return answer_get(id, stream);
        finish(id, CallStatus::ok, std::move(stream.received)); // anything else is an echo
    }

    void answer_has(StreamId id, const Stream& stream)
    {
        ScriptedProvider& provider = *stream.provider;
        ++provider.asks;
        HasReply reply;
        for (const ShardRoot& root : parse_has_request(stream.request).roots) {
            const auto found = provider.shards.find(root);
            const bool is_here = found != provider.shards.end() && provider.manner != Manner::empty;
            reply.entries.push_back({is_here, is_here ? found->second.size() : 0, 0});
        }
        finish(id, CallStatus::ok, to_bytes(reply));
    }

    void answer_get(StreamId id, Stream& stream)
    {
        ScriptedProvider& provider = *stream.provider;
        ++provider.reads;
        const GetRequest request = parse_get_request(stream.request);
        auto found = provider.shards.find(request.root);
        if (provider.manner == Manner::empty || provider.manner == Manner::forgetful ||
            found == provider.shards.end())
            return finish(id, CallStatus::no, {});
        if (provider.manner == Manner::swaps)
            for (auto other = provider.shards.begin(); other != provider.shards.end(); ++other)
                if (other != found && other->second.size() == request.size) found = other;
        const Bytes& shard = found->second;
        const std::uint64_t first = request.offset / piece_size;
        const std::uint64_t last =
            shard.empty() ? 0 : (request.offset + request.length - 1) / piece_size;
        stream.data = PieceTree::of(shard).proof(first, last);
        const std::size_t proof_size = stream.data.size();
        const std::size_t end = std::min<std::size_t>(shard.size(), (last + 1) * piece_size);
        stream.data.insert(stream.data.end(),
                           shard.begin() + static_cast<std::ptrdiff_t>(first * piece_size),
                           shard.begin() + static_cast<std::ptrdiff_t>(end));
        distort(stream, proof_size);
        stream.is_sending = true;
        pour(id);
    }

    static void distort(Stream& stream, std::size_t proof_size)
    {
        Bytes& data = stream.data;
        switch (stream.provider->manner) {
        case Manner::flips:
            data.back() ^= std::byte{1};
            break;
        case Manner::flips_proof:
            data[proof_size / 2] ^= std::byte{0x80};
            break;
        case Manner::cuts:
            data.pop_back();
            break;
        case Manner::endless:
            data.resize(std::size_t{1} << 26U);
            break;
        case Manner::breaks:
        case Manner::stalls:
        case Manner::resets:
            stream.stop_at = data.size() / 2;
            break;
        default:
            break;
        }
    }

    /// Sends the next frame of an answer.
    void pour(StreamId id)
    {
        const auto found = streams_.find(id);
        if (found == streams_.end()) return;
        Stream& stream = found->second;
        ScriptedProvider& provider = *stream.provider;
        if (stream.sent >= stream.stop_at) return stop(id, stream);
        if (stream.sent == stream.data.size()) return finish(id, stream.status, stream.reply);
        const bool is_trickle = provider.manner == Manner::trickles;
        const std::size_t size =
            std::min({stream.data.size() - stream.sent, stream.stop_at - stream.sent, stream.window,
                      is_trickle ? std::size_t{1} : frame_payload_max});
        if (size == 0) {
            stream.is_sending = false; // consumed() goes on
            return;
        }
        const auto begin = stream.data.begin() + static_cast<std::ptrdiff_t>(stream.sent);
        post(0, of_stream(HubEvent::Kind::data, id),
             Bytes{begin, begin + static_cast<std::ptrdiff_t>(size)});
        stream.sent += size;
        stream.window -= size;
        provider.bytes_sent += size;
        const std::uint64_t wait_ms = is_trickle                        ? 1000
                                      : provider.manner == Manner::slow ? 100 * provider.frame_ms
                                                                        : provider.frame_ms;
        later(wait_ms, [this, id] { pour(id); });
    }

    void stop(StreamId id, const Stream& stream)
    {
        if (stream.provider->manner == Manner::resets)
            post(0, of_stream(HubEvent::Kind::reset, id, "for no reason"));
        if (stream.provider->manner == Manner::breaks) break_link(stream.link, "connection reset");
    }

    std::atomic<bool> is_woken_ = false;
    std::uint64_t now_ms_ = 1'000;
    std::uint64_t last_ = 0;
    std::map<LinkId, Link> links_;
    std::map<StreamId, Stream> streams_;
    std::map<std::pair<std::uint64_t, std::uint64_t>, Task> agenda_;
    Bytes data_;
    Ed25519PublicKey own_key_;
};

/// Stores an object at all providers of a hub, the shards of each segment from another one on;
/// gives its id. A manifest that is too large for one shard becomes an object itself.
inline ObjectId store_object(ScriptedHub& hub, ByteView data, const Profile& profile,
                             ManifestKind kind = ManifestKind::object)
{
    Manifest manifest;
    manifest.head = {
        .kind = kind, .profile = profile, .total_size = data.size(), .content = blake3(data)};
    SegmentEncoder encoder{profile};
    const Code code{{profile.k, profile.m}};
    for (std::uint64_t segment = 0; segment < manifest.head.segments(); ++segment) {
        const std::uint64_t offset = segment * profile.segment_size;
        const std::uint64_t length = manifest.head.segment_length(segment);
        std::ranges::copy(data.subspan(offset, length), encoder.input().begin());
        encoder.encode(code, length, offset);
        for (std::size_t i = 0; i < profile.shards(); ++i) {
            manifest.roots.push_back(encoder.roots()[i]);
            hub.providers[(segment + i) % hub.providers.size()]->store(encoder.shards()[i]);
        }
    }
    const Bytes bytes = to_bytes(manifest);
    for (const auto& provider : hub.providers) provider->store(bytes);
    return {blake3(bytes).bytes};
}

} // namespace cairn
