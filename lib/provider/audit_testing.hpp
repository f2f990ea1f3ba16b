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
class Tagger {
public:
    explicit Tagger(std::uint64_t seed, std::uint32_t sectors)
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

    [[nodiscard]] TagHeader header_of(const Bytes& shard) const
    {
        return {.sectors = key.sectors(),
                .file_size = shard.size(),
                .root = blake3(shard),
                .key = key.id(),
                .owner = signing.public_key()};
    }
    [[nodiscard]] AuditFileId id_of(const Bytes& shard) const { return header_of(shard).file_id(); }

    /// A tag file under this header, of what may be other bytes.
    [[nodiscard]] Bytes tag_file(const TagHeader& header, const Bytes& shard) const
    {
        Bytes tags;
        for (std::uint64_t i = 0; i < header.blocks(); ++i) {
            const std::size_t begin = std::min<std::size_t>(i * key.block_size(), shard.size());
            const ByteView block =
                ByteView{shard}.subspan(begin, std::min(key.block_size(), shard.size() - begin));
            tags.resize(tags.size() + G1::size);
            secret.tag(index_point(header.file_id(), i), secret.value_of(block))
                .encode(MutableByteView{tags}.last(G1::size));
        }
        return tag_file_of(header, tags);
    }

    /// The tag files of some shards, one after the other.
    [[nodiscard]] Bytes tag_set(const std::vector<Bytes>& shards) const
    {
        Bytes set;
        for (const Bytes& shard : shards) {
            const Bytes file = tag_file(header_of(shard), shard);
            set.insert(set.end(), file.begin(), file.end());
        }
        return set;
    }

    /// Header, tags and signature.
    [[nodiscard]] Bytes tag_file_of(const TagHeader& header, const Bytes& tags) const
    {
        Bytes file = to_bytes(header);
        file.insert(file.end(), tags.begin(), tags.end());
        const Ed25519Signature signature = sign_tags(header, sha256(tags).bytes, signing);
        file.insert(file.end(), signature.bytes.begin(), signature.bytes.end());
        return file;
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
    for (const Bytes& shard : shards) items.push_back({blake3(shard), shard.size()});
    return items;
}

} // namespace cairn
