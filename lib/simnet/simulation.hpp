#pragma once

#include "ledger/genesis.hpp"
#include "ledger/ids.hpp"

#include <string>
#include <vector>

// Many nodes of a chain in one process and in virtual time: the real engine and the real rules, a
// network that loses and delays, nodes that crash, and some that do not keep to the rules. One seed
// gives one history. cairn-simnet(1).

namespace cairn {

/// What a simulated miner does.
enum class SimRole : std::uint8_t {
    honest,
    fast_clock,   ///< its clock is ahead as far as others bear
    withholding,  ///< tells of its blocks late
    private_fork, ///< mines behind a block of its own and tells when it is ahead
    multi_fork,   ///< makes blocks behind every end it knows
    equivocating, ///< makes two blocks for each place
    future_flood, ///< sends headers of far ahead
    header_spam,  ///< sends headers that are not proven
    twin_flood,   ///< sends many headers for one place
    many_faced,   ///< makes four blocks for each place, and shows each of the others another two
    cheap_chain,  ///< has a long chain that is not proven for nodes that come late
};

/// "honest", "fast-clock", ...
[[nodiscard]] const char* to_text(SimRole role);
[[nodiscard]] std::optional<SimRole> parse_role(std::string_view text);

struct SimMiner {
    SimRole role = SimRole::honest;
    std::uint64_t space_bytes = 0;
    bool is_late = false; ///< comes when half of the time is over, with a checkpoint
};

/// What goes wrong, and when.
struct SimFault {
    enum class Kind : std::uint8_t {
        partition, ///< nodes below `node` do not reach the others
        crash,     ///< a node loses what it has not written; it comes back at the end
        skew,      ///< a node's clock is off by `amount` milliseconds; it may be behind
        slow,      ///< a node's messages take `amount` milliseconds longer
    };

    Kind kind = Kind::partition;
    std::uint64_t begin_ms = 0;
    std::uint64_t end_ms = 0;
    std::size_t node = 0;
    std::int64_t amount = 0;

    friend bool operator==(const SimFault&, const SimFault&) = default;
};
[[nodiscard]] std::string to_text(const SimFault& fault);

/// A fault of the program that is planted, to see that the checks find it.
enum class SimMutant : std::uint8_t {
    none,
    no_future_limit, ///< headers of any time are taken
    no_delay,        ///< blocks may come before their quality allows
    no_proof,        ///< claimed qualities are believed
    no_base_target,  ///< any base target is taken
    no_seal,         ///< seals are not looked at
    no_reorganisation_limit,
    tie_by_arrival,  ///< of chains with the same work the first stays
    guard_forgotten, ///< the sign guard is lost in a crash
    undo_forgotten,  ///< what takes blocks back forgets a record
    told_early,      ///< blocks are told of before they are durable
    proofs_granted,  ///< before a checkpoint's height no proof is looked at, beside its way as well
    // Of one producer.
    any_key,         ///< blocks of any key are taken
    no_halt,         ///< two blocks of one height stop nobody
    draft_forgotten, ///< a block that may be sealed is lost in a crash
};
inline constexpr std::size_t sim_mutants = 15; // none included
[[nodiscard]] const char* to_text(SimMutant mutant);

struct SimOptions {
    Genesis genesis; ///< of one producer: its key is made up
    std::vector<SimMiner> miners;
    std::uint64_t duration_ms = 0;
    std::uint64_t seed = 0;
    std::uint64_t delay_min_ms = 20; ///< of a message
    std::uint64_t delay_max_ms = 2'000;
    std::uint64_t lost_per_mille = 10; ///< messages
    std::uint64_t doubled_per_mille = 10;
    std::uint64_t quiet_ms = 600'000; ///< at the end, without faults
    std::vector<SimFault> faults{};
    SimMutant mutant = SimMutant::none;
};

/// The node that makes all blocks of a chain of one producer: the first with a role of producers
/// (fast_clock, withholding, equivocating), else the first.
[[nodiscard]] std::size_t solo_producer(const SimOptions& options);

/// Faults that a seed draws for a run. A producer's clock is ahead no further than others bear.
[[nodiscard]] std::vector<SimFault> drawn_faults(const SimOptions& options);

struct SimViolation {
    std::uint64_t time_ms = 0;
    std::string what;
};

struct SimReport {
    std::vector<SimViolation> violations;
    Sha256Digest trace;       ///< of all that happened
    std::size_t tips = 0;     ///< that honest nodes have in the end, different ones
    std::uint64_t blocks = 0; ///< of the chain in the end
    std::uint64_t made = 0;   ///< all that were made
    std::uint64_t interval_mean_ms = 0;
    std::uint64_t interval_deviation_ms = 0;
    std::uint64_t depth_max = 0;    ///< blocks that an honest node took back at once
    std::uint64_t final_undone = 0; ///< blocks taken back that had counted as final
    std::uint64_t events = 0;
    std::uint64_t crashes = 0;
    std::uint64_t equivocations = 0;      ///< that honest nodes have noticed
    std::uint64_t halted = 0;             ///< honest nodes that have, in the end
    std::vector<std::uint64_t> blocks_of; ///< of the chain, by miner
    std::vector<Amount> wealth;           ///< in the end, by miner
};

/// Runs a history. Throws Error{config} where a role is for chains of another engine.
[[nodiscard]] SimReport simulate(const SimOptions& options);

/// The smallest set of the faults with which a run still violates something, tried one by one.
[[nodiscard]] std::vector<SimFault> shrunk_faults(SimOptions options);

} // namespace cairn
