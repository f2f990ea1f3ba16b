#include "engine/sign_guard.hpp"

#include "engine/testing.hpp"

#include <map>

using namespace cairn;

namespace {

using Answer = SignGuard::Answer;

/// A guard of so many entries at each height from 1 on.
SignGuard guard_of(std::uint32_t heights, unsigned each)
{
    SignGuard guard;
    for (std::uint32_t height = 1; height <= heights; ++height)
        for (unsigned i = 0; i < each; ++i)
            REQUIRE(guard.ask({height}, filled<BlockId>(i), filled<BlockId>(100)) == Answer::may);
    return guard;
}

} // namespace

TEST_CASE("a key may seal one block at each place, and the same one again")
{
    SignGuard guard;
    const BlockId parent = filled<BlockId>(1);
    const BlockId block = filled<BlockId>(2);
    CHECK(guard.ask({5}, parent, block) == Answer::may);
    CHECK(guard.ask({5}, parent, block) == Answer::again);
    CHECK(guard.ask({5}, parent, filled<BlockId>(3)) == Answer::never);
    CHECK(guard.ask({5}, parent, block) == Answer::again);
    CHECK(guard.ask({5}, filled<BlockId>(4), filled<BlockId>(3)) == Answer::may);
    CHECK(guard.ask({4}, parent, filled<BlockId>(3)) == Answer::may);
    CHECK(guard.ask({6}, block, filled<BlockId>(3)) == Answer::may);
}

TEST_CASE("a full guard forgets the lowest heights, and seals nothing there any more")
{
    for (const unsigned each : {1U, 2U, 4U}) {
        CAPTURE(each);
        SignGuard guard = guard_of(std::uint32_t(SignGuard::entries_max / each), each);
        CHECK(guard.ask({1}, filled<BlockId>(9), filled<BlockId>(1)) == Answer::never);
        CHECK(guard.ask({1}, filled<BlockId>(0), filled<BlockId>(100)) == Answer::again);
        CHECK(guard.ask({5000}, filled<BlockId>(0), filled<BlockId>(1)) == Answer::may);
        for (SignGuard again : {guard, SignGuard::parse(guard.to_bytes())}) {
            CHECK(again == guard);
            // All of height 1 is forgotten, and there may be places.
            CHECK(again.ask({1}, filled<BlockId>(0), filled<BlockId>(1)) == Answer::never);
            CHECK(again.ask({1}, filled<BlockId>(0), filled<BlockId>(100)) == Answer::never);
            CHECK(again.ask({0}, filled<BlockId>(0), filled<BlockId>(1)) == Answer::never);
            CHECK(again.ask({2}, filled<BlockId>(0), filled<BlockId>(1)) == Answer::never);
            CHECK(again.ask({2}, filled<BlockId>(0), filled<BlockId>(100)) == Answer::again);
        }
    }
    SignGuard one; // all entries of one height: there is no room above it for another
    for (unsigned i = 0; i < SignGuard::entries_max; ++i) {
        BlockId parent;
        parent.bytes[0] = std::byte(i);
        parent.bytes[1] = std::byte(i >> 8U);
        REQUIRE(one.ask({UINT32_MAX}, parent, parent) == Answer::may);
    }
    CHECK(one.ask({UINT32_MAX}, filled<BlockId>(9), filled<BlockId>(1)) == Answer::never);
    CHECK(one.ask({1}, filled<BlockId>(9), filled<BlockId>(1)) == Answer::never);
}

TEST_CASE("no order of questions gets two blocks sealed for one place")
{
    for (std::uint64_t seed = 0; seed < 8; ++seed) {
        CAPTURE(seed);
        Dice dice{seed};
        SignGuard guard;
        std::map<std::pair<std::uint32_t, BlockId>, BlockId> sealed;
        for (int i = 0; i < 6000; ++i) {
            const Height height{std::uint32_t(dice.below(40) + std::uint64_t(i) / 4)};
            const BlockId parent = filled<BlockId>(unsigned(dice.below(4)));
            const BlockId id = filled<BlockId>(unsigned(dice.below(3)));
            const Answer answer = guard.ask(height, parent, id);
            if (answer != Answer::never)
                REQUIRE(sealed.emplace(std::pair{height.value, parent}, id).first->second == id);
            if (answer == Answer::again) REQUIRE(sealed.contains({height.value, parent}));
            if (i % 500 == 0) {
                SignGuard again = SignGuard::parse(guard.to_bytes());
                REQUIRE(again == guard);
                guard = std::move(again);
            }
        }
    }
}

TEST_CASE("a guard's bytes are exactly what is written, or they are refused")
{
    const auto is_taken = [](ByteView bytes) {
        return exit_of([&] { (void)SignGuard::parse(bytes); }) == Exit::ok;
    };
    const Bytes none = SignGuard{}.to_bytes();
    CHECK(none == Bytes{std::byte{0x83}, std::byte{1}, std::byte{0}, std::byte{0x80}});
    CHECK(SignGuard::parse(none) == SignGuard{});
    const Bytes good = guard_of(3, 2).to_bytes();
    for (std::size_t size = 0; size < good.size(); ++size)
        CHECK(!is_taken(ByteView{good}.first(size)));
    for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
        const Bytes changed = with_bit_changed(good, bit);
        if (is_taken(changed)) CHECK(SignGuard::parse(changed).to_bytes() == changed);
    }
    for (const Bytes& loose : loosely_written(good)) CHECK(!is_taken(loose));

    struct Entry {
        std::uint64_t height;
        unsigned parent;
        unsigned id;
    };
    const auto bytes_of = [](std::uint64_t version, std::uint64_t floor,
                             const std::vector<Entry>& entries) {
        Bytes bytes;
        CborWriter writer{bytes};
        writer.array(3);
        writer.number(version);
        writer.number(floor);
        writer.array(entries.size());
        for (const Entry& entry : entries) {
            writer.array(3);
            writer.number(entry.height);
            writer.bytes(filled<BlockId>(entry.parent).bytes);
            writer.bytes(filled<BlockId>(entry.id).bytes);
        }
        return bytes;
    };
    CHECK(is_taken(bytes_of(1, 7, {{7, 1, 1}, {7, 2, 1}, {8, 1, 1}})));
    CHECK(is_taken(bytes_of(1, UINT32_MAX, {{UINT32_MAX, 1, 1}})));
    CHECK(!is_taken(bytes_of(0, 7, {{7, 1, 1}})));
    CHECK(!is_taken(bytes_of(2, 7, {{7, 1, 1}})));
    CHECK(!is_taken(bytes_of(1, 7, {{6, 1, 1}})));
    CHECK(!is_taken(bytes_of(1, 7, {{8, 1, 1}, {7, 1, 1}})));
    CHECK(!is_taken(bytes_of(1, 7, {{7, 1, 1}, {7, 1, 1}})));
    CHECK(!is_taken(bytes_of(1, 7, {{7, 1, 1}, {7, 2, 1}, {7, 1, 2}})));
    CHECK(!is_taken(bytes_of(1, 7, {{std::uint64_t{UINT32_MAX} + 1, 1, 1}})));
    CHECK(!is_taken(bytes_of(1, std::uint64_t{UINT32_MAX} + 1, {})));
    std::vector<Entry> many;
    for (std::uint64_t height = 0; height <= SignGuard::entries_max; ++height)
        many.push_back({height, 1, 1});
    CHECK(!is_taken(bytes_of(1, 0, many)));
    many.pop_back();
    CHECK(is_taken(bytes_of(1, 0, many)));
}
