#pragma once

#include "client/read_options.hpp"
#include "client/session.hpp"

#include <array>
#include <optional>
#include <string_view>
#include <vector>

namespace cairn::detail {

/// How long the pieces of a healthy read take, and from when on one is late.
class Pace {
public:
    void add(std::uint64_t gap_ms) noexcept;

    /// A read without a piece for longer is late: twice the 95th percentile of the last pieces.
    [[nodiscard]] std::uint64_t late_ms() const noexcept { return late_ms_; }

private:
    static constexpr std::size_t gaps_max = 128;

    std::array<std::uint32_t, gaps_max> gaps_{};
    std::size_t count_ = 0;
    std::uint64_t late_ms_ = 400; // while nothing is known
};

/// Whom to ask first.
class Ranking {
public:
    explicit Ranking(const Session& session);

    /// What a read of `size` bytes is expected to take at a provider, in milliseconds or worse.
    [[nodiscard]] double cost(std::size_t provider, std::uint64_t size) const;

    void begin(std::size_t provider, std::uint64_t size) { standings_[provider].queued += size; }
    void end(std::size_t provider, std::uint64_t size) { standings_[provider].queued -= size; }
    void note_good(std::size_t provider) { standings_[provider].lates /= 2; }
    void note_late(std::size_t provider) { standings_[provider].lates += 1; }

private:
    struct Standing {
        std::uint64_t queued = 0; // bytes asked for and not yet here
        double lates = 0;
    };

    const Session* session_;
    std::vector<Standing> standings_;
};

/// What all reads of an object share.
struct ReadContext {
    ReadContext(Session& session_used, const ReadOptions& read_options);

    void add_fault(std::size_t provider, std::string_view what, bool is_lie = false);
    [[nodiscard]] std::size_t providers() const { return session.providers().size(); }

    Session& session;
    ReadOptions options;
    Pace pace;
    Ranking ranking;
    std::vector<ProviderFault> faults;
    std::uint64_t memory = 0; ///< bytes of shards being read
    bool is_changed = false;  ///< something happened that a step may depend on
};

/// What a provider says of so many shards; none when it cannot be read.
std::optional<HasReply> read_has_reply(ByteView body, std::size_t shards);

} // namespace cairn::detail
