#include "os/pipeline.hpp"

#include <atomic>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

enum class Step { read, compute, write };

using Items = std::vector<std::uint64_t>;

/// The items 0 to count-1.
Items first_items(std::uint64_t count)
{
    Items items(count);
    for (std::uint64_t i = 0; i < count; ++i) items[i] = i;
    return items;
}

/// Notes that a step is entered by two workers at once.
class Alone {
public:
    explicit Alone(std::atomic<int>& inside) : inside_{&inside} { CHECK(++*inside_ == 1); }
    Alone(const Alone&) = delete;
    Alone& operator=(const Alone&) = delete;
    ~Alone() { --*inside_; }

private:
    std::atomic<int>* inside_;
};

struct Failure {
    Step step;
    std::uint64_t item;
};

struct Outcome {
    Items written;
    std::string failure;
};

/// Runs a job of `count` items in which these steps fail.
Outcome run(unsigned workers, std::uint64_t count, const std::vector<Failure>& failures)
{
    Outcome outcome;
    const auto fail_if_told = [&](Step step, std::uint64_t item) {
        for (const Failure& failure : failures)
            if (failure.step == step && failure.item == item)
                throw std::runtime_error{std::to_string(item)};
    };
    Pipeline job{
        .read =
            [&](unsigned, std::uint64_t item) {
                fail_if_told(Step::read, item);
                return item < count;
            },
        .compute = [&](unsigned, std::uint64_t item) { fail_if_told(Step::compute, item); },
        .write =
            [&](unsigned, std::uint64_t item) {
                fail_if_told(Step::write, item);
                outcome.written.push_back(item);
            },
    };
    try {
        job.run(workers);
    } catch (const std::runtime_error& error) {
        outcome.failure = error.what();
    }
    return outcome;
}

} // namespace

TEST_CASE("items are read and written in order, by one worker at a time, whatever their number")
{
    for (unsigned workers = 1; workers <= 4; ++workers)
        for (const std::uint64_t count : {0, 1, 2, 3, 4, 5, 1000}) {
            CAPTURE(workers);
            CAPTURE(count);
            std::atomic<int> reading{0};
            std::atomic<int> writing{0};
            std::atomic<bool> has_right_worker{true};
            Items read;
            Items written;
            std::vector<std::uint64_t> held(workers);
            std::vector<std::uint64_t> computed(workers);
            Pipeline{
                .read =
                    [&](unsigned worker, std::uint64_t item) {
                        const Alone alone{reading};
                        if (item == count) return false;
                        held.at(worker) = item;
                        read.push_back(item);
                        return true;
                    },
                .compute =
                    [&](unsigned worker, std::uint64_t item) {
                        if (held.at(worker) != item) has_right_worker = false;
                        computed.at(worker) = item * item;
                    },
                .write =
                    [&](unsigned worker, std::uint64_t item) {
                        const Alone alone{writing};
                        if (computed.at(worker) != item * item) has_right_worker = false;
                        written.push_back(item);
                    },
            }
                .run(workers);
            CHECK(has_right_worker);
            CHECK(read == first_items(count));
            CHECK(written == first_items(count));
        }
}

TEST_CASE("after an error all earlier items are written, none later, and the error comes out")
{
    constexpr std::uint64_t count = 40;
    for (unsigned workers = 1; workers <= 4; ++workers)
        for (const Step step : {Step::read, Step::compute, Step::write})
            for (std::uint64_t item = 0; item < count; ++item) {
                CAPTURE(workers);
                CAPTURE(item);
                const Outcome outcome = run(workers, count, {{step, item}});
                CHECK(outcome.written == first_items(item));
                CHECK(outcome.failure == std::to_string(item));
            }
}

TEST_CASE("of several errors the one of the first item comes out")
{
    constexpr std::uint64_t seed = 20'261'120;
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    for (int round = 0; round < 500; ++round) {
        const auto workers = static_cast<unsigned>(1 + random() % 4);
        std::vector<Failure> failures;
        std::uint64_t first = 30;
        for (auto left = 1 + random() % 4; left > 0; --left) {
            failures.push_back({static_cast<Step>(random() % 3), random() % 30});
            first = std::min(first, failures.back().item);
        }
        const Outcome outcome = run(workers, 30, failures);
        CAPTURE(round);
        CHECK(outcome.written == first_items(first));
        CHECK(outcome.failure == std::to_string(first));
    }
}

TEST_CASE("an earlier item that fails after a later one is still the one that counts")
{
    std::atomic<bool> has_later_failed{false};
    Items written;
    Pipeline job{
        .read = [](unsigned, std::uint64_t item) { return item < 100; },
        .compute =
            [&](unsigned, std::uint64_t item) {
                if (item == 5) {
                    has_later_failed = true;
                    has_later_failed.notify_all();
                    throw std::runtime_error{"5"};
                }
                if (item == 3) {
                    has_later_failed.wait(false);
                    throw std::runtime_error{"3"};
                }
            },
        .write = [&](unsigned, std::uint64_t item) { written.push_back(item); },
    };
    CHECK_THROWS_WITH_AS(job.run(4), "3", std::runtime_error);
    CHECK(written == first_items(3));
}

TEST_CASE("one worker stays in the caller's thread")
{
    const auto caller = std::this_thread::get_id();
    int elsewhere = 0;
    const auto note = [&] { elsewhere += std::this_thread::get_id() == caller ? 0 : 1; };
    Pipeline{
        .read =
            [&](unsigned worker, std::uint64_t item) {
                note();
                return worker == 0 && item < 10;
            },
        .compute = [&](unsigned, std::uint64_t) { note(); },
        .write = [&](unsigned, std::uint64_t) { note(); },
    }
        .run(1);
    CHECK(elsewhere == 0);
}

TEST_CASE("as many items are in work at once as there are workers")
{
    constexpr int workers = 4;
    std::atomic<int> inside{0};
    Pipeline{
        .read = [](unsigned, std::uint64_t item) { return item < workers; },
        .compute =
            [&](unsigned, std::uint64_t) { // waits until all are here
                ++inside;
                inside.notify_all();
                for (int now = inside; now < workers; now = inside) inside.wait(now);
            },
        .write = [](unsigned, std::uint64_t) {},
    }
        .run(workers);
    CHECK(inside == workers);
}

TEST_CASE("there is at least one worker and never more than asked for")
{
    CHECK(default_workers(1) == 1);
    CHECK(default_workers() >= 1);
    CHECK(default_workers() <= 4);
}
