#include "plots/scanner.hpp"

#include "capacity/testing.hpp"
#include "hash/digest.hpp"
#include "plots/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

/// A real plot of the family's form, small.
void make_plot(const std::string& directory, std::uint64_t start, std::uint64_t nonces)
{
    PlotterOptions options;
    options.threads = 2;
    options.memory_max = 64UL * 1024 * 1024;
    options.made = options.written = [](std::uint64_t) {};
    const PlotTask task{directory, Poc2Plot{{10'282'355'196'851'764'065U}, {start}, nonces},
                        nonces};
    const auto outcomes = make_plots(std::span{&task, 1}, options);
    if (outcomes[0].failure) std::rethrow_exception(outcomes[0].failure);
}

const auto never = [] { return false; };

} // namespace

TEST_CASE("rounds have the answers that the family's miners give")
{
    const TestDirectory directory;
    make_plot(directory.path(), 0, 8);
    PlotScanner scanner;
    CHECK(scanner.open(directory.path()).empty());
    CHECK(scanner.plots() == 1);
    CHECK(scanner.places() == 8);
    std::size_t count = 0;
    for (const auto& vector : poc2_vectors("scans")) {
        if (vector["file_name"] != "10282355196851764065_0_8") continue;
        ++count;
        const auto challenge = fixed_of<Challenge>(vector["gensig"]);
        const ScoopNumber scoop = scoop_of(challenge, number_of(vector["height"]));
        CHECK(scoop.value == number_of(vector["scoop"]));
        const RoundReport report = scanner.scan({challenge, scoop}, never);
        REQUIRE(report.best);
        CHECK(report.faults.empty());
        CHECK(report.best->hit.value == number_of(vector["best_hit"]));
        CHECK(std::get<NonceClaim>(report.best->claim.where).nonce.value ==
              number_of(vector["best_nonce"]));
        CHECK(deadline_of(report.best->hit, {number_of(vector["base_target"])}) ==
              number_of(vector["best_deadline"]));
        CHECK(hits_of(std::array{report.best->claim}).front() == report.best->hit);
    }
    CHECK(count >= 4);
}

TEST_CASE("a plot that is in order is what the family's plotters write" *
          doctest::test_suite("exhaustive"))
{
    for (const auto& vector : poc2_vectors("plot_files_poc2")) {
        if (number_of(vector["nonces"]) > 8) continue; // larger ones take too long
        const TestDirectory directory;
        const auto plot = parse_poc2_name(vector["file_name"].get<std::string>());
        REQUIRE(plot);
        PlotterOptions options;
        options.memory_max = 64UL * 1024 * 1024;
        options.made = options.written = [](std::uint64_t) {};
        const PlotTask task{directory.path(), *plot, 5}; // stripes of any size
        CHECK_FALSE(make_plots(std::span{&task, 1}, options)[0].failure);
        const std::string all = file_text(directory / vector["file_name"].get<std::string>());
        CHECK(all.size() == number_of(vector["bytes"]));
        CHECK(sha256(as_bytes(all)) == fixed_of<Sha256Digest>(vector["sha256"]));
    }
}

TEST_CASE("what is wrong with one plot stops nobody, and can be closed")
{
    const TestDirectory directory;
    make_plot(directory.path(), 0, 4);
    make_plot(directory.path(), 100, 4);
    put_file(directory / "1_2_3", "short");
    const std::string cut = directory / "10282355196851764065_100_4";
    PlotScanner scanner;
    const auto faults = scanner.open(directory.path());
    REQUIRE(faults.size() == 1);
    CHECK(faults[0].path == directory / "1_2_3");
    CHECK(scanner.plots() == 2);
    CHECK(scanner.open(directory.path()).size() == 1); // nothing is opened twice
    CHECK(scanner.plots() == 2);
    std::filesystem::resize_file(cut, 1000); // it is lost while it is open
    const Round round{Challenge{}, {4095}};
    RoundReport report = scanner.scan(round, never);
    REQUIRE(report.faults.size() == 1);
    CHECK(report.faults[0].path == cut);
    REQUIRE(report.best);
    CHECK(report.best->path == directory / "10282355196851764065_0_4");
    CHECK(report.disks.size() == 1);
    CHECK(report.disks[0].plots == 2);
    CHECK(report.disks[0].bytes_read == 4 * scoop_size);
    scanner.close(cut);
    CHECK(scanner.scan(round, never).faults.empty());
    CHECK(scanner.open(directory / "none").size() == 1);
    CHECK(scanner.open(directory / "1_2_3").size() == 1);

    report = scanner.scan(round, [] { return true; });
    CHECK(report.is_abandoned);
    CHECK_FALSE(report.best);
    CHECK_FALSE(PlotScanner{}.scan(round, never).best);
}
