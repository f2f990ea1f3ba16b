#pragma once

#include "audit/signed_key.hpp"
#include "audit/storage_challenge.hpp"
#include "audit/tag_file.hpp"
#include "base/hex.hpp"
#include "hash/digest.hpp"
#include "os/file.hpp"
#include "provider/testing.hpp"

// For *_test.cpp files only: who tags shards, and asks for proofs.

namespace cairn {

/// Someone with an audit key, small blocks, and what providers need of it.
class AuditOwner {
public:
    explicit AuditOwner(std::uint64_t seed, std::uint32_t sectors)
        : signing{Secret::copy(noise(32, seed))},
          secret{noise(32, seed + 1)},
          key{secret.audit_key(sectors)}
    {
    }

    Ed25519KeyPair signing;
    AuditSecret secret;
    AuditKey key;

    [[nodiscard]] Bytes prover_key() const
    {
        return to_bytes(SignedProverKey{sign(key, signing), secret.prover_key(key.sectors())});
    }

    [[nodiscard]] Tagger as_tagger() const { return {&secret, &signing, key}; }

    [[nodiscard]] TagHeader header_of(const Bytes& shard) const
    {
        return as_tagger().header(blake3(shard), shard.size());
    }
    [[nodiscard]] AuditFileId id_of(const Bytes& shard) const { return header_of(shard).file_id(); }

    /// The tag files of some shards, one after the other.
    [[nodiscard]] Bytes tag_set(const std::vector<Bytes>& shards) const
    {
        Bytes set;
        for (const Bytes& shard : shards) {
            const Bytes file = make_tag_file(as_tagger(), blake3(shard), shard);
            set.insert(set.end(), file.begin(), file.end());
        }
        return set;
    }

    /// A tag file that is made of other parts.
    [[nodiscard]] Bytes forged(const TagHeader& header, const Bytes& tags) const
    {
        Bytes file = to_bytes(header);
        file.insert(file.end(), tags.begin(), tags.end());
        const Ed25519Signature signature = sign_tags(header, sha256(tags).bytes, signing);
        file.insert(file.end(), signature.bytes.begin(), signature.bytes.end());
        return file;
    }

    /// The tags of a header's blocks, of what may be other bytes.
    [[nodiscard]] Bytes tags_of(const TagHeader& header, ByteView bytes) const
    {
        std::vector<Scalar> values(header.blocks());
        for (Scalar& value : values) {
            const ByteView block = bytes.first(std::min(key.block_size(), bytes.size()));
            value = secret.value_of(block);
            bytes = bytes.subspan(block.size());
        }
        Bytes tags(header.tags_size());
        make_tags(as_tagger(), header.file_id(), 0, values, tags);
        return tags;
    }
    [[nodiscard]] Bytes forged_of(const TagHeader& header, ByteView bytes) const
    {
        return forged(header, tags_of(header, bytes));
    }

    /// What is asked about some shards, whose ids need not be in order.
    [[nodiscard]] ProveRequest request_for(const std::vector<Bytes>& shards,
                                           std::uint64_t blocks) const
    {
        ProveRequest request{.key = key.id(), .nonce = {}, .blocks = blocks, .files = {}};
        std::ranges::copy(noise(32, 9), request.nonce.bytes.begin());
        for (const Bytes& shard : shards) request.files.push_back(id_of(shard));
        std::ranges::sort(request.files);
        return request;
    }

    /// What a provider's answer to that is held against.
    [[nodiscard]] StorageStatement statement_of(const ProveRequest& request,
                                                const std::vector<Bytes>& shards,
                                                const Ed25519PublicKey& auditor,
                                                const Ed25519PublicKey& provider) const
    {
        StorageStatement statement{key, {}, {}};
        for (const AuditFileId& id : request.files)
            for (const Bytes& shard : shards)
                if (id_of(shard) == id) statement.files.push_back({id, key.blocks(shard.size())});
        const ChallengeSeed seed =
            audit_seed(request.nonce, auditor.bytes, provider.bytes, request.key, request.files);
        statement.challenge = expand(seed, statement.files, request.blocks);
        return statement;
    }
};

/// A byte of a shard rots on the disk of a store.
inline void spoil(const std::string& store, const Bytes& shard)
{
    const std::string name = to_hex_text(blake3(shard).bytes);
    std::string path = store + "/shards/" + name.substr(0, 2) + '/' + name.substr(2);
    if (!exists(path)) path = store + "/packs/00000001.pack";
    std::string text = file_text(path);
    const std::size_t at = text.find(as_text(shard));
    if (at == std::string::npos) std::abort();
    text[at + shard.size() / 2] = static_cast<char>(text[at + shard.size() / 2] ^ 1);
    put_file(path, text);
}

inline StorageProof proof_in(const PaperHub::End& end)
{
    const auto proof = StorageProof::decode(parse_prove_reply(end.reply).proof.bytes);
    if (!proof) std::abort();
    return *proof;
}

/// The items of a subject that a provider tells.
inline std::vector<ShardItem> tags_at(TestProvider& provider, LinkId link, const auto& subject)
{
    const auto end =
        provider.ask(link, method::shard_tags, to_bytes(TagsRequest{{{subject.bytes}}}));
    if (end.status != CallStatus::ok) std::abort();
    return parse_tags_reply(end.reply).items.at(0);
}

inline std::vector<ShardItem> items_of(const std::vector<Bytes>& shards)
{
    std::vector<ShardItem> items;
    items.reserve(shards.size());
    for (const Bytes& shard : shards) items.push_back({blake3(shard), shard.size()});
    return items;
}

} // namespace cairn
