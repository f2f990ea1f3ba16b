#include "os/pipeline.hpp"

#include "os/process.hpp"

#include <algorithm>
#include <cassert>
#include <condition_variable>
#include <exception>
#include <limits>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace cairn {
namespace {

class Turns {
public:
    explicit Turns(Pipeline& job) : job_{&job} {}

    void work(unsigned worker) noexcept
    {
        for (;;) {
            const std::uint64_t item = read(worker);
            if (item == none) return;
            try {
                job_->compute(worker, item);
            } catch (...) {
                fail(item);
            }
            if (!write(worker, item)) return;
        }
    }

    void rethrow() const
    {
        if (failure_) std::rethrow_exception(failure_);
    }

private:
    static constexpr std::uint64_t none = std::numeric_limits<std::uint64_t>::max();

    /// The item read, or none.
    std::uint64_t read(unsigned worker) noexcept
    {
        const std::lock_guard turn{reading_};
        if (is_at_end_ || first_failed() != none) return none;
        const std::uint64_t item = next_read_++;
        try {
            is_at_end_ = !job_->read(worker, item);
        } catch (...) {
            is_at_end_ = true;
            fail(item);
        }
        return is_at_end_ ? none : item;
    }

    /// False when nothing more is to be written after what went wrong.
    bool write(unsigned worker, std::uint64_t item) noexcept
    {
        {
            std::unique_lock turn{writing_};
            written_.wait(turn, [&] { return next_write_ == item || item >= failed_; });
            if (item >= failed_) return false;
        }
        try {
            job_->write(worker, item);
        } catch (...) {
            fail(item);
            return false;
        }
        const std::lock_guard turn{writing_};
        ++next_write_;
        written_.notify_all();
        return true;
    }

    std::uint64_t first_failed()
    {
        const std::lock_guard turn{writing_};
        return failed_;
    }

    void fail(std::uint64_t item) noexcept
    {
        const std::lock_guard turn{writing_};
        if (item < failed_) {
            failed_ = item;
            failure_ = std::current_exception();
        }
        written_.notify_all();
    }

    Pipeline* job_;
    std::mutex reading_;
    bool is_at_end_ = false;      // under reading_
    std::uint64_t next_read_ = 0; // under reading_
    std::mutex writing_;
    std::condition_variable written_;
    std::uint64_t next_write_ = 0; // under writing_
    std::uint64_t failed_ = none;  // under writing_: the first item that failed
    std::exception_ptr failure_{}; // under writing_
};

} // namespace

void Pipeline::run(unsigned workers)
{
    assert(workers > 0);
    Turns turns{*this};
    std::vector<std::jthread> threads;
    threads.reserve(workers);
    for (unsigned worker = 1; worker < workers; ++worker) {
        try {
            threads.emplace_back([&turns, worker] { turns.work(worker); });
        } catch (const std::system_error&) {
            break; // fewer workers do the same job
        }
    }
    turns.work(0);
    for (std::jthread& thread : threads) thread.join();
    turns.rethrow();
}

unsigned default_workers(unsigned most) noexcept
{
    return std::min(available_cores(), most);
}

} // namespace cairn
