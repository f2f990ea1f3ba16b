#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

// What a relay does to the bytes that pass, cairn-relay(1). What is random depends on the seed, the
// number of the connection and the place in the stream alone, so a run can be repeated.

namespace cairn {

inline constexpr std::uint64_t loss_stretch_size = 64 * 1024;  // bytes
inline constexpr std::uint64_t jitter_stretch_size = 4 * 1024; // bytes

/// Of one direction of each connection.
struct Impairment {
    /// Once, when `after` bytes have passed, nothing does for so long; none: never again.
    struct Stall {
        std::uint64_t after = 0; ///< bytes
        std::optional<std::uint64_t> duration_ms;

        friend bool operator==(const Stall&, const Stall&) = default;
    };

    double loss = 0;             ///< that a reset comes somewhere in a stretch, a probability
    double corrupt = 0;          ///< that a bit of a byte is flipped, a probability
    std::uint64_t delay_ms = 0;  ///< from arriving to leaving
    std::uint64_t jitter_ms = 0; ///< at most as much more, another for each stretch
    std::uint64_t rate = 0;      ///< bytes a second; 0: as fast as they come
    std::uint64_t slice = 0;     ///< bytes, the most that leave at once; 0: as they come
    std::optional<Stall> stall;
    std::optional<std::uint64_t> close; ///< bytes, after which the connection ends in good order
    std::optional<std::uint64_t> reset; ///< bytes, after which it is reset
    bool blackhole = false;             ///< what comes is lost, also the end of the stream

    friend bool operator==(const Impairment&, const Impairment&) = default;
};

struct Impairments {
    Impairment up;     ///< to the server
    Impairment down;   ///< to the client
    double refuse = 0; ///< that a connection is reset when it comes, a probability
    std::uint64_t seed = 1;

    friend bool operator==(const Impairments&, const Impairments&) = default;
};

/// "loss=0.01,up.delay=50ms,seed=7": assignments with commas or white space between; those without
/// "up." or "down." are for both directions. A '#' begins a comment up to the end of the line.
/// Throws Error{usage}.
Impairments parse_impairments(std::string_view text);

} // namespace cairn
