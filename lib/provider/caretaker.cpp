#include "provider/caretaker.hpp"

#include "base/error.hpp"
#include "base/hex.hpp"
#include "os/clock.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace cairn {
namespace {

constexpr std::uint64_t turn_ms = 1'000;                           // of the scrub
constexpr std::uint64_t pause_ms = 60'000;                         // after an error of the disk
constexpr std::uint64_t collect_budget = std::uint64_t{64} << 20U; // bytes of work at once

} // namespace

struct Caretaker::Impl {
    Depot& depot;
    CaretakerOptions options;
    std::mutex mutex;
    std::condition_variable ended;
    bool is_ending = false;
    std::thread thread;

    Impl(Depot& of, CaretakerOptions as) : depot{of}, options{std::move(as)} {}

    bool wait(std::uint64_t time_ms);
    void scrub();
    void run();
};

/// False when it is time to end.
bool Caretaker::Impl::wait(std::uint64_t time_ms)
{
    std::unique_lock lock{mutex};
    ended.wait_for(lock, std::chrono::milliseconds{time_ms}, [&] { return is_ending; });
    return !is_ending;
}

void Caretaker::Impl::scrub()
{
    if (options.scrub_rate == 0) return;
    for (const ShardRoot& root : depot.scrub(options.scrub_rate * turn_ms / 1000))
        options.warn("shard " + to_hex_text(root.bytes) + " has rotted and is set aside");
}

void Caretaker::Impl::run()
{
    std::uint64_t collected_ms = monotonic_ms();
    std::uint64_t wait_ms = turn_ms;
    while (wait(wait_ms)) {
        wait_ms = turn_ms;
        try {
            scrub();
            if (monotonic_ms() - collected_ms < options.collect_ms) continue;
            if (!depot.collect(collect_budget)) collected_ms = monotonic_ms();
        } catch (const Error& error) {
            options.warn(error.what());
            wait_ms = pause_ms;
        }
    }
}

Caretaker::Caretaker(Depot& depot, CaretakerOptions options)
    : impl_{std::make_unique<Impl>(depot, std::move(options))}
{
    impl_->thread = std::thread{[this] { impl_->run(); }};
}

Caretaker::~Caretaker()
{
    {
        const std::lock_guard lock{impl_->mutex};
        impl_->is_ending = true;
    }
    impl_->ended.notify_one();
    impl_->thread.join();
}

} // namespace cairn
