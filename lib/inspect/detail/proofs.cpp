#include "audit/tag_file.hpp"
#include "audit/transcript.hpp"
#include "base/error.hpp"
#include "base/hex.hpp"
#include "format/address.hpp"
#include "hash/digest.hpp"
#include "inspect/detail/objects.hpp"

#include <algorithm>
#include <array>

// What storage proofs are made of, cairn-audit-key(5), cairn-tags(5), cairn-challenge(5),
// cairn-transcript(5).

namespace cairn::detail {
namespace {

constexpr std::size_t list_shown_max = 4096;

Json to_json(const SignedAuditKey& key, const char* kind)
{
    return kind_json(kind)
        .set("owner", to_address(key.owner))
        .set("key", to_hex_text(key.key.id().bytes))
        .set("sectors", key.key.sectors())
        .set("block_bytes", key.key.block_size())
        .set("signed", is_signed(key));
}

Json to_json(std::span<const ChallengedFile> files)
{
    Json list = Json::array();
    for (const ChallengedFile& file : files)
        list.push(
            Json::object().set("root", to_hex_text(file.root.bytes)).set("size_bytes", file.size));
    return list;
}

Json to_json(const StorageChallenge& challenge, const char* kind)
{
    Json json = kind_json(kind)
                    .set("key", to_hex_text(challenge.key.bytes))
                    .set("seed", to_hex_text(challenge.seed.bytes))
                    .set("blocks", challenge.blocks)
                    .set("files", challenge.files.size());
    if (challenge.files.size() <= list_shown_max) json.set("list", to_json(challenge.files));
    return json;
}

std::string hex_of(const StorageProof& proof)
{
    std::array<std::byte, StorageProof::size> bytes{};
    proof.encode(bytes);
    return to_hex_text(bytes);
}

Json to_json(const AuditedProvider& audited)
{
    Json json = Json::object()
                    .set("provider", to_address(audited.provider))
                    .set("nonce", to_hex_text(audited.nonce.bytes))
                    .set("blocks", audited.blocks)
                    .set("files", audited.files.size())
                    .set("outcome", to_text(audited.outcome));
    if (audited.proof) json.set("proof", hex_of(*audited.proof));
    return json;
}

Json to_json(const Transcript& transcript)
{
    Json json = to_json(transcript.key, "transcript");
    json.set("auditor", to_address(transcript.auditor));
    if (transcript.network != NetworkId{})
        json.set("network", to_hex_text(transcript.network.bytes));
    json.set("time_s", transcript.time_s);
    if (transcript.beacon) json.set("beacon", to_hex_text(transcript.beacon->bytes));
    for (const AuditOutcome outcome :
         {AuditOutcome::passed, AuditOutcome::wrong, AuditOutcome::refused, AuditOutcome::silent})
        json.set(to_text(outcome),
                 std::ranges::count(transcript.providers, outcome, &AuditedProvider::outcome));
    if (transcript.providers.size() <= list_shown_max) {
        Json list = Json::array();
        for (const AuditedProvider& audited : transcript.providers) list.push(to_json(audited));
        json.set("list", list);
    }
    return json.set("signed", is_signed(transcript.key) && is_signed(transcript));
}

/// Reads the tags behind a header, and the signature; whether it is right.
bool take_tags(const TagHeader& header, const Source& source)
{
    Sha256 digest;
    Bytes buffer(256UL * 1024);
    for (std::uint64_t left = header.tags_size(); left > 0;) {
        const std::size_t size =
            source(MutableByteView{buffer}.first(std::min<std::uint64_t>(buffer.size(), left)));
        if (size == 0) throw Error{Exit::data, "the tag file is truncated"};
        digest.update(ByteView{buffer}.first(size));
        left -= size;
    }
    Ed25519Signature signature;
    if (source(signature.bytes) != signature.bytes.size())
        throw Error{Exit::data, "the tag file is truncated"};
    return are_signed(header, digest.finish().bytes, signature);
}

Json to_json(const TagHeader& header, bool is_signed)
{
    return Json::object()
        .set("owner", to_address(header.owner))
        .set("key", to_hex_text(header.key.bytes))
        .set("file", to_hex_text(header.file_id().bytes))
        .set("root", to_hex_text(header.root.bytes))
        .set("size_bytes", header.file_size)
        .set("sectors", header.sectors)
        .set("blocks", header.blocks())
        .set("signed", is_signed);
}

/// A tag file, or a set of them.
Json inspect_tags(const Source& source)
{
    Json list = Json::array();
    Json last;
    std::size_t count = 0;
    bool are_all_signed = true;
    std::array<std::byte, TagHeader::size> front{};
    while (const std::size_t size = source(front)) {
        if (++count > tag_set_files_max) throw Error{Exit::data, "the tag set has too many parts"};
        const TagHeader header = parse_tag_header(ByteView{front}.first(size));
        const bool is_signed = take_tags(header, source);
        are_all_signed = are_all_signed && is_signed;
        last = to_json(header, is_signed);
        list.push(last);
    }
    if (count == 1) return kind_json("tags").merge(last);
    return kind_json("tag-set").set("files", count).set("signed", are_all_signed).set("list", list);
}

} // namespace

std::optional<Json> inspect_proofs(const Peeked& peeked)
{
    if (is_tag_file(peeked.front)) return inspect_tags(peeked.source);
    const std::string_view text = as_text(peeked.front);
    if (peeked.is_whole && is_audit_key_text(text))
        return to_json(parse_audit_key_text(text), "audit-key");
    const auto all = [&](std::size_t size_max, const char* what) {
        return peeked.is_whole ? peeked.front : read_all(peeked.source, size_max, what);
    };
    const auto type = record_type(peeked.front);
    if (type == RecordType::audit_key)
        return to_json(parse_audit_key(all(audit_key_size_max, "the audit key")), "audit-key");
    if (type == RecordType::prover_key)
        return to_json(parse_prover_key(all(prover_key_size_max, "the prover key")).audit,
                       "prover-key");
    if (type == RecordType::challenge)
        return to_json(parse_challenge(all(challenge_size_max, "the challenge")), "challenge");
    if (type == RecordType::storage_proof) {
        const AnsweredChallenge answered = parse_storage_proof(
            all(challenge_size_max + 2 * StorageProof::size, "the storage proof"));
        return to_json(answered.challenge, "storage-proof").set("proof", hex_of(answered.proof));
    }
    if (type == RecordType::transcript)
        return to_json(parse_transcript(all(transcript_size_max, "the transcript")));
    return std::nullopt;
}

} // namespace cairn::detail
