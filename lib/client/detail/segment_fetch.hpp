#pragma once

#include "client/detail/holders.hpp"
#include "client/detail/shard_read.hpp"
#include "client/segment_shards.hpp"

#include <memory>
#include <vector>

namespace cairn::detail {

/// What is wanted of a segment.
struct SegmentPlan {
    std::uint64_t segment = 0;
    std::uint64_t length = 0; ///< bytes
    Profile profile;
    std::uint64_t first = 0; ///< byte of the segment
    std::uint64_t last = 0;  ///< byte of the segment, included
};

/// Gets any k good shards of one segment, or, where little of it is wanted, the pieces of its data
/// shards: starts reads at the providers that are likely to be quickest, replaces those that fail,
/// and starts others beside those that are late.
class SegmentFetch {
public:
    /// `holders` knows the segment's roots from number `first_root` on.
    SegmentFetch(ReadContext& context, std::shared_ptr<Holders> holders, std::size_t first_root,
                 const SegmentPlan& plan);
    SegmentFetch(const SegmentFetch&) = delete;
    SegmentFetch& operator=(const SegmentFetch&) = delete;
    ~SegmentFetch();

    /// Does what can be done now. Throws Error{data} or Error{unavail} when nothing is left to try.
    void step();

    /// When step() has something to do even if nothing happens.
    [[nodiscard]] std::uint64_t timer_ms() const noexcept { return timer_ms_; }

    [[nodiscard]] bool is_complete() const noexcept { return is_complete_; }
    [[nodiscard]] const SegmentPlan& plan() const noexcept { return plan_; }

    /// What was read, once; needs is_complete().
    [[nodiscard]] SegmentShards take();

    /// Bytes that a plan takes at least.
    static std::uint64_t memory_needed(const SegmentPlan& plan);

private:
    enum class Mark : std::uint8_t {
        late, ///< another was started in its place
        cut,
        slow,
        absent,
        damaged,
    };
    struct Attempt {
        std::size_t provider = 0;
        Mark mark = Mark::late;
    };
    struct Slot {
        ShardPart part;
        std::unique_ptr<ShardRead> read;
        std::vector<Attempt> attempts; // that came to nothing
        bool is_wanted = true;
    };
    struct Candidate {
        std::size_t slot = 0;
        std::size_t provider = 0;
    };

    void want_pieces();
    void want_any();
    void reap();
    void note_late(std::uint64_t now);
    void fill();
    void start(const Candidate& candidate);
    void make_room(std::size_t wanted);
    void release(Slot& slot);
    void check_hope(std::uint64_t now);
    void set_timer(std::uint64_t now);
    [[nodiscard]] std::optional<Candidate> find_candidate() const;
    [[nodiscard]] static bool was_tried(const Slot& slot, std::size_t provider);
    [[nodiscard]] std::size_t count_complete() const;
    [[nodiscard]] std::size_t count_reads(bool with_late) const;
    [[nodiscard]] bool can_retry() const;
    [[nodiscard]] static Mark to_mark(ShardRead::End end);
    [[nodiscard]] static bool may_help_again(const Attempt& attempt);
    [[noreturn]] void fail() const;

    ReadContext* context_;
    std::shared_ptr<Holders> holders_;
    std::size_t first_root_;
    SegmentPlan plan_;
    std::vector<Slot> slots_;
    std::size_t needed_ = 0; // of the slots that are wanted
    bool is_partial_ = false;
    bool is_started_ = false;
    bool is_complete_ = false;
    unsigned rounds_ = 0; // in which everything was tried again
    std::uint64_t retry_at_ms_ = 0;
    std::uint64_t timer_ms_ = 0;
    std::uint64_t reserved_ = 0; // bytes of context_->memory
};

} // namespace cairn::detail
