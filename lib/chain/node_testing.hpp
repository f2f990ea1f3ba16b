#pragma once

#include "chain/chain_node.hpp"
#include "chain/testing.hpp"
#include "net/sim_hub.hpp"
#include "os/testing.hpp"

#include <functional>

// For *_test.cpp files only.

namespace cairn {

/// The rules of one producer, but that blocks may be taken back and one key may make two.
class ForkingConsensus final : public Consensus {
public:
    explicit ForkingConsensus(const Genesis& genesis) : rules_{genesis} {}

    [[nodiscard]] HeaderState first_state(const Header& first) const override
    {
        return rules_.first_state(first);
    }
    [[nodiscard]] std::optional<HeaderFault> check(const KnownHeader& parent, const Header& header,
                                                   ByteView seal) const override
    {
        return rules_.check(parent, header, seal);
    }
    [[nodiscard]] std::vector<bool> prove(std::span<const Unproven> headers) const override
    {
        return rules_.prove(headers);
    }
    [[nodiscard]] HeaderState next_state(const HeaderState& parent,
                                         const Header& header) const override
    {
        return rules_.next_state(parent, header);
    }
    [[nodiscard]] BlockContext context(const HeaderState& parent, const Header& header,
                                       ByteView seal) const override
    {
        return rules_.context(parent, header, seal);
    }
    [[nodiscard]] bool is_better(const Header& a, const Header& b) const override
    {
        return rules_.is_better(a, b);
    }
    [[nodiscard]] std::uint64_t future_s() const override { return rules_.future_s(); }
    [[nodiscard]] std::uint64_t reorganisation_max() const override { return 16; }
    [[nodiscard]] bool halts_on_equivocation() const override { return false; }

private:
    SoloConsensus rules_;
};

class MemoryFiles final : public NodeFiles {
public:
    [[nodiscard]] Bytes load(const std::string& name) override { return files_[name]; }
    void save(const std::string& name, ByteView bytes) override
    {
        files_[name] = {bytes.begin(), bytes.end()};
    }

private:
    std::map<std::string, Bytes> files_;
};

/// The wall clock of all nodes: late enough for the blocks that a SoloChain has from the start.
inline std::uint64_t wall_ms(const Genesis& genesis, const Hub& hub)
{
    return (genesis.time_s + 2'000) * 1000 + hub.now_ms();
}

/// A node of a chain in the simulated network.
class TestNode {
public:
    struct Options {
        std::vector<std::string> peers{};
        const Ed25519KeyPair* producer = nullptr;
        const SoloChain* before = nullptr; ///< what it has from the start
        std::size_t inbound_max = 64;
    };

    TestNode(SimNetwork& network, const SoloChain& chain, const Consensus& consensus,
             const std::string& address, const Options& options)
        : TestNode{network, chain.genesis(), consensus, address, options}
    {
    }
    TestNode(SimNetwork& network, const Genesis& genesis, const Consensus& consensus,
             const std::string& address, const Options& options)
        : link_key_{Ed25519KeyPair{Secret::copy(noise(Ed25519KeyPair::seed_size, ++made))}},
          hub{network.add({.address = address, .link_key = &link_key_})},
          store{directory_.path(), genesis, consensus},
          mempool{genesis, {}, 1},
          network_{&network}
    {
        if (options.before) {
            put_all(store, *options.before);
            store.commit();
        }
        ChainNodeOptions as{.address = address,
                            .peers = options.peers,
                            .inbound_max = options.inbound_max,
                            .check_threads = 0,
                            .now_ms = [this] { return wall_ms(store.genesis(), hub); }};
        if (options.producer)
            as.mining = MiningOptions{.key = options.producer,
                                      .account = account_id(options.producer->public_key())};
        node = std::make_unique<ChainNode>(
            ChainNode::Parts{hub, store, consensus, mempool, entropy_, files_}, std::move(as),
            ChainVoice{[](const std::string&, const Json&) {},
                       [this](const std::string& text) { said.push_back(text); },
                       [this](const std::string& text) { said.push_back(text); }});
        network.serve(hub, [this](const HubEvent& event) {
            node->handle(event);
            node->advance();
        });
        tick();
    }
    TestNode(const TestNode&) = delete;
    TestNode& operator=(const TestNode&) = delete;
    ~TestNode() = default;

    [[nodiscard]] bool is_at(const BlockId& id) const { return store.tip().id == id; }
    [[nodiscard]] const std::string& directory() const { return directory_.path(); }
    [[nodiscard]] bool has_said(const std::string& part) const
    {
        return std::ranges::any_of(
            said, [&](const std::string& text) { return text.find(part) != text.npos; });
    }

private:
    void tick()
    {
        network_->at(network_->now_ms() + 100, [this] {
            node->advance();
            tick();
        });
    }

    static inline std::uint64_t made = 1000;
    TestDirectory directory_;
    Ed25519KeyPair link_key_;
    MemoryFiles files_;
    FixedEntropy entropy_{++made};

public:
    Hub& hub;
    ChainStore store;
    Mempool mempool;
    std::vector<std::string> said;
    std::unique_ptr<ChainNode> node;

private:
    SimNetwork* network_;
};

/// A peer that says what a test wants.
class TestPeer {
public:
    struct Answer {
        CallStatus status = CallStatus::ok;
        Bytes reply{};
        Bytes data{};
        bool is_silent = false; ///< never ends
    };
    /// What became of a call.
    struct Outcome {
        std::optional<CallStatus> status; ///< none: it was cut, or is not over
        Bytes reply;
        Bytes data;
        bool is_over = false;
    };
    using Answers = std::function<Answer(const std::string& method, const Bytes& request)>;

    TestPeer(SimNetwork& network, const std::string& address, std::uint64_t number)
        : key_{Secret::copy(noise(Ed25519KeyPair::seed_size, number))},
          hub{network.add({.address = address, .link_key = &key_})},
          network_{&network}
    {
        network.serve(hub, [this](const HubEvent& event) { handle(event); });
    }

    /// Whether it gets a link, at once.
    bool connect(const std::string& address)
    {
        is_linked = false;
        link = hub.connect({address, {}});
        network_->run_until(network_->now_ms() + 50);
        return is_linked;
    }
    Outcome call(std::string_view method, const Bytes& request)
    {
        const auto stream = begin(method, request);
        if (!stream) return {};
        network_->run_until(network_->now_ms() + 50);
        return outcomes[*stream];
    }
    std::optional<StreamId> begin(std::string_view method, const Bytes& request)
    {
        const auto stream = hub.open(link, method, request);
        if (stream) hub.half_end(*stream);
        return stream;
    }
    /// Says hello as a node of a chain.
    Outcome greet(const NetworkId& chain, Height height = {}, const std::string& address = {})
    {
        return call("chain.hello", to_bytes(ChainHello{chain, address, height, {}}));
    }

private:
    void handle(const HubEvent& event)
    {
        switch (event.kind) {
        case HubEvent::Kind::linked:
            link = event.link;
            is_linked = true;
            return;
        case HubEvent::Kind::unlinked:
            if (event.link == link) is_linked = false;
            return;
        case HubEvent::Kind::opened: {
            const std::string method{event.method};
            ++heard[method];
            if (!answers) return;
            Answer answer = answers(method, {event.data.begin(), event.data.end()});
            if (answer.is_silent) return;
            sending_.emplace(event.stream, std::move(answer));
            return send(event.stream);
        }
        case HubEvent::Kind::writable:
            return send(event.stream);
        case HubEvent::Kind::data:
            outcomes[event.stream].data.insert(outcomes[event.stream].data.end(),
                                               event.data.begin(), event.data.end());
            hub.consumed(event.stream, event.data.size());
            return;
        case HubEvent::Kind::ended:
            outcomes[event.stream].status = event.status;
            outcomes[event.stream].reply = {event.data.begin(), event.data.end()};
            outcomes[event.stream].is_over = true;
            return;
        case HubEvent::Kind::reset:
            outcomes[event.stream].is_over = true;
            sending_.erase(event.stream);
            return;
        case HubEvent::Kind::half_end:
        case HubEvent::Kind::woken:
            return;
        }
    }
    void send(StreamId stream)
    {
        const auto found = sending_.find(stream);
        if (found == sending_.end()) return;
        Bytes& data = found->second.data;
        while (!data.empty()) {
            const std::size_t size =
                std::min({hub.writable(stream), frame_payload_max, data.size()});
            if (size == 0) return;
            hub.send(stream, ByteView{data}.first(size));
            data.erase(data.begin(), data.begin() + std::ptrdiff_t(size));
        }
        const Answer answer = std::move(found->second);
        sending_.erase(found);
        hub.end(stream, answer.status, answer.reply);
    }

    Ed25519KeyPair key_;

public:
    Hub& hub;
    LinkId link;
    bool is_linked = false;
    Answers answers; ///< none: it never answers
    std::map<std::string, std::size_t> heard;
    std::map<StreamId, Outcome> outcomes;

private:
    SimNetwork* network_;
    std::map<StreamId, Answer> sending_;
};

} // namespace cairn
