#include "provider/detail/proving.hpp"

#include "audit/tag_file.hpp"
#include "base/error.hpp"
#include "base/hex.hpp"
#include "net/token_bucket.hpp"
#include "provider/detail/audit_notes.hpp"
#include "provider/detail/shard_bytes.hpp"

#include <algorithm>
#include <array>
#include <new>

namespace cairn::detail {
namespace {

/// A file that is to be proven, and where its tags are.
struct Source {
    AuditFileId id;
    TagHeader header;
    ShardRoot set;
    std::uint64_t tags_offset = 0; ///< in the set
};

/// What a proof takes long for.
struct Work {
    std::uint64_t files = 0;
    std::uint64_t blocks = 0;
    std::uint64_t sectors = 0; ///< of a block
    bool is_key_decoded = false;
};

/// Microseconds, as measured: of a file its tag set is looked for, of a block its tag is decoded.
constexpr std::uint64_t cost_of(const Work& work)
{
    constexpr std::uint64_t call = 2000;
    constexpr std::uint64_t file = 500;
    constexpr std::uint64_t block = 100;
    constexpr std::uint64_t block_sectors = 20; // of a block, in one microsecond
    constexpr std::uint64_t key_sector = 20;
    constexpr std::uint64_t decoded_sector = 55;
    return call + work.files * file + work.blocks * (block + work.sectors / block_sectors) +
           work.sectors * (key_sector + (work.is_key_decoded ? decoded_sector : 0));
}

// A peer that has not asked for anything else may ask for the most there is.
static_assert(cost_of({prove_files_max, prove_blocks_max, sectors_stored_max, true}) <=
              TokenBucket::level_max);

[[noreturn]] void refuse(const std::string& why)
{
    throw Error{Exit::no, why};
}

std::string name_of(const AuditFileId& id)
{
    return "file " + to_hex_text(id.bytes);
}

Source find_source(Depot& depot, const AuditFileId& id)
{
    std::array<std::byte, TagHeader::size> bytes{};
    for (const FoundNote& note : depot.notes(subject_of(id), tags_items_max)) {
        const TagPlace place = parse_tag_place(note.value);
        auto set = ShardBytes::open(depot, note.from.root);
        if (!set || !set->read(place.offset, bytes)) continue;
        const TagHeader header = parse_tag_header(bytes);
        if (!depot.find(header.root, std::nullopt).is_here) refuse("no shard of " + name_of(id));
        return {id, header, note.from.root, place.offset + TagHeader::size};
    }
    refuse("no tags of " + name_of(id));
}

class Proving {
public:
    Proving(Depot& depot, const ProverKey& key) : depot_{&depot}, prover_{key} {}

    /// Adds what is asked of one file.
    void add(const Source& source, std::span<const AskedBlock> asked)
    {
        auto shard = ShardBytes::open(*depot_, source.header.root);
        auto set = ShardBytes::open(*depot_, source.set);
        const std::uint64_t block_size = source.header.sectors * sector_size;
        std::array<std::byte, G1::size> tag_bytes{};
        for (const AskedBlock& each : asked) {
            const std::uint64_t begin = each.index * block_size;
            block_.resize(
                static_cast<std::size_t>(std::min(block_size, source.header.file_size - begin)));
            if (!shard || !shard->read(begin, block_))
                refuse("the shard of " + name_of(source.id) + " has rotted");
            const std::uint64_t at = source.tags_offset + each.index * G1::size;
            const auto tag = set && set->read(at, tag_bytes) ? G1::decode(tag_bytes) : std::nullopt;
            if (!tag) refuse("the tags of " + name_of(source.id) + " have rotted");
            prover_.add(each, block_, *tag);
        }
    }

    [[nodiscard]] Bytes finish(const Scalar& point) const
    {
        ProveReply reply;
        prover_.finish(point).encode(reply.proof.bytes);
        return to_bytes(reply);
    }

private:
    Depot* depot_;
    StorageProver prover_;
    Bytes block_;
};

Bytes proof_of(Depot& depot, ProverKeys& keys, const ProofTask& task)
{
    const ProveRequest& request = task.request;
    const ProverKeys::Key key = keys.find(request.key);
    if (!key) refuse("the prover key is not here");
    std::vector<Source> sources;
    std::vector<AuditedFile> files;
    for (const AuditFileId& id : request.files) {
        const Source source = find_source(depot, id);
        if (source.header.key != request.key) refuse(name_of(id) + " is of another audit key");
        sources.push_back(source);
        files.push_back({id, source.header.blocks()});
    }
    AuditChallenge challenge = expand(task.seed, files, request.blocks);
    // In the order in which they lie, so that each piece is read once.
    std::ranges::sort(challenge.blocks, {}, [](const AskedBlock& asked) {
        return std::pair{asked.file, asked.index};
    });
    Proving proving{depot, key->powers};
    for (std::span<const AskedBlock> rest{challenge.blocks}; !rest.empty();) {
        const auto end = std::ranges::find_if(
            rest, [&](const AskedBlock& asked) { return asked.file != rest.front().file; });
        const auto count = static_cast<std::size_t>(end - rest.begin());
        proving.add(sources[rest.front().file], rest.first(count));
        rest = rest.subspan(count);
    }
    return proving.finish(challenge.point);
}

ProofAnswer in_words(CallStatus status, std::string_view words)
{
    const ByteView bytes = as_bytes(words);
    return {status, {bytes.begin(), bytes.end()}};
}

} // namespace

ProofAnswer prove(Depot& depot, ProverKeys& keys, const ProofTask& task)
{
    try {
        return {CallStatus::ok, proof_of(depot, keys, task)};
    } catch (const Error& error) {
        if (error.code() == Exit::no) return in_words(CallStatus::no, error.what());
    } catch (const std::bad_alloc&) { // like a disk that fails
    }
    return in_words(CallStatus::failed, "the provider cannot prove it now");
}

std::optional<std::uint64_t> proof_cost(const ProverKeys& keys, const ProveRequest& request)
{
    const std::optional<std::uint32_t> sectors = keys.sectors_of(request.key);
    if (!sectors) return std::nullopt;
    return cost_of({.files = request.files.size(),
                    .blocks = request.blocks,
                    .sectors = *sectors,
                    .is_key_decoded = !keys.is_in_memory(request.key)});
}

} // namespace cairn::detail
