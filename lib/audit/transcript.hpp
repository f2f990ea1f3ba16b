#pragma once

#include "audit/signed_key.hpp"
#include "audit/storage_challenge.hpp"

#include <optional>
#include <string>
#include <vector>

// What came of an audit, signed by the auditor, cairn-transcript(5): another party checks all of it
// again without any provider.

namespace cairn {

enum class AuditOutcome : std::uint8_t {
    passed = 0,  ///< the proof is right
    wrong = 1,   ///< there is a proof, and it is wrong
    refused = 2, ///< the provider says that it does not prove it
    silent = 3,  ///< it did not answer, so the auditor says
};

/// What a provider was asked and what it answered.
struct AuditedProvider {
    Ed25519PublicKey provider;
    AuditNonce nonce;
    std::uint64_t blocks = 0;
    std::vector<ChallengedFile> files; ///< in the order of their ids
    AuditOutcome outcome = AuditOutcome::silent;
    std::optional<StorageProof> proof; ///< where the outcome is passed or wrong
};

/// A public value, such as a block of a chain, that nonces follow from: it shows others that the
/// auditor did not choose them. Nonces are SHA-256("CAIRN-POR-V1-NONCE" || beacon || provider ||
/// position in the transcript).
using AuditBeacon = Fixed<struct AuditBeaconTag, 32>;

[[nodiscard]] AuditNonce nonce_of(const AuditBeacon& beacon, const Ed25519PublicKey& provider,
                                  std::uint64_t position);

struct Transcript {
    SignedAuditKey key;
    Ed25519PublicKey auditor{}; ///< whose word the seeds contain
    NetworkId network{};
    std::uint64_t time_s = 0; ///< when the audit ended, by the auditor's clock
    std::optional<AuditBeacon> beacon{};
    std::vector<AuditedProvider> providers{};
    Ed25519Signature signature{};
};

inline constexpr std::size_t transcript_size_max = 16UL * 1024 * 1024;       // bytes
inline constexpr std::size_t audited_providers_max = 65'536;                 // in a transcript
inline constexpr std::uint64_t audited_blocks_max = std::uint64_t{1} << 22U; // asked for by all

/// Whether to_bytes of it can be read back, whatever the providers answer.
[[nodiscard]] bool is_within_limits(const Transcript& transcript);

void sign(Transcript& transcript, const Ed25519KeyPair& auditor);
[[nodiscard]] bool is_signed(const Transcript& transcript);
Bytes to_bytes(const Transcript& transcript);

/// Throws Error{data} unless the bytes are exactly what to_bytes writes, and when more than
/// audited_blocks_max blocks were asked for: a minute of work for each million.
Transcript parse_transcript(ByteView bytes);

/// What a provider's proof is about. Throws Error{data} when its files are not in order.
[[nodiscard]] StorageStatement statement_of(const Transcript& transcript,
                                            const AuditedProvider& audited);

/// How many blocks are looked at together: few bytes of a transcript may ask for very many.
inline constexpr std::size_t blocks_judged_at_once = 65'536;

/// Sets passed or wrong where there is a proof.
void judge(Transcript& transcript, std::size_t blocks_at_once = blocks_judged_at_once);

/// Everything in a transcript that is not so, a line each: signatures, nonces that do not follow
/// from the beacon, proofs that are not what the outcome says. Throws Error{data} as statement_of,
/// for who gave no proof too.
[[nodiscard]] std::vector<std::string> faults_of(const Transcript& transcript);

/// "passed", "wrong", "refused", "silent".
[[nodiscard]] const char* to_text(AuditOutcome outcome);

} // namespace cairn
