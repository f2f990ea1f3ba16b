#pragma once

#include "ledger/block.hpp"

// What follows from a header and all those before it.

namespace cairn {

/// A total of work; more is better.
struct Work {
    Uint128 value = 0;

    friend auto operator<=>(const Work&, const Work&) = default; // NOLINT(modernize-use-nullptr)
};

/// What an engine keeps for each header, so that its children can be checked without looking
/// further back.
struct HeaderState {
    Work work;   ///< of the chain up to it
    Beacon seed; ///< what the challenge of the next block follows from

    friend bool operator==(const HeaderState&, const HeaderState&) = default;
};

/// A header, its seal, and what follows from it.
struct KnownHeader {
    BlockId id;
    Header header;
    Bytes seal;
    HeaderState state;
};

} // namespace cairn
