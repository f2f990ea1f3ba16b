#include "client/encoder_pool.hpp"

#include <algorithm>

namespace cairn {
namespace {

constexpr std::size_t ticket_cost = 64 * 1024; // bytes: more than what else an object takes

} // namespace

EncoderPool::EncoderPool(const Profile& profile, std::size_t memory_max)
    : profile_{profile},
      memory_max_{memory_max + ticket_cost}
{
}

std::size_t EncoderPool::cost_of(std::size_t size) const
{
    return profile_.shards() * shard_size(profile_, size);
}

bool EncoderPool::has_room_unlocked() const
{
    // A segment that is larger than the limit goes alone.
    return used_ + cost_of(profile_.segment_size) <= memory_max_ ||
           (encoders_ == 0 && used_ <= memory_max_ / 2);
}

bool EncoderPool::wait_for_room()
{
    std::unique_lock lock{mutex_};
    freed_.wait(lock, [&] { return is_stopped_ || has_room_unlocked(); });
    return !is_stopped_;
}

bool EncoderPool::has_room() const
{
    const std::lock_guard lock{mutex_};
    return has_room_unlocked();
}

void EncoderPool::take(std::size_t cost)
{
    used_ += cost;
    while (!spare_.empty() && used_ + spare_.size() * cost_of(profile_.segment_size) > memory_max_)
        spare_.pop_back();
}

void EncoderPool::give(std::size_t cost)
{
    const std::lock_guard lock{mutex_};
    used_ -= cost;
    freed_.notify_all();
}

void EncoderPool::give(std::size_t cost, std::unique_ptr<SegmentEncoder> encoder)
{
    const std::lock_guard lock{mutex_};
    used_ -= cost;
    --encoders_;
    if (encoder) spare_.push_back(std::move(encoder));
    freed_.notify_all();
}

std::shared_ptr<SegmentEncoder> EncoderPool::encoder(std::size_t size)
{
    // Memory that is used again is faster, but a small object should not hold a whole segment.
    const bool is_whole = size > profile_.segment_size / 2;
    Profile profile = profile_;
    if (!is_whole) profile.segment_size = static_cast<std::uint32_t>(size);
    const std::size_t cost = cost_of(profile.segment_size);
    std::unique_ptr<SegmentEncoder> made;
    {
        const std::lock_guard lock{mutex_};
        if (is_whole && !spare_.empty()) {
            made = std::move(spare_.back());
            spare_.pop_back();
        }
        take(cost);
        ++encoders_;
    }
    if (!made) made = std::make_unique<SegmentEncoder>(profile);
    const auto give_back = [pool = shared_from_this(), cost, is_whole](SegmentEncoder* encoder) {
        std::unique_ptr<SegmentEncoder> owner{encoder};
        pool->give(cost, is_whole ? std::move(owner) : nullptr);
    };
    return {made.release(), give_back};
}

std::shared_ptr<const Bytes> EncoderPool::hold(Bytes bytes)
{
    const std::size_t cost = bytes.size();
    {
        const std::lock_guard lock{mutex_};
        take(cost);
    }
    const auto give_back = [pool = shared_from_this(), cost](const Bytes* held) {
        delete held;
        pool->give(cost);
    };
    return {new Bytes{std::move(bytes)}, give_back};
}

std::shared_ptr<const void> EncoderPool::ticket()
{
    {
        const std::lock_guard lock{mutex_};
        take(ticket_cost);
    }
    return {this, [pool = shared_from_this()](const void*) { pool->give(ticket_cost); }};
}

void EncoderPool::stop()
{
    const std::lock_guard lock{mutex_};
    is_stopped_ = true;
    freed_.notify_all();
}

} // namespace cairn
