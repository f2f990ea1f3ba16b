#include "plots/plan.hpp"

#include "base/number.hpp"
#include "os/file.hpp"
#include "plots/survey.hpp"
#include "plots/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

constexpr std::uint64_t plenty = std::uint64_t{1} << 30U;

PlotWish wish_of(const PlotSpec& spec, const std::vector<std::string>& directories,
                 std::uint64_t count)
{
    return {.spec = spec,
            .directories = directories,
            .start = {},
            .count = count,
            .reserve = 0,
            .memory_max = plenty,
            .threads = 1,
            .band = 0};
}

std::vector<PlotTask> tasks_of(const PlotPlan& plan)
{
    std::vector<PlotTask> tasks;
    for (const PlannedPlot& plot : plan.plots)
        if (!plot.is_finished) tasks.push_back(plot.task);
    return tasks;
}

void make_all(const PlotPlan& plan)
{
    for (const PlotOutcome& outcome : make_plots(tasks_of(plan), drawn_options()))
        if (outcome.failure) std::rethrow_exception(outcome.failure);
}

/// Begins a plot and ends after one stripe.
void begin(const PlotTask& task)
{
    PlotPart part{task.directory, task.spec, task.stripe_places};
    StripeMaker maker{drawn_options().factory, task.spec, 1, [](std::uint64_t) {}};
    AlignedBuffer memory{stripe_size(task)};
    maker.fill(0, part.stripes().places_of(task.spec, 0), memory.bytes());
    part.write(memory.bytes(), [](std::uint64_t) {});
}

} // namespace

TEST_CASE("ranges share what is in both")
{
    CHECK(shared({0, 10}, {10, 5}) == 0);
    CHECK(shared({0, 10}, {9, 5}) == 1);
    CHECK(shared({9, 5}, {0, 10}) == 1);
    CHECK(shared({3, 4}, {0, 100}) == 4);
    CHECK(shared({7, 1}, {7, 1}) == 1);
    CHECK(shared({UINT64_MAX, 1}, {UINT64_MAX - 4, 5}) == 1);
    CHECK(shared({0, 1}, {UINT64_MAX, 1}) == 0);
}

TEST_CASE("each directory gets the next range, and the same wish finds its work done")
{
    const TestDirectory directory;
    const std::vector<std::string> places{directory / "a", directory / "b"};
    for (const std::string& place : places) REQUIRE(make_directory(place));
    for (const PlotSpec& spec : {PlotSpec{small_plot(1, 1)}, PlotSpec{small_poc2(1)}}) {
        PlotWish wish = wish_of(spec, places, 2);
        wish.start = 5;
        const PlotPlan plan = plan_plots(wish);
        REQUIRE(plan.plots.size() == 2);
        CHECK(range_of(plan.plots[0].task.spec) == PlotRange{5, 2});
        CHECK(range_of(plan.plots[1].task.spec) == PlotRange{7, 2});
        CHECK(plan.next_start == 9);
        CHECK(plan.plots[0].room >= file_size(plan.plots[0].task.spec));
        if (!std::holds_alternative<X1Plot>(spec)) continue;
        make_all(plan);
        const PlotPlan again = plan_plots(wish);
        REQUIRE(again.plots.size() == 2);
        for (const PlannedPlot& plot : again.plots) {
            CHECK(plot.is_finished);
            CHECK(plot.room == 0);
        }
    }
}

TEST_CASE("what another plot has is refused, and the next free start is told")
{
    const TestDirectory directory;
    const std::vector<std::string> places{directory.path()};
    make_all(plan_plots(wish_of(small_plot(1, 1), places, 4)));
    PlotWish wish = wish_of(small_plot(1, 1), places, 2);
    for (const std::uint64_t start : {0U, 1U, 3U}) {
        wish.start = start;
        try {
            std::ignore = plan_plots(wish);
            FAIL("it was planned");
        } catch (const Error& error) {
            CHECK(error.code() == Exit::cantcreat);
            CHECK(error.hint() == "--start 4");
            CHECK(std::string{error.what()}.find(std::to_string(start == 3 ? 1 : 2)) !=
                  std::string::npos);
        }
    }
    wish.start = 4;
    CHECK(plan_plots(wish).plots.size() == 1);
    // Others' plots, and those of another scale, have nothing in common with it.
    wish.start = 1;
    X1Plot other = small_plot(1, 1);
    other.shape.scale = 2;
    wish.spec = other;
    CHECK(plan_plots(wish).plots.size() == 1);
    other = small_plot(1, 1);
    other.owner.salt = 1;
    wish.spec = other;
    CHECK(plan_plots(wish).plots.size() == 1);
}

TEST_CASE("what was begun is continued with its band, also where its header was never written")
{
    const TestDirectory directory;
    X1Plot begun = small_plot(8, 4);
    begun.first_warp = 0;
    begin({directory.path(), begun, 64});
    const PlotPlan plan = plan_plots(wish_of(small_plot(1, 1), {directory.path()}, 8));
    REQUIRE(plan.plots.size() == 1);
    CHECK_FALSE(plan.plots[0].is_finished);
    CHECK(plan.plots[0].task.spec == PlotSpec{begun});
    CHECK(plan.plots[0].room < file_size(begun));
    std::filesystem::remove(directory / (name_of(begun) + ".part"));
    CHECK(owned_plots(directory.path(), small_plot(1, 1)).size() == 1);
    CHECK(clean_plots(directory.path(), true).size() == 2);
    CHECK(clean_plots(directory.path(), false).size() == 2);
    CHECK(list_directory(directory.path()).empty());
}

TEST_CASE("a disk is filled with what was begun, then with what fits, and then it is full")
{
    const TestDirectory directory;
    const PlotSpec spec = small_plot(1, 1);
    X1Plot begun = small_plot(3, 1);
    begun.first_warp = 0;
    begin({directory.path(), begun, 64});
    constexpr std::uint64_t room = 4UL * 1024 * 1024; // bytes
    PlotWish wish = wish_of(spec, {directory.path()}, 0);
    wish.free_space_of = [](const std::string&) { return plenty + room; };
    wish.reserve = plenty;
    const PlotPlan plan = plan_plots(wish);
    REQUIRE(plan.plots.size() == 2);
    CHECK(plan.plots[0].task.spec == PlotSpec{begun});
    const PlotRange second = range_of(plan.plots[1].task.spec);
    CHECK(second.first == 3);
    CHECK(plan.plots[0].room + plan.plots[1].room <= room);
    X1Plot more = small_plot(3 + second.count, second.count + 1);
    more.first_warp = 3;
    CHECK(plan.plots[0].room + file_size(more) > room - file_size(small_plot(1, 1)));
    wish.reserve = plenty + room;
    CHECK(exit_of([&] { std::ignore = plan_plots(wish); }) == Exit::ioerr); // the begun one
    clean_plots(directory.path(), false);
    CHECK(plan_plots(wish).plots.empty());
    wish.reserve = UINT64_MAX;
    CHECK(plan_plots(wish).plots.empty());
    wish.count = 1;
    CHECK(exit_of([&] { std::ignore = plan_plots(wish); }) == Exit::ioerr);
}

TEST_CASE("memory decides on stripes, and too little is refused with the figure")
{
    const TestDirectory directory;
    PlotWish wish = wish_of(small_poc2(1), {directory.path()}, 100'000);
    CHECK(plan_plots(wish).plots[0].task.stripe_places % 64 == 0);
    wish.memory_max = 1000;
    try {
        std::ignore = plan_plots(wish);
        FAIL("it was planned");
    } catch (const Error& error) {
        CHECK(error.code() == Exit::usage);
        CHECK(std::string{error.what()}.find("MiB") != std::string::npos);
    }
    // What the figure says is enough.
    const std::uint64_t least =
        plenty - plan_plots(wish_of(small_plot(1, 1), {directory.path()}, 1)).stripe_memory;
    PlotWish small = wish_of(small_plot(1, 1), {directory.path()}, 1);
    small.memory_max = least + small_plot(1, 1).shape.size();
    CHECK(plan_plots(small).plots.size() == 1);
    --small.memory_max;
    CHECK(exit_of([&] { std::ignore = plan_plots(small); }) == Exit::usage);
}

TEST_CASE("bands are what suits the disk, or what is wished")
{
    const TestDirectory directory;
    PlotWish wish = wish_of(small_plot(1, 1), {directory.path()}, 40);
    const auto band = [&] { return std::get<X1Plot>(plan_plots(wish).plots[0].task.spec).band; };
    CHECK(band() >= 16);
    wish.band = 3;
    CHECK(band() == 3);
    wish.band = 100;
    CHECK(band() == 40);
}

TEST_CASE("ranges that no plot has are refused")
{
    const TestDirectory directory;
    const auto status = [&](const PlotSpec& spec, std::uint64_t start, std::uint64_t count) {
        PlotWish wish = wish_of(spec, {directory.path()}, count);
        wish.start = start;
        return exit_of([&] { std::ignore = plan_plots(wish); });
    };
    CHECK(status(small_poc2(1), UINT64_MAX, 2) == Exit::usage);
    CHECK(status(small_poc2(1), UINT64_MAX, 1) == Exit::ok);
    CHECK(status(small_poc2(1), 0, nonces_max + 1) == Exit::usage);
    CHECK(status(small_plot(1, 1), warp_number_max + 1, 1) == Exit::usage);
    CHECK(status(small_plot(1, 1), 0, warps_max + 1) == Exit::usage);
}

TEST_CASE("plots that overlap are told with how much")
{
    std::vector<OwnedPlot> plots;
    for (const auto& [first, count] : {std::pair{0U, 10U}, {5U, 10U}, {15U, 1U}, {0U, 1U}}) {
        Poc2Plot plot = small_poc2(count);
        plot.start = {first};
        plots.push_back({name_of(plot), true, plot});
    }
    Poc2Plot other = small_poc2(100);
    other.account = {8};
    plots.push_back({"other", true, other});
    const auto overlaps = overlaps_of(plots);
    REQUIRE(overlaps.size() == 2);
    CHECK(overlaps[0].count == 1);
    CHECK(overlaps[1].count == 5);
}

TEST_CASE("what somebody works on is not cleaned away")
{
    const TestDirectory directory;
    const PlotSpec spec = small_plot(2, 1);
    const PlotPart part{directory.path(), spec, 64};
    put_file(directory / "7_0_1.sum", "of nothing");
    put_file(directory / "mine.part", "not a plot");
    const std::vector<std::string> removed = clean_plots(directory.path(), false);
    CHECK(removed == std::vector<std::string>{directory / "7_0_1.sum"});
    CHECK(exists(directory / (name_of(spec) + ".part")));
    CHECK(exists(directory / "mine.part"));
}
