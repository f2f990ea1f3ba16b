#include "chain/chain_store.hpp"

#include "chain/testing.hpp"
#include "os/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

/// The same as the id of a block, its state and all that is before it.
std::string fault_of(const TestDirectory& directory, const SoloChain& chain)
{
    {
        const ChainStore store{directory.path(), chain.genesis(), chain.consensus()};
        if (store.tip().id != chain.tip().known.id) return "another block is on top";
        if (store.tip().state != chain.tip().known.state) return "its work is another";
        for (const MadeBlock& made : chain.blocks()) {
            const Height height = made.known.header.height;
            const auto known = store.at(height);
            if (!known || known->id != made.known.id || known->seal != made.known.seal)
                return "a header is another";
            if (store.height_of(made.known.id) != height) return "a height is another";
            if (height.value > 0 && store.body(made.known.id) != made.block)
                return "a body is another";
        }
        if (store.at(chain.tip().known.header.height + 1)) return "there is more";
    }
    return state_fault(directory.path(), chain.state());
}

} // namespace

TEST_CASE("a store that is opened again has the same chain and the same state")
{
    SoloChain chain;
    const TestDirectory directory;
    {
        ChainStore store{directory.path(), chain.genesis(), chain.consensus()};
        CHECK(store.tip().id == chain.tip().known.id);
    }
    CHECK(fault_of(directory, chain) == "");
    for (int round = 0; round < 4; ++round) {
        for (unsigned i = 0; i < 10; ++i) chain.add_some(i);
        {
            ChainStore store{directory.path(), chain.genesis(), chain.consensus()};
            put_all(store, chain);
            CHECK(store.has_uncommitted());
            store.commit();
            CHECK_FALSE(store.has_uncommitted());
            store.commit();
        }
        CHECK(fault_of(directory, chain) == "");
    }
}

TEST_CASE("blocks that are taken back leave the state of the block before, byte for byte")
{
    SoloChain chain;
    const TestDirectory directory;
    for (unsigned i = 0; i < 16; ++i) chain.add_some(i);
    {
        ChainStore store{directory.path(), chain.genesis(), chain.consensus()};
        put_all(store, chain);
        store.commit();
    }
    for (unsigned count = 1; chain.blocks().size() > 1; ++count) {
        {
            ChainStore store{directory.path(), chain.genesis(), chain.consensus()};
            for (unsigned i = 0; i < count && chain.blocks().size() > 1; ++i) {
                CHECK(store.disconnect() == chain.tip().block);
                chain.undo();
            }
            store.commit();
        }
        CHECK(fault_of(directory, chain) == "");
    }
    ChainStore store{directory.path(), chain.genesis(), chain.consensus()};
    CHECK((exit_of([&] { store.disconnect(); }) == Exit::data)); // the first one stays
    CHECK(store.tip().id == chain.tip().known.id);
}

TEST_CASE("no more is taken back than the rules ask for, and all of that at any time")
{
    SoloChain chain{5};
    const TestDirectory directory;
    ChainStore store{directory.path(), chain.genesis(), chain.consensus()};
    for (unsigned i = 0; i < 30; ++i) {
        put_on(store, chain.add_some(i));
        if (i % 7 != 6) continue;
        for (unsigned back = 0; back < i % 5; ++back) {
            store.disconnect();
            chain.undo();
        }
    }
    for (unsigned i = 0; i < 5; ++i) {
        CHECK(store.disconnect() == chain.tip().block);
        chain.undo();
        CHECK(store.tip().header.state == chain.state().root());
    }
    CHECK((exit_of([&] { store.disconnect(); }) == Exit::data));
}

TEST_CASE("what was not committed is gone when a store is opened again")
{
    SoloChain chain;
    const TestDirectory directory;
    for (unsigned i = 0; i < 5; ++i) chain.add_some(i);
    {
        ChainStore store{directory.path(), chain.genesis(), chain.consensus(), {.file_size = 900}};
        put_all(store, chain);
        store.commit();
        const std::uint64_t size = store.blocks_size();
        SoloChain longer;
        for (unsigned i = 0; i < 12; ++i) longer.add_some(i);
        put_all(store, longer);
        CHECK(store.tip().header.height == Height{12});
        CHECK(store.blocks_size() > size);
    }
    CHECK(fault_of(directory, chain) == "");
    {
        ChainStore store{directory.path(), chain.genesis(), chain.consensus(), {.file_size = 900}};
        for (int i = 0; i < 3; ++i) store.disconnect();
    }
    CHECK(fault_of(directory, chain) == "");
    chain.add_some(77);
    {
        ChainStore store{directory.path(), chain.genesis(), chain.consensus(), {.file_size = 900}};
        put_all(store, chain);
        store.commit();
    }
    CHECK(fault_of(directory, chain) == "");
}

TEST_CASE("a block that is wrong is refused and changes nothing, and the right one goes on")
{
    SoloChain chain;
    const TestDirectory directory;
    for (unsigned i = 0; i < 4; ++i) chain.add_some(i);
    {
        ChainStore store{directory.path(), chain.genesis(), chain.consensus()};
        put_all(store, chain);
        const MadeBlock good = chain.add_some(8);
        for (const auto change : {+[](Header& h) { h.state.bytes[3] ^= std::byte{1}; },
                                  +[](Header& h) { h.receipts.bytes[3] ^= std::byte{1}; },
                                  +[](Header& h) { h.transactions.bytes[3] ^= std::byte{1}; },
                                  +[](Header& h) { h.producer = filled<AccountId>(1); }}) {
            MadeBlock bad = good;
            change(bad.block.header);
            bad.known.header = bad.block.header;
            bad.known.id = block_id(bad.block.header);
            CHECK(put_on(store, bad) != "");
            CHECK(store.tip().id == good.known.header.parent);
        }
        MadeBlock apart = good;
        apart.block.header.parent = filled<BlockId>(1);
        apart.known = {block_id(apart.block.header), apart.block.header, good.known.seal, {}};
        CHECK((exit_of([&] { put_on(store, apart); }) == Exit::bug));
        CHECK(put_on(store, good) == "");
        CHECK((exit_of([&] { put_on(store, good); }) == Exit::bug));
        store.commit();
    }
    CHECK(fault_of(directory, chain) == "");
}

TEST_CASE("the state before the block on top is shown, and all stays as it is")
{
    SoloChain chain;
    const TestDirectory directory;
    for (unsigned i = 0; i < 6; ++i) chain.add_some(i);
    {
        ChainStore store{directory.path(), chain.genesis(), chain.consensus()};
        put_all(store, chain);
        const MadeBlock top = chain.tip();
        chain.undo();
        unsigned visits = 0;
        const auto look = [&](const StateSnapshot& state, const KnownHeader& parent) {
            ++visits;
            CHECK(parent.id == chain.tip().known.id);
            for (const auto& [path, value] : chain.state().values())
                CHECK(state.get(StateKey{value.first, path}) == value.second);
        };
        store.visit_parent(look);
        CHECK(store.tip().id == top.known.id);
        CHECK_FALSE(store.has_uncommitted());
        const auto fail = [](const StateSnapshot&, const KnownHeader&) {
            throw Error{Exit::no, "no"};
        };
        CHECK((exit_of([&] { store.visit_parent(fail); }) == Exit::no));
        CHECK(store.tip().id == top.known.id);
        store.visit_parent(look);
        CHECK(visits == 2);
        CHECK(store.body(top.known.id) == top.block);
        store.disconnect();
        CHECK(put_on(store, top) == "");
        CHECK(put_on(store, (chain.add_some(5), chain.add_some(9))) == "");
        store.commit();
    }
    CHECK(fault_of(directory, chain) == "");
}

TEST_CASE("an engine begins with the last headers, and with every so many before")
{
    SoloChain chain;
    const TestDirectory directory;
    ChainStore store{directory.path(), chain.genesis(), chain.consensus()};
    CHECK(store.last(5).size() == 1);
    CHECK(store.milestones(4).empty());
    for (unsigned i = 0; i < 13; ++i) put_on(store, chain.add_some(i));
    store.commit();
    for (const std::size_t count : {1U, 2U, 13U, 14U, 15U, 100U}) {
        const auto headers = store.last(count);
        REQUIRE(headers.size() == std::min<std::size_t>(count, 14));
        for (std::size_t i = 0; i < headers.size(); ++i)
            CHECK(headers[i].id == chain.blocks()[14 - headers.size() + i].known.id);
    }
    CHECK(store.last(0).empty());
    const auto milestones = store.milestones(4);
    REQUIRE(milestones.size() == 4);
    for (const auto& [height, id] : milestones) CHECK(chain.blocks()[height.value].known.id == id);
}

TEST_CASE("any sequence of blocks, steps back, commits and openings gives the state of memory")
{
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        CAPTURE(seed);
        Dice dice{seed};
        SoloChain chain{8};   // as it is now
        SoloChain durable{8}; // as it was committed
        const TestDirectory directory;
        const ChainStoreOptions options{.file_size = 400 + dice.below(4000)};
        std::optional<ChainStore> store;
        const auto open = [&] {
            store.reset();
            CHECK(fault_of(directory, durable) == "");
            store.emplace(directory.path(), chain.genesis(), chain.consensus(), options);
        };
        const auto follow = [](SoloChain& one, const SoloChain& other) {
            const auto is_same = [&] {
                const std::size_t last = one.blocks().size() - 1;
                return last < other.blocks().size() &&
                       one.tip().known.id == other.blocks()[last].known.id;
            };
            while (!is_same()) one.undo();
            while (one.blocks().size() < other.blocks().size()) {
                const MadeBlock& next = other.blocks()[one.blocks().size()];
                unsigned producer = 0;
                while (SoloChain::id(producer) != next.block.header.producer) ++producer;
                one.add(next.block.transactions, producer);
            }
        };
        open();
        std::size_t deepest = 0;
        for (unsigned step = 0; step < 150; ++step) {
            const std::uint64_t roll = dice.below(20);
            if (roll < 11) {
                REQUIRE(put_on(*store, chain.add_some(dice.below(1000))) == "");
                deepest = std::max(deepest, chain.blocks().size());
            } else if (roll < 16) {
                if (chain.blocks().size() == 1 || chain.blocks().size() + 7 < deepest) continue;
                REQUIRE(store->disconnect() == chain.tip().block);
                chain.undo();
            } else if (roll < 19) {
                store->commit();
                follow(durable, chain);
                deepest = std::max<std::size_t>(deepest, chain.blocks().size());
            } else {
                open();
                follow(chain, durable);
            }
            REQUIRE(store->tip().id == chain.tip().known.id);
        }
        open();
    }
}
