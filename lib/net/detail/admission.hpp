#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace cairn::detail {

/// Refills at a steady rate up to a limit; each thing done takes one.
class AttemptBucket {
public:
    AttemptBucket(unsigned rate_per_s, std::uint64_t now_ms);

    /// False when there is none.
    bool take(unsigned rate_per_s, std::uint64_t now_ms) noexcept;

    /// Whether at least nine in ten are there.
    [[nodiscard]] bool is_little_used(unsigned rate_per_s, std::uint64_t now_ms) const noexcept;

    [[nodiscard]] bool is_full(unsigned rate_per_s, std::uint64_t now_ms) const noexcept;

private:
    [[nodiscard]] std::uint64_t filled(unsigned rate_per_s, std::uint64_t now_ms) const noexcept;

    std::uint64_t tokens_; // thousandths
    std::uint64_t updated_ms_;
};

/// Who may begin a handshake: so many a second for each address and for all of them together, with
/// bursts of as many as in burst_s seconds. Addresses that have used little of their own share come
/// in whatever the others do. Of IPv6 addresses the first 64 bits count.
class Admission {
public:
    static constexpr unsigned burst_s = 3;
    static constexpr std::size_t addresses_max = 4096; // remembered; others share one bucket

    struct Options {
        unsigned address_rate_per_s = 0;
        unsigned total_rate_per_s = 0;
    };

    Admission(const Options& options, std::uint64_t now_ms);

    /// Whether this address may begin one now.
    bool admit(const std::string& address, std::uint64_t now_ms);

    /// The address that connections are counted by.
    static std::string group_of(const std::string& address);

private:
    void forget_idle(std::uint64_t now_ms);

    Options options_;
    AttemptBucket total_;
    std::map<std::string, AttemptBucket> buckets_;
};

} // namespace cairn::detail
