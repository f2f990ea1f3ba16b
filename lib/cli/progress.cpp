#include "cli/progress.hpp"

#include "cli/detail/reporter.hpp"
#include "os/clock.hpp"
#include "os/terminal.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace cairn {
namespace {

using std::chrono::milliseconds;

constexpr int standard_error = 2;
constexpr milliseconds sample_interval{200};

/// How often a line is printed.
constexpr milliseconds interval_of(ProgressMode mode)
{
    switch (mode) {
    case ProgressMode::none:
        break;
    case ProgressMode::bar:
        return sample_interval;
    case ProgressMode::plain:
        return std::chrono::seconds{30};
    case ProgressMode::json:
        return std::chrono::seconds{1};
    }
    return {};
}

} // namespace

/// The thread that samples and prints.
class Progress::Printer {
public:
    explicit Printer(detail::Reporter& reporter)
        : reporter_{reporter},
          mode_{reporter.options.progress},
          thread_{[this] { run(); }}
    {
    }
    Printer(const Printer&) = delete;
    Printer& operator=(const Printer&) = delete;

    ~Printer()
    {
        {
            const std::lock_guard lock{mutex_};
            is_done_ = true;
        }
        done_.notify_one();
        thread_.join();
    }

private:
    void run()
    {
        const milliseconds interval = interval_of(mode_);
        milliseconds waited{0};
        detail::RateWindow rate{monotonic_ms()};
        std::unique_lock lock{mutex_};
        while (!done_.wait_for(lock, sample_interval, [this] { return is_done_; })) {
            const std::uint64_t now_ms = monotonic_ms();
            detail::Status& status = reporter_.status;
            status.set_rate(rate.sample(now_ms, status.snapshot(now_ms).done_bytes));
            waited += sample_interval;
            if (waited < interval) continue;
            waited = milliseconds{0};
            print();
        }
        if (mode_ == ProgressMode::bar)
            reporter_.erase_bar();
        else
            reporter_.put_status(mode_); // the end of the phase, however short it was
    }

    void print() noexcept
    {
        if (mode_ != ProgressMode::bar) {
            reporter_.put_status(mode_);
            return;
        }
        detail::Line bar;
        const unsigned width = terminal_width(standard_error);
        put_bar(bar, reporter_.status.snapshot(monotonic_ms()), width > 0 ? width - 1 : 0);
        reporter_.draw_bar(bar.text());
    }

    detail::Reporter& reporter_;
    ProgressMode mode_;
    std::mutex mutex_;
    std::condition_variable done_;
    bool is_done_ = false;
    std::thread thread_; // the last to be made: it uses the others
};

Progress::Progress(Console& console, const char* phase, std::optional<std::uint64_t> total_bytes)
    : reporter_{console.reporter_.get()}
{
    reporter_->status.start(phase, total_bytes, monotonic_ms());
    if (reporter_->options.progress != ProgressMode::none)
        printer_ = std::make_unique<Printer>(*reporter_);
}

Progress::~Progress()
{
    finish();
}

void Progress::add(std::uint64_t bytes) noexcept
{
    reporter_->status.add(bytes);
}

void Progress::add_written(std::uint64_t bytes) noexcept
{
    reporter_->status.add_written(bytes);
}

void Progress::finish() noexcept
{
    printer_.reset();
    if (std::exchange(is_finished_, true)) return;
    const Console::Options& options = reporter_->options;
    const bool is_told =
        options.progress == ProgressMode::plain || options.progress == ProgressMode::json;
    if (options.verbosity >= 1 && !options.quiet && !is_told)
        reporter_->put_status(options.json ? ProgressMode::json : ProgressMode::plain);
}

} // namespace cairn
