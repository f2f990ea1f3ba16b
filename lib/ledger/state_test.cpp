#include "ledger/state.hpp"

#include "ledger/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

using Values = std::map<Bytes, Bytes>; // by keys

/// A state of such values.
class Base final : public StateReader {
public:
    explicit Base(Values values = {}) : values_{std::move(values)} {}

    [[nodiscard]] std::optional<Bytes> get(const StateKey& key) const override
    {
        if (is_broken) throw Error{Exit::data, "the disk is broken"};
        const auto found = values_.find(key.bytes);
        if (found == values_.end()) return std::nullopt;
        return found->second;
    }

    bool is_broken = false;

private:
    Values values_;
};

StateKey key(std::uint32_t number)
{
    return state_key({7, 1}, {}, number);
}

Bytes value(unsigned number)
{
    return {static_cast<std::byte>(number)};
}

std::optional<Bytes> copy(const std::optional<ByteView>& view)
{
    if (!view) return std::nullopt;
    return Bytes{view->begin(), view->end()};
}

} // namespace

TEST_CASE("a key is its module, its table and what is in there, and its path is their hash")
{
    const StateKey plain = state_key({0x0102, 3}, hex_bytes("aabb"));
    CHECK(plain.bytes == hex_bytes("010203aabb"));
    CHECK(plain.path.bytes == sha256(plain.bytes).bytes);
    const StateKey numbered = state_key({0x0102, 3}, hex_bytes("aa"), 0x01020304);
    CHECK(numbered.bytes == hex_bytes("010203aa01020304"));
    CHECK(numbered.path.bytes == sha256(numbered.bytes).bytes);
    CHECK(table_of(plain) == StateTable{0x0102, 3});
    CHECK(table_of(state_key({65'535, 255}, {})) == StateTable{65'535, 255});
    CHECK(state_key({1, 1}, Bytes(state_key_size_max - 3)).bytes.size() == state_key_size_max);
}

TEST_CASE("what was changed is there, and the base is as it was")
{
    const Base base{{{key(1).bytes, value(1)}, {key(2).bytes, value(2)}}};
    StateChanges state{base, 5};
    CHECK(copy(state.get(key(1))) == value(1));
    CHECK_FALSE(state.get(key(3)));
    state.put(key(3), value(3));
    state.put(key(1), value(9));
    state.erase(key(2));
    state.erase(key(4)); // was not there
    CHECK(copy(state.get(key(3))) == value(3));
    CHECK(copy(state.get(key(1))) == value(9));
    CHECK_FALSE(state.get(key(2)));
    CHECK(base.get(key(1)) == value(1));
    const auto all = state.all();
    REQUIRE(all.size() == 3);
    CHECK(std::ranges::is_sorted(all, {}, [](const StateChange& each) { return each.key.path; }));
    for (const StateChange& change : all) {
        CHECK(change.before == base.get(change.key));
        CHECK(change.after == copy(state.get(change.key)));
    }
}

TEST_CASE("what is changed back, or put as it was, is no change")
{
    const Base base{{{key(1).bytes, value(1)}, {key(2).bytes, {}}}};
    StateChanges state{base};
    state.put(key(1), value(1));
    state.put(key(2), {});
    state.put(key(3), value(3));
    state.erase(key(3));
    state.erase(key(1));
    state.put(key(1), value(1));
    CHECK(state.all().empty());
    state.erase(key(2)); // an empty value is not none
    REQUIRE(state.all().size() == 1);
    CHECK(state.all()[0].before == Bytes{});
    CHECK(state.all()[0].after == std::nullopt);
}

TEST_CASE("changes are taken back to any mark, and marks nest")
{
    Values values;
    for (std::uint32_t i = 0; i < 6; ++i) values.emplace(key(i).bytes, value(i));
    const Base base{values};
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        Dice dice{seed};
        StateChanges state{base, seed};
        Values now = values;
        std::vector<std::pair<StateChanges::Mark, Values>> marks;
        for (int step = 0; step < 120; ++step) {
            const StateKey at = key(static_cast<std::uint32_t>(dice.below(12)));
            switch (dice.below(5)) {
            case 0:
                state.erase(at);
                now.erase(at.bytes);
                break;
            case 1:
                marks.emplace_back(state.mark(), now);
                break;
            case 2:
                if (marks.empty()) break;
                marks.resize(1 + dice.below(marks.size()));
                state.roll_back(marks.back().first);
                now = marks.back().second;
                if (dice.below(2) == 0) marks.pop_back();
                break;
            default:
                state.put(at, value(static_cast<unsigned>(dice.below(8))));
                now.insert_or_assign(at.bytes, copy(state.get(at)).value());
            }
            const auto found = now.find(at.bytes);
            REQUIRE(copy(state.get(at)) ==
                    (found == now.end() ? std::nullopt : std::optional{found->second}));
        }
        Values after = values; // what the changes make of the base
        for (const StateChange& change : state.all()) {
            CHECK(change.before != change.after);
            CHECK(change.before == base.get(change.key));
            after.erase(change.key.bytes);
            if (change.after) after.emplace(change.key.bytes, *change.after);
        }
        CHECK(after == now);
        state.roll_back({});
        CHECK(state.all().empty());
    }
}

TEST_CASE("the seed does not show in what is changed")
{
    const Base base;
    std::vector<StateChange> first;
    for (const std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{1}, UINT64_MAX}) {
        StateChanges state{base, seed};
        for (std::uint32_t i = 0; i < 300; ++i) state.put(key(i * 7919 % 300), value(i));
        if (first.empty()) first = state.all();
        CHECK(state.all() == first);
        CHECK(first.size() == 300);
        CHECK(state.take_all() == first);
        CHECK(state.all().empty());
        CHECK_FALSE(state.get(key(1)));
    }
}

TEST_CASE("a key that could not be read can be asked for again")
{
    Base base{{{key(1).bytes, value(1)}}};
    StateChanges state{base};
    base.is_broken = true;
    CHECK((exit_of([&] { (void)state.get(key(1)); }) == Exit::data));
    CHECK((exit_of([&] { state.put(key(2), value(2)); }) == Exit::data));
    CHECK(state.all().empty());
    base.is_broken = false;
    CHECK(copy(state.get(key(1))) == value(1));
    CHECK_FALSE(state.get(key(2)));
}

TEST_CASE("a value stays where it is while other keys are changed")
{
    const Base base{{{key(1).bytes, noise(100)}}};
    StateChanges state{base};
    const auto view = state.get(key(1));
    for (std::uint32_t i = 2; i < 1000; ++i) state.put(key(i), value(1));
    CHECK(std::ranges::equal(*view, noise(100)));
}
