#pragma once

#include "audit/proof.hpp"
#include "hash/blake3.hpp"

// Challenges and proofs as files and messages, cairn-challenge(5). A parse_ function throws
// Error{data} unless the bytes are exactly what to_bytes writes.

namespace cairn {

/// A file that is challenged. Its id and its blocks follow from the key.
struct ChallengedFile {
    Blake3Digest root;
    std::uint64_t size = 0; ///< bytes

    friend bool operator==(const ChallengedFile&, const ChallengedFile&) = default;
};

inline constexpr std::size_t challenged_files_max = 16'384;
inline constexpr std::size_t challenge_size_max = 1024UL * 1024; // bytes

/// What somebody asks: some blocks of some files of one owner.
struct StorageChallenge {
    AuditKeyId key;
    ChallengeSeed seed;
    std::uint64_t blocks = 0;          ///< at most asked_blocks_max
    std::vector<ChallengedFile> files; ///< in the order of their ids

    friend bool operator==(const StorageChallenge&, const StorageChallenge&) = default;
};

/// Puts the files into the order of their ids. Throws Error{usage} when one is there twice.
void arrange(std::vector<ChallengedFile>& files, const AuditKeyId& key, std::uint32_t sectors);

/// The files as proofs know them. Throws Error{data} when they are not in order.
[[nodiscard]] std::vector<AuditedFile> audited_files(std::span<const ChallengedFile> files,
                                                     const AuditKey& key);

/// What is claimed by who answers it. Throws Error{data} when the challenge is for another key, or
/// its files are not in order.
[[nodiscard]] StorageStatement statement_of(const StorageChallenge& challenge, const AuditKey& key);

Bytes to_bytes(const StorageChallenge& challenge);
StorageChallenge parse_challenge(ByteView bytes);

/// A proof with the challenge that it answers.
struct AnsweredChallenge {
    StorageChallenge challenge;
    StorageProof proof;
};

Bytes to_bytes(const AnsweredChallenge& answered);
AnsweredChallenge parse_storage_proof(ByteView bytes);

/// The seed that a provider derives when it is asked over the network, so that nobody has it
/// answer for another: SHA-256("CAIRN-POR-V1-AUDIT" || nonce || auditor || provider || key's id ||
/// SHA-256 of the file ids).
[[nodiscard]] ChallengeSeed audit_seed(const AuditNonce& nonce, ByteView auditor_key,
                                       ByteView provider_key, const AuditKeyId& key,
                                       std::span<const AuditFileId> files);

} // namespace cairn
