#pragma once

#include "audit/proof.hpp"
#include "audit/signed_key.hpp"
#include "audit/storage_challenge.hpp"
#include "client/put_testing.hpp"
#include "format/audit_message.hpp"

// For *_test.cpp files only.

namespace cairn {

/// What a SimProvider does when it is asked about tags and for proofs.
struct ProofManner {
    bool is_ignorant = false;      ///< knows no such methods
    bool is_silent = false;        ///< never answers shard.prove
    bool is_malformed = false;     ///< sends no points
    bool answers_old = false;      ///< the first proof again and again
    unsigned busy = 0;             ///< so many times it is asked to come again
    std::set<ShardRoot> forgotten; ///< shards whose tags it does not find
};

/// The storage protocol's proofs for a SimProvider, whose shards must stay where they are.
class SimProofs {
public:
    SimProofs(SimProvider& provider, const SignedProverKey& key) : provider_{&provider}, key_{&key}
    {
        provider.others = [this](std::string_view method, ByteView request,
                                 const Ed25519PublicKey& owner) {
            return answer(method, request, owner);
        };
    }
    SimProofs(const SimProofs&) = delete;
    SimProofs& operator=(const SimProofs&) = delete;

    ProofManner manner;
    std::size_t proofs = 0; ///< that were made

private:
    using Answer = std::optional<std::pair<CallStatus, Bytes>>;

    Answer answer(std::string_view method, ByteView request, const Ed25519PublicKey& owner)
    {
        if (manner.is_ignorant) return {{CallStatus::unsupported, {}}};
        if (manner.busy > 0) {
            --manner.busy;
            return {{CallStatus::busy, {}}};
        }
        if (method == method::shard_tags)
            return {{CallStatus::ok, tags(parse_tags_request(request))}};
        if (manner.is_silent) return {};
        return prove(parse_prove_request(request), owner);
    }

    Bytes tags(const TagsRequest& request)
    {
        TagsReply reply;
        for (const TagSubject& subject : request.subjects) {
            std::vector<ShardItem>& items = reply.items.emplace_back();
            for (const auto& [root, entry] : provider_->shards) {
                if (entry.kind != ShardClass::tags) continue;
                const bool is_set = is_tag_file(entry.bytes);
                if (!is_set && subject.bytes == key_->audit.key.id().bytes)
                    items.push_back({root, entry.bytes.size()});
                if (!is_set) continue;
                for (const TagFile& file : parse_tag_set(entry.bytes))
                    if (file.header.root.bytes == subject.bytes &&
                        provider_->shards.contains(file.header.root) &&
                        !manner.forgotten.contains(file.header.root))
                        items.push_back({root, entry.bytes.size()});
            }
        }
        return to_bytes(reply);
    }

    /// The tag file of a file; the set must stay where it is.
    [[nodiscard]] std::optional<TagFile> find(const AuditFileId& id) const
    {
        for (const auto& [root, entry] : provider_->shards) {
            if (entry.kind != ShardClass::tags || !is_tag_file(entry.bytes)) continue;
            for (const TagFile& file : parse_tag_set(entry.bytes))
                if (file.header.file_id() == id && provider_->shards.contains(file.header.root))
                    return file;
        }
        return std::nullopt;
    }

    Answer prove(const ProveRequest& request, const Ed25519PublicKey& owner)
    {
        std::vector<TagFile> files;
        StorageStatement statement{key_->audit.key, {}, {}};
        for (const AuditFileId& id : request.files) {
            const auto file = find(id);
            if (!file) {
                const ByteView text = as_bytes("no tags of a file");
                return {{CallStatus::no, Bytes{text.begin(), text.end()}}};
            }
            files.push_back(*file);
            statement.files.push_back({id, file->header.blocks()});
        }
        statement.challenge =
            expand(audit_seed(request.nonce, owner.bytes, provider_->node.public_key().bytes,
                              request.key, request.files),
                   statement.files, request.blocks);
        StorageProver prover{key_->powers};
        for (const AskedBlock& asked : statement.challenge.blocks) {
            const Bytes& shard = provider_->shards.at(files[asked.file].header.root).bytes;
            const std::size_t size = key_->audit.key.block_size();
            const std::size_t begin = std::min<std::size_t>(asked.index * size, shard.size());
            prover.add(asked, ByteView{shard}.subspan(begin, std::min(size, shard.size() - begin)),
                       *files[asked.file].tag(asked.index));
        }
        ++proofs;
        ProveReply reply;
        prover.finish(statement.challenge.point).encode(reply.proof.bytes);
        if (manner.is_malformed) reply.proof.bytes.fill(std::byte{7});
        if (manner.answers_old && first_) reply = *first_;
        if (!first_) first_ = reply;
        return {{CallStatus::ok, to_bytes(reply)}};
    }

    SimProvider* provider_;
    const SignedProverKey* key_;
    std::optional<ProveReply> first_;
};

/// A PutWorld whose owner tags, and whose providers prove.
class AuditWorld : public PutWorld {
public:
    static constexpr std::uint32_t sectors = 64;

    explicit AuditWorld(std::size_t count) : PutWorld{count}
    {
        options.tags = {&tagger, std::make_shared<const Bytes>(to_bytes(prover_key))};
        for (const auto& provider : providers)
            proofs.push_back(std::make_unique<SimProofs>(*provider, prover_key));
    }

    AuditSecret secret{noise(32, 77)};
    Tagger tagger{&secret, &owner, secret.audit_key(sectors)};
    SignedProverKey prover_key{sign(tagger.key, owner), secret.prover_key(sectors)};
    std::vector<std::unique_ptr<SimProofs>> proofs; // of the providers
};

} // namespace cairn
