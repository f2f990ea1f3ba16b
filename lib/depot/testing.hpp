#pragma once

#include "base/testing.hpp"
#include "depot/depot.hpp"
#include "os/testing.hpp"

#include <filesystem>
#include <string>

// For *_test.cpp files only: what the depot's tests share.

namespace cairn {

inline AccountId owner_of(unsigned number)
{
    AccountId owner;
    owner.bytes[0] = static_cast<std::byte>(number);
    return owner;
}

inline NoteSubject subject_of(std::uint64_t number)
{
    NoteSubject subject;
    subject.bytes[0] = static_cast<std::byte>(number);
    return subject;
}

/// Bytes of a shard and what a request says of it.
struct TestShard {
    Bytes bytes;
    ShardItem item;
};

inline TestShard shard_of(std::size_t size, std::uint64_t seed)
{
    TestShard shard{noise(size, seed), {}};
    shard.item = {blake3(shard.bytes), size};
    return shard;
}

/// Anyone may store much; the clock stands at `now_s`.
inline DepotOptions test_options(const std::uint64_t& now_s)
{
    DepotOptions options;
    options.capacity = std::uint64_t{1} << 40U;
    options.trash_s = 100;
    options.grants = {Grant{.owner = std::nullopt,
                            .size_max = std::uint64_t{1} << 40U,
                            .objects_max = 1'000'000,
                            .expiry_s = 0}};
    options.now_s = [&now_s] { return now_s; };
    return options;
}

/// An upload with all its bytes; none when it was refused.
inline std::optional<Upload> upload(Depot& depot, const AccountId& owner,
                                    const std::vector<TestShard>& shards,
                                    ShardClass kind = ShardClass::data, std::uint64_t expiry_s = 0)
{
    PutRequest request{.kind = kind, .expiry_s = expiry_s, .items = {}};
    for (const TestShard& shard : shards) request.items.push_back(shard.item);
    Refusal refusal;
    std::optional<Upload> upload = depot.reserve(owner, request, refusal);
    if (!upload) return std::nullopt;
    for (const TestShard& shard : shards)
        if (!upload->write(shard.bytes)) return std::nullopt;
    if (!upload->is_complete()) return std::nullopt;
    return upload;
}

/// Stores shards in one upload; the first serial, 0 when it was refused.
inline std::uint64_t put(Depot& depot, const AccountId& owner, const std::vector<TestShard>& shards,
                         ShardClass kind = ShardClass::data, std::uint64_t expiry_s = 0)
{
    std::optional<Upload> done = upload(depot, owner, shards, kind, expiry_s);
    if (!done) return 0;
    return depot.commit({&*done, 1}).front().serial;
}

/// All bytes of a shard, each piece verified by a reader of the network; none when it is not here
/// or rotten.
inline std::optional<Bytes> fetch(Depot& depot, const ShardRoot& root)
{
    const std::unique_ptr<Depot::Reader> reader = depot.read(root);
    if (!reader) return std::nullopt;
    const std::uint64_t last = piece_count(reader->size()) - 1;
    PieceVerifier verifier{root, {reader->size(), 0, last}, reader->proof(0, last)};
    Bytes bytes;
    for (std::uint64_t i = 0; i <= last; ++i) {
        const std::optional<Bytes> piece = reader->piece(i);
        if (!piece || !verifier.accept(*piece)) return std::nullopt;
        bytes.insert(bytes.end(), piece->begin(), piece->end());
    }
    return bytes;
}

/// What a walk of the directory finds in shard and pack files.
struct Walk {
    std::uint64_t bytes = 0;
    std::uint64_t shard_files = 0;
    std::uint64_t pack_files = 0;
    std::uint64_t temporary_files = 0;
    std::uint64_t damaged_files = 0;
};

inline Walk walk(const std::string& directory)
{
    namespace fs = std::filesystem;
    Walk found;
    for (const char* const part : {"/shards", "/packs", "/tmp", "/damaged"})
        for (const auto& entry : fs::recursive_directory_iterator(directory + part)) {
            if (!entry.is_regular_file()) continue;
            const std::string name = part;
            if (name == "/shards") ++found.shard_files;
            if (name == "/packs") ++found.pack_files;
            if (name == "/tmp") ++found.temporary_files;
            if (name == "/damaged") ++found.damaged_files;
            if (name == "/shards" || name == "/packs") found.bytes += entry.file_size();
        }
    return found;
}

/// The path of a large shard's file.
inline std::string shard_path(const std::string& directory, const ShardRoot& root)
{
    const std::string name = to_hex_text(root.bytes);
    return directory + "/shards/" + name.substr(0, 2) + '/' + name.substr(2);
}

} // namespace cairn
