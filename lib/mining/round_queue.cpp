#include "mining/round_queue.hpp"

#include "base/error.hpp"
#include "base/lines.hpp"

#include <algorithm>
#include <chrono>

namespace cairn {

void RoundQueue::put(const Announcement& round)
{
    const std::lock_guard lock{mutex_};
    rounds_.push_back(round);
    wake_.notify_all();
}

bool RoundQueue::put_if_idle(const Announcement& round)
{
    const std::lock_guard lock{mutex_};
    if (!is_idle_ || !rounds_.empty()) return false;
    rounds_.push_back(round);
    wake_.notify_all();
    return true;
}

void RoundQueue::end(std::exception_ptr failure) noexcept
{
    const std::lock_guard lock{mutex_};
    has_ended_ = true;
    failure_ = std::move(failure);
    wake_.notify_all();
}

std::optional<Announcement> RoundQueue::take(std::uint64_t timeout_ms)
{
    constexpr std::uint64_t longest_ms = std::uint64_t{365} * 24 * 3'600'000;
    std::unique_lock lock{mutex_};
    is_idle_ = true;
    wake_.wait_for(lock, std::chrono::milliseconds{std::min(timeout_ms, longest_ms)},
                   [&] { return !rounds_.empty() || has_ended_; });
    is_idle_ = false;
    if (rounds_.empty()) {
        if (failure_) std::rethrow_exception(failure_);
        return std::nullopt;
    }
    const Announcement round = rounds_.front();
    rounds_.pop_front();
    return round;
}

bool RoundQueue::has_more() const
{
    const std::lock_guard lock{mutex_};
    return !rounds_.empty();
}

bool RoundQueue::has_ended() const
{
    const std::lock_guard lock{mutex_};
    return has_ended_ && rounds_.empty();
}

void read_rounds(const std::function<std::size_t(MutableByteView)>& source, RoundQueue& queue)
{
    Lines lines{source, round_line_size_max};
    try {
        while (const auto line = lines.next()) {
            try {
                queue.put(parse_announcement(Json::parse(*line, "the round")));
            } catch (const Error& error) {
                throw Error{error.code(),
                            "line " + std::to_string(lines.number()) + ": " + error.what()};
            }
        }
        queue.end();
    } catch (...) {
        queue.end(std::current_exception());
    }
}

} // namespace cairn
