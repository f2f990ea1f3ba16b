#include "client/detail/finisher.hpp"

#include <utility>

namespace cairn::detail {

Finisher::Finisher(unsigned threads, std::function<void(const SegmentShards&)> process,
                   std::function<void()> wake)
    : process_{std::move(process)},
      wake_{std::move(wake)}
{
    if (threads > 0) thread_ = std::thread{[this] { work(); }};
}

Finisher::~Finisher()
{
    if (!thread_.joinable()) return;
    {
        const std::lock_guard lock{mutex_};
        is_ending_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

void Finisher::add(SegmentShards&& shards)
{
    if (!thread_.joinable()) return process_(shards);
    const std::lock_guard lock{mutex_};
    if (failure_) std::rethrow_exception(failure_);
    memory_ += shards.memory();
    queue_.push_back(std::move(shards));
    changed_.notify_one();
}

bool Finisher::is_idle()
{
    const std::lock_guard lock{mutex_};
    if (failure_) std::rethrow_exception(failure_);
    return queue_.empty() && !is_working_;
}

void Finisher::work()
{
    for (;;) {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [&] { return is_ending_ || !queue_.empty(); });
        if (is_ending_ || failure_) return;
        SegmentShards shards = std::move(queue_.front());
        queue_.pop_front();
        is_working_ = true;
        lock.unlock();
        const std::uint64_t size = shards.memory();
        std::exception_ptr failure;
        try {
            process_(std::exchange(shards, {}));
        } catch (...) {
            failure = std::current_exception();
        }
        lock.lock();
        memory_ -= size;
        is_working_ = false;
        failure_ = failure;
        lock.unlock();
        wake_();
        if (failure) return;
    }
}

} // namespace cairn::detail
