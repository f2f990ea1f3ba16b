#pragma once

#include "provider/detail/turns.hpp"

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace cairn::detail {

struct LaneOptions {
    bool has_thread = true;        ///< else jobs are done when the outcomes are asked for
    std::size_t waiting_max = 128; ///< jobs, of which a quarter may be one link's
    std::function<void()> wake;    ///< from the thread, whenever there are outcomes
};

/// Work for streams that takes long, one job for each at most: done one after another, links in
/// turn.
template <class Job, class Outcome>
class Lane {
public:
    /// `work` throws nothing.
    Lane(LaneOptions options, std::function<Outcome(StreamId, Job)> work)
        : options_{std::move(options)},
          work_{std::move(work)}
    {
        if (options_.has_thread) thread_ = std::thread{[this] { run(); }};
    }
    Lane(const Lane&) = delete;
    Lane& operator=(const Lane&) = delete;

    /// Ends what is being done; what waits is not done.
    ~Lane()
    {
        {
            const std::lock_guard lock{mutex_};
            is_ending_ = true;
        }
        changed_.notify_one();
        if (thread_.joinable()) thread_.join();
    }

    /// False when too many wait, of all links or of this one.
    [[nodiscard]] bool add(LinkId link, StreamId stream, Job job)
    {
        {
            const std::lock_guard lock{mutex_};
            const auto of_link = static_cast<std::size_t>(std::ranges::count_if(
                jobs_, [&](const auto& each) { return each.second.first == link; }));
            if (jobs_.size() >= options_.waiting_max || 4 * of_link >= options_.waiting_max)
                return false;
            jobs_.emplace(stream, std::pair{link, std::move(job)});
            turns_.add(link, stream);
        }
        changed_.notify_one();
        return true;
    }

    /// The stream is gone: its job is not done, unless it is being done.
    void forget(StreamId stream)
    {
        const std::lock_guard lock{mutex_};
        jobs_.erase(stream);
    }

    /// What is done and was not asked for before.
    std::vector<Outcome> outcomes()
    {
        std::unique_lock lock{mutex_};
        while (!options_.has_thread && !jobs_.empty()) do_next(lock);
        return std::exchange(outcomes_, {});
    }

    /// Jobs whose outcome was not yet taken.
    [[nodiscard]] std::size_t pending() const
    {
        const std::lock_guard lock{mutex_};
        return jobs_.size() + outcomes_.size() + (is_working_ ? 1 : 0);
    }

private:
    /// The lock is held, but not while it works. There must be a job.
    void do_next(std::unique_lock<std::mutex>& lock)
    {
        auto found = jobs_.end();
        while (found == jobs_.end())
            if (const auto stream = turns_.next()) found = jobs_.find(*stream);
        const StreamId stream = found->first;
        Job job = std::move(found->second.second);
        jobs_.erase(found);
        is_working_ = true;
        lock.unlock();
        Outcome outcome = work_(stream, std::move(job));
        lock.lock();
        is_working_ = false;
        outcomes_.push_back(std::move(outcome));
    }

    void run()
    {
        std::unique_lock lock{mutex_};
        for (;;) {
            changed_.wait(lock, [&] { return is_ending_ || !jobs_.empty(); });
            if (is_ending_) return;
            do_next(lock);
            lock.unlock();
            options_.wake();
            lock.lock();
        }
    }

    LaneOptions options_;
    std::function<Outcome(StreamId, Job)> work_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::map<StreamId, std::pair<LinkId, Job>> jobs_;
    Turns turns_; // of these, and of some that are gone
    std::vector<Outcome> outcomes_;
    bool is_working_ = false;
    bool is_ending_ = false;
    std::thread thread_;
};

} // namespace cairn::detail
