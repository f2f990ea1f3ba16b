#pragma once

#include "client/detail/shard_read.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace cairn::detail {

/// Who has a shard, as all providers say; with CensusOptions::is_deep as they have shown.
struct ShardCensus {
    ShardItem item;
    std::vector<std::size_t> holders;
    std::vector<std::size_t> losers;  ///< they said that they have it, and could not give it
    std::vector<std::size_t> damaged; ///< of these, those who have something else
};

struct CensusOptions {
    bool is_deep = false;                                ///< every copy is read and verified
    std::uint64_t memory_max = std::uint64_t{32} << 20U; ///< bytes of shards that are being read
};

/// Asks all providers for shards, as many times as there are shards to ask for: who does not answer
/// in time is not asked again, and who breaks off is when it matters.
class Census {
public:
    /// `context` must live longer; what providers do wrong is noted there.
    Census(ReadContext& context, const CensusOptions& options);
    Census(const Census&) = delete;
    Census& operator=(const Census&) = delete;
    ~Census();

    /// Whether nothing is missing in these answers, so that nobody need be waited for.
    using IsEnough = std::function<bool(const std::vector<ShardCensus>&)>;

    /// Each of the shards, whose roots are different.
    std::vector<ShardCensus> take(const std::vector<ShardItem>& shards, const IsEnough& is_enough);

    /// Whether a provider did not answer the last time, or did not send what was read.
    [[nodiscard]] bool is_silent(std::size_t provider) const
    {
        return is_silent_[provider] || is_stalling_[provider];
    }
    [[nodiscard]] std::size_t silent() const;

    /// Whether a provider sent something else than the shards that it said it has.
    [[nodiscard]] bool has_lied(std::size_t provider) const { return has_lied_[provider]; }

private:
    struct Question {
        std::size_t provider = 0;
        std::size_t first = 0; // of the shards
        std::size_t count = 0;
        bool is_answered = false;
        CallId call{};
    };
    struct Check {
        std::size_t shard = 0;
        std::unique_ptr<ShardPart> part;
        std::unique_ptr<ShardRead> read;
        std::uint64_t started_ms = 0;
        unsigned tries = 1;
    };

    void ask_all(const IsEnough& is_enough);
    [[nodiscard]] bool can_ask_again() const;
    void ask(Question& question);
    void settle(Question& question, const Reply& reply);
    [[nodiscard]] bool take_answer(const Question& question, ByteView body);
    void verify_all();
    void start_checks(std::size_t& shard, std::size_t& holder);
    bool reap_checks();
    void judge(const Check& check);
    [[nodiscard]] bool is_over(Check& check);

    ReadContext* context_;
    CensusOptions options_;
    std::vector<bool> is_silent_;
    std::vector<bool> is_given_up_; // it was silent, however often it was asked
    std::vector<bool> is_hopeless_; // it takes time to find out again
    std::vector<bool> is_stalling_;
    std::vector<bool> has_lied_;
    std::vector<ShardCensus> shards_;
    std::vector<Question> questions_;
    std::size_t pending_ = 0;
    std::vector<Check> checks_;
    std::vector<std::size_t> checks_of_; // in progress, of each provider
    std::uint64_t memory_ = 0;
};

} // namespace cairn::detail
