#include "daemon/attendant.hpp"

#include "base/error.hpp"
#include "os/clock.hpp"
#include "os/output.hpp"
#include "os/poll.hpp"
#include "os/wake.hpp"

#include <array>
#include <atomic>
#include <optional>
#include <thread>
#include <utility>

namespace cairn {
namespace {

constexpr std::uint64_t metrics_ms = 10'000; // between two files

} // namespace

struct Attendant::Impl {
    SignalEvents& signals;
    AttendantOptions options;
    WakeUp wake;
    std::atomic<bool> is_ending = false;
    std::thread thread;

    Impl(SignalEvents& of, AttendantOptions as) : signals{of}, options{std::move(as)} {}

    void write_metrics();
    void run();
};

/// Without a sync: after a loss of power it is out of date anyway.
void Attendant::Impl::write_metrics()
{
    try {
        Output output = Output::open(options.metrics_file, Output::Existing::replace);
        output.write(as_bytes(options.metrics()));
        output.publish();
    } catch (const Error& error) {
        options.warn(error.what());
    }
}

void Attendant::Impl::run()
{
    const bool has_file = !options.metrics_file.empty();
    std::uint64_t due_ms = monotonic_ms();
    while (!is_ending) {
        if (has_file && monotonic_ms() >= due_ms) {
            write_metrics();
            due_ms = monotonic_ms() + metrics_ms;
        }
        std::array<Watch, 2> watches{};
        watches[0].descriptor = signals.descriptor();
        watches[1].descriptor = wake.descriptor();
        for (Watch& watch : watches) watch.wants_read = true;
        wait_for(watches, has_file ? std::optional{due_ms} : std::nullopt);
        while (const auto kind = signals.next()) options.signal(*kind);
    }
    if (has_file) write_metrics();
}

Attendant::Attendant(SignalEvents& signals, AttendantOptions options)
    : impl_{std::make_unique<Impl>(signals, std::move(options))}
{
    impl_->thread = std::thread{[this] { impl_->run(); }};
}

Attendant::~Attendant()
{
    impl_->is_ending = true;
    impl_->wake.signal();
    impl_->thread.join();
}

} // namespace cairn
