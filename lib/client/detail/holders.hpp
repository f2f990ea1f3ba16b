#pragma once

#include "client/detail/read_context.hpp"

#include <memory>
#include <span>
#include <vector>

namespace cairn::detail {

/// Which providers say that they have which of some shards: all are asked at once.
class Holders {
public:
    Holders(ReadContext& context, std::vector<Blake3Digest> roots);
    Holders(const Holders&) = delete;
    Holders& operator=(const Holders&) = delete;
    ~Holders();

    [[nodiscard]] std::span<const Blake3Digest> roots() const noexcept { return roots_; }

    /// Those that said so, of one root.
    [[nodiscard]] const std::vector<std::size_t>& of(std::size_t root) const
    {
        return holders_[root];
    }

    /// How many answers are still to come.
    [[nodiscard]] std::size_t pending() const noexcept { return pending_; }

    /// How many providers did not answer.
    [[nodiscard]] std::size_t silent() const;

    [[nodiscard]] std::uint64_t asked_ms() const noexcept { return asked_ms_; }

    /// Whether another try may get an answer from those that gave none.
    [[nodiscard]] bool can_ask_again() const;

    /// Asks those again that did not answer.
    void ask_again();

private:
    struct Question {
        std::size_t provider = 0;
        std::size_t first = 0; // of the roots
        std::size_t count = 0;
        CallId call;
        bool is_pending = false;
        bool is_answered = false;
        bool is_hopeless = false; // a time-out, or nonsense

        [[nodiscard]] bool is_open() const { return !is_pending && !is_answered && !is_hopeless; }
    };

    void ask(Question& question);
    void settle(Question& question, const Reply& reply);
    [[nodiscard]] bool take_answer(Question& question, ByteView body);

    ReadContext* context_;
    std::vector<Blake3Digest> roots_;
    std::vector<std::vector<std::size_t>> holders_;
    std::vector<Question> questions_;
    std::size_t pending_ = 0;
    std::uint64_t asked_ms_;
};

} // namespace cairn::detail
