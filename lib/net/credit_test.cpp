#include "net/detail/credit.hpp"

#include "net/frame.hpp"

#include <algorithm>
#include <deque>

#include <doctest/doctest.h>

using namespace cairn;
using namespace cairn::detail;

namespace {

constexpr std::size_t mib = 1024 * 1024;

/// A stream whose peer sends all it may, and whose data is dealt with at once.
class Stream {
public:
    explicit Stream(CreditBudget& budget) : window{budget} {}

    /// Sends and deals with `size` bytes in pieces.
    void move(std::size_t size)
    {
        while (size > 0) {
            REQUIRE(granted > 0); // the peer can always go on
            const std::size_t piece = std::min({size, granted, frame_payload_max});
            granted -= piece;
            window.arrive(piece);
            granted += window.consume(piece, granted, 4 * mib);
            size -= piece;
        }
    }

    ReceiveWindow window;
    std::size_t granted = initial_credit_size;
};

} // namespace

TEST_CASE("a window grows with what is dealt with, up to its limit")
{
    CreditBudget budget{32 * mib};
    Stream stream{budget};
    CHECK(budget.used() == initial_credit_size);
    stream.move(initial_credit_size);
    CHECK(budget.used() == 2 * initial_credit_size);
    stream.move(32 * mib);
    CHECK(budget.used() == 4 * mib);
    CHECK(stream.granted <= 4 * mib);
}

TEST_CASE("what waits to be dealt with is not granted again")
{
    CreditBudget budget{32 * mib};
    ReceiveWindow window{budget};
    window.arrive(initial_credit_size);
    CHECK(window.consume(10, 0, 4 * mib) == 0); // too little to tell of
    CHECK(window.consume(initial_credit_size / 2, 0, 4 * mib) == initial_credit_size / 2 + 10);
    CHECK(window.consume(initial_credit_size, initial_credit_size, 4 * mib) <=
          2 * initial_credit_size);
}

TEST_CASE("many windows keep within the budget, and all go on")
{
    CreditBudget budget{4 * mib};
    std::deque<Stream> streams;
    for (unsigned i = 0; i < 48; ++i) streams.emplace_back(budget);
    for (unsigned round = 0; round < 20; ++round)
        for (Stream& stream : streams) stream.move(mib);
    CHECK(budget.used() <= 4 * mib);
    CHECK(budget.free() >= mib / 2); // there is room for new streams
}

TEST_CASE("windows shrink when new streams need the budget")
{
    CreditBudget budget{4 * mib};
    std::deque<Stream> streams;
    for (unsigned i = 0; i < 2; ++i) streams.emplace_back(budget).move(16 * mib);
    const std::size_t grown = budget.used();
    CHECK(grown > mib);
    for (unsigned i = 0; i < 60; ++i) streams.emplace_back(budget);
    CHECK(budget.free() == 0);
    for (unsigned round = 0; round < 8; ++round)
        for (unsigned i = 0; i < 2; ++i) streams[i].move(2 * mib);
    CHECK(budget.free() > 0);
}

TEST_CASE("a window gives back what it took")
{
    CreditBudget budget{4 * mib};
    {
        Stream stream{budget};
        stream.move(mib);
        Stream other{budget};
        other.window.arrive(1000);
        const std::size_t before = budget.used();
        other.window.finish();
        CHECK(before - budget.used() == initial_credit_size - 1000);
        CHECK(other.window.consume(400, 0, mib) == 0);
        CHECK(other.window.consume(4000, 0, mib) == 0);
        CHECK(before - budget.used() == initial_credit_size);
    }
    CHECK(budget.used() == 0);
    CHECK(budget.free() == 4 * mib);
}
