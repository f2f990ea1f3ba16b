#include "plots/spec.hpp"

#include "base/hex.hpp"
#include "plots/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

TEST_CASE("names of the family's form are read and written, and near misses are none")
{
    const auto plot = parse_poc2_name("10282355196851764065_0_8");
    REQUIRE(plot);
    CHECK(plot->account.value == 10'282'355'196'851'764'065U);
    CHECK(plot->nonces == 8);
    CHECK(name_of(*plot) == "10282355196851764065_0_8");
    CHECK(file_size(*plot) == 8 * nonce_size);
    CHECK(parse_poc2_name("0_18446744073709551608_8")); // up to the last nonce there is
    for (const char* const name :
         {"", "1_2", "1_2_3_4", "01_2_3", "1_2_03", "1_2_0", "1_-2_3", "1_2_3 ", "a_2_3", "1_2_",
          "18446744073709551616_0_8", "0_18446744073709551609_8", "1_2_68719476737", "1__3"})
        CHECK_FALSE(parse_poc2_name(name));
    CHECK(kind_of("1_2_3") == PlotKind::poc2);
    CHECK(kind_of("1_2_4_2") == PlotKind::poc1);
    CHECK(kind_of("cairn-0a1b2c3d-0-16.x1") == PlotKind::x1);
    for (const char* const name :
         {"1_2_3.part", "cairn-0a1b2c3d-0-16.x1.part", "cairn-0a1b-0-16.x1",
          "cairn-0A1B2C3D-0-16.x1", "cairn-0a1b2c3d-00-16.x1", ".x1", "cairn-0a1b2c3d-0-16-1.x1",
          "other", "1_2_3.sum"})
        CHECK(kind_of(name) == PlotKind::none);
}

TEST_CASE("a header is read as it was written, and any byte that changes is noticed")
{
    const X1Plot plot{.owner = test_owner(5),
                      .shape = {.side = scoops, .scale = 2},
                      .first_warp = 1ULL << 33U,
                      .warps = 100,
                      .band = 16};
    Bytes header = to_header(plot);
    CHECK(header.size() == x1_header_size);
    CHECK(parse_x1_header(header) == plot);
    CHECK(name_of(plot) == "cairn-" + to_hex_text(ByteView{plot_id(plot.owner).bytes}.first(4)) +
                               "-8589934592-100.x1");
    for (std::size_t i = 0; i < header.size(); ++i) {
        header[i] ^= std::byte{1};
        const Exit status = exit_of([&] { (void)parse_x1_header(header); });
        CHECK((status == Exit::data || (status == Exit::config && i >= 8 && i < 12)));
        header[i] ^= std::byte{1};
    }
    CHECK(exit_of([&] { (void)parse_x1_header(ByteView{header}.first(4095)); }) == Exit::data);
    header.push_back({});
    CHECK(exit_of([&] { (void)parse_x1_header(header); }) == Exit::data);
}

TEST_CASE("headers that are whole and say what cannot be are refused")
{
    const X1Plot good{.owner = {}, .shape = {}, .first_warp = 0, .warps = 4, .band = 2};
    CHECK(exit_of([&] { (void)parse_x1_header(to_header(good)); }) == Exit::ok);
    const auto check = [](X1Plot bad) {
        CHECK(exit_of([&] { (void)parse_x1_header(to_header(bad)); }) == Exit::data);
    };
    X1Plot bad = good;
    bad.warps = 0;
    check(bad);
    bad.warps = warps_max + 1;
    check(bad);
    bad = good;
    bad.band = 0;
    check(bad);
    bad.band = 5;
    check(bad);
    bad = good;
    bad.shape.scale = scale_max + 1;
    check(bad);
    bad = good;
    bad.shape.side = 0;
    check(bad);
    bad.shape.side = scoops + 1;
    check(bad);
    bad = good;
    bad.first_warp = warp_number_max + 1;
    check(bad);
}

TEST_CASE("runs cover each byte of a plot once, and say whose it is")
{
    for (const PlotSpec& spec : {PlotSpec{small_plot(5, 2)}, PlotSpec{small_plot(1, 1)},
                                 PlotSpec{small_plot(4, 4)}, PlotSpec{small_poc2(37)}}) {
        std::vector<int> seen(file_size(spec));
        for (std::uint16_t s = 0; s < 64; ++s) {
            std::uint64_t next = 0;
            for (const PlotRun& run : runs_of(spec, {s})) {
                CHECK(run.place == next);
                next += run.size / scoop_size;
                for (std::uint64_t i = 0; i < run.size; ++i) ++seen[run.offset + i];
                for (std::uint64_t i = 0; i < run.size / scoop_size; ++i)
                    CHECK(run_of(spec, {s}, run.place + i, 1).offset ==
                          run.offset + i * scoop_size);
            }
            CHECK(next == places(spec));
        }
        const std::size_t header = std::holds_alternative<X1Plot>(spec) ? x1_header_size : 0;
        for (std::size_t i = 0; i < seen.size(); ++i) CHECK(seen[i] == (i < header ? 0 : 1));
    }
}

TEST_CASE("rows of full size begin where disks want them")
{
    X1Plot plot{.owner = {}, .shape = {}, .first_warp = 0, .warps = 37, .band = 16};
    for (const ScoopNumber s :
         {ScoopNumber{0}, ScoopNumber{1}, ScoopNumber{2049}, ScoopNumber{4095}})
        for (const PlotRun& run : runs_of(plot, s)) {
            CHECK(run.offset % 4096 == 0);
            CHECK(run.size % 4096 == 0);
        }
    CHECK(runs_of(plot, {0}).size() == 3);
    CHECK(file_size(plot) == 4096 + 37 * (1ULL << 30U));
}

TEST_CASE("a place is claimed as the nonce or the warp that it is")
{
    const Challenge challenge{};
    const Claim nonce = claim_of(Poc2Plot{{5}, {100}, 50}, 7, challenge, {9});
    CHECK(std::get<NonceClaim>(nonce.where).nonce.value == 107);
    CHECK(nonce.scoop.value == 9);
    const X1Plot plot{.owner = test_owner(), .shape = {}, .first_warp = 10, .warps = 4, .band = 2};
    const Claim place = claim_of(plot, 2 * 4096 + 5, challenge, {9});
    CHECK(std::get<WarpClaim>(place.where).warp == 12);
    CHECK(std::get<WarpClaim>(place.where).place == 5);
    CHECK(std::get<WarpClaim>(place.where).owner == plot.owner);
}
