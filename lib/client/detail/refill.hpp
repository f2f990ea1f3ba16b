#pragma once

#include "client/detail/object_census.hpp"
#include "client/repair.hpp"
#include "client/spread.hpp"

#include <functional>
#include <list>
#include <vector>

namespace cairn::detail {

/// Puts shards where they are missing, several segments at a time.
class Refill {
public:
    /// What became of a shard: its provider, or none and why.
    using Done = std::function<void(unsigned index, std::optional<std::size_t> provider,
                                    const std::string& fault)>;

    /// All borrowed must live longer.
    Refill(Session& session, Entropy& entropy, const Census& census,
           const ObjectRepairOptions& options);
    Refill(const Refill&) = delete;
    Refill& operator=(const Refill&) = delete;
    ~Refill();

    /// Stores the missing shards of a segment, in the order of SegmentState::missing. Waits while
    /// too many bytes are on their way; `done` is called for each shard, from here or from
    /// finish().
    void add(const SegmentState& state, std::vector<OutgoingShard> shards, Done done);

    /// Stores copies of a shard with certain providers.
    void add_at(const std::vector<std::size_t>& providers, const OutgoingShard& shard, Done done);

    /// Waits for all that was added.
    void finish();

private:
    struct Job {
        std::vector<unsigned> indices;
        std::uint64_t size = 0; // bytes in memory
        std::unique_ptr<Placement> placement;
        std::unique_ptr<Spread> spread;
        Done done;
    };

    [[nodiscard]] std::vector<std::size_t> candidates(const SegmentState& state);
    void start(std::vector<unsigned> indices, const std::vector<std::size_t>& candidates,
               std::vector<OutgoingShard> shards, Done done);
    void wait(std::uint64_t memory_max);
    void reap();

    Session* session_;
    const Census* census_;
    std::uint64_t memory_max_;
    ProviderPool pool_;
    Uploader uploader_;
    std::list<Job> jobs_;
    std::uint64_t memory_ = 0;
    std::vector<std::size_t> used_; // providers that took a shard: they get the next ones too
};

} // namespace cairn::detail
