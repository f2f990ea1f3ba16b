#pragma once

#include "ledger/block.hpp"

#include <vector>

namespace cairn {

/// Keeps a key from ever sealing two blocks for one place, whatever happens to the clock, the
/// disk's contents or the process: what it is about to seal is written down first.
class SignGuard {
public:
    static constexpr std::size_t entries_max = 1024;

    struct Entry {
        Height height;
        BlockId parent;
        BlockId id;

        friend bool operator==(const Entry&, const Entry&) = default;
    };

    enum class Answer : std::uint8_t {
        may,   ///< write the guard down, then seal
        again, ///< this very block was sealed before
        never, ///< another was, or nobody knows any more
    };

    SignGuard() = default;

    /// Asks for a block, and notes it where it may be sealed.
    [[nodiscard]] Answer ask(Height height, const BlockId& parent, const BlockId& id);

    /// Format 1: an array of the version, the floor, and up to entries_max entries by height.
    [[nodiscard]] Bytes to_bytes() const;

    /// Throws Error{data} unless the bytes are what to_bytes writes.
    static SignGuard parse(ByteView bytes);

    friend bool operator==(const SignGuard&, const SignGuard&) = default;

private:
    Height floor_;               // what was sealed below it is forgotten
    std::vector<Entry> entries_; // ascending heights
};

} // namespace cairn
