#pragma once

#include "ledger/transaction.hpp"

// Which transactions' signatures were right. An id does not cover signatures, so what is remembered
// is a digest of both: else a block with a wrong signature in place of a right one would pass here,
// and nowhere else. Descriptors are not signed for, and are looked at whenever a transaction is
// executed.

namespace cairn {

class VerifiedSet {
public:
    /// Of about so many; the seed is one that nobody can know.
    VerifiedSet(std::size_t count_max, std::uint64_t seed);

    [[nodiscard]] bool has(const Transaction& transaction, const TransactionId& id) const;

    /// Puts one in, perhaps in the place of another.
    void note(const Transaction& transaction, const TransactionId& id);

    [[nodiscard]] std::size_t size_bytes() const { return slots_.size() * sizeof(Digest); }

private:
    using Digest = std::array<std::uint64_t, 2>;

    [[nodiscard]] Digest digest_of(const Transaction& transaction, const TransactionId& id) const;
    [[nodiscard]] std::size_t bucket_of(const Digest& digest) const;

    std::uint64_t seed_;
    std::vector<Digest> slots_; // in buckets; zeros where there is none
    std::uint64_t noted_ = 0;
};

} // namespace cairn
