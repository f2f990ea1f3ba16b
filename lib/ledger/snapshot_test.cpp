#include "ledger/snapshot.hpp"

#include "ledger/registry.hpp"
#include "ledger/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

SnapshotHead parse_head(ByteView bytes)
{
    return parse_snapshot_head(bytes);
}

SnapshotChunk parse_chunk(ByteView bytes)
{
    return parse_snapshot_chunk(bytes);
}

/// A state of as many values as one likes, none of which is a record.
struct Drawn {
    MemoryState state;
    SealedHeader block;

    Drawn(std::size_t count, std::uint64_t seed)
    {
        Dice dice{seed};
        std::map<StatePath, StateChange> changes;
        for (std::size_t i = 0; i < count; ++i) {
            const StateKey key =
                state_key({static_cast<std::uint16_t>(dice.below(5)), 1}, noise(dice.below(40), i));
            changes[key.path] = {key, std::nullopt, noise(dice.below(60), seed + i)};
        }
        std::vector<StateChange> list;
        for (const auto& [path, change] : changes) list.push_back(change);
        const TreeUpdate tree = update_tree(state, leaf_changes(list));
        state.write(list, tree);
        block.header = parse_header(golden_bytes("header"));
        block.header.state = tree.root;
        block.seal = noise(30);
    }
};

SnapshotSource source_of(const MemoryState& state)
{
    return {.nodes = &state,
            .value_of =
                [&](const StatePath& path) {
                    const auto found = state.values().find(path);
                    if (found == state.values().end()) throw Error{Exit::data, "no value"};
                    return value_hash(found->second.second);
                },
            .visit =
                [&](const auto& visit) {
                    for (const auto& [path, entry] : state.values())
                        visit({entry.first, path}, entry.second);
                }};
}

/// The records of a snapshot, the head first.
std::vector<Bytes> records_of(const SealedHeader& block, const MemoryState& state,
                              std::size_t chunk_size)
{
    std::vector<Bytes> parts;
    (void)write_snapshot(
        block, source_of(state),
        [&](ByteView bytes) { parts.emplace_back(bytes.begin(), bytes.end()); }, chunk_size);
    std::vector<Bytes> records;
    for (std::size_t i = 1; i < parts.size(); i += 2) {
        CHECK(is_framed(parts[i - 1], parts[i]));
        records.push_back(parts[i]);
    }
    return records;
}

Bytes stream_of(const std::vector<Bytes>& records)
{
    Bytes stream;
    for (const Bytes& record : records) {
        const Bytes head = frame_head(record);
        stream.insert(stream.end(), head.begin(), head.end());
        stream.insert(stream.end(), record.begin(), record.end());
    }
    return stream;
}

/// What reading a stream to its end comes to: what is wrong with it, if anything is.
std::string fault_of(ByteView stream)
{
    const ReadBytes read = [&](MutableByteView buffer) {
        const std::size_t size = std::min(buffer.size(), stream.size());
        std::ranges::copy(stream.first(size), buffer.begin());
        stream = stream.subspan(size);
        return size;
    };
    try {
        SnapshotReader reader{read};
        while (reader.next()) {
        }
        return "";
    } catch (const Error& error) {
        CHECK(error.code() == Exit::data);
        return error.what();
    }
}

std::vector<Bytes> golden_records()
{
    std::vector<Bytes> records{golden_bytes("snapshot_head")};
    for (int i = 0; i < 8; ++i)
        records.push_back(golden_bytes("snapshot_chunk_" + std::to_string(i)));
    return records;
}

/// Puts all that is in chunks, which come after a head, into a state.
void fill(MemoryState& state, const std::vector<Bytes>& records)
{
    std::vector<StateChange> changes;
    for (std::size_t i = 1; i < records.size(); ++i)
        for (const SnapshotEntry& entry : parse_snapshot_chunk(records[i]).entries)
            changes.push_back({entry.key, std::nullopt, entry.value});
    state.write(changes, update_tree(state, leaf_changes(changes)));
}

template <class Change>
Bytes changed(const Bytes& record, Change change)
{
    SnapshotChunk chunk = parse_snapshot_chunk(record);
    change(chunk);
    return to_bytes(chunk);
}

} // namespace

TEST_CASE("a snapshot that another implementation made is read, and is what is written")
{
    const std::vector<Bytes> records = golden_records();
    CHECK(fault_of(stream_of(records)) == "");
    const SnapshotHead head = parse_snapshot_head(records.front());
    MemoryState state;
    fill(state, records);
    CHECK(state.root() == head.block.header.state);
    CHECK(state.values().size() == head.values);
    std::size_t largest = 0;
    for (const Bytes& record : records) largest = std::max(largest, record.size());
    CHECK(records_of(head.block, state, largest) == records);

    const SnapshotHead fine = parse_snapshot_head(golden_bytes("snapshot_head_16"));
    CHECK(fine.bits == 16);
    const std::vector<Bytes> all = records_of(fine.block, state, 0);
    REQUIRE(all.size() == 65'537);
    CHECK(all.front() == to_bytes(fine));
    for (const char* const name : {"value", "other", "nothing"}) {
        const Bytes golden = golden_bytes(std::string{"snapshot_chunk_"} + name);
        const SnapshotChunk chunk = parse_snapshot_chunk(golden);
        CHECK(check_chunk(fine, chunk).value_or("") == "");
        CHECK(all.at(1 + chunk.prefix) == golden);
    }
}

TEST_CASE("the records of snapshots are read in one form alone")
{
    CHECK(parser_fault(golden_bytes("snapshot_head"), parse_head) == "");
    CHECK(parser_fault(golden_bytes("snapshot_chunk_0"), parse_chunk) == "");
    CHECK(parser_fault(golden_bytes("snapshot_chunk_other"), parse_chunk) == "");
    CHECK(parser_fault(golden_bytes("snapshot_chunk_nothing"), parse_chunk) == "");
}

TEST_CASE("every state is written, and read as it was, in chunks of any size")
{
    for (const std::size_t count : {0U, 1U, 2U, 3U, 10U, 100U, 3000U}) {
        for (const std::size_t chunk_size : {100U, 1'000U, 20'000U, 4'000'000U}) {
            CAPTURE(count);
            CAPTURE(chunk_size);
            const Drawn drawn{count, count + chunk_size};
            const auto records = records_of(drawn.block, drawn.state, chunk_size);
            const SnapshotHead head = parse_snapshot_head(records.front());
            CHECK(head.block == drawn.block);
            CHECK(head.values == drawn.state.values().size());
            CHECK(records.size() == 1 + head.chunks());
            CHECK(fault_of(stream_of(records)) == "");
            MemoryState again;
            fill(again, records);
            CHECK((again == drawn.state));
            // Each of them alone, in whatever order, and of no other block.
            SnapshotHead other = head;
            other.block.header.state.bytes[0] ^= std::byte{1};
            for (std::size_t i = records.size(); i-- > 1;) {
                const SnapshotChunk chunk = parse_snapshot_chunk(records[i]);
                CHECK_FALSE(check_chunk(head, chunk));
                CHECK(check_chunk(other, chunk));
            }
        }
    }
}

TEST_CASE("no more bits are used than it takes")
{
    const Drawn drawn{1000, 5};
    const auto bits = [&](std::size_t chunk_size) {
        const auto records = records_of(drawn.block, drawn.state, chunk_size);
        std::size_t largest = 0;
        for (const Bytes& record : records)
            if (&record != &records.front()) largest = std::max(largest, record.size());
        return std::pair{parse_snapshot_head(records.front()).bits, largest};
    };
    std::size_t all = 0;
    for (const auto& [path, entry] : drawn.state.values())
        all += cbor_head_size(entry.first.size()) + entry.first.size() +
               cbor_head_size(entry.second.size()) + entry.second.size();
    CHECK(bits(all).first == 0);
    CHECK(bits(all - 1).first == 1);
    CHECK(bits(0).first == 16);
    for (const std::size_t size : {2'000U, 10'000U}) {
        CHECK(bits(size).first > 0);
        CHECK(bits(size).second <= size + 1000); // of the way, besides
    }
}

TEST_CASE("a snapshot with a bit changed, cut off, or longer is refused")
{
    const Bytes stream = stream_of(golden_records());
    for (std::size_t bit = 0; bit < 8 * stream.size(); bit += 37)
        CHECK_MESSAGE(fault_of(with_bit_changed(stream, bit)) != "", bit);
    for (std::size_t size = 0; size < stream.size(); size += 13)
        CHECK_MESSAGE(fault_of(ByteView{stream}.first(size)) != "", size);
    Bytes longer = stream;
    longer.push_back({});
    CHECK(fault_of(longer) != "");
    auto records = golden_records();
    records.push_back(records.back());
    CHECK(fault_of(stream_of(records)) == "there is something behind the end of the snapshot");
    records.resize(8);
    CHECK(fault_of(stream_of(records)) == "the snapshot ends after 7 of 8 chunks");
    CHECK(fault_of({}) == "the snapshot is empty");
    CHECK(is_snapshot(stream));
    CHECK_FALSE(is_snapshot(ByteView{stream}.subspan(frame_head_size)));
    CHECK_FALSE(is_snapshot({}));
}

TEST_CASE("a chunk has all that the state has with its prefix, and nothing else")
{
    const auto good = golden_records();
    const SnapshotHead head = parse_snapshot_head(good.front());
    const auto fault_with = [&](std::size_t number, const auto& change) {
        auto records = good;
        records[1 + number] = changed(records[1 + number], change);
        return fault_of(stream_of(records));
    };
    for (std::size_t i = 0; i < 8; ++i) {
        const std::string front = "chunk " + std::to_string(i) + ": ";
        const SnapshotChunk whole = parse_snapshot_chunk(good[1 + i]);
        REQUIRE(whole.entries.size() > 2);
        for (std::size_t each = 0; each < whole.entries.size(); ++each) {
            CHECK(fault_with(i, [&](SnapshotChunk& chunk) {
                      chunk.entries.erase(chunk.entries.begin() + static_cast<int>(each));
                  }) == front + "it is no part of the state");
            CHECK(fault_with(i, [&](SnapshotChunk& chunk) {
                      chunk.entries[each].value.push_back({});
                  }) == front + "it is no part of the state");
        }
        CHECK(fault_with(i, [](SnapshotChunk& chunk) { chunk.entries.clear(); }) != "");
        CHECK(fault_with(i, [](SnapshotChunk& chunk) { chunk.beside.pop_back(); }) ==
              front + "its way has another length");
        CHECK(fault_with(i, [](SnapshotChunk& chunk) { chunk.beside.emplace_back(); }) ==
              front + "its way has another length");
        CHECK(fault_with(i, [](SnapshotChunk& chunk) {
                  std::swap(chunk.beside[0], chunk.beside[1]);
              }) == front + "it is no part of the state");
        // Twice the same, and out of order, is not even read.
        CHECK(fault_with(i, [](SnapshotChunk& chunk) {
                  chunk.entries.insert(chunk.entries.begin(), chunk.entries.front());
              }).find("its entries are out of order") != std::string::npos);
        CHECK(fault_with(i, [](SnapshotChunk& chunk) {
                  std::swap(chunk.entries[0], chunk.entries[1]);
              }).find("its entries are out of order") != std::string::npos);
        // An entry of another chunk.
        const SnapshotChunk next = parse_snapshot_chunk(good[1 + (i + 1) % 8]);
        SnapshotChunk more = whole;
        if (i < 7)
            more.entries.push_back(next.entries.front());
        else
            more.entries.insert(more.entries.begin(), next.entries.front());
        CHECK(check_chunk(head, more) == "it has a key of another prefix");
        more = whole;
        more.prefix = 8;
        CHECK(check_chunk(head, more) == "there is no such prefix");
    }
    auto records = good;
    std::swap(records[3], records[4]);
    CHECK(fault_of(stream_of(records)) == "chunk 3 is where chunk 2 should be");
    SnapshotHead more = head;
    ++more.values;
    records = good;
    records[0] = to_bytes(more);
    CHECK(fault_of(stream_of(records)) == "the snapshot has not as many values as it says");
}

TEST_CASE("a chunk without values shows that there are none")
{
    const SnapshotHead head = parse_snapshot_head(golden_bytes("snapshot_head_16"));
    const SnapshotChunk value = parse_snapshot_chunk(golden_bytes("snapshot_chunk_value"));
    const SnapshotChunk other = parse_snapshot_chunk(golden_bytes("snapshot_chunk_other"));
    const SnapshotChunk nothing = parse_snapshot_chunk(golden_bytes("snapshot_chunk_nothing"));
    REQUIRE(value.entries.size() == 1);
    REQUIRE(other.other);
    CHECK(nothing.entries.empty());
    CHECK(value.beside.size() < head.bits); // it is alone further up

    // Its own leaf is not another, and neither is one that is elsewhere.
    SnapshotChunk bad = value;
    bad.other = ProvenLeaf{value.entries[0].key.path, value_hash(value.entries[0].value)};
    CHECK(check_chunk(head, bad) == "the leaf that is alone is not there");
    CHECK(is_refused(to_bytes(bad), parse_chunk)); // beside an entry
    bad.entries.clear();
    CHECK(check_chunk(head, bad) == "the leaf that is alone is not there");
    bad.other = other.other;
    CHECK(check_chunk(head, bad) == "the leaf that is alone is not there");
    bad.other.reset();
    CHECK(check_chunk(head, bad) == "it is no part of the state");
    bad = other;
    bad.other.reset();
    CHECK(check_chunk(head, bad) == "it is no part of the state");
    bad = other;
    bad.beside.emplace_back();
    CHECK(check_chunk(head, bad));
    bad = nothing;
    bad.beside.emplace_back(); // below nothing there is no way
    CHECK(check_chunk(head, bad) == "it is no part of the state");
    bad.beside.resize(17);
    CHECK(check_chunk(head, bad) == "its way has another length");
    CHECK(is_refused(to_bytes(bad), parse_chunk));
}

TEST_CASE("the records of snapshots keep their limits")
{
    SnapshotHead head = parse_snapshot_head(golden_bytes("snapshot_head"));
    head.block.header.consensus.resize(consensus_data_max);
    head.block.seal.resize(seal_size_max);
    head.bits = snapshot_bits_max;
    head.values = UINT64_MAX;
    CHECK(parse_snapshot_head(to_bytes(head)) == head);
    CHECK(to_bytes(head).size() <= snapshot_head_size_max);
    head.bits = snapshot_bits_max + 1;
    CHECK(is_refused(to_bytes(head), parse_head));
    head.bits = 0;
    head.block.seal.push_back({});
    CHECK(is_refused(to_bytes(head), parse_head));
    CHECK(is_refused(Bytes(snapshot_head_size_max + 1), parse_head));

    SnapshotChunk chunk;
    chunk.prefix = UINT16_MAX;
    chunk.entries.push_back(
        {parse_state_key(Bytes(state_key_size_max)), Bytes(state_value_size_max)});
    CHECK(parse_snapshot_chunk(to_bytes(chunk)) == chunk);
    SnapshotChunk large = chunk;
    large.entries[0].value.push_back({});
    CHECK(is_refused(to_bytes(large), parse_chunk));
    large = chunk;
    large.entries[0].key.bytes.push_back({});
    CHECK(is_refused(to_bytes(large), parse_chunk));
    large.entries[0].key.bytes.resize(2);
    CHECK(is_refused(to_bytes(large), parse_chunk));
    CHECK(is_refused(Bytes(snapshot_chunk_size_max + 1), parse_chunk));
    // Counts of more than there is, and a prefix of 17 bits.
    for (const char* const digits : {"861831010080f69a00200002", "861831010080f69b0000000100000000",
                                     "861831010080f681", "8618310100981080", "8618310100911080"})
        CHECK(is_refused(hex_bytes(digits), parse_chunk));
    CHECK(is_refused(hex_bytes("861831011a0001000080f680"), parse_chunk));
    CHECK(parse_snapshot_chunk(hex_bytes("861831010080f680")) == SnapshotChunk{});
}

TEST_CASE("a state that is not that of its block makes no snapshot")
{
    Drawn drawn{200, 9};
    const auto writes = [&](std::size_t chunk_size) {
        return exit_of([&] { (void)records_of(drawn.block, drawn.state, chunk_size); });
    };
    CHECK((writes(500) == Exit::ok));
    const SealedHeader block = drawn.block;
    drawn.block.header.state.bytes[31] ^= std::byte{1};
    CHECK((writes(500) == Exit::data));
    drawn.block = block;
    // A value that the tree does not have, and one that it had before.
    const auto [path, entry] = *drawn.state.values().begin();
    const StateChange change{{entry.first, path}, entry.second, Bytes(3)};
    drawn.state.write({&change, 1}, {});
    CHECK((writes(500) == Exit::data));
    CHECK((writes(1'000'000) == Exit::data));
    const StateChange gone{{entry.first, path}, Bytes(3), std::nullopt};
    drawn.state.write({&gone, 1}, {});
    CHECK((writes(1'000'000) == Exit::data));
}
