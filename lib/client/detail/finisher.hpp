#pragma once

#include "client/segment_shards.hpp"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

namespace cairn::detail {

/// Deals with segments one after another, in a thread of its own or at once.
class Finisher {
public:
    /// `process` takes the segments in turn. `wake` is called when one is dealt with.
    Finisher(unsigned threads, std::function<void(const SegmentShards&)> process,
             std::function<void()> wake);
    Finisher(const Finisher&) = delete;
    Finisher& operator=(const Finisher&) = delete;
    ~Finisher();

    /// The next segment. Throws what `process` threw.
    void add(SegmentShards&& shards);

    /// Whether all are dealt with. Throws what `process` threw.
    [[nodiscard]] bool is_idle();

    /// Bytes that wait.
    [[nodiscard]] std::uint64_t memory() const noexcept { return memory_; }

private:
    void work();

    std::function<void(const SegmentShards&)> process_;
    std::function<void()> wake_;
    std::atomic<std::uint64_t> memory_ = 0;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<SegmentShards> queue_;
    bool is_working_ = false;
    bool is_ending_ = false;
    std::exception_ptr failure_;
    std::thread thread_;
};

} // namespace cairn::detail
