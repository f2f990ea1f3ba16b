#pragma once

#include "engine/poc.hpp"

// When to make a block, and of what: state machines without a clock, which are told of what
// happens.

namespace cairn {

/// Make a block behind a parent, with this time and these data for the engine, and seal it as the
/// sign guard allows.
struct BlockOrder {
    BlockId parent;
    std::uint64_t time_s = 0;
    Bytes consensus;

    friend bool operator==(const BlockOrder&, const BlockOrder&) = default;
};

/// What a producer wants: a block now, or to be told when it is so late.
struct ProducerWish {
    std::optional<BlockOrder> block{};
    std::optional<std::uint64_t> wake_at_s{};
};

/// Makes blocks of the proofs that miners bring.
class PocProducer {
public:
    /// `genesis` must live longer.
    PocProducer(const Genesis& genesis, KnownHeader tip);

    /// What miners are to look for.
    [[nodiscard]] PocRound round() const;
    [[nodiscard]] const KnownHeader& parent() const { return parent_; }

    /// Proofs that wait longer than this are of no use: one that is better is here, in seconds
    /// after the parent; the largest number there is where none is.
    [[nodiscard]] std::uint64_t delay_max() const;

    /// A proof for this round, whose quality was looked at. Whether it is the best so far.
    bool offer(const PocData& proof);

    /// The chain has another top. A block that stands where ours would is answered with ours, if
    /// that is the better one and its time has come nearly. Behind a block that has come in the
    /// place of the top, with the same challenge, the best proof is what it was: miners, who are
    /// asked the same again, need not answer twice.
    [[nodiscard]] ProducerWish tip_changed(const KnownHeader& tip, std::uint64_t now_s);

    [[nodiscard]] ProducerWish tick(std::uint64_t now_s);

private:
    [[nodiscard]] std::uint64_t due_s() const;
    [[nodiscard]] BlockOrder order(std::uint64_t time_s);

    const Genesis* genesis_;
    const PocRules* rules_;
    KnownHeader parent_;
    std::optional<PocData> best_;
    bool is_made_ = false; // of this round
};

/// Makes blocks at intervals, or when there is something to put in.
class SoloProducer {
public:
    struct Options {
        bool is_on_demand = false;      ///< only when transactions wait
        std::uint64_t idle_ms = 60'000; ///< or nothing has happened for so long
    };

    SoloProducer(const SoloRules& rules, KnownHeader tip, Options options);

    void tip_changed(const KnownHeader& tip) { tip_ = tip; }

    /// The time of the next block, if it is to be made now: at least a second after its parent's.
    [[nodiscard]] std::optional<std::uint64_t> due(std::uint64_t now_ms, bool is_waiting) const;

private:
    SoloRules rules_;
    Options options_;
    KnownHeader tip_;
};

} // namespace cairn
