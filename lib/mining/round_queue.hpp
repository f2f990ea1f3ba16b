#pragma once

#include "mining/round.hpp"

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>

namespace cairn {

/// Rounds on their way from whoever announces them to whoever answers them. From any thread.
class RoundQueue {
public:
    void put(const Announcement& round);

    /// The same, where nobody is at work on another and none waits; whether it was put.
    bool put_if_idle(const Announcement& round);

    /// There are no more, or no more can be had.
    void end(std::exception_ptr failure = {}) noexcept;

    /// The next round; none at the end, whose failure it throws, and after `timeout_ms` without
    /// one.
    std::optional<Announcement> take(std::uint64_t timeout_ms = UINT64_MAX);

    /// Whether a round waits: the one that was taken is over, where only the newest counts.
    [[nodiscard]] bool has_more() const;

    /// Whether all was taken and nothing more comes.
    [[nodiscard]] bool has_ended() const;

private:
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Announcement> rounds_;
    bool is_idle_ = false; // somebody waits for a round
    bool has_ended_ = false;
    std::exception_ptr failure_;
};

/// Reads rounds, one a line, into a queue until the text ends. Throws nothing: the queue does.
void read_rounds(const std::function<std::size_t(MutableByteView)>& source, RoundQueue& queue);

} // namespace cairn
