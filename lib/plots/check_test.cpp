#include "plots/check.hpp"

#include "plots/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

/// The same in each run.
class TestEntropy final : public Entropy {
public:
    void fill(MutableByteView bytes) override
    {
        std::ranges::copy(noise(bytes.size(), ++seed_), bytes.begin());
    }

private:
    std::uint64_t seed_ = 0;
};

/// A finished plot in a directory of its own.
class MadePlot {
public:
    explicit MadePlot(const PlotSpec& spec) : spec_{spec}
    {
        const PlotTask task{directory_.path(), spec, 64};
        const auto outcomes = make_plots(std::span{&task, 1}, drawn_options());
        if (outcomes[0].failure) std::rethrow_exception(outcomes[0].failure);
    }

    [[nodiscard]] std::string path() const { return directory_ / name_of(spec_); }

    void flip(std::uint64_t offset) const
    {
        std::string all = file_text(path());
        all[offset] = static_cast<char>(all[offset] ^ 1);
        put_file(path(), all);
    }

    void drop_sums() const { remove_file(sum_name(path())); }

    [[nodiscard]] PlotReport check(bool is_full) const
    {
        PlotCheckOptions options;
        options.is_full = is_full;
        options.factory = drawn_options().factory;
        TestEntropy entropy;
        return check_plot(PlotFile{path()}, options, entropy);
    }

private:
    TestDirectory directory_;
    PlotSpec spec_;
};

} // namespace

TEST_CASE("a plot that is good passes each check, with sums and without")
{
    const MadePlot plot{small_plot(5, 2)};
    for (const bool is_full : {false, true}) {
        const PlotReport report = plot.check(is_full);
        CHECK(report.faults.empty());
        CHECK(report.has_sums);
        CHECK(report.scoops_made == 8);
        CHECK(report.bytes_read >= (is_full ? 5 * 64 * 64 * scoop_size : 32 * 64 * scoop_size));
    }
    plot.drop_sums();
    CHECK(plot.check(false).scoops_made == 32);
    const PlotReport report = plot.check(true);
    CHECK_FALSE(report.has_sums);
    CHECK(report.faults.empty());
    CHECK(report.scoops_made == 5 * 64 * 64);
}

TEST_CASE("a full check finds any byte that changed, and says where it is")
{
    const X1Plot spec = small_plot(5, 2);
    for (const bool has_sums : {true, false}) {
        const MadePlot plot{spec};
        if (!has_sums) plot.drop_sums();
        // Warp 3 is the second of the second band.
        const std::uint64_t offset = run_of(spec, {17}, 3 * 64 + 40, 1).offset + 63;
        plot.flip(offset);
        const PlotReport report = plot.check(true);
        REQUIRE(report.faults.size() == 1);
        const PlotFault& fault = report.faults.front();
        CHECK(fault.scoop.value == 17);
        CHECK(fault.offset <= offset);
        CHECK(offset < fault.offset + fault.size);
        CHECK(fault.place == 3 * 64);
        plot.flip(offset);
        CHECK(plot.check(true).faults.empty());
    }
}

TEST_CASE("samples find what is wrong in many places")
{
    const MadePlot plot{small_plot(4, 2)};
    std::string all = file_text(plot.path());
    for (std::size_t i = x1_header_size; i < all.size(); i += scoop_size)
        all[i] = static_cast<char>(all[i] ^ 1);
    put_file(plot.path(), all);
    CHECK(plot.check(false).faults.size() == 40);
    CHECK(plot.check(false).unseen_ppm < 140'000); // 32 samples: an eighth
    plot.drop_sums();
    CHECK(plot.check(false).faults.size() == 32);
}

TEST_CASE("sums of another plot are not used")
{
    const MadePlot plot{small_plot(2, 1)};
    const MadePlot other{small_plot(3, 1)};
    put_file(sum_name(plot.path()), file_text(sum_name(other.path())));
    CHECK(exit_of([&] { (void)plot.check(false); }) == Exit::data);
}
