#include "relaying/channel.hpp"

#include "relaying/detail/draw.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace cairn {

using detail::Draw;
using detail::Purpose;

namespace {

constexpr std::uint64_t corrupt_stretch_size = 4 * 1024; // bytes
constexpr std::size_t chunk_size_max = 64 * 1024;        // bytes; what comes together is kept so
constexpr std::uint64_t catch_up_us = 10'000;            // of a rate that was not used

} // namespace

Channel::Channel(const Impairment& impairment, const Origin& origin)
    : impairment_{impairment},
      origin_{origin}
{
    find_cut(0);
}

void Channel::set(const Impairment& impairment)
{
    if (impairment.stall != impairment_.stall) stalled_since_ms_.reset();
    impairment_ = impairment;
    if (impairment.blackhole) {
        chunks_.clear();
        skip_ = held_ = 0;
    }
    if (is_taking()) find_cut(0);
}

void Channel::take(ByteView data, std::uint64_t now_ms)
{
    if (!is_taking()) return;
    data = data.first(find_cut(data.size()));
    if (!impairment_.blackhole) store(data, now_ms);
    taken_ += data.size();
}

void Channel::take_end(std::uint64_t now_ms)
{
    if (!is_taking()) return;
    end_ms_ = now_ms;
    is_end_lost_ = impairment_.blackhole;
}

ByteView Channel::ready(std::uint64_t now_ms)
{
    due_ms_.reset();
    if (held_ == 0) {
        if (end_ms_ && now_ms < *end_ms_ + impairment_.delay_ms)
            due_ms_ = *end_ms_ + impairment_.delay_ms;
        is_end_due_ = end_ms_ && !due_ms_;
        return {};
    }
    if (now_ms < release_ms()) {
        due_ms_ = release_ms();
        return {};
    }
    if (is_stalled(now_ms)) return {};
    const ByteView rest = ByteView{chunks_.front().data}.subspan(skip_);
    std::uint64_t size = std::min<std::uint64_t>(rest.size(), rate_limit(now_ms));
    if (impairment_.slice > 0) size = std::min(size, impairment_.slice);
    if (impairment_.jitter_ms > 0)
        size = std::min(size, jitter_stretch_size - position() % jitter_stretch_size);
    if (impairment_.stall && position() < impairment_.stall->after)
        size = std::min(size, impairment_.stall->after - position());
    return rest.first(size);
}

void Channel::leave(std::size_t size)
{
    if (size == 0) return;
    released_ms_ = release_ms();
    if (impairment_.rate > 0) {
        const std::uint64_t cost = size * 1'000'000 + free_rest_;
        free_us_ += cost / impairment_.rate;
        free_rest_ = cost % impairment_.rate;
    }
    skip_ += size;
    held_ -= size;
    left_ += size;
    assert(skip_ <= chunks_.front().data.size());
    if (skip_ < chunks_.front().data.size()) return;
    chunks_.pop_front();
    skip_ = 0;
}

Channel::State Channel::state() const noexcept
{
    if (held_ > 0) return State::open;
    if (cut_ != State::open) return cut_;
    return is_end_due_ && !is_end_lost_ ? State::ended : State::open;
}

/// Where in the next `size` bytes a reset comes, counted from their first; none: behind them all.
std::uint64_t Channel::find_loss(std::uint64_t size) const noexcept
{
    if (impairment_.loss == 0) return UINT64_MAX;
    const std::uint64_t last = (taken_ + size) / loss_stretch_size;
    for (std::uint64_t stretch = taken_ / loss_stretch_size; stretch <= last; ++stretch) {
        Draw draw{Purpose::loss, {origin_.seed, origin_.connection, origin_.is_up, stretch}};
        if (draw.unit() >= impairment_.loss) continue;
        const std::uint64_t at = stretch * loss_stretch_size + draw.next() % loss_stretch_size;
        if (at >= taken_) return at - taken_;
    }
    return UINT64_MAX;
}

/// How many of the next `size` bytes are to pass before the stream is cut, if it is.
std::uint64_t Channel::find_cut(std::uint64_t size) noexcept
{
    const auto left_until = [&](const std::optional<std::uint64_t>& offset) {
        return offset ? std::max(*offset, taken_) - taken_ : UINT64_MAX;
    };
    const std::uint64_t reset = std::min(left_until(impairment_.reset), find_loss(size));
    const std::uint64_t close = left_until(impairment_.close);
    if (std::min(reset, close) > size) return size;
    cut_ = reset <= close ? State::reset : State::closed;
    return std::min(reset, close);
}

/// Flips bits of what is taken next.
void Channel::corrupt(MutableByteView data)
{
    const std::uint64_t end = taken_ + data.size();
    const double scale = std::log1p(-impairment_.corrupt);
    for (std::uint64_t start = taken_ / corrupt_stretch_size * corrupt_stretch_size; start < end;
         start += corrupt_stretch_size) {
        const std::uint64_t stretch = start / corrupt_stretch_size;
        Draw draw{Purpose::corrupt, {origin_.seed, origin_.connection, origin_.is_up, stretch}};
        for (std::uint64_t at = start;; ++at) {
            // The bytes up to the next one that is hit have a geometric distribution.
            const double gap = std::floor(std::log1p(-draw.unit()) / scale);
            if (gap >= static_cast<double>(start + corrupt_stretch_size - at)) break;
            at += static_cast<std::uint64_t>(gap);
            const auto bit = static_cast<unsigned>(draw.next() % 8);
            if (at < taken_ || at >= end) continue;
            data[at - taken_] ^= std::byte{1} << bit;
            ++corrupted_;
        }
    }
}

void Channel::store(ByteView data, std::uint64_t now_ms)
{
    if (data.empty()) return;
    const bool is_joined = !chunks_.empty() && chunks_.back().time_ms == now_ms &&
                           chunks_.back().data.size() + data.size() <= chunk_size_max;
    if (!is_joined) chunks_.push_back({{}, now_ms});
    Bytes& bytes = chunks_.back().data;
    bytes.insert(bytes.end(), data.begin(), data.end());
    held_ += data.size();
    if (impairment_.corrupt > 0) corrupt(MutableByteView{bytes}.last(data.size()));
}

bool Channel::is_stalled(std::uint64_t now_ms)
{
    if (!impairment_.stall || position() != impairment_.stall->after) return false;
    if (!stalled_since_ms_) stalled_since_ms_ = now_ms;
    if (!impairment_.stall->duration_ms) return true;
    const std::uint64_t end_ms = *stalled_since_ms_ + *impairment_.stall->duration_ms;
    if (now_ms >= end_ms) return false;
    due_ms_ = end_ms;
    return true;
}

/// How many bytes the rate lets leave now.
std::uint64_t Channel::rate_limit(std::uint64_t now_ms)
{
    if (impairment_.rate == 0) return UINT64_MAX;
    const std::uint64_t now_us = now_ms * 1000;
    free_us_ = std::max(free_us_, now_us - std::min(now_us, catch_up_us));
    if (free_us_ > now_us) {
        due_ms_ = (free_us_ + 999) / 1000;
        return 0;
    }
    return std::max<std::uint64_t>(1, (now_us - free_us_) * impairment_.rate / 1'000'000);
}

/// When the first byte that is held may leave, for all that the rate allows.
std::uint64_t Channel::release_ms() const noexcept
{
    std::uint64_t jitter_ms = 0;
    if (impairment_.jitter_ms > 0) {
        const std::uint64_t stretch = position() / jitter_stretch_size;
        Draw draw{Purpose::jitter, {origin_.seed, origin_.connection, origin_.is_up, stretch}};
        jitter_ms = draw.next() % (impairment_.jitter_ms + 1);
    }
    return std::max(released_ms_, chunks_.front().time_ms + impairment_.delay_ms + jitter_ms);
}

} // namespace cairn
