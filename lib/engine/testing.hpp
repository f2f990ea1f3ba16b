#pragma once

#include "engine/chain_engine.hpp"
#include "format/testing.hpp"

#include <algorithm>

#include <doctest/doctest.h>

// For *_test.cpp files only.

namespace cairn {

/// Rules of no cost: a header says how much work it is, how good it is beside others, and whether
/// it is right.
class TestConsensus final : public Consensus {
public:
    struct Options {
        std::uint64_t future_s = 15;
        std::uint64_t reorganisation_max = 100;
        bool halts = false;
    };
    enum class Truth : std::uint8_t { right, wrong, unproven };

    struct Data {
        std::uint8_t work = 1;
        std::uint8_t place = 0; ///< the lower the better
        Truth truth = Truth::right;
    };

    TestConsensus() : options_{} {}
    explicit TestConsensus(Options options) : options_{options} {}

    static Data data_of(const Header& header)
    {
        const auto byte = [&](std::size_t i) {
            return std::to_integer<std::uint8_t>(header.consensus.at(i));
        };
        return {byte(0), byte(1), static_cast<Truth>(byte(2))};
    }
    [[nodiscard]] HeaderState first_state(const Header&) const override { return {}; }
    [[nodiscard]] std::optional<HeaderFault> check(const KnownHeader& parent, const Header& header,
                                                   ByteView) const override
    {
        if (header.time_s <= parent.header.time_s) return HeaderFault{"its time"};
        if (data_of(header).truth == Truth::wrong) return HeaderFault{"it says so"};
        return std::nullopt;
    }
    [[nodiscard]] std::vector<bool> prove(std::span<const Unproven> headers) const override
    {
        most_at_once_ = std::max(most_at_once_, headers.size());
        std::vector<bool> right;
        for (const Unproven& unproven : headers)
            right.push_back(data_of(*unproven.header).truth != Truth::unproven);
        return right;
    }
    [[nodiscard]] HeaderState next_state(const HeaderState& parent,
                                         const Header& header) const override
    {
        return {.work = {parent.work.value + data_of(header).work}, .seed = {}};
    }
    [[nodiscard]] BlockContext context(const HeaderState&, const Header&, ByteView) const override
    {
        return {};
    }
    [[nodiscard]] bool is_better(const Header& a, const Header& b) const override
    {
        if (data_of(a).place != data_of(b).place) return data_of(a).place < data_of(b).place;
        return block_id(a) < block_id(b);
    }
    [[nodiscard]] std::uint64_t future_s() const override { return options_.future_s; }
    [[nodiscard]] std::uint64_t reorganisation_max() const override
    {
        return options_.reorganisation_max;
    }
    [[nodiscard]] bool halts_on_equivocation() const override { return options_.halts; }

    /// The most headers that were to be proven at once.
    [[nodiscard]] std::size_t most_at_once() const { return most_at_once_; }

private:
    Options options_;
    mutable std::size_t most_at_once_ = 0;
};

/// The first header of test chains.
inline KnownHeader test_root()
{
    KnownHeader root;
    root.header.chain = filled<NetworkId>(7);
    root.header.time_s = 1000;
    root.id = block_id(root.header);
    return root;
}

/// A header behind another. `sealer` stands for a key, `mark` makes it another one.
struct TestChild {
    TestConsensus::Data data{};
    std::uint64_t step_s = 1;
    std::uint8_t sealer = 0;
    std::uint8_t mark = 0;
};
inline KnownHeader child_of(const KnownHeader& parent, const TestChild& child = {})
{
    KnownHeader known;
    Header& header = known.header;
    header.chain = parent.header.chain;
    header.height = parent.header.height + 1;
    header.parent = parent.id;
    header.time_s = parent.header.time_s + child.step_s;
    for (const unsigned byte : {unsigned{child.data.work}, unsigned{child.data.place},
                                static_cast<unsigned>(child.data.truth), unsigned{child.mark}})
        header.consensus.push_back(static_cast<std::byte>(byte));
    known.id = block_id(header);
    known.seal = to_bytes(Seal{filled<Ed25519PublicKey>(child.sealer), {}});
    known.state = {.work = {parent.state.work.value + child.data.work}, .seed = {}};
    return known;
}

/// A chain of so many headers behind another.
inline std::vector<KnownHeader> line_of(const KnownHeader& root, std::size_t count,
                                        const TestChild& child = {})
{
    std::vector<KnownHeader> line;
    for (std::size_t i = 0; i < count; ++i)
        line.push_back(child_of(line.empty() ? root : line.back(), child));
    return line;
}

inline SealedHeader sealed(const KnownHeader& known)
{
    return {known.header, known.seal};
}
inline HeadersArrived arrival(std::span<const KnownHeader> headers, PeerNumber peer = {1})
{
    HeadersArrived arrived{peer, {}};
    for (const KnownHeader& known : headers) arrived.headers.push_back(sealed(known));
    return arrived;
}

/// Does what an engine wants, and checks on the way that it wants nothing odd. What it is told of
/// besides is the test's choice.
class EngineDriver {
public:
    explicit EngineDriver(const Consensus& consensus, std::vector<KnownHeader> chain,
                          ChainEngineOptions options = {})
        : consensus_{&consensus},
          options_{options},
          chain_{std::move(chain)},
          rest_{chain_.back()},
          engine_{consensus, chain_, {}, options}
    {
    }

    // What the ledger refuses, and whose transactions no peer has.
    std::set<BlockId> refused;
    std::set<BlockId> withheld;

    std::uint64_t now_s = 1'000'000;
    bool may_lose_work = false; ///< where a checkpoint decides

    // What the engine has told so far.
    std::vector<AskHeaders> asks;
    std::vector<BlockId> wants;
    std::vector<BlockId> tips;
    std::vector<PeerFault> faults;
    std::vector<Equivocation> equivocations;
    std::vector<Halt> halts;
    std::vector<WakeAt> wakes;

    [[nodiscard]] ChainEngine& engine() { return engine_; }
    [[nodiscard]] const std::vector<KnownHeader>& chain() const { return chain_; }
    [[nodiscard]] const std::set<BlockId>& bodies() const { return bodies_; }
    [[nodiscard]] bool is_moving() const { return move_.has_value(); }

    void tell(const EngineEvent& event)
    {
        for (const EngineAction& action : engine_.step(event, now_s))
            std::visit([this](const auto& wish) { note(wish); }, action);
        if (move_ || !engine_.is_halted()) REQUIRE(engine_.tip().id == chain_.back().id);
        if (!move_ && !engine_.is_halted()) REQUIRE(rest_.id == chain_.back().id);
    }
    void tell_headers(std::span<const KnownHeader> headers) { tell(arrival(headers)); }
    void tell_header(const KnownHeader& header) { tell_headers({&header, 1}); }

    void store(const BlockId& id)
    {
        bodies_.insert(id);
        tell(BodyStored{id});
    }

    /// Does the one move that is asked for.
    void move()
    {
        REQUIRE(move_);
        const Move move = *std::exchange(move_, std::nullopt);
        if (!move.is_on_top) {
            chain_.pop_back();
            tell(BlockDisconnected{move.id});
        } else if (refused.contains(move.id)) {
            was_refused_ = true;
            tell(BlockRefused{move.id});
        } else {
            chain_.push_back(*engine_.find(move.id));
            tell(BlockConnected{move.id});
        }
    }

    /// Goes on until there is nothing to do.
    void settle()
    {
        for (;;) {
            if (move_) {
                move();
            } else if (next_want_ < wants.size()) {
                const BlockId id = wants[next_want_++];
                if (!withheld.contains(id)) store(id);
            } else {
                return;
            }
        }
    }

    /// As after a crash: all but the chain is forgotten; of that the newest blocks are remembered.
    void restart()
    {
        move_.reset();
        const std::size_t kept =
            std::min<std::size_t>(chain_.size(), consensus_->reorganisation_max() + 1);
        engine_ = ChainEngine{
            *consensus_, {chain_.end() - std::ptrdiff_t(kept), chain_.end()}, {}, options_};
        rest_ = chain_.back();
        wants.clear();
        next_want_ = 0;
        bodies_.clear();
        for (const KnownHeader& block : chain_) bodies_.insert(block.id);
    }

private:
    struct Move {
        BlockId id;
        bool is_on_top = false;
    };

    void note(const AskHeaders& ask) { asks.push_back(ask); }
    void note(const WantBody& want)
    {
        REQUIRE(engine_.find(want.id));
        wants.push_back(want.id);
    }
    void note(const Connect& connect)
    {
        REQUIRE(!move_);
        REQUIRE(bodies_.contains(connect.id));
        REQUIRE(engine_.find(connect.id)->header.parent == chain_.back().id);
        move_ = {connect.id, true};
    }
    void note(const Disconnect& disconnect)
    {
        REQUIRE(!move_);
        REQUIRE(disconnect.id == chain_.back().id);
        REQUIRE(chain_.size() > 1);
        move_ = {disconnect.id, false};
    }
    void note(const TipChanged& tip)
    {
        REQUIRE(!move_);
        REQUIRE(tip.id == chain_.back().id);
        REQUIRE(tip.id != rest_.id);
        if (!was_refused_ && !may_lose_work) REQUIRE(chain_.back().state.work >= rest_.state.work);
        was_refused_ = false;
        rest_ = chain_.back();
        tips.push_back(tip.id);
    }
    void note(const PeerFault& fault) { faults.push_back(fault); }
    void note(const Equivocation& equivocation) { equivocations.push_back(equivocation); }
    void note(const Halt& halt) { halts.push_back(halt); }
    void note(const WakeAt& wake) { wakes.push_back(wake); }

    const Consensus* consensus_;
    ChainEngineOptions options_;
    std::vector<KnownHeader> chain_; // what is durable
    KnownHeader rest_;               // where it was at rest
    ChainEngine engine_;
    std::optional<Move> move_;
    bool was_refused_ = false; // since then
    std::set<BlockId> bodies_;
    std::size_t next_want_ = 0;
};

/// Numbers for random tests.
class Dice {
public:
    explicit Dice(std::uint64_t seed) : state_{seed * 0x9e3779b97f4a7c15U + 1} {}

    std::uint64_t below(std::uint64_t end)
    {
        state_ ^= state_ >> 12U;
        state_ ^= state_ << 25U;
        state_ ^= state_ >> 27U;
        return (state_ * 0x2545f4914f6cdd1dU >> 33U) % end;
    }

    template <class Items>
    void shuffle(Items& items)
    {
        for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
    }

private:
    std::uint64_t state_;
};

} // namespace cairn
