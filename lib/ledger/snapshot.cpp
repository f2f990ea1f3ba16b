#include "ledger/snapshot.hpp"

#include "base/error.hpp"
#include "format/record_parts.hpp"
#include "ledger/state_proof.hpp"

#include <cassert>

namespace cairn {
namespace {

constexpr std::size_t head_parts = 4;
constexpr std::size_t chunk_parts = 4;
constexpr const char* chunk_name = "the chunk of a snapshot";
constexpr std::size_t prefixes_max = std::size_t{1} << snapshot_bits_max;

/// The number that the first bits of a path are.
std::uint16_t prefix_of(const StatePath& path, unsigned bits)
{
    const auto front = std::to_integer<std::uint32_t>(path.bytes[0]) << 8U |
                       std::to_integer<std::uint32_t>(path.bytes[1]);
    return static_cast<std::uint16_t>(front >> (snapshot_bits_max - bits));
}

/// The first path of a prefix.
StatePath path_of(std::uint16_t prefix, unsigned bits)
{
    const std::uint32_t front = std::uint32_t{prefix} << (snapshot_bits_max - bits);
    StatePath path;
    path.bytes[0] = static_cast<std::byte>(front >> 8U);
    path.bytes[1] = static_cast<std::byte>(front);
    return path;
}

bool are_in_order(std::span<const SnapshotEntry> entries)
{
    const auto path = [](const SnapshotEntry& entry) { return entry.key.path; };
    return std::ranges::adjacent_find(entries, std::ranges::greater_equal{}, path) == entries.end();
}

/// The bytes of an entry in a chunk.
std::size_t entry_size(const StateKey& key, ByteView value)
{
    return cbor_head_size(key.bytes.size()) + key.bytes.size() + cbor_head_size(value.size()) +
           value.size();
}

[[noreturn]] void fail(const std::string& what)
{
    throw Error{Exit::data, what};
}

/// How a state is cut.
struct Cut {
    std::uint8_t bits = 0;
    std::uint64_t values = 0;
};

Cut cut_of(const SnapshotSource& state, std::size_t chunk_size)
{
    Cut cut{snapshot_bits_max, 0};
    std::vector<std::uint64_t> sizes(prefixes_max);
    state.visit([&](const StateKey& key, ByteView value) {
        sizes[prefix_of(key.path, cut.bits)] += entry_size(key, value);
        ++cut.values;
    });
    for (; cut.bits > 0; --cut.bits) {
        std::vector<std::uint64_t> joined(sizes.size() / 2);
        for (std::size_t i = 0; i < sizes.size(); ++i) joined[i / 2] += sizes[i];
        if (std::ranges::max(joined) > chunk_size) break;
        sizes = std::move(joined);
    }
    return cut;
}

/// Writes chunks, each of them checked.
class SnapshotWriter {
public:
    SnapshotWriter(const SnapshotHead& head, const SnapshotSource& state,
                   const std::function<void(ByteView)>& write)
        : head_{&head},
          state_{&state},
          write_{&write}
    {
        put(to_bytes(head));
    }

    void add(const StateKey& key, ByteView value)
    {
        const std::uint16_t prefix = prefix_of(key.path, head_->bits);
        while (next_ < prefix) put_chunk();
        chunk_.entries.push_back({key, {value.begin(), value.end()}});
    }

    void finish()
    {
        while (next_ < head_->chunks()) put_chunk();
    }

private:
    void put(const Bytes& record) const
    {
        (*write_)(frame_head(record));
        (*write_)(record);
    }

    void put_chunk()
    {
        chunk_.prefix = static_cast<std::uint16_t>(next_);
        const StatePath path = path_of(chunk_.prefix, head_->bits);
        TreeProof way = prove(*state_->nodes, path, state_->value_of);
        if (way.beside.size() > head_->bits)
            way.beside.resize(head_->bits);
        else if (chunk_.entries.empty())
            chunk_.other = way.leaf;
        chunk_.beside = std::move(way.beside);
        if (!are_in_order(chunk_.entries) || check_chunk(*head_, chunk_))
            fail("the state is not that of its block");
        const Bytes record = to_bytes(chunk_);
        if (record.size() > snapshot_chunk_size_max || chunk_.entries.size() > snapshot_entries_max)
            fail("the state is too large for a snapshot");
        put(record);
        chunk_ = {};
        ++next_;
    }

    const SnapshotHead* head_;
    const SnapshotSource* state_;
    const std::function<void(ByteView)>* write_;
    SnapshotChunk chunk_;
    std::uint32_t next_ = 0; // the prefix of the chunk
};

} // namespace

Bytes to_bytes(const SnapshotHead& head)
{
    Bytes bytes;
    CborWriter writer{bytes};
    put_record_head(writer, RecordType::snapshot_head, head_parts);
    put_header(writer, head.block.header);
    writer.bytes(head.block.seal);
    writer.number(head.bits);
    writer.number(head.values);
    return bytes;
}

SnapshotHead parse_snapshot_head(ByteView bytes)
{
    constexpr const char* what = "the head of a snapshot";
    check_record_size(bytes, snapshot_head_size_max, what);
    CborReader reader{bytes, what};
    take_record_head(reader, RecordType::snapshot_head, head_parts);
    SnapshotHead head;
    head.block.header = parse_header(reader.whole());
    const ByteView seal = reader.bytes_up_to(seal_size_max);
    head.block.seal.assign(seal.begin(), seal.end());
    head.bits = static_cast<std::uint8_t>(reader.number(snapshot_bits_max));
    head.values = reader.number();
    reader.finish();
    return head;
}

Bytes to_bytes(const SnapshotChunk& chunk)
{
    Bytes bytes;
    CborWriter writer{bytes};
    put_record_head(writer, RecordType::snapshot_chunk, chunk_parts);
    writer.number(chunk.prefix);
    put_beside(writer, chunk.beside);
    put_other(writer, chunk.other);
    writer.array(2 * chunk.entries.size());
    for (const SnapshotEntry& entry : chunk.entries) {
        writer.bytes(entry.key.bytes);
        writer.bytes(entry.value);
    }
    return bytes;
}

SnapshotChunk parse_snapshot_chunk(ByteView bytes)
{
    check_record_size(bytes, snapshot_chunk_size_max, chunk_name);
    CborReader reader{bytes, chunk_name};
    take_record_head(reader, RecordType::snapshot_chunk, chunk_parts);
    SnapshotChunk chunk;
    chunk.prefix = static_cast<std::uint16_t>(reader.number(prefixes_max - 1));
    chunk.beside = take_beside(reader, snapshot_bits_max);
    chunk.other = take_other(reader);
    const std::size_t items = reader.array_up_to(2 * snapshot_entries_max);
    if (items % 2 != 0) reader.refuse("a key without a value");
    if (items > 0 && chunk.other) reader.refuse("another leaf beside entries");
    chunk.entries.resize(items / 2);
    for (SnapshotEntry& entry : chunk.entries) {
        entry.key = parse_state_key(reader.bytes_up_to(state_key_size_max));
        const ByteView value = reader.bytes_up_to(state_value_size_max);
        entry.value.assign(value.begin(), value.end());
    }
    reader.finish();
    if (!are_in_order(chunk.entries)) reader.refuse("its entries are out of order");
    return chunk;
}

std::optional<std::string> check_chunk(const SnapshotHead& head, const SnapshotChunk& chunk)
{
    assert(are_in_order(chunk.entries));
    if (chunk.prefix >= head.chunks()) return "there is no such prefix";
    const StatePath path = path_of(chunk.prefix, head.bits);
    const std::size_t depth = chunk.beside.size();
    std::vector<ProvenLeaf> leaves;
    leaves.reserve(chunk.entries.size());
    for (const SnapshotEntry& entry : chunk.entries) {
        if (!have_common_front(entry.key.path, path, head.bits))
            return "it has a key of another prefix";
        leaves.push_back({entry.key.path, value_hash(entry.value)});
    }
    // A leaf that is alone may be further up; what is below it has no other.
    if (depth > head.bits || (leaves.size() > 1 && depth != head.bits))
        return "its way has another length";
    if (chunk.other) {
        if (!leaves.empty() || !have_common_front(chunk.other->path, path, depth) ||
            have_common_front(chunk.other->path, path, head.bits))
            return "the leaf that is alone is not there";
        leaves.push_back(*chunk.other);
    }
    if (root_above(part_hash(leaves, head.bits), path, chunk.beside) != head.block.header.state)
        return "it is no part of the state";
    return std::nullopt;
}

bool is_snapshot(ByteView front)
{
    return front.size() > frame_head_size &&
           record_type(front.subspan(frame_head_size)) == RecordType::snapshot_head;
}

SnapshotReader::SnapshotReader(ReadBytes read) : read_{std::move(read)}
{
    const auto bytes = read_framed(read_, snapshot_head_size_max, "head");
    if (!bytes) fail("the snapshot is empty");
    head_ = parse_snapshot_head(*bytes);
}

std::optional<SnapshotChunk> SnapshotReader::next()
{
    const auto bytes = read_framed(read_, snapshot_chunk_size_max, "chunk");
    if (chunks_ == head_.chunks()) {
        if (bytes) fail("there is something behind the end of the snapshot");
        if (values_ != head_.values) fail("the snapshot has not as many values as it says");
        return std::nullopt;
    }
    if (!bytes)
        fail("the snapshot ends after " + std::to_string(chunks_) + " of " +
             std::to_string(head_.chunks()) + " chunks");
    SnapshotChunk chunk = parse_snapshot_chunk(*bytes);
    if (chunk.prefix != chunks_)
        fail("chunk " + std::to_string(chunk.prefix) + " is where chunk " +
             std::to_string(chunks_) + " should be");
    if (const auto fault = check_chunk(head_, chunk))
        fail("chunk " + std::to_string(chunks_) + ": " + *fault);
    ++chunks_;
    values_ += chunk.entries.size();
    return chunk;
}

SnapshotHead write_snapshot(SealedHeader block, const SnapshotSource& state,
                            const std::function<void(ByteView)>& write, std::size_t chunk_size)
{
    const Cut cut = cut_of(state, chunk_size);
    SnapshotHead head{std::move(block), cut.bits, cut.values};
    SnapshotWriter writer{head, state, write};
    state.visit([&](const StateKey& key, ByteView value) { writer.add(key, value); });
    writer.finish();
    return head;
}

} // namespace cairn
