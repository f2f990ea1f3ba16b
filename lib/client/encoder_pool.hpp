#pragma once

#include "erasure/segment.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

namespace cairn {

/// Memory for what is on its way to providers, all of it below one limit. Safe for use from several
/// threads.
class EncoderPool : public std::enable_shared_from_this<EncoderPool> {
public:
    EncoderPool(const Profile& profile, std::size_t memory_max);

    /// Waits until a whole segment has room; false when stop() was called.
    bool wait_for_room();

    /// Whether it has, now.
    [[nodiscard]] bool has_room() const;

    /// A place to encode a segment of at most `size` bytes. It comes back to the pool when nobody
    /// has it any more.
    std::shared_ptr<SegmentEncoder> encoder(std::size_t size);

    /// Bytes that count until nobody has them any more.
    std::shared_ptr<const Bytes> hold(Bytes bytes);

    /// Counts for an object, whatever there is of it, until nobody has it any more.
    std::shared_ptr<const void> ticket();

    void stop();

private:
    [[nodiscard]] std::size_t cost_of(std::size_t size) const;
    [[nodiscard]] bool has_room_unlocked() const;
    void take(std::size_t cost);
    void give(std::size_t cost);
    void give(std::size_t cost, std::unique_ptr<SegmentEncoder> encoder);

    Profile profile_;
    std::size_t memory_max_;
    mutable std::mutex mutex_;
    std::condition_variable freed_;
    std::size_t used_ = 0;                               // bytes
    std::size_t encoders_ = 0;                           // in use
    std::vector<std::unique_ptr<SegmentEncoder>> spare_; // for whole segments
    bool is_stopped_ = false;
};

} // namespace cairn
