#pragma once

#include "client/provider_testing.hpp"
#include "client/put.hpp"
#include "erasure/code.hpp"
#include "os/testing.hpp"
#include "stream/age_stream.hpp"

#include <deque>

#include <doctest/doctest.h>

// For *_test.cpp files only.

namespace cairn {

inline Source source_of(const Bytes& bytes)
{
    return [&bytes, at = std::size_t{0}](MutableByteView buffer) mutable {
        const std::size_t size = std::min(buffer.size(), bytes.size() - at);
        std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), size, buffer.begin());
        at += size;
        return size;
    };
}

/// A network of SimProviders and one who puts.
class PutWorld {
public:
    explicit PutWorld(std::size_t count, std::uint64_t seed = 1) : network{seed}, entropy_{seed}
    {
        for (std::size_t i = 0; i < count; ++i)
            providers.push_back(std::make_unique<SimProvider>(network, i));
        options.owner = &owner;
        options.workers = 0;
        options.wall_ms = [] { return std::uint64_t{1'700'000'000'000}; };
        options.recipients.emplace_back(X25519Recipient{identity.key});
        options.profile = Profile{.k = 4, .m = 2, .segment_size = 65536};
    }

    SimNetwork network;
    std::vector<std::unique_ptr<SimProvider>> providers;
    Ed25519KeyPair owner{Secret::copy(noise(32, 1))};
    X25519Identity identity = to_identity(Secret::copy(noise(32, 2)));
    PutOptions options;
    std::vector<Bytes> receipts;
    std::uint64_t elapsed_ms = 0;     ///< of the last put
    std::vector<std::size_t> listed;  ///< providers the client knows; empty: all
    std::optional<ObjectId> expected; ///< what the next objects must be

    /// Stores objects, all in one run.
    std::vector<PutResult> put_all(const std::vector<Bytes>& objects,
                                   const std::optional<FileState>& file = {})
    {
        SessionOptions session_options;
        for (std::size_t i = 0; i < providers.size(); ++i)
            if (listed.empty() || std::ranges::find(listed, i) != listed.end())
                session_options.providers.push_back(providers[i]->name());
        session_options.owner = &owner;
        Ed25519KeyPair link{Secret::copy(noise(32, 9'000 + runs_))};
        const std::string address = "client-" + std::to_string(++runs_) + ":1";
        Hub& hub = network.add({.address = address, .link_key = &link});
        Session session{hub, session_options};
        PutOptions copy = options_copy();
        Putter putter{hub, session, std::move(copy), entropy_};
        putter.connect(session_options.providers.size());
        std::vector<PutResult> results;
        std::size_t next = 0;
        const std::uint64_t start_ms = network.now_ms();
        putter.run({
            .next = [&]() -> std::optional<PutInput> {
                if (next == objects.size()) return std::nullopt;
                PutInput input;
                input.number = next;
                input.name = "object-" + std::to_string(next);
                input.open = [&bytes = objects[next], file] {
                    return PutContent{source_of(bytes), file};
                };
                if (expected) input.id = [this] { return *expected; };
                ++next;
                return input;
            },
            .done = [&](PutResult&& result) { results.push_back(std::move(result)); },
            .receipt = [&](ByteView bytes) { receipts.emplace_back(bytes.begin(), bytes.end()); },
            .sent = {},
        });
        elapsed_ms = network.now_ms() - start_ms;
        return results;
    }

    PutResult put(const Bytes& object, const std::optional<FileState>& file = {})
    {
        auto results = put_all({object}, file);
        REQUIRE(results.size() == 1);
        return std::move(results.front());
    }

    /// Shards that were sent, so far.
    std::size_t items() const
    {
        std::size_t sum = 0;
        for (const auto& provider : providers) sum += provider->items;
        return sum;
    }

    /// The providers that have a shard.
    std::set<std::size_t> holders(const ShardRoot& root) const
    {
        std::set<std::size_t> found;
        for (std::size_t i = 0; i < providers.size(); ++i)
            if (providers[i]->shards.contains(root)) found.insert(i);
        return found;
    }

    Bytes shard(const ShardRoot& root) const
    {
        const auto all = holders(root);
        REQUIRE_FALSE(all.empty());
        return providers[*all.begin()]->shards.at(root).bytes;
    }

    /// What is stored under a link, opened with the identity.
    Bytes get(const Link& link) const
    {
        Bytes stored =
            link.kind == LinkKind::whole ? shard({link.id.bytes}) : rebuild(shard({link.id.bytes}));
        if (link.kind == LinkKind::nested) stored = rebuild(stored);
        if (!link.key) return stored;
        Bytes plain;
        std::vector<AgeIdentity> identities;
        identities.emplace_back(to_identity(Secret::copy(identity.secret.bytes())));
        decrypt_stream(
            source_of(stored),
            [&](ByteView bytes) { plain.insert(plain.end(), bytes.begin(), bytes.end()); },
            identities, {}, {});
        return plain;
    }

    /// The least number of distinct providers that have shards of one segment.
    std::size_t spread_of(const Link& link) const
    {
        const Manifest manifest = parse_manifest(shard({link.id.bytes}));
        std::size_t least = SIZE_MAX;
        const unsigned shards = manifest.head.profile.shards();
        for (std::size_t at = 0; at < manifest.roots.size(); at += shards) {
            std::size_t count = 0;
            for (std::size_t i = at; i < at + shards; ++i)
                count += holders(manifest.roots[i]).empty() ? 0 : 1;
            least = std::min(least, count);
        }
        return least;
    }

private:
    PutOptions options_copy() const
    {
        PutOptions copy;
        copy.network = options.network;
        copy.owner = options.owner;
        copy.profile = options.profile;
        for (const Recipient& recipient : options.recipients)
            copy.recipients.emplace_back(std::get<X25519Recipient>(recipient));
        copy.index_key = options.index_key;
        copy.journal_directory = options.journal_directory;
        copy.journal_size_min = options.journal_size_min;
        copy.is_known = options.is_known;
        copy.tags = options.tags;
        copy.memory_max = options.memory_max;
        copy.manifest_size_max = options.manifest_size_max;
        copy.workers = options.workers;
        copy.wall_ms = options.wall_ms;
        return copy;
    }

    /// The bytes that a manifest describes.
    Bytes rebuild(const Bytes& manifest_bytes) const
    {
        const Manifest manifest = parse_manifest(manifest_bytes);
        const Profile& profile = manifest.head.profile;
        Bytes stored;
        for (std::uint64_t segment = 0; segment < manifest.head.segments(); ++segment) {
            Bytes bytes = rebuild_segment(manifest, segment);
            bytes.resize(manifest.head.segment_length(segment));
            stored.insert(stored.end(), bytes.begin(), bytes.end());
        }
        CHECK(blake3(stored) == manifest.head.content);
        CHECK(profile.k > 0);
        return stored;
    }

    Bytes rebuild_segment(const Manifest& manifest, std::uint64_t segment) const
    {
        const Profile& profile = manifest.head.profile;
        const std::size_t size = shard_size(profile, manifest.head.segment_length(segment));
        LossPattern pattern;
        std::vector<Bytes> shards(profile.shards());
        for (unsigned i = 0; i < profile.shards(); ++i) {
            const ShardRoot& root = manifest.roots[segment * profile.shards() + i];
            const bool is_there = !holders(root).empty();
            if (is_there && pattern.present.size() < profile.k) {
                pattern.present.push_back(i);
                shards[i] = shard(root);
            } else if (i < profile.k) {
                pattern.wanted.push_back(i);
                shards[i] = Bytes(size);
            }
        }
        REQUIRE(pattern.present.size() == profile.k);
        std::vector<ByteView> present;
        std::vector<MutableByteView> wanted;
        for (const unsigned i : pattern.present) present.emplace_back(shards[i]);
        for (const unsigned i : pattern.wanted) wanted.emplace_back(shards[i]);
        if (!wanted.empty()) Rebuild{Code{{profile.k, profile.m}}, pattern}.apply(present, wanted);
        Bytes bytes;
        for (unsigned i = 0; i < profile.k; ++i)
            bytes.insert(bytes.end(), shards[i].begin(), shards[i].end());
        return bytes;
    }

    FixedEntropy entropy_;
    std::size_t runs_ = 0;
};

} // namespace cairn
