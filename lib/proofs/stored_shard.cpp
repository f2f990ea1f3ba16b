#include "proofs/stored_shard.hpp"

#include "audit/tag_check.hpp"
#include "base/error.hpp"
#include "hash/digest.hpp"
#include "os/pipeline.hpp"

#include <algorithm>
#include <array>

namespace cairn {
namespace {

constexpr std::size_t buffer_size = 256UL * 1024; // bytes

TagHeader read_whole_header(Input& tags)
{
    if (!tags.size())
        throw Error{Exit::noinput, "'" + tags.name() + "' is not a file", "tags are read in parts"};
    const TagHeader header = read_tag_header(tags);
    if (*tags.size() != header.tag_file_size())
        throw Error{Exit::data, "'" + tags.name() + "' has " + std::to_string(*tags.size()) +
                                    " bytes, and should have " +
                                    std::to_string(header.tag_file_size())};
    return header;
}

[[noreturn]] void refuse_size(const Input& shard, const Input& tags)
{
    throw Error{Exit::data,
                "'" + shard.name() + "' is not of the size that '" + tags.name() + "' says"};
}

} // namespace

TagHeader read_tag_header(Input& tags)
{
    std::array<std::byte, TagHeader::size> bytes{};
    const std::size_t size = tags.read(bytes);
    try {
        return parse_tag_header(ByteView{bytes}.first(size));
    } catch (const Error& error) { // of many tag files, which one?
        throw Error{error.code(), "'" + tags.name() + "': " + error.what()};
    }
}

StoredShard::StoredShard(Input shard, Input tags)
    : shard_{std::move(shard)},
      tags_{std::move(tags)},
      header_{read_whole_header(tags_)}
{
    if (shard_.size() && *shard_.size() != header_.file_size) refuse_size(shard_, tags_);
}

void StoredShard::read_block(std::uint64_t index, Bytes& block)
{
    const std::uint64_t block_size = header_.sectors * sector_size;
    const std::uint64_t offset = index * block_size;
    const std::uint64_t left = header_.file_size - std::min(header_.file_size, offset);
    block.resize(std::min(block_size, left));
    std::size_t size = 0;
    if (shard_.size()) {
        size = shard_.read_at(offset, block);
    } else {
        Bytes passed(std::min<std::uint64_t>(buffer_size, offset - at_));
        while (at_ < offset) {
            const std::size_t part = shard_.read(MutableByteView{passed}.first(
                std::min<std::uint64_t>(passed.size(), offset - at_)));
            if (part == 0) refuse_size(shard_, tags_);
            at_ += part;
        }
        size = shard_.read(block);
        at_ += size;
    }
    if (size != block.size()) refuse_size(shard_, tags_);
}

void StoredShard::require_end()
{
    std::array<std::byte, 1> more{};
    if (!shard_.size() && shard_.read(more) != 0) refuse_size(shard_, tags_);
}

G1 StoredShard::tag(std::uint64_t index) const
{
    std::array<std::byte, G1::size> bytes{};
    const std::size_t size = tags_.read_at(TagHeader::size + index * G1::size, bytes);
    const auto tag = G1::decode(ByteView{bytes}.first(size));
    if (!tag)
        throw Error{Exit::data, "tag " + std::to_string(index) + " of '" + tags_.name() +
                                    "' is not a point of the group"};
    return *tag;
}

bool StoredShard::is_signed() const
{
    Sha256 digest;
    Bytes buffer(buffer_size);
    const std::uint64_t end = TagHeader::size + header_.tags_size();
    for (std::uint64_t at = TagHeader::size; at < end;) {
        const std::size_t size = tags_.read_at(
            at, MutableByteView{buffer}.first(std::min<std::uint64_t>(buffer.size(), end - at)));
        if (size == 0) return false;
        digest.update(ByteView{buffer}.first(size));
        at += size;
    }
    Ed25519Signature signature;
    return tags_.read_at(end, signature.bytes) == signature.size &&
           are_signed(header_, digest.finish().bytes, signature);
}

StorageProof prove_storage(const StorageStatement& statement, const ProverKey& key,
                           std::span<StoredShard* const> shards)
{
    std::vector<AskedBlock> asked = statement.challenge.blocks;
    std::ranges::sort(asked, {}, [](const AskedBlock& block) {
        return std::pair{block.file, block.index};
    });
    StorageProver prover{key};
    Bytes block;
    for (const AskedBlock& each : asked) {
        StoredShard& shard = *shards[each.file];
        shard.read_block(each.index, block);
        prover.add(each, block, shard.tag(each.index));
    }
    return prover.finish(statement.challenge.point);
}

std::vector<std::size_t> find_damaged(const StorageStatement& statement, const ProverKey& key,
                                      std::span<StoredShard* const> shards)
{
    std::vector<std::size_t> damaged;
    for (std::size_t file = 0; file < shards.size(); ++file) {
        StorageStatement alone = statement;
        std::erase_if(alone.challenge.blocks,
                      [&](const AskedBlock& block) { return block.file != file; });
        if (alone.challenge.blocks.empty() || !shards[file]->is_file()) continue;
        if (!verify(alone, prove_storage(alone, key, shards))) damaged.push_back(file);
    }
    return damaged;
}

bool are_tags_right(StoredShard& shard, const SignedProverKey& key, Entropy& entropy,
                    const TagCheckOptions& options)
{
    const TagHeader& header = shard.header();
    if (header.key != key.audit.key.id()) return false;
    struct Slot {
        Bytes block;
        std::array<std::byte, 16> factor{};
        TagCheck check;
    };
    Blake3 hasher;
    std::vector<Slot> slots;
    for (unsigned i = 0; i < options.workers; ++i)
        slots.push_back({{}, {}, TagCheck{key.powers, header.file_id()}});
    Pipeline{
        .read =
            [&](unsigned worker, std::uint64_t item) {
                if (item == header.blocks()) return false;
                shard.read_block(item, slots[worker].block);
                hasher.update(slots[worker].block);
                entropy.fill(slots[worker].factor);
                return true;
            },
        .compute =
            [&](unsigned worker, std::uint64_t item) {
                Slot& slot = slots[worker];
                slot.check.add(item, slot.block, shard.tag(item), slot.factor);
            },
        .write =
            [&](unsigned worker, std::uint64_t) {
                if (options.done) options.done(slots[worker].block.size());
            },
    }
        .run(options.workers);
    shard.require_end();
    TagCheck check = std::move(slots.front().check);
    for (std::size_t i = 1; i < slots.size(); ++i) check.add(std::move(slots[i].check));
    return hasher.digest() == header.root && check.is_right(key.audit.key);
}

} // namespace cairn
