#include "audit/transcript.hpp"

#include "audit/detail/challenged.hpp"
#include "base/cursor.hpp"
#include "format/address.hpp"
#include "format/record_parts.hpp"
#include "hash/digest.hpp"

#include <algorithm>

namespace cairn {
namespace {

constexpr std::string_view context = "cairn/transcript/v1";
constexpr std::string_view nonce_context = "CAIRN-POR-V1-NONCE";
constexpr std::size_t signed_parts = 6;
constexpr std::size_t provider_parts = 6;
constexpr const char* what = "the transcript";

bool has_proof(AuditOutcome outcome)
{
    return outcome == AuditOutcome::passed || outcome == AuditOutcome::wrong;
}

void put_provider(CborWriter& writer, const AuditedProvider& audited)
{
    writer.array(provider_parts);
    writer.bytes(audited.provider.bytes);
    writer.bytes(audited.nonce.bytes);
    writer.number(audited.blocks);
    detail::put_challenged(writer, audited.files);
    writer.number(static_cast<std::uint64_t>(audited.outcome));
    if (audited.proof) {
        std::array<std::byte, StorageProof::size> proof{};
        audited.proof->encode(proof);
        writer.bytes(proof);
    } else {
        writer.null();
    }
}

AuditedProvider take_provider(CborReader& reader)
{
    reader.array(provider_parts);
    AuditedProvider audited;
    audited.provider = reader.fixed<Ed25519PublicKey>();
    audited.nonce = reader.fixed<AuditNonce>();
    audited.blocks = reader.number(asked_blocks_max);
    if (audited.blocks == 0) reader.refuse("no blocks");
    audited.files = detail::take_challenged(reader);
    audited.outcome = static_cast<AuditOutcome>(reader.number(3));
    if (!has_proof(audited.outcome)) {
        reader.null();
        return audited;
    }
    audited.proof = StorageProof::decode(reader.bytes(StorageProof::size));
    if (!audited.proof) reader.refuse("no points of the group");
    return audited;
}

void put_parts(CborWriter& writer, Bytes& bytes, const Transcript& transcript)
{
    const Bytes key = to_bytes(transcript.key);
    bytes.insert(bytes.end(), key.begin(), key.end());
    writer.bytes(transcript.auditor.bytes);
    writer.bytes(transcript.network.bytes);
    writer.number(transcript.time_s);
    if (transcript.beacon)
        writer.bytes(transcript.beacon->bytes);
    else
        writer.null();
    writer.array(transcript.providers.size());
    for (const AuditedProvider& audited : transcript.providers) put_provider(writer, audited);
}

/// The record, or what of it is signed.
Bytes written(const Transcript& transcript, bool is_whole)
{
    Bytes bytes;
    CborWriter writer{bytes};
    put_record_head(writer, RecordType::transcript, signed_parts + (is_whole ? 1 : 0));
    put_parts(writer, bytes, transcript);
    if (is_whole) writer.bytes(transcript.signature.bytes);
    return bytes;
}

/// The context, a zero byte, the digest of what is signed: transcripts may be large.
Bytes message_of(const Transcript& transcript)
{
    Bytes message;
    Writer writer{message};
    writer.put(as_bytes(context));
    writer.zeros(1);
    writer.put(sha256(written(transcript, false)).bytes);
    return message;
}

/// Which of those that have a proof have a wrong one.
std::vector<const AuditedProvider*> wrong_in(const Transcript& transcript,
                                             std::size_t blocks_at_once)
{
    std::vector<const AuditedProvider*> asked;
    std::vector<StorageStatement> statements;
    std::vector<StorageProof> proofs;
    std::size_t blocks = 0;
    std::vector<const AuditedProvider*> wrong;
    const auto check = [&] {
        for (const std::size_t i : find_wrong(statements, proofs)) wrong.push_back(asked[i]);
        asked.clear();
        statements.clear();
        proofs.clear();
        blocks = 0;
    };
    for (const AuditedProvider& audited : transcript.providers) {
        if (!audited.proof) continue;
        asked.push_back(&audited);
        statements.push_back(statement_of(transcript, audited));
        proofs.push_back(*audited.proof);
        blocks += statements.back().challenge.blocks.size();
        if (blocks >= blocks_at_once) check();
    }
    if (!proofs.empty()) check();
    return wrong;
}

} // namespace

AuditNonce nonce_of(const AuditBeacon& beacon, const Ed25519PublicKey& provider,
                    std::uint64_t position)
{
    Bytes message;
    Writer writer{message};
    writer.put(as_bytes(nonce_context));
    writer.put(beacon.bytes);
    writer.put(provider.bytes);
    writer.big_endian(position);
    return {sha256(message).bytes};
}

bool is_within_limits(const Transcript& transcript)
{
    constexpr std::size_t proof_size = StorageProof::size + 2; // as an item
    std::uint64_t blocks = 0;
    for (const AuditedProvider& audited : transcript.providers) blocks += audited.blocks;
    return transcript.providers.size() <= audited_providers_max && blocks <= audited_blocks_max &&
           to_bytes(transcript).size() + transcript.providers.size() * proof_size <=
               transcript_size_max;
}

void sign(Transcript& transcript, const Ed25519KeyPair& auditor)
{
    transcript.auditor = auditor.public_key();
    transcript.signature = auditor.sign(message_of(transcript));
}

bool is_signed(const Transcript& transcript)
{
    return verify(transcript.auditor, message_of(transcript), transcript.signature);
}

Bytes to_bytes(const Transcript& transcript)
{
    return written(transcript, true);
}

Transcript parse_transcript(ByteView bytes)
{
    check_record_size(bytes, transcript_size_max, what);
    CborReader reader{bytes, what};
    take_record_head(reader, RecordType::transcript, signed_parts + 1);
    Transcript transcript{.key = parse_audit_key(reader.whole()),
                          .auditor = reader.fixed<Ed25519PublicKey>(),
                          .network = reader.fixed<NetworkId>(),
                          .time_s = reader.number(time_max_s),
                          .beacon = {},
                          .providers = {},
                          .signature = {}};
    if (reader.is_null())
        reader.null();
    else
        transcript.beacon = reader.fixed<AuditBeacon>();
    const std::size_t count = reader.array_up_to(audited_providers_max);
    std::uint64_t blocks = 0;
    for (std::size_t i = 0; i < count; ++i) {
        transcript.providers.push_back(take_provider(reader));
        blocks += transcript.providers.back().blocks;
        if (blocks > audited_blocks_max) reader.refuse("too many blocks");
    }
    transcript.signature = reader.fixed<Ed25519Signature>();
    reader.finish();
    return transcript;
}

StorageStatement statement_of(const Transcript& transcript, const AuditedProvider& audited)
{
    const AuditKey& key = transcript.key.key;
    std::vector<AuditFileId> files;
    for (const ChallengedFile& file : audited.files)
        files.push_back(audit_file_id(key, file.size, file.root.bytes));
    return statement_of({.key = key.id(),
                         .seed = audit_seed(audited.nonce, transcript.auditor.bytes,
                                            audited.provider.bytes, key.id(), files),
                         .blocks = audited.blocks,
                         .files = audited.files},
                        key);
}

void judge(Transcript& transcript, std::size_t blocks_at_once)
{
    const std::vector<const AuditedProvider*> wrong = wrong_in(transcript, blocks_at_once);
    for (AuditedProvider& audited : transcript.providers)
        if (audited.proof)
            audited.outcome = std::ranges::find(wrong, &audited) == wrong.end()
                                  ? AuditOutcome::passed
                                  : AuditOutcome::wrong;
}

std::vector<std::string> faults_of(const Transcript& transcript)
{
    std::vector<std::string> faults;
    if (!is_signed(transcript.key)) faults.emplace_back("the owner's signature is wrong");
    if (!is_signed(transcript)) faults.emplace_back("the auditor's signature is wrong");
    const std::vector<const AuditedProvider*> wrong = wrong_in(transcript, blocks_judged_at_once);
    for (std::size_t i = 0; i < transcript.providers.size(); ++i) {
        const AuditedProvider& audited = transcript.providers[i];
        (void)audited_files(audited.files, transcript.key.key); // of who proved nothing too
        const std::string name = to_address(audited.provider);
        if (transcript.beacon && audited.nonce != nonce_of(*transcript.beacon, audited.provider, i))
            faults.push_back(name + ": its nonce does not follow from the beacon");
        const bool is_wrong = std::ranges::find(wrong, &audited) != wrong.end();
        if (audited.outcome == AuditOutcome::passed && is_wrong)
            faults.push_back(name + ": its proof is wrong, and is said to be right");
        if (audited.outcome == AuditOutcome::wrong && !is_wrong)
            faults.push_back(name + ": its proof is right, and is said to be wrong");
    }
    return faults;
}

const char* to_text(AuditOutcome outcome)
{
    switch (outcome) {
    case AuditOutcome::passed:
        return "passed";
    case AuditOutcome::wrong:
        return "wrong";
    case AuditOutcome::refused:
        return "refused";
    case AuditOutcome::silent:
        return "silent";
    }
    return "";
}

} // namespace cairn
