#pragma once

#include "engine/header_state.hpp"
#include "ledger/execution.hpp"

#include <memory>
#include <string>

// The rules by which headers follow each other, as functions: no clock, no network, no disk. Which
// they are is a choice of the genesis.

namespace cairn {

/// What is wrong with a header.
struct HeaderFault {
    std::string reason;
};

class Consensus {
public:
    Consensus() = default;
    Consensus(const Consensus&) = delete;
    Consensus& operator=(const Consensus&) = delete;
    virtual ~Consensus() = default;

    /// Of the first block.
    [[nodiscard]] virtual HeaderState first_state(const Header& first) const = 0;

    /// All that can be checked of a header at once, but what takes long: its place behind its
    /// parent, its time against that, what it says of itself, its seal.
    [[nodiscard]] virtual std::optional<HeaderFault>
    check(const KnownHeader& parent, const Header& header, ByteView seal) const = 0;

    /// The rest, of many headers at a time, each with the state of its parent; all have passed
    /// check(). Which of them are right.
    struct Unproven {
        const HeaderState* parent = nullptr;
        const Header* header = nullptr;
    };
    [[nodiscard]] virtual std::vector<bool> prove(std::span<const Unproven> headers) const = 0;

    /// The state after a header that has passed both.
    [[nodiscard]] virtual HeaderState next_state(const HeaderState& parent,
                                                 const Header& header) const = 0;

    /// What the ledger may know of a block whose header has passed check().
    [[nodiscard]] virtual BlockContext context(const HeaderState& parent, const Header& header,
                                               ByteView seal) const = 0;

    /// Whether the first of two headers with one parent is the better one, where chains have the
    /// same work: both have passed check().
    [[nodiscard]] virtual bool is_better(const Header& a, const Header& b) const = 0;

    /// How far ahead of the clock a header may be, in seconds.
    [[nodiscard]] virtual std::uint64_t future_s() const = 0;

    /// How many blocks may be taken back.
    [[nodiscard]] virtual std::uint64_t reorganisation_max() const = 0;

    /// Whether two blocks by one key at one place stop everything.
    [[nodiscard]] virtual bool halts_on_equivocation() const = 0;
};

/// Makes plots' qualities. An interface, because the simulator draws them.
class Qualities {
public:
    Qualities() = default;
    Qualities(const Qualities&) = delete;
    Qualities& operator=(const Qualities&) = delete;
    virtual ~Qualities() = default;

    struct Question {
        Beacon challenge;
        Height height;
        const Header* header = nullptr;
    };

    /// The qualities that headers' plots have in truth, of many at a time.
    [[nodiscard]] virtual std::vector<std::uint64_t>
    of(std::span<const Question> questions) const = 0;
};

/// The rules of a genesis, which must live longer, as must `qualities`.
[[nodiscard]] std::unique_ptr<Consensus> make_consensus(const Genesis& genesis,
                                                        const Qualities& qualities);

} // namespace cairn
