#include "chain/testing.hpp"
#include "os/testing.hpp"

#include <csignal>

#include <doctest/doctest.h>
#include <sys/resource.h>

using namespace cairn;

namespace {

constexpr std::uint64_t depth = 6; // blocks that can be taken back

/// The lowest height from which on all bodies can be read, without the code under test.
Height first_body_of(const ChainStore& store, const SoloChain& chain)
{
    std::size_t first = chain.blocks().size();
    while (first > 1 && store.body(chain.blocks()[first - 1].known.id)) --first;
    return {static_cast<std::uint32_t>(first)};
}

/// While it lives, no file grows beyond a size.
class FileSizeLimit {
public:
    explicit FileSizeLimit(std::uint64_t size)
    {
        std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        rlimit now = before_;
        now.rlim_cur = size;
        ::setrlimit(RLIMIT_FSIZE, &now);
    }
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;
    ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }

private:
    rlimit before_{};
};

} // namespace

TEST_CASE("old blocks are removed, but none that may have to be taken back")
{
    for (const std::uint64_t file_size : {1U, 700U, 3000U}) {
        for (const std::uint64_t keep_size : {0U, 5000U, 20'000U}) {
            CAPTURE(file_size);
            CAPTURE(keep_size);
            SoloChain chain{depth};
            const TestDirectory directory;
            const ChainStoreOptions options{.file_size = file_size, .keep_size = keep_size};
            std::optional<ChainStore> store;
            store.emplace(directory.path(), chain.genesis(), chain.consensus(), options);
            for (unsigned i = 0; i < 60; ++i) {
                REQUIRE(put_on(*store, chain.add_some(i)) == "");
                if (i % 4 != 3) continue;
                store->commit();
                CHECK(store->first_body() == first_body_of(*store, chain));
                CHECK(store->first_body() <=
                      Height{static_cast<std::uint32_t>(std::max<std::int64_t>(1, i + 2 - depth))});
            }
            CHECK(store->first_body() > Height{1});
            store.reset();
            CHECK(state_fault(directory.path(), chain.state()) == "");
            store.emplace(directory.path(), chain.genesis(), chain.consensus(), options);
            CHECK(store->first_body() == first_body_of(*store, chain));
            for (unsigned i = 0; i < depth; ++i) {
                CHECK(store->disconnect() == chain.tip().block);
                chain.undo();
            }
            CHECK((exit_of([&] { store->disconnect(); }) == Exit::data));
        }
    }
}

TEST_CASE("a commit that fails has removed nothing")
{
    SoloChain chain{depth};
    const TestDirectory directory;
    const ChainStoreOptions options{.file_size = 1, .keep_size = 0};
    for (unsigned i = 0; i < 8; ++i) chain.add_some(i);
    {
        ChainStore store{directory.path(), chain.genesis(), chain.consensus(), options};
        put_all(store, chain);
        store.commit();
    }
    SoloChain longer{depth};
    for (unsigned i = 0; i < 40; ++i) longer.add_some(i);
    {
        ChainStore store{directory.path(), chain.genesis(), chain.consensus(), options};
        put_all(store, longer);
        const FileSizeLimit limit{16'000};
        CHECK((exit_of([&] { store.commit(); }) != Exit::ok));
    }
    {
        ChainStore store{directory.path(), chain.genesis(), chain.consensus(), options};
        CHECK(store.tip().id == chain.tip().known.id);
        for (unsigned i = 0; i < depth; ++i) {
            CHECK(store.disconnect() == chain.tip().block);
            chain.undo();
        }
    }
}

TEST_CASE("blocks in another order than their heights are told of truly when some are removed")
{
    Dice dice{3};
    SoloChain chain{depth};
    const TestDirectory directory;
    ChainStore store{directory.path(),
                     chain.genesis(),
                     chain.consensus(),
                     {.file_size = 1500, .keep_size = 6000}};
    for (unsigned round = 0; round < 12; ++round) {
        std::vector<MadeBlock> come;
        for (unsigned i = 0; i < 20; ++i) come.push_back(chain.add_some(i));
        for (std::size_t i = come.size(); i > 1; --i) std::swap(come[i - 1], come[dice.below(i)]);
        for (const MadeBlock& made : come) store.put_body(made.block, made.known.id);
        put_all(store, chain);
        store.commit();
        CHECK(store.first_body() == first_body_of(store, chain));
    }
    CHECK(store.first_body() > Height{1});
}

TEST_CASE(
    "a block beside the chain that may still be wanted is kept, and one that went is not here")
{
    SoloChain chain{depth};
    SoloChain side{depth};
    const TestDirectory directory;
    ChainStore store{
        directory.path(), chain.genesis(), chain.consensus(), {.file_size = 1, .keep_size = 0}};
    side.add_some(99);
    store.put_body(side.tip().block, side.tip().known.id);
    for (unsigned i = 0; i < 30; ++i) {
        REQUIRE(put_on(store, chain.add_some(i)) == "");
        store.commit();
        if (i < depth) REQUIRE(store.has_body(side.tip().known.id));
        if (store.has_body(side.tip().known.id)) CHECK(store.body(side.tip().known.id));
    }
    CHECK_FALSE(store.has_body(side.tip().known.id));
    CHECK_FALSE(store.body(side.tip().known.id));
}
