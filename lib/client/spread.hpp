#pragma once

#include "client/placement.hpp"
#include "client/uploader.hpp"

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace cairn {

/// Who has a shard, and its word for it.
struct Holder {
    std::size_t provider = 0;
    std::shared_ptr<const Bytes> receipt; ///< null where it was stored by a run before
};

/// Stores shards with distinct providers, all at once: the k+m of a segment, or copies of one. Who
/// fails is replaced at once, who is slow when the others are done is raced against a spare, and
/// when nobody is left a shard is given up.
class Spread {
public:
    /// Who is told what happens, from Session::run(), tick() and start().
    struct Watch {
        std::function<void(const Holder& holder)> stored; ///< somebody has a shard now
        std::function<void()> over;                       ///< is_over() has become true
    };

    /// One shard for each slot of `placement`; `happy` of them are enough. All borrowed must live
    /// longer.
    Spread(Uploader& uploader, ProviderPool& pool, Placement& placement,
           std::vector<OutgoingShard> shards, unsigned happy);
    Spread(const Spread&) = delete;
    Spread& operator=(const Spread&) = delete;
    ~Spread();

    /// A shard that is stored already. Before start().
    void preset(std::size_t slot, Holder holder);

    void start(Watch watch);

    /// The shard of a slot is not wanted any more, unless it is stored.
    void abandon(std::size_t slot);

    /// What is due by time; call it some times a second.
    void tick();

    /// Whether all shards are stored or given up.
    [[nodiscard]] bool is_over() const noexcept { return over_ == parts_.size(); }

    /// How many are stored.
    [[nodiscard]] std::size_t stored() const noexcept { return stored_; }

    /// Who has the shard of a slot.
    [[nodiscard]] const std::optional<Holder>& holder(std::size_t slot) const
    {
        return parts_[slot].holder;
    }

    /// Why the last shard that was not stored was not: "cairn1...: full".
    [[nodiscard]] const std::string& fault() const noexcept { return fault_; }

private:
    struct Attempt {
        std::size_t provider = 0;
        UploadId upload;
        std::uint64_t started_ms = 0;
    };
    struct Part {
        OutgoingShard shard;
        std::vector<Attempt> attempts;
        std::optional<Holder> holder;
        bool is_given_up = false;
        unsigned retries = 0;
        std::uint64_t retry_ms = 0; ///< when; 0: not waiting
        std::size_t retry_with = 0;
    };

    [[nodiscard]] bool is_settled(const Part& part) const
    {
        return part.holder.has_value() || part.is_given_up;
    }
    [[nodiscard]] std::uint64_t now_ms() const { return pool_->session().now_ms(); }
    [[nodiscard]] std::uint64_t attempt_limit_ms(const Part& part) const;
    [[nodiscard]] std::optional<std::size_t> other(std::size_t slot, std::size_t than) const;
    void begin(std::size_t slot);
    void launch(std::size_t slot, std::size_t provider);
    void settle(std::size_t slot, std::size_t provider, UploadResult&& result);
    void succeed(std::size_t slot, Holder holder);
    void fail(std::size_t slot, std::size_t provider, const UploadResult& result);
    void give_up(std::size_t slot);
    void drop(Part& part, std::size_t provider);
    void drop_all(Part& part);
    void tick(std::size_t slot, std::uint64_t now);
    void race(std::size_t slot);
    void settled();
    void note_progress();

    Uploader* uploader_;
    ProviderPool* pool_;
    Placement* placement_;
    std::vector<Part> parts_;
    std::size_t happy_;
    Watch watch_;
    std::set<std::size_t> taken_; // providers that have a shard of these, or are being sent one
    std::size_t stored_ = 0;
    std::size_t over_ = 0;
    std::uint64_t started_ms_ = 0;
    std::optional<std::uint64_t> tail_ms_;  // what it took until few were left
    std::optional<std::uint64_t> happy_ms_; // what it took until enough were stored
    std::string fault_;
};

} // namespace cairn
