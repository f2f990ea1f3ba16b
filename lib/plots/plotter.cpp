#include "plots/plotter.hpp"

#include "base/error.hpp"
#include "base/number.hpp"

#include <algorithm>
#include <cassert>
#include <condition_variable>
#include <deque>
#include <thread>

namespace cairn {
namespace {

/// Stripes in memory: so many exist, and who wants one waits.
class StripePool {
public:
    StripePool(std::size_t count, std::size_t size)
    {
        for (std::size_t i = 0; i < count; ++i)
            idle_.push_back(std::make_unique<AlignedBuffer>(size));
    }

    std::unique_ptr<AlignedBuffer> take()
    {
        std::unique_lock lock{mutex_};
        wake_.wait(lock, [&] { return !idle_.empty(); });
        auto stripe = std::move(idle_.back());
        idle_.pop_back();
        return stripe;
    }

    void give(std::unique_ptr<AlignedBuffer> stripe)
    {
        const std::lock_guard lock{mutex_};
        idle_.push_back(std::move(stripe));
        wake_.notify_all();
    }

private:
    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<std::unique_ptr<AlignedBuffer>> idle_;
};

/// One task: its stripes are made by the caller, and written by a thread of its own.
class Job {
public:
    Job(const PlotTask& task, const PlotterOptions& options)
        : options_{&options},
          maker_{options.factory, task.spec, options.threads, options.made},
          part_{task.directory, task.spec, task.stripe_places},
          resumed_{part_.done()},
          next_{part_.done()}
    {
    }

    Job(const Job&) = delete;
    Job& operator=(const Job&) = delete;

    ~Job()
    {
        close();
        if (writer_.joinable()) writer_.join();
    }

    void start(StripePool& pool)
    {
        pool_ = &pool;
        writer_ = std::thread{[this] { write_all(); }};
    }

    /// Bytes of memory for a stripe.
    [[nodiscard]] std::uint64_t stripe_size() const
    {
        return part_.stripes().places_of(part_.spec(), 0) * side_of(part_.spec()) * scoop_size;
    }

    [[nodiscard]] const PlotPart& part() const noexcept { return part_; }

    /// Bytes of all scoops.
    [[nodiscard]] std::uint64_t size() const
    {
        return places(part_.spec()) * side_of(part_.spec()) * scoop_size;
    }

    [[nodiscard]] std::uint64_t resumed_size() const
    {
        std::uint64_t sum = 0;
        for (std::uint64_t i = 0; i < resumed_; ++i)
            sum += part_.stripes().places_of(part_.spec(), i);
        return sum * side_of(part_.spec()) * scoop_size;
    }

    /// Whether there is another stripe to be made.
    [[nodiscard]] bool has_next()
    {
        const std::lock_guard lock{mutex_};
        return !failure_ && next_ < part_.stripes().count;
    }

    void make_next()
    {
        const std::uint64_t first = part_.stripes().first_of(next_);
        const std::uint64_t count = part_.stripes().places_of(part_.spec(), next_);
        auto stripe = pool_->take();
        maker_.fill(first, count, stripe->bytes());
        const std::lock_guard lock{mutex_};
        ready_.push_back(std::move(stripe));
        ++next_;
        wake_.notify_all();
    }

    /// No more stripes come.
    void close()
    {
        const std::lock_guard lock{mutex_};
        is_closed_ = true;
        wake_.notify_all();
    }

    /// Waits until all is written; returns what went wrong.
    std::exception_ptr wait()
    {
        close();
        std::unique_lock lock{mutex_};
        wake_.wait(lock, [&] { return is_over_; });
        return failure_;
    }

private:
    void write_all()
    {
        try {
            while (auto stripe = take_ready()) {
                try {
                    part_.write(stripe->bytes(), options_->written);
                } catch (...) {
                    pool_->give(std::move(stripe));
                    throw;
                }
                pool_->give(std::move(stripe));
            }
            if (part_.done() == part_.stripes().count) {
                maker_.with([&](NonceMaker& maker) { part_.finish(maker); });
                maker_.rest();
                if (options_->done) options_->done(part_);
            }
        } catch (...) {
            const std::lock_guard lock{mutex_};
            failure_ = std::current_exception();
        }
        std::unique_lock lock{mutex_};
        is_over_ = true;
        wake_.notify_all();
        while (!is_closed_ || !ready_.empty()) { // what comes after a failure goes back
            wake_.wait(lock, [&] { return is_closed_ || !ready_.empty(); });
            for (auto& stripe : ready_) pool_->give(std::move(stripe));
            ready_.clear();
        }
    }

    std::unique_ptr<AlignedBuffer> take_ready()
    {
        std::unique_lock lock{mutex_};
        wake_.wait(lock, [&] {
            return !ready_.empty() || is_closed_ || part_.done() == part_.stripes().count;
        });
        if (ready_.empty()) return nullptr;
        auto stripe = std::move(ready_.front());
        ready_.pop_front();
        return stripe;
    }

    const PlotterOptions* options_;
    StripePool* pool_ = nullptr;
    StripeMaker maker_;
    PlotPart part_;
    std::uint64_t resumed_; // stripes
    std::uint64_t next_;    // stripe to be made
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::unique_ptr<AlignedBuffer>> ready_;
    bool is_closed_ = false;
    bool is_over_ = false;
    std::exception_ptr failure_;
    std::thread writer_; // the last: it uses all the rest
};

} // namespace

std::uint64_t stripe_size(const PlotTask& task)
{
    const std::uint64_t count = std::min(task.stripe_places, places(task.spec));
    return count * side_of(task.spec) * scoop_size;
}

std::vector<PlotOutcome> make_plots(std::span<const PlotTask> tasks, const PlotterOptions& options)
{
    constexpr std::uint64_t stripes_max = 4; // at a time: more do not help
    std::vector<PlotOutcome> outcomes(tasks.size());
    std::unique_ptr<StripePool> pool; // outlives the jobs, which give back to it
    std::vector<std::unique_ptr<Job>> jobs(tasks.size());
    std::uint64_t size = 1;
    std::uint64_t left = 0; // bytes
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        try {
            auto job = std::make_unique<Job>(tasks[i], options);
            if (job->stripe_size() > options.memory_max)
                throw Error{Exit::oserr, "'" + job->part().path() + "' needs " +
                                             format_size(job->stripe_size()) +
                                             " of memory for a stripe, and " +
                                             format_size(options.memory_max) + " are allowed"};
            size = std::max(size, job->stripe_size());
            outcomes[i].resumed = job->resumed_size();
            left += job->size() - outcomes[i].resumed;
            if (options.begun) options.begun(job->part());
            jobs[i] = std::move(job);
        } catch (...) {
            outcomes[i].failure = std::current_exception();
        }
    }
    if (options.all_begun) options.all_begun(left);
    pool = std::make_unique<StripePool>(
        std::clamp<std::uint64_t>(options.memory_max / size, 1, stripes_max), size);
    for (const auto& job : jobs)
        if (job) job->start(*pool);
    for (bool is_over = false; !is_over;) {
        is_over = true;
        for (const auto& job : jobs) {
            if (!job || !job->has_next()) continue;
            job->make_next();
            is_over = false;
        }
    }
    for (std::size_t i = 0; i < jobs.size(); ++i)
        if (jobs[i]) outcomes[i].failure = jobs[i]->wait();
    return outcomes;
}

} // namespace cairn
