#include "chain/block_files.hpp"

#include "ledger/block.hpp"
#include "ledger/testing.hpp"
#include "os/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

std::vector<BlockPlace> places_of(const BlockFiles& files)
{
    std::vector<BlockPlace> places;
    for (const auto& [file, size] : files.files()) {
        std::uint64_t offset = 0;
        while (const auto place = files.find(file, offset)) {
            places.push_back(*place);
            offset = place->end();
        }
    }
    return places;
}

} // namespace

TEST_CASE("blocks are read where they were put, in as many files as it takes, and found again")
{
    for (const std::uint64_t file_size : {1U, 300U, 100'000U}) {
        const TestDirectory directory;
        std::vector<BlockPlace> places;
        for (int opening = 0; opening < 3; ++opening) {
            BlockFiles files{directory / "b", file_size};
            for (std::size_t i = 0; i < 10; ++i) {
                const Bytes block = noise(50 + 13 * places.size(), places.size() + 1);
                places.push_back(files.append(block));
                CHECK(files.read(places.back()) == block);
            }
            files.sync();
        }
        const BlockFiles files{directory / "b", file_size};
        CHECK(places_of(files) == places);
        std::uint64_t size = 0;
        for (std::size_t i = 0; i < places.size(); ++i) {
            CHECK(files.read(places[i]) == noise(50 + 13 * i, i + 1));
            size += places[i].size + frame_head_size;
        }
        CHECK(files.size() == size);
    }
}

TEST_CASE("what stands behind a place is cut off, and later files go")
{
    const TestDirectory directory;
    std::vector<BlockPlace> places;
    const auto fill = [&](BlockFiles& files) {
        while (places.size() < 30) places.push_back(files.append(noise(100, places.size() + 1)));
        files.sync();
    };
    {
        BlockFiles files{directory / "b", 500};
        fill(files);
    }
    for (const std::size_t keep : {29U, 17U, 16U, 15U, 3U, 1U}) {
        {
            BlockFiles files{directory / "b", 500};
            files.cut_behind(places[keep - 1].file, places[keep - 1].end());
            CHECK(places_of(files).size() == keep);
            places.resize(keep);
            places.push_back(files.append(noise(100, keep + 1)));
        }
        BlockFiles files{directory / "b", 500};
        CHECK(places_of(files) == places);
        fill(files);
    }
    BlockFiles files{directory / "b", 500};
    files.cut_behind(0, 0);
    CHECK(files.size() == 0);
    CHECK(places_of(files).empty());
    const BlockPlace place = files.append(noise(9));
    CHECK(place == BlockPlace{0, 0, 9});
}

TEST_CASE("blocks that are not what they were, or not there, are told of with their file")
{
    const TestDirectory directory;
    BlockFiles files{directory / "b", 500};
    std::vector<BlockPlace> places;
    for (std::size_t i = 0; i < 12; ++i) places.push_back(files.append(noise(100, i + 1)));
    const std::string name = directory / "b/000001.blocks";
    const std::string text = file_text(name);
    const BlockPlace& first = *std::ranges::find(places, 1U, &BlockPlace::file);
    for (std::size_t at = 0; at < first.end(); ++at) {
        std::string changed = text;
        changed[at] ^= 2;
        put_file(name, changed);
        CHECK((exit_of([&] { (void)files.read(first); }) == Exit::data));
    }
    for (std::size_t size = 0; size < first.end(); ++size) {
        put_file(name, text.substr(0, size));
        CHECK((exit_of([&] { (void)files.read(first); }) == Exit::data));
        CHECK_FALSE(BlockFiles(directory / "b", 500).find(1, 0));
    }
    put_file(name, text);
    CHECK(files.read(first) == noise(100, 1 + std::size_t(&first - places.data())));
    CHECK((exit_of([&] { (void)files.read({1, 1, 100}); }) == Exit::data));
    CHECK((exit_of([&] { (void)files.read({1, first.offset, 99}); }) == Exit::data));
    CHECK((exit_of([&] { (void)files.read({99, 0, 100}); }) == Exit::noinput));
    files.remove(0);
    CHECK((exit_of([&] { (void)files.read(places[0]); }) == Exit::noinput));
    CHECK_FALSE(files.find(0, 0));
}

TEST_CASE("other names in the directory are nobody's, and stay")
{
    const TestDirectory directory;
    {
        BlockFiles files{directory / "b", 500};
        (void)files.append(noise(10));
    }
    const std::vector<std::string> names{"000001.block",  "0000002.blocks", "00003.blocks",
                                         "-00001.blocks", "00000x.blocks",  "000001.blocks~"};
    for (const std::string& name : names) put_file(directory / ("b/" + name), "mine");
    BlockFiles files{directory / "b", 500};
    CHECK(files.files().size() == 1);
    files.cut_behind(0, 0);
    for (const std::string& name : names) CHECK(file_text(directory / ("b/" + name)) == "mine");
}
