#pragma once

#include "audit/proof.hpp"
#include "audit/signed_key.hpp"
#include "audit/tag_file.hpp"
#include "format/testing.hpp"
#include "hash/digest.hpp"

#include <algorithm>
#include <span>

// For *_test.cpp files only.

namespace cairn {

/// A file that is tagged, and all that proves it.
struct Tagged {
    AuditKey key;
    Bytes data;
    Blake3Digest root; // any digest will do: it is the SHA-256
    AuditedFile file;
    std::vector<G1> tags;

    [[nodiscard]] ByteView block(std::uint64_t index) const
    {
        const std::size_t begin = std::min<std::size_t>(index * key.block_size(), data.size());
        return ByteView{data}.subspan(begin, std::min(key.block_size(), data.size() - begin));
    }
};

inline Tagged tag_file(const AuditSecret& secret, std::uint32_t sectors, Bytes data)
{
    Tagged tagged{secret.audit_key(sectors), std::move(data), {}, {}, {}};
    tagged.root.bytes = sha256(tagged.data).bytes;
    tagged.file = {audit_file_id(tagged.key, tagged.data.size(), tagged.root.bytes),
                   tagged.key.blocks(tagged.data.size())};
    for (std::uint64_t i = 0; i < tagged.file.blocks; ++i)
        tagged.tags.push_back(
            secret.tag(index_point(tagged.file.id, i), secret.value_of(tagged.block(i))));
    return tagged;
}

/// Files of these sizes, whose content is no matter, in the order of their ids.
inline std::vector<Tagged> tag_files(const AuditSecret& secret, std::uint32_t sectors,
                                     std::initializer_list<std::size_t> sizes)
{
    std::vector<Tagged> files;
    for (const std::size_t size : sizes)
        files.push_back(tag_file(secret, sectors, noise(size, 100 + files.size())));
    std::ranges::sort(files, {}, [](const Tagged& tagged) { return tagged.file.id; });
    return files;
}

/// A seed that is always the same for a number.
inline ChallengeSeed numbered_seed(std::uint64_t number)
{
    ChallengeSeed seed;
    std::ranges::copy(noise(ChallengeSeed::size, number), seed.bytes.begin());
    return seed;
}

inline StorageStatement statement_about(std::span<const Tagged> files, std::uint64_t seed,
                                        std::size_t count)
{
    StorageStatement statement{files.front().key, {}, {}};
    for (const Tagged& each : files) statement.files.push_back(each.file);
    statement.challenge = expand(numbered_seed(seed), statement.files, count);
    return statement;
}

inline StorageProof prove(std::span<const Tagged> files, const StorageStatement& statement,
                          const ProverKey& key)
{
    StorageProver prover{key};
    for (const AskedBlock& asked : statement.challenge.blocks)
        prover.add(asked, files[asked.file].block(asked.index),
                   files[asked.file].tags[asked.index]);
    return prover.finish(statement.challenge.point);
}

// ---- What is in tests/data/records: an owner's key of 16 sectors, and two files of one block.

inline AuditSecret golden_secret()
{
    return AuditSecret{Bytes(32, std::byte{3})};
}

inline SignedAuditKey golden_audit_key()
{
    return sign(golden_secret().audit_key(16), golden_owner());
}

/// No byte and one; in the order of their ids.
inline std::vector<Tagged> golden_files()
{
    std::vector<Tagged> files;
    for (const char* const digits : {"", "4d"}) // as in por_v1.json
        files.push_back(tag_file(golden_secret(), 16, hex_bytes(digits)));
    std::ranges::sort(files, {}, [](const Tagged& tagged) { return tagged.file.id; });
    return files;
}

} // namespace cairn
