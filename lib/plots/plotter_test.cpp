#include "plots/plotter.hpp"

#include "plots/testing.hpp"

#include <atomic>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

std::string text_of(ByteView bytes)
{
    return std::string{as_text(bytes)};
}

void check_done(const std::vector<PlotOutcome>& outcomes)
{
    for (const PlotOutcome& outcome : outcomes)
        if (outcome.failure) std::rethrow_exception(outcome.failure);
}

/// Stops a run at some moment, as a signal would, but for what is in memory.
struct Stop {};

} // namespace

TEST_CASE(
    "plots of both forms have the bytes of their definition, whatever the stripes and threads")
{
    const TestDirectory directory;
    unsigned number = 0;
    for (const unsigned threads : {1U, 3U})
        for (const auto& [spec, stripe] : {std::pair<PlotSpec, std::uint64_t>{small_plot(5, 2), 64},
                                           {small_plot(3, 1, 0), 64},
                                           {small_plot(2, 2, 2), 64},
                                           {small_plot(5, 2), 128},
                                           {small_plot(3, 3), 192},
                                           {small_poc2(37), 16},
                                           {small_poc2(37), 37},
                                           {small_poc2(64), 64}}) {
            const std::string place = directory / std::to_string(++number);
            REQUIRE(make_directory(place));
            std::atomic<std::uint64_t> made = 0;
            std::atomic<std::uint64_t> written = 0;
            PlotterOptions options = drawn_options(threads);
            options.made = [&](std::uint64_t bytes) { made += bytes; };
            options.written = [&](std::uint64_t bytes) { written += bytes; };
            const PlotTask task{place, spec, stripe};
            check_done(make_plots(std::span{&task, 1}, options));
            const std::string path = place + '/' + name_of(spec);
            CHECK(file_text(path) == text_of(whole_plot(spec)));
            const std::uint64_t size = places(spec) * 64 * scoop_size;
            CHECK(made == size);
            CHECK(written == size);
            CHECK(list_directory(place) ==
                  std::vector<std::string>{name_of(spec), name_of(spec) + ".sum"});
            // Each sum is that of its run.
            const SumFile sums = SumFile::open(sum_name(path), spec);
            const Bytes all = whole_plot(spec);
            for (std::uint64_t i = 0; i < sums.stripes().count; ++i) {
                for (std::uint16_t s = 0; s < 64; ++s) {
                    const PlotRun run = run_of(spec, {s}, sums.stripes().first_of(i),
                                               sums.stripes().places_of(spec, i));
                    CHECK(sums.take(i, {s}) == blake3(ByteView{all}.subspan(run.offset, run.size)));
                }
            }
        }
}

TEST_CASE("several plots are made at once, and one that fails does not end the others")
{
    const TestDirectory directory;
    REQUIRE(make_directory(directory / "a"));
    REQUIRE(make_directory(directory / "b"));
    const PlotSpec other = small_poc2(20);
    const std::vector<PlotTask> tasks{{directory / "a", small_plot(4, 2), 64},
                                      {directory / "none", other, 16},
                                      {directory / "b", other, 16}};
    put_file(directory / "b/" + name_of(small_plot(1, 1)), "taken");
    const auto outcomes = make_plots(tasks, drawn_options());
    CHECK_FALSE(outcomes[0].failure);
    CHECK(outcomes[1].failure);
    CHECK_FALSE(outcomes[2].failure);
    CHECK(file_text(directory / "a/" + name_of(tasks[0].spec)) ==
          text_of(whole_plot(tasks[0].spec)));
    CHECK(file_text(directory / "b/" + name_of(other)) == text_of(whole_plot(other)));
    const PlotTask taken{directory / "b", small_plot(1, 1), 64};
    CHECK(exit_of([&] {
              check_done(make_plots(std::span{&taken, 1}, drawn_options()));
          }) == Exit::tempfail);
    CHECK_FALSE(exists(directory / "b/" + name_of(small_plot(1, 1)) + ".journal"));
}

TEST_CASE("a run that ends at any stripe is continued with nothing made again but that one")
{
    for (const auto& [spec, stripe] : {std::pair<PlotSpec, std::uint64_t>{small_plot(5, 2), 64},
                                       {small_plot(5, 2), 128},
                                       {small_poc2(50), 9}}) {
        const Bytes expected = whole_plot(spec);
        const std::uint64_t count = Stripes::of(spec, stripe).count;
        for (std::uint64_t done = 0; done < count; ++done) {
            CAPTURE(done);
            const TestDirectory directory;
            const PlotTask task{directory.path(), spec, stripe};
            // Written so far, but the journal does not know of the last.
            {
                PlotPart part{directory.path(), spec, stripe};
                StripeMaker maker{drawn_options().factory, spec, 1, [](std::uint64_t) {}};
                AlignedBuffer memory{stripe_size(task)};
                for (std::uint64_t i = 0; i <= done; ++i) {
                    const std::uint64_t first = part.stripes().first_of(i);
                    maker.fill(first, part.stripes().places_of(spec, i), memory.bytes());
                    const auto stop = [&](std::uint64_t) {
                        if (i == done) throw Stop{};
                    };
                    try {
                        part.write(memory.bytes(), stop);
                    } catch (const Stop&) {
                    }
                }
                CHECK(part.done() == done);
            }
            CHECK_FALSE(exists(directory / name_of(spec)));
            std::atomic<std::uint64_t> made = 0;
            PlotterOptions options = drawn_options();
            options.made = [&](std::uint64_t bytes) { made += bytes; };
            // Stripes stay as they were, whatever would be chosen now.
            const PlotTask again{directory.path(), spec, done % 2 == 0 ? stripe : places(spec)};
            const auto outcomes = make_plots(std::span{&again, 1}, options);
            check_done(outcomes);
            CHECK(file_text(directory / name_of(spec)) == text_of(expected));
            CHECK(outcomes[0].resumed + made == places(spec) * 64 * scoop_size);
            CHECK(outcomes[0].resumed == done * stripe_size(task));
        }
    }
}

TEST_CASE(
    "a journal that was cut anywhere is good as far as it goes, and that of another is refused")
{
    const PlotSpec spec = small_plot(4, 2);
    for (std::size_t size = 0; size <= 4 * 64; size += 7) {
        const TestDirectory directory;
        const std::string path = directory / "journal";
        {
            PlotJournal journal{path, spec, 64};
            for (int i = 0; i < 3; ++i) journal.note();
        }
        const std::string all = file_text(path);
        REQUIRE(all.size() == 4 * 64);
        std::filesystem::resize_file(path, size);
        const PlotJournal journal{path, spec, 64};
        CHECK(journal.done() == (size < 64 ? 0 : size / 64 - 1));
    }
    const TestDirectory directory;
    const std::string path = directory / "journal";
    {
        PlotJournal journal{path, spec, 64};
        journal.note();
        journal.note();
    }
    CHECK(exit_of([&] { PlotJournal(path, small_plot(5, 2), 64); }) == Exit::data);
    const std::string all = file_text(path);
    for (std::size_t i = 0; i < all.size(); ++i) {
        std::string changed = all;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        put_file(path, changed);
        std::uint64_t done = 0;
        const Exit status = exit_of([&] { done = PlotJournal(path, spec, 64).done(); });
        if (i < 64) // stripes of another size: nothing that follows is believed
            CHECK((status == Exit::data || done == 0));
        else
            CHECK(done == i / 64 - 1);
    }
}

TEST_CASE("two processes do not make one plot")
{
    const TestDirectory directory;
    const PlotPart part{directory.path(), small_plot(2, 1), 64};
    CHECK(exit_of([&] { PlotPart(directory.path(), small_plot(2, 1), 64); }) == Exit::tempfail);
}

TEST_CASE("what the disk gives back is compared before a plot gets its name")
{
    const TestDirectory directory;
    const PlotSpec spec = small_plot(1, 1);
    PlotPart part{directory.path(), spec, 64};
    part.write(Bytes(64 * 64 * scoop_size, std::byte{7}), [](std::uint64_t) {});
    DrawnNonces maker;
    CHECK(exit_of([&] { part.finish(maker); }) == Exit::data);
    CHECK_FALSE(exists(directory / name_of(spec)));
}

TEST_CASE("memory is what is allowed, and a stripe that needs more is refused")
{
    const TestDirectory directory;
    PlotterOptions options = drawn_options();
    options.memory_max = 1000;
    const PlotTask task{directory.path(), small_plot(1, 1), 64};
    CHECK(exit_of([&] { check_done(make_plots(std::span{&task, 1}, options)); }) == Exit::oserr);
}

TEST_CASE("sums of another plot, and files that are none, are refused")
{
    const TestDirectory directory;
    const PlotSpec spec = small_plot(2, 1);
    const std::string path = directory / "sums";
    SumFile sums = SumFile::make(path, spec, Stripes::of(spec, 64));
    for (std::uint64_t i = 0; i < 2; ++i) sums.put(i, std::vector<Blake3Digest>(64));
    CHECK(SumFile::open(path, spec).stripes().count == 2);
    CHECK(exit_of([&] { SumFile::open(path, small_plot(3, 1)); }) == Exit::data);
    const std::string all = file_text(path);
    for (std::size_t i = 0; i < SumFile::header_size; ++i) {
        std::string changed = all;
        changed[i] = static_cast<char>(changed[i] ^ 0x40);
        put_file(path, changed);
        CHECK(exit_of([&] { SumFile::open(path, spec); }) == Exit::data);
    }
    for (const std::size_t size : {std::size_t{0}, std::size_t{63}, all.size() - 1}) {
        put_file(path, all.substr(0, size));
        CHECK(exit_of([&] { SumFile::open(path, spec); }) == Exit::data);
    }
    put_file(path, all + "x");
    CHECK(exit_of([&] { SumFile::open(path, spec); }) == Exit::data);
}

TEST_CASE("a run that is killed while it names what it made is continued")
{
    const PlotSpec spec = small_plot(3, 2);
    const TestDirectory origin;
    const PlotTask task{origin.path(), spec, 64};
    check_done(make_plots(std::span{&task, 1}, drawn_options()));
    const std::string name = name_of(spec);
    for (const bool has_named_plot : {false, true}) {
        const TestDirectory directory;
        {
            PlotJournal journal{directory / (name + ".journal"), spec, 64};
            for (int i = 0; i < 3; ++i) journal.note();
        }
        std::filesystem::copy(origin / (name + ".sum"), directory / (name + ".sum"));
        std::filesystem::copy(origin / name, directory / (name + (has_named_plot ? "" : ".part")));
        CHECK(is_finished(directory.path(), spec) == has_named_plot);
        if (!has_named_plot) {
            const PlotTask again{directory.path(), spec, 64};
            const auto outcomes = make_plots(std::span{&again, 1}, drawn_options());
            check_done(outcomes);
            CHECK(outcomes[0].resumed == places(spec) * 64 * scoop_size);
            CHECK(is_finished(directory.path(), spec));
        }
        CHECK(list_directory(directory.path()) == std::vector<std::string>{name, name + ".sum"});
        CHECK(file_text(directory / (name + ".sum")) == file_text(origin / (name + ".sum")));
    }
    // However it was made it is this plot, but not of another size.
    CHECK(is_finished(origin.path(), small_plot(3, 1)));
    X1Plot other = small_plot(3, 2);
    other.shape.scale = 2;
    CHECK(exit_of([&] { std::ignore = is_finished(origin.path(), other); }) == Exit::cantcreat);
    std::filesystem::resize_file(origin / name, 5000);
    CHECK(exit_of([&] { std::ignore = is_finished(origin.path(), spec); }) == Exit::data);
}

TEST_CASE("a journal is not believed without the files that it is about")
{
    const PlotSpec spec = small_plot(3, 2);
    const std::string name = name_of(spec);
    for (const std::string lost : {".part", ".sum.part", "size"}) {
        const TestDirectory directory;
        {
            PlotPart part{directory.path(), spec, 64};
            part.write(Bytes(64 * 64 * scoop_size), [](std::uint64_t) {});
        }
        if (lost == "size")
            std::filesystem::resize_file(directory / (name + ".part"), 5000);
        else
            std::filesystem::remove(directory / (name + lost));
        CHECK(exit_of([&] { PlotPart(directory.path(), spec, 64); }) == Exit::data);
    }
    // Sums of a plot that is gone are of no use.
    const TestDirectory directory;
    put_file(directory / (name + ".sum"), "old");
    put_file(directory / (name + ".sum.part"), std::string(100'000, 'x'));
    const PlotTask task{directory.path(), spec, 64};
    check_done(make_plots(std::span{&task, 1}, drawn_options()));
    CHECK(SumFile::open(directory / (name + ".sum"), spec).stripes().count == 3);
}

TEST_CASE("a plot that another process finishes meanwhile keeps its sums")
{
    const TestDirectory directory;
    const PlotSpec spec = small_plot(2, 1);
    const PlotTask task{directory.path(), spec, 64};
    check_done(make_plots(std::span{&task, 1}, drawn_options()));
    const std::string sums = file_text(directory / (name_of(spec) + ".sum"));
    CHECK(exit_of([&] { PlotPart(directory.path(), spec, 64); }) == Exit::tempfail);
    CHECK(file_text(directory / (name_of(spec) + ".sum")) == sums);
    CHECK(list_directory(directory.path()) ==
          std::vector<std::string>{name_of(spec), name_of(spec) + ".sum"});
}
