#pragma once

#include "client/detail/read_context.hpp"

#include <optional>
#include <vector>

namespace cairn::detail {

/// What a small shard holds: a manifest, or an object in whole copies. Nothing but its hash is
/// known, so it is read whole, from one provider after another or beside one that is late.
class SmallFetch {
public:
    SmallFetch(ReadContext& context, const Blake3Digest& root, std::size_t size_max);
    SmallFetch(const SmallFetch&) = delete;
    SmallFetch& operator=(const SmallFetch&) = delete;
    ~SmallFetch();

    /// The bytes. Throws Error{no} when every provider says that it has none, Error{data} when all
    /// copies are damaged, Error{unavail}.
    Bytes run();

private:
    enum class State {
        asked,
        has,
        reading,
        silent,   ///< no answer, or the call broke
        hopeless, ///< the same, but another try would only take time
        absent,
        damaged,
    };
    struct Source {
        State state = State::asked;
        std::uint64_t size = 0; // as the provider says
        Bytes data;             // proof and bytes
        CallId call;
        std::uint64_t moved_ms = 0; // when the call was made, or a part of the data came
        bool is_late = false;
    };

    void ask(std::size_t provider);
    void settle_answer(std::size_t provider, const Reply& reply);
    void read(std::size_t provider);
    bool take(std::size_t provider, ByteView data);
    void settle_read(std::size_t provider, const Reply& reply);
    void give_up(std::size_t provider, State state, std::string_view fault);
    void step();
    [[nodiscard]] bool watch_reads(std::uint64_t now);
    void retry_or_fail();
    [[nodiscard]] std::size_t count(State state) const;
    [[noreturn]] void fail() const;

    ReadContext* context_;
    Blake3Digest root_;
    std::size_t size_max_;
    std::vector<Source> sources_;
    std::optional<Bytes> found_;
    unsigned rounds_ = 0;
    std::uint64_t retry_at_ms_ = 0;
    std::uint64_t timer_ms_ = 0;
};

} // namespace cairn::detail
