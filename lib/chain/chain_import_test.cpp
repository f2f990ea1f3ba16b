#include "chain/chain_import.hpp"

#include "chain/testing.hpp"
#include "os/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

ReadBytes reader_of(ByteView& bytes)
{
    return [&bytes](MutableByteView buffer) {
        const std::size_t size = std::min(buffer.size(), bytes.size());
        std::ranges::copy(bytes.first(size), buffer.begin());
        bytes = bytes.subspan(size);
        return size;
    };
}

Bytes stream_of(const SoloChain& chain, std::size_t first, std::size_t end)
{
    Bytes stream;
    for (std::size_t i = first; i < end; ++i) {
        const Bytes block = to_bytes(chain.blocks()[i].block);
        const Bytes head = frame_head(block);
        stream.insert(stream.end(), head.begin(), head.end());
        stream.insert(stream.end(), block.begin(), block.end());
    }
    return stream;
}

/// Puts a stream on a store, and returns what stopped it, if anything did.
std::string import(ChainStore& store, const Consensus& consensus, ByteView stream,
                   std::vector<Height>* connected = nullptr)
{
    ChainImport import{store, consensus, [&](const KnownHeader& known) {
                           if (connected) connected->push_back(known.header.height);
                       }};
    try {
        const ReadBytes read = reader_of(stream);
        while (auto block = read_framed_block(read)) import.add(std::move(*block));
        import.finish();
    } catch (const Error& error) {
        if (error.code() != Exit::data) throw;
        return error.what();
    }
    return "";
}

} // namespace

TEST_CASE("a stream of blocks is put on, and written out again as it was")
{
    SoloChain chain;
    for (unsigned i = 0; i < 150; ++i) chain.add_some(i);
    const Bytes stream = stream_of(chain, 1, chain.blocks().size());
    const TestDirectory directory;
    {
        ChainStore store{directory.path(), chain.genesis(), chain.consensus()};
        std::vector<Height> connected;
        CHECK(import(store, chain.consensus(), stream, &connected) == "");
        CHECK(connected.size() == 150);
        CHECK(std::ranges::is_sorted(connected));
        CHECK(store.tip().id == chain.tip().known.id);
        Bytes out;
        const auto write = [&](ByteView bytes) {
            out.insert(out.end(), bytes.begin(), bytes.end());
        };
        export_chain(store, {0}, {150}, write);
        CHECK(out == stream);
        out.clear();
        export_chain(store, {20}, {29}, write);
        CHECK(out == stream_of(chain, 20, 30));
        out.clear();
        export_chain(store, {30}, {29}, write);
        CHECK(out.empty());
        CHECK((exit_of([&] { export_chain(store, {150}, {151}, write); }) == Exit::noinput));
        CHECK((exit_of([&] { export_chain(store, {1}, {UINT32_MAX}, write); }) == Exit::noinput));
    }
    CHECK(state_fault(directory.path(), chain.state()) == "");
}

TEST_CASE("a stream that is cut anywhere is told of, unless it is between two blocks")
{
    SoloChain chain;
    for (unsigned i = 0; i < 3; ++i) chain.add_some(i);
    const Bytes stream = stream_of(chain, 1, 4);
    std::set<std::size_t> ends;
    for (std::size_t i = 1; i <= 4; ++i) ends.insert(stream_of(chain, 1, i).size());
    for (std::size_t size = 0; size <= stream.size(); ++size) {
        ByteView part = ByteView{stream}.first(size);
        const ReadBytes read = reader_of(part);
        std::size_t blocks = 0;
        const Exit exit = exit_of([&] {
            while (read_framed_block(read)) ++blocks;
        });
        CHECK((exit == (ends.contains(size) ? Exit::ok : Exit::data)));
        const auto whole = std::size_t(
            std::ranges::count_if(ends, [&](std::size_t end) { return end <= size && end > 0; }));
        CHECK(blocks == whole);
    }
    for (std::size_t bit = 0; bit < 8 * stream.size(); bit += 5) {
        const Bytes other = with_bit_changed(stream, bit);
        ByteView rest = other;
        const ReadBytes read = reader_of(rest);
        CHECK((exit_of([&] {
                   while (read_framed_block(read)) {
                   }
               }) == Exit::data));
    }
}

TEST_CASE("what was on the chain is passed over, whether it was committed or not")
{
    SoloChain chain;
    for (unsigned i = 0; i < 70; ++i) chain.add_some(i);
    for (const std::size_t first : {1U, 2U, 10U, 40U, 70U}) {
        CAPTURE(first);
        const TestDirectory directory;
        ChainStore store{directory.path(), chain.genesis(), chain.consensus()};
        CHECK(import(store, chain.consensus(), stream_of(chain, 1, 41)) == "");
        CHECK(store.tip().header.height == Height{40});
        if (first > 41) {
            CHECK(import(store, chain.consensus(), stream_of(chain, first, 71)) != "");
            continue;
        }
        CHECK(import(store, chain.consensus(), stream_of(chain, first, 71)) == "");
        CHECK(store.tip().id == chain.tip().known.id);
    }
    const TestDirectory directory;
    ChainStore store{directory.path(), chain.genesis(), chain.consensus()};
    Bytes stream = stream_of(chain, 1, 51);
    const Bytes again = stream_of(chain, 20, 71);
    stream.insert(stream.end(), again.begin(), again.end());
    CHECK(import(store, chain.consensus(), stream) == "");
    CHECK(store.tip().id == chain.tip().known.id);
}

TEST_CASE("a wrong block in a stream is named, and what is before it can be gone on with")
{
    SoloChain chain;
    SoloChain side;
    for (unsigned i = 0; i < 40; ++i) {
        chain.add_some(i);
        side.add_some(i < 20 ? i : 3 * i);
    }
    const auto with = [&](std::size_t at, const Block& block) {
        Bytes stream = stream_of(chain, 1, at);
        const Bytes bytes = to_bytes(block);
        const Bytes head = frame_head(bytes);
        stream.insert(stream.end(), head.begin(), head.end());
        stream.insert(stream.end(), bytes.begin(), bytes.end());
        const Bytes rest = stream_of(chain, at + 1, chain.blocks().size());
        stream.insert(stream.end(), rest.begin(), rest.end());
        return stream;
    };
    const auto resealed = [&](Block block) {
        block.header.transactions = transactions_root(block.transactions);
        block.seal = to_bytes(seal(block_id(block.header), chain.producer()));
        return block;
    };
    const Block good = chain.blocks()[30].block;
    REQUIRE_FALSE(good.transactions.empty());
    std::vector<std::pair<std::string, Block>> wrong;
    const auto add = [&](const std::string& name, auto change) {
        Block block = good;
        change(block);
        wrong.emplace_back(name, block);
    };
    add("its seal", [](Block& b) { b.seal[40] ^= std::byte{1}; });
    add("its chain", [&](Block& b) {
        b.header.chain = filled<NetworkId>(1);
        b = resealed(b);
    });
    add("its height", [&](Block& b) {
        b.header.height = b.header.height + 1;
        b = resealed(b);
    });
    add("its state", [&](Block& b) {
        b.header.state.bytes[1] ^= std::byte{1};
        b = resealed(b);
    });
    add("a signature", [&](Block& b) {
        b.transactions[0].signatures[0].signature.bytes[1] ^= std::byte{1};
        b = resealed(b);
    });
    add("its transactions", [](Block& b) { b.transactions.pop_back(); });
    wrong.emplace_back("its parent", side.blocks()[30].block);
    for (const auto& [name, block] : wrong) {
        CAPTURE(name);
        const TestDirectory directory;
        {
            ChainStore store{directory.path(), chain.genesis(), chain.consensus()};
            const std::string fault = import(store, chain.consensus(), with(30, block));
            CHECK(fault.find("block 3") == 0);
            CHECK(store.tip().header.height < Height{30});
        }
        ChainStore store{directory.path(), chain.genesis(), chain.consensus()};
        CHECK(import(store, chain.consensus(), stream_of(chain, 1, 41)) == "");
        CHECK(store.tip().id == chain.tip().known.id);
    }
}

TEST_CASE("the state after the last block is written as a snapshot, and a damaged one is not")
{
    SoloChain chain;
    const TestDirectory directory;
    for (unsigned i = 0; i < 30; ++i) chain.add_some(i);
    {
        ChainStore store{directory.path(), chain.genesis(), chain.consensus()};
        put_all(store, chain);
        store.commit();
    }
    const auto snapshot = [&](SnapshotHead* told = nullptr) {
        const ChainStore store{directory.path(), chain.genesis(), chain.consensus()};
        Bytes out;
        const SnapshotHead head = export_state(
            store, [&](ByteView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); });
        if (told) *told = head;
        return out;
    };
    SnapshotHead told;
    const Bytes stream = snapshot(&told);
    ByteView rest = stream;
    SnapshotReader reader{reader_of(rest)};
    CHECK(reader.head() == told);
    CHECK(block_id(told.block.header) == chain.tip().known.id);
    CHECK(told.block.seal == chain.tip().known.seal);
    CHECK(told.values == chain.state().values().size());
    auto value = chain.state().values().begin();
    while (const auto chunk = reader.next())
        for (const SnapshotEntry& entry : chunk->entries) {
            CHECK(entry.key.bytes == value->second.first);
            CHECK(entry.value == value->second.second);
            ++value;
        }
    CHECK((value == chain.state().values().end()));

    // Damage that the checks of the database do not find.
    using namespace cairn::detail;
    const StateKey key = account_key(SoloChain::id(0));
    const StateKey other = account_key(SoloChain::id(1));
    const auto fault_with = [&](const std::function<void(WriteTransaction&)>& damage) {
        const std::string file = directory / "state/data.mdb";
        const std::string before = file_text(file);
        {
            Database database{directory / "state", chain_tables()};
            WriteTransaction write = database.write();
            damage(write);
            write.commit();
        }
        std::string fault;
        try {
            (void)snapshot();
        } catch (const Error& error) {
            CHECK(error.code() == Exit::data);
            fault = error.what();
        }
        put_file(file, before);
        return fault;
    };
    CHECK(fault_with([](WriteTransaction&) {}) == "");
    CHECK(fault_with([&](WriteTransaction& write) {
              write.put(state_table, key.bytes, Bytes(9));
          }).find("the state is not that of its block") == 0);
    CHECK(fault_with([&](WriteTransaction& write) {
              write.erase(path_table, key.path.bytes);
          }).find("the state is not that of its block") == 0);
    CHECK(fault_with([&](WriteTransaction& write) {
              write.erase(state_table, key.bytes);
          }).find("the state lacks a value that its tree has") == 0);
    CHECK(fault_with([&](WriteTransaction& write) {
              write.put(path_table, key.path.bytes, other.bytes);
          }).find("the state has a key under the path of another") == 0);
    CHECK(snapshot() == stream);
}
