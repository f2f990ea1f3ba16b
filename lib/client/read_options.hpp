#pragma once

#include <cstdint>
#include <string>

namespace cairn {

/// How an object is read.
struct ReadOptions {
    /// Bytes of the segments that are in memory, read or being read; one always is.
    std::uint64_t memory_max = std::uint64_t{48} << 20U;
    /// A read that gets no verified piece for so long is given up.
    std::uint64_t patience_ms = 30'000;
    /// 1: what was read is rebuilt and given out in a thread of its own; 0: in the caller's.
    unsigned threads = 1;
};

/// What a provider did wrong while an object was read.
struct ProviderFault {
    std::size_t provider = 0; ///< index in Session::providers()
    std::string what;         ///< "sent damaged data", "does not answer", ...
    std::uint64_t count = 0;
    bool is_lie = false; ///< data that is not what was stored, rather than no answer
};

} // namespace cairn
