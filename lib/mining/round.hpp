#pragma once

#include "capacity/claim.hpp"
#include "json/json.hpp"
#include "plots/scanner.hpp"

#include <optional>

// Rounds and the answers to them as JSON, cairn-round(5): what nodes, prove, verify and miners tell
// each other.

namespace cairn {

/// A round as a chain announces it.
struct Announcement {
    Challenge challenge;
    std::optional<std::uint64_t> height; ///< by the rules of the family: it decides on the scoop
    BaseTarget target;
    std::optional<std::uint64_t> deadline_max; ///< answers that wait longer are of no use
    std::optional<std::uint64_t> window_ms;    ///< those that come later neither

    friend bool operator==(const Announcement&, const Announcement&) = default;
};

inline constexpr std::size_t round_line_size_max = 16 * 1024; // bytes

/// Its challenge, and the scoop it follows to.
[[nodiscard]] Round round_of(const Announcement& announcement);

/// Reads one: an object with "challenge", or "generation_signature" and "height", and
/// "base_target". Members that are not known are passed over. Throws Error{data}.
[[nodiscard]] Announcement parse_announcement(const Json& json);

[[nodiscard]] Json to_json(const Announcement& announcement);

/// A claim, and what it is said to be worth.
struct Answer {
    Announcement announcement;
    Claim claim;
    std::optional<Hit> hit;                ///< one of these two at least
    std::optional<std::uint64_t> deadline; ///< seconds
};

/// Reads what to_json writes; members that are not known are passed over. Throws Error{data}.
[[nodiscard]] Answer parse_answer(const Json& json);

[[nodiscard]] Json to_json(const Answer& answer);

/// What is wrong with an answer, by the hit that its claim has in truth; empty: nothing.
[[nodiscard]] std::string fault_of(const Answer& answer, Hit truth);

} // namespace cairn
