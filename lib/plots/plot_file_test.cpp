#include "plots/disk_scan.hpp"
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
                    for (PlotRun rest = run; rest.size > 0;) {
                        CHECK(rest.place == run.place + read.size() / scoop_size);
                        const ByteView part = plot.read_part(rest, memory.bytes());
                        read.insert(read.end(), part.begin(), part.end());
                        rest = rest.behind(part.size());
                    }
                    CHECK(std::ranges::equal(read, ByteView{all}.subspan(run.offset, run.size)));
                }
        }
        // A run that begins and ends anywhere.
        AlignedBuffer memory{2 * AlignedBuffer::alignment};
        const PlotRun run = run_of(spec, {63}, 7, 50);
        const ByteView part = plot.read_part(run, memory.bytes());
        CHECK(std::ranges::equal(part, ByteView{all}.subspan(run.offset, run.size)));
    }
}

TEST_CASE("the best answer is the best of all places")
{
    const TestDirectory directory;
    const PlotSpec spec = small_plot(5, 2);
    const Bytes all = whole_plot(spec);
    std::vector<std::unique_ptr<PlotFile>> plots;
    for (const std::string& name : {name_of(spec), std::string{"again"}}) {
        put_file(directory / name, text_of(all));
        plots.push_back(std::make_unique<PlotFile>(directory / name));
    }
    std::vector<AlignedBuffer> memory;
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
        memory.emplace_back(2 * AlignedBuffer::alignment); // one thread more each time
        const auto never = [] { return false; };
        const DiskAnswer answer = scan_disk(plots, {challenge, scoop}, memory, never);
        CHECK(answer.plot == plots.front().get()); // the first of equal ones
        CHECK(answer.hit == best);
        CHECK(answer.place == where);
        CHECK(answer.bytes_read == 2 * 5 * 64 * scoop_size);
        CHECK_FALSE(answer.is_abandoned);
        const auto always = [] { return true; };
        CHECK(scan_disk(plots, {challenge, scoop}, memory, always).is_abandoned);
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
