#include "audit/transcript.hpp"
#include "fuzz.hpp"

#include <array>

// Every record of storage proofs, and an audit key's line. An input is tried as all of them, and is
// one of them at most.

namespace cairn {
namespace {

/// Parses and writes again.
struct Kind {
    RecordType type;
    std::size_t size_max; // bytes
    Bytes (*rewrite)(ByteView input);
};

void check_blocks(const StorageStatement& statement)
{
    for (const AskedBlock& asked : statement.challenge.blocks)
        require(asked.index < statement.files.at(asked.file).blocks, "blocks are of their files");
}

/// What is asked of files that were not chosen for this key.
void check_challenge(StorageChallenge challenge)
{
    static const AuditKey key = AuditSecret{Bytes(32)}.audit_key(1); // most blocks
    require(!accepted([&] { return statement_of(challenge, key); }), "a challenge is for one key");
    challenge.key = key.id();
    const auto statement = accepted([&] {
        arrange(challenge.files, key.id(), key.sectors());
        return statement_of(challenge, key);
    });
    if (statement) check_blocks(*statement);
}

constexpr std::array kinds{
    Kind{RecordType::audit_key, audit_key_size_max,
         [](ByteView input) {
             const SignedAuditKey key = parse_audit_key(input);
             require(is_same(to_bytes(parse_audit_key_text(to_text(key))), input),
                     "the text of an audit key is read");
             return to_bytes(key);
         }},
    Kind{RecordType::prover_key, prover_key_size_max,
         [](ByteView input) {
             const SignedProverKey key = parse_prover_key(input);
             require(key.powers.powers().size() == key.audit.key.sectors(),
                     "there is a power for each sector");
             return to_bytes(key);
         }},
    Kind{RecordType::challenge, challenge_size_max,
         [](ByteView input) {
             const StorageChallenge challenge = parse_challenge(input);
             check_challenge(challenge);
             return to_bytes(challenge);
         }},
    Kind{RecordType::storage_proof, challenge_size_max + 2 * StorageProof::size,
         [](ByteView input) { return to_bytes(parse_storage_proof(input)); }},
    Kind{RecordType::transcript, transcript_size_max,
         [](ByteView input) {
             const Transcript transcript = parse_transcript(input);
             for (const AuditedProvider& audited : transcript.providers) {
                 require(audited.proof.has_value() == (audited.outcome <= AuditOutcome::wrong),
                         "there is a proof where the outcome says so");
                 const auto statement = accepted([&] { return statement_of(transcript, audited); });
                 if (statement) check_blocks(*statement);
             }
             return to_bytes(transcript);
         }},
};

} // namespace

void fuzz(ByteView input)
{
    for (const Kind& kind : kinds) {
        const auto written = accepted([&] { return kind.rewrite(input); });
        if (!written) continue;
        require(is_same(*written, input), "a record is written as it was read");
        require(record_type(input) == kind.type, "a record is of one type");
        require(input.size() <= kind.size_max, "a record has a largest size");
    }
    const auto key = accepted([&] { return parse_audit_key_text(as_text(input)); });
    if (key)
        require(as_text(input).find(to_text(*key)) != std::string_view::npos,
                "a line is written as it was read");
}

} // namespace cairn
