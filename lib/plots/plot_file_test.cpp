#include "plots/plot_file.hpp"

#include "plots/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

std::string text_of(ByteView bytes)
{
    return std::string{as_text(bytes)};
}

} // namespace

TEST_CASE("a plot is opened by its name or its header, and only when it is whole")
{
    const TestDirectory directory;
    const PlotSpec spec = small_plot(3, 2);
    const std::string all = text_of(whole_plot(spec));
    const std::string path = directory / name_of(spec);
    put_file(path, all);
    CHECK(PlotFile{path}.spec() == spec);
    put_file(path, all + "x");
    CHECK(exit_of([&] { PlotFile{path}; }) == Exit::data);
    put_file(path, all.substr(0, all.size() - 1));
    CHECK(exit_of([&] { PlotFile{path}; }) == Exit::data);
    put_file(path, all.substr(0, 100));
    CHECK(exit_of([&] { PlotFile{path}; }) == Exit::data);
    put_file(path, "");
    CHECK(exit_of([&] { PlotFile{path}; }) == Exit::data);
    put_file(directory / "anything", all); // the header says all
    CHECK(PlotFile{directory / "anything"}.spec() == spec);
    put_file(directory / "1_2_3", std::string(3 * nonce_size, 'x'));
    CHECK(std::get<Poc2Plot>(PlotFile{directory / "1_2_3"}.spec()).start.value == 2);
    put_file(directory / "1_2_3", std::string(3 * nonce_size - 1, 'x'));
    CHECK(exit_of([&] { PlotFile{directory / "1_2_3"}; }) == Exit::data);
    put_file(directory / "1_2_4_2", std::string(4 * nonce_size, 'x'));
    CHECK(exit_of([&] { PlotFile{directory / "1_2_4_2"}; }) == Exit::data);
    put_file(directory / "1_2_3.part", std::string(3 * nonce_size, 'x'));
    CHECK(exit_of([&] { PlotFile{directory / "1_2_3.part"}; }) == Exit::data);
    CHECK(exit_of([&] { PlotFile{directory / "none"}; }) == Exit::noinput);
    CHECK(exit_of([&] { PlotFile{directory.path()}; }) == Exit::noinput);
}

TEST_CASE("runs are read as they lie, whatever the memory")
{
    const TestDirectory directory;
    for (const PlotSpec& spec : {PlotSpec{small_plot(5, 2)}, PlotSpec{small_plot(1, 1)}}) {
        const Bytes all = whole_plot(spec);
        const std::string path = directory / name_of(spec);
        put_file(path, text_of(all));
        const PlotFile plot{path};
        for (const std::size_t size : {2U, 3U, 1024U}) {
            AlignedBuffer memory{size * AlignedBuffer::alignment};
            for (const ScoopNumber scoop : {ScoopNumber{0}, ScoopNumber{1}, ScoopNumber{63}})
                for (const PlotRun& run : runs_of(spec, scoop)) {
                    Bytes read;
                    plot.read_run(run, memory.bytes(), [&](ByteView part, std::uint64_t place) {
                        CHECK(place == run.place + read.size() / scoop_size);
                        read.insert(read.end(), part.begin(), part.end());
                        return true;
                    });
                    CHECK(std::ranges::equal(read, ByteView{all}.subspan(run.offset, run.size)));
                }
        }
        // A run that begins and ends anywhere, and a reader that has enough.
        AlignedBuffer memory{2 * AlignedBuffer::alignment};
        const PlotRun run = run_of(spec, {63}, 7, 50);
        std::size_t calls = 0;
        plot.read_run(run, memory.bytes(), [&](ByteView part, std::uint64_t place) {
            CHECK(place == 7);
            CHECK(std::ranges::equal(part, ByteView{all}.subspan(run.offset, part.size())));
            ++calls;
            return false;
        });
        CHECK(calls == 1);
    }
}

TEST_CASE("the best answer is the best of all places")
{
    const TestDirectory directory;
    const PlotSpec spec = small_plot(5, 2);
    const Bytes all = whole_plot(spec);
    put_file(directory / name_of(spec), text_of(all));
    const PlotFile plot{directory / name_of(spec)};
    AlignedBuffer memory{2 * AlignedBuffer::alignment};
    for (std::uint64_t round = 0; round < 10; ++round) {
        Challenge challenge;
        std::ranges::copy(noise(32, round), challenge.bytes.begin());
        const ScoopNumber scoop{static_cast<std::uint16_t>(6 * round)};
        Hit best{UINT64_MAX};
        std::uint64_t where = 0;
        for (std::uint64_t place = 0; place < places(spec); ++place) {
            const PlotRun run = run_of(spec, scoop, place, 1);
            const Hit hit = hit_of(challenge, ByteView{all}.subspan(run.offset, run.size));
            if (hit < best) {
                best = hit;
                where = place;
            }
        }
        const auto answer =
            best_answer(plot, challenge, scoop, memory.bytes(), [] { return false; });
        REQUIRE(answer);
        CHECK(answer->hit == best);
        CHECK(answer->place == where);
        CHECK(answer->bytes_read == 5 * 64 * scoop_size);
        CHECK_FALSE(best_answer(plot, challenge, scoop, memory.bytes(), [] { return true; }));
    }
}

TEST_CASE("only finished plots are found in a directory, sorted")
{
    const TestDirectory directory;
    for (const char* const name : {"5_0_8", "1_0_8", "1_0_8.part", "1_0_8.sum", "notes.txt",
                                   "1_0_8.journal", "cairn-00112233-0-1.x1", "1_2_4_2"})
        put_file(directory / name, "");
    CHECK(find_plots(directory.path()) ==
          std::vector<std::string>{directory / "1_0_8", directory / "5_0_8",
                                   directory / "cairn-00112233-0-1.x1"});
    CHECK(exit_of([&] { (void)find_plots(directory / "none"); }) == Exit::noinput);
}
