#pragma once

#include "cli/detail/line.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string_view>

// How far a command is. All of it works in a signal handler: no lock, no allocation.

namespace cairn::detail {

/// What is known of a phase at one moment.
struct Snapshot {
    const char* phase = nullptr; ///< none before the first phase
    std::uint64_t done_bytes = 0;
    std::optional<std::uint64_t> total_bytes;
    std::uint64_t elapsed_ms = 0;
    std::uint64_t rate = 0;          ///< bytes a second
    std::uint64_t written_bytes = 0; ///< of those that are done; 0 where that is not told apart

    [[nodiscard]] std::optional<unsigned> percent() const noexcept;

    /// The time that is left; none while it cannot be told.
    [[nodiscard]] std::optional<std::uint64_t> left_ms() const noexcept;
};

/// "encrypt 61%, 1.23 GiB of 2.00 GiB, 412 MiB/s, ETA 0:02"
void put_text(Line& line, const Snapshot& snapshot) noexcept;

/// The same with a bar, in at most `width` columns.
void put_bar(Line& line, const Snapshot& snapshot, unsigned width) noexcept;

/// One progress event.
void put_json(Line& line, const Snapshot& snapshot, std::string_view tool,
              std::uint64_t wall_clock_ms) noexcept;

/// What workers write and printers read.
class Status {
public:
    void start(const char* phase, std::optional<std::uint64_t> total_bytes,
               std::uint64_t now_ms) noexcept;
    void add(std::uint64_t bytes) noexcept { done_.fetch_add(bytes, std::memory_order_relaxed); }
    void add_written(std::uint64_t bytes) noexcept
    {
        written_.fetch_add(bytes, std::memory_order_relaxed);
    }

    /// A rate that was measured; without one snapshots tell the average since the start.
    void set_rate(std::uint64_t rate) noexcept { rate_ = rate; }

    [[nodiscard]] Snapshot snapshot(std::uint64_t now_ms) const noexcept;

private:
    static constexpr std::uint64_t unknown = UINT64_MAX;

    std::atomic<const char*> phase_{nullptr};
    std::atomic<std::uint64_t> done_{0};
    std::atomic<std::uint64_t> written_{0};
    std::atomic<std::uint64_t> total_{unknown};
    std::atomic<std::uint64_t> started_ms_{0};
    std::atomic<std::uint64_t> rate_{unknown};
};

/// The average rate of the last ten seconds.
class RateWindow {
public:
    explicit RateWindow(std::uint64_t now_ms) noexcept { samples_[0].ms = now_ms; }

    /// Call it at least twice a second. Returns bytes a second.
    std::uint64_t sample(std::uint64_t now_ms, std::uint64_t done_bytes) noexcept;

private:
    static constexpr std::uint64_t window_ms = 10'000;
    static constexpr std::uint64_t step_ms = 500;

    struct Sample {
        std::uint64_t ms = 0;
        std::uint64_t done_bytes = 0;
    };
    std::array<Sample, 20> samples_{}; // a ring: count_ of them, up to newest_
    std::size_t newest_ = 0;
    std::size_t count_ = 1;
};

} // namespace cairn::detail
