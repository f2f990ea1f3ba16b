#include "chain/block_checker.hpp"

#include <utility>

namespace cairn {
namespace {

BlockChecker::Outcome check(const BlockChecker::Job& job)
{
    const auto& transactions = job.block->transactions;
    for (std::size_t i = 0; i < transactions.size(); ++i)
        if (!job.known[i] && !is_signed(transactions[i])) return {job.id, job.block, false};
    return {job.id, job.block, true};
}

} // namespace

BlockChecker::BlockChecker(unsigned threads, std::function<void()> wake) : wake_{std::move(wake)}
{
    for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

BlockChecker::~BlockChecker()
{
    {
        const std::lock_guard lock{mutex_};
        is_ending_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
}

void BlockChecker::add(Job job)
{
    {
        const std::lock_guard lock{mutex_};
        jobs_.push_back(std::move(job));
    }
    changed_.notify_one();
}

std::vector<BlockChecker::Outcome> BlockChecker::outcomes()
{
    const std::lock_guard lock{mutex_};
    while (threads_.empty() && !jobs_.empty()) {
        outcomes_.push_back(check(jobs_.front()));
        jobs_.pop_front();
    }
    return std::exchange(outcomes_, {});
}

std::size_t BlockChecker::pending() const
{
    const std::lock_guard lock{mutex_};
    return jobs_.size() + working_ + outcomes_.size();
}

void BlockChecker::run()
{
    std::unique_lock lock{mutex_};
    for (;;) {
        changed_.wait(lock, [&] { return is_ending_ || !jobs_.empty(); });
        if (is_ending_) return;
        const Job job = std::move(jobs_.front());
        jobs_.pop_front();
        ++working_;
        lock.unlock();
        Outcome outcome = check(job);
        lock.lock();
        --working_;
        outcomes_.push_back(std::move(outcome));
        lock.unlock();
        wake_();
        lock.lock();
    }
}

} // namespace cairn
