#include "audit/storage_challenge.hpp"

#include "audit/detail/challenged.hpp"
#include "base/cursor.hpp"
#include "format/record_parts.hpp"
#include "hash/digest.hpp"

#include <algorithm>
#include <cassert>

namespace cairn {
namespace {

constexpr std::string_view seed_context = "CAIRN-POR-V1-AUDIT";

} // namespace

void arrange(std::vector<ChallengedFile>& files, const AuditKeyId& key, std::uint32_t sectors)
{
    const auto id_of = [&](const ChallengedFile& file) {
        return audit_file_id(key, sectors, file.size, file.root.bytes);
    };
    std::ranges::sort(files, {}, id_of);
    if (std::ranges::adjacent_find(files) != files.end())
        throw Error{Exit::usage, "a shard is named twice"};
}

std::vector<AuditedFile> audited_files(std::span<const ChallengedFile> files, const AuditKey& key)
{
    std::vector<AuditedFile> audited;
    for (const ChallengedFile& file : files) {
        const AuditFileId id = audit_file_id(key, file.size, file.root.bytes);
        if (!audited.empty() && !(audited.back().id < id))
            throw Error{Exit::data, "the challenge's files are not in order"};
        audited.push_back({id, key.blocks(file.size)});
    }
    return audited;
}

StorageStatement statement_of(const StorageChallenge& challenge, const AuditKey& key)
{
    if (challenge.key != key.id())
        throw Error{Exit::data, "the challenge is for another audit key"};
    StorageStatement statement{key, audited_files(challenge.files, key), {}};
    statement.challenge = expand(challenge.seed, statement.files, challenge.blocks);
    return statement;
}

namespace detail {

void put_challenged(CborWriter& writer, std::span<const ChallengedFile> files)
{
    writer.array(files.size());
    for (const ChallengedFile& file : files) {
        writer.array(2);
        writer.bytes(file.root.bytes);
        writer.number(file.size);
    }
}

std::vector<ChallengedFile> take_challenged(CborReader& reader)
{
    std::vector<ChallengedFile> files(reader.array_up_to(challenged_files_max));
    if (files.empty()) reader.refuse("no files");
    std::uint64_t total = 0;
    for (ChallengedFile& file : files) {
        reader.array(2);
        file.root = reader.fixed<Blake3Digest>();
        file.size = reader.number(tagged_size_max);
        total += file.size;
        if (total > tagged_size_max) reader.refuse("more than can be tagged");
    }
    return files;
}

} // namespace detail

Bytes to_bytes(const StorageChallenge& challenge)
{
    Bytes bytes;
    CborWriter writer{bytes};
    put_record_head(writer, RecordType::challenge, 4);
    writer.bytes(challenge.key.bytes);
    writer.bytes(challenge.seed.bytes);
    writer.number(challenge.blocks);
    detail::put_challenged(writer, challenge.files);
    return bytes;
}

StorageChallenge parse_challenge(ByteView bytes)
{
    constexpr const char* what = "the challenge";
    check_record_size(bytes, challenge_size_max, what);
    CborReader reader{bytes, what};
    take_record_head(reader, RecordType::challenge, 4);
    StorageChallenge challenge;
    challenge.key = reader.fixed<AuditKeyId>();
    challenge.seed = reader.fixed<ChallengeSeed>();
    challenge.blocks = reader.number(asked_blocks_max);
    if (challenge.blocks == 0) reader.refuse("no blocks");
    challenge.files = detail::take_challenged(reader);
    reader.finish();
    return challenge;
}

Bytes to_bytes(const AnsweredChallenge& answered)
{
    Bytes bytes;
    CborWriter writer{bytes};
    put_record_head(writer, RecordType::storage_proof, 2);
    const Bytes challenge = to_bytes(answered.challenge);
    bytes.insert(bytes.end(), challenge.begin(), challenge.end());
    std::array<std::byte, StorageProof::size> proof{};
    answered.proof.encode(proof);
    writer.bytes(proof);
    return bytes;
}

AnsweredChallenge parse_storage_proof(ByteView bytes)
{
    constexpr const char* what = "the storage proof";
    check_record_size(bytes, challenge_size_max + 2 * StorageProof::size, what);
    CborReader reader{bytes, what};
    take_record_head(reader, RecordType::storage_proof, 2);
    StorageChallenge challenge = parse_challenge(reader.whole());
    const auto proof = StorageProof::decode(reader.bytes(StorageProof::size));
    if (!proof) reader.refuse("no points of the group");
    reader.finish();
    return {std::move(challenge), *proof};
}

ChallengeSeed audit_seed(const AuditNonce& nonce, ByteView auditor_key, ByteView provider_key,
                         const AuditKeyId& key, std::span<const AuditFileId> files)
{
    assert(auditor_key.size() == 32 && provider_key.size() == 32);
    Bytes list;
    for (const AuditFileId& file : files) Writer{list}.put(file.bytes);
    Bytes message;
    Writer writer{message};
    writer.put(as_bytes(seed_context));
    writer.put(nonce.bytes);
    writer.put(auditor_key);
    writer.put(provider_key);
    writer.put(key.bytes);
    writer.put(sha256(list).bytes);
    return {sha256(message).bytes};
}

} // namespace cairn
