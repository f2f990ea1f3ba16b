#pragma once

#include "audit/challenge.hpp"
#include "audit/detail/sector_sums.hpp"

namespace cairn {

/// That somebody has all blocks of a challenge: 128 bytes, however many they are.
struct StorageProof {
    static constexpr std::size_t size = 2 * G1::size + Scalar::size; ///< bytes of an encoding

    G1 tag;       ///< the sum of the blocks' tags
    G1 quotient;  ///< of the sum of their polynomials
    Scalar value; ///< of that sum at the challenge's point

    /// None unless it is what encode() writes: points of the group, a number below its order.
    static std::optional<StorageProof> decode(ByteView bytes);
    void encode(MutableByteView bytes) const;
};

/// Makes a proof, block after block, in memory for one block's sectors.
class StorageProver {
public:
    /// Needs a key that belongs to the audit key of the files; it must outlive this.
    explicit StorageProver(const ProverKey& key);

    /// Adds a block that is asked for, and its tag. The last block of a file may end early.
    void add(const AskedBlock& asked, ByteView block, const G1& tag);

    /// The proof of all that were added.
    [[nodiscard]] StorageProof finish(const Scalar& point) const;

private:
    const ProverKey* key_;
    detail::SectorSums sums_;
    std::vector<Scalar> factors_;
    std::vector<G1> tags_;
};

/// What a proof says.
struct StorageStatement {
    AuditKey key;
    std::vector<AuditedFile> files;
    AuditChallenge challenge; ///< expanded for these files
};

/// Whether it is true.
[[nodiscard]] bool verify(const StorageStatement& statement, const StorageProof& proof);

/// Which of many are not: all together take little more than the blocks' index points, and a wrong
/// one is found by halves. Everybody draws the same weights.
[[nodiscard]] std::vector<std::size_t> find_wrong(std::span<const StorageStatement> statements,
                                                  std::span<const StorageProof> proofs);

} // namespace cairn
