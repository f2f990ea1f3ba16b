#include "engine/poc_testing.hpp"

using namespace cairn;

namespace {

bool is_taken(ByteView bytes)
{
    return exit_of([&] { (void)parse_poc_data(bytes); }) == Exit::ok;
}

PocData some_data()
{
    return {.form = PlotForm::x1,
            .plot = {filled<AccountId>(5), 70'000},
            .scale = 3,
            .first = 300,
            .place = 4095,
            .quality = UINT64_MAX,
            .base_target = 1,
            .sealer = filled<Ed25519PublicKey>(6)};
}

/// Whether data are read back as they are.
bool is_taken(auto change)
{
    PocData data = some_data();
    change(data);
    const Bytes bytes = to_bytes(data);
    if (!is_taken(ByteView{bytes})) return false;
    CHECK(parse_poc_data(bytes) == data);
    return true;
}

} // namespace

TEST_CASE("what a header says of its plot is read within its limits")
{
    CHECK(is_taken([](PocData&) {}));
    CHECK(is_taken([](PocData& data) { data.plot.salt = UINT32_MAX; }));
    CHECK(is_taken([](PocData& data) { data.scale = scale_max; }));
    CHECK(!is_taken([](PocData& data) { data.scale = scale_max + 1; }));
    CHECK(is_taken([](PocData& data) { data.first = poc_warp_max; }));
    CHECK(!is_taken([](PocData& data) { data.first = poc_warp_max + 1; }));
    CHECK(!is_taken([](PocData& data) { data.place = 4096; }));
    CHECK(is_taken([](PocData& data) { data.base_target = UINT64_MAX; }));
    CHECK(!is_taken([](PocData& data) { data.form = static_cast<PlotForm>(2); }));
    const auto poc2 = [](auto change) {
        return is_taken([&](PocData& data) {
            data = {.form = PlotForm::poc2, .plot = {data.plot.account, 0}, .first = UINT64_MAX};
            change(data);
        });
    };
    CHECK(poc2([](PocData&) {}));
    CHECK(!poc2([](PocData& data) { data.plot.salt = 1; }));
    CHECK(!poc2([](PocData& data) { data.scale = 1; }));
    CHECK(!poc2([](PocData& data) { data.place = 1; }));
}

TEST_CASE("what a header says of its plot is exactly what is written, or it is refused")
{
    const Bytes good = to_bytes(some_data());
    CHECK(good.size() < 160);
    for (std::size_t size = 0; size < good.size(); ++size)
        CHECK(!is_taken(ByteView{good}.first(size)));
    for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
        const Bytes changed = with_bit_changed(good, bit);
        if (is_taken(ByteView{changed})) CHECK(to_bytes(parse_poc_data(changed)) == changed);
    }
    for (const Bytes& loose : loosely_written(good)) CHECK(!is_taken(ByteView{loose}));
    Bytes longer = good;
    longer.push_back(std::byte{0});
    CHECK(!is_taken(ByteView{longer}));
}

TEST_CASE("cube roots are exact")
{
    CHECK(cube_root(0) == 0);
    for (std::uint64_t root = 1; root < (std::uint64_t{1} << 42U); root = root * 3 / 2 + 1) {
        const Uint128 cube = Uint128{root} * root * root;
        CHECK(cube_root(cube) == root);
        CHECK(cube_root(cube - 1) == root - 1);
        CHECK(cube_root(cube + 1) == root);
    }
    CHECK(cube_root(Uint128{1} << 126U) == std::uint64_t{1} << 42U);
    CHECK(cube_root(Uint128{1} << 127U) == 5'541'191'377'756);
}
