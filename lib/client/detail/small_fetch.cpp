#include "client/detail/small_fetch.hpp"

#include "base/error.hpp"
#include "hash/pieces.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace cairn::detail {
namespace {

constexpr std::uint64_t answer_max_ms = 10'000;
constexpr std::array<std::uint64_t, 3> round_delays_ms{200, 700, 2'000};

/// Bytes of the whole proof of a shard.
std::size_t proof_size(std::uint64_t size)
{
    return piece_proof_size({size, 0, piece_count(size) - 1});
}

} // namespace

SmallFetch::SmallFetch(ReadContext& context, const Blake3Digest& root, std::size_t size_max)
    : context_{&context},
      root_{root},
      size_max_{size_max},
      sources_(context.providers())
{
}

SmallFetch::~SmallFetch()
{
    for (const Source& source : sources_) context_->session.cancel(source.call);
}

Bytes SmallFetch::run()
{
    for (std::size_t i = 0; i < sources_.size(); ++i) ask(i);
    for (;;) {
        context_->is_changed = false;
        if (!found_) step();
        if (found_) return std::move(*found_);
        context_->session.run([&] { return context_->is_changed; }, timer_ms_);
    }
}

void SmallFetch::ask(std::size_t provider)
{
    Source& source = sources_[provider];
    source.state = State::asked;
    SessionCall call;
    call.provider = provider;
    call.method = method::shard_has;
    call.request = to_bytes(HasRequest{{root_}});
    call.done = [this, provider](Reply&& reply) { settle_answer(provider, reply); };
    call.stall_ms = std::min(answer_max_ms, context_->options.patience_ms);
    source.call = context_->session.start(std::move(call));
}

void SmallFetch::settle_answer(std::size_t provider, const Reply& reply)
{
    context_->is_changed = true;
    if (!reply.failure.empty())
        return give_up(provider, reply.is_time_out ? State::hopeless : State::silent,
                       reply.failure);
    if (reply.status != CallStatus::ok)
        return give_up(provider, State::silent,
                       std::string{"refused to answer: "} + to_text(reply.status));
    Source& source = sources_[provider];
    try {
        const HasReply answer = parse_has_reply(reply.body);
        if (answer.entries.size() == 1 && answer.entries[0].size <= size_max_) {
            source.size = answer.entries[0].size;
            source.state = answer.entries[0].is_here ? State::has : State::absent;
            return;
        }
    } catch (const Error&) {
        // told of below
    }
    give_up(provider, State::damaged, "answers in a way that cannot be read");
}

void SmallFetch::read(std::size_t provider)
{
    Source& source = sources_[provider];
    source.state = State::reading;
    source.data.clear();
    source.is_late = false;
    source.moved_ms = context_->session.now_ms();
    SessionCall call;
    call.provider = provider;
    call.method = method::shard_get;
    call.request = to_bytes(
        GetRequest{.root = root_, .size = source.size, .offset = 0, .length = source.size});
    call.data = [this, provider](ByteView data) { return take(provider, data); };
    call.done = [this, provider](Reply&& reply) { settle_read(provider, reply); };
    call.stall_ms = context_->options.patience_ms;
    source.call = context_->session.start(std::move(call));
}

/// The proof comes first; it is not needed, since all bytes are hashed.
bool SmallFetch::take(std::size_t provider, ByteView data)
{
    Source& source = sources_[provider];
    const std::size_t size = proof_size(source.size) + source.size;
    if (source.data.size() + data.size() > size) return false;
    constexpr std::size_t part = frame_payload_max;
    if (source.data.size() / part != (source.data.size() + data.size()) / part)
        source.moved_ms = context_->session.now_ms();
    source.data.insert(source.data.end(), data.begin(), data.end());
    if (source.data.size() < size) return true;
    const ByteView bytes = ByteView{source.data}.subspan(proof_size(source.size));
    if (blake3(bytes) != root_) return false;
    found_.emplace(bytes.begin(), bytes.end());
    context_->is_changed = true;
    return true;
}

void SmallFetch::settle_read(std::size_t provider, const Reply& reply)
{
    context_->is_changed = true;
    Source& source = sources_[provider];
    if (found_) return;
    if (reply.failure == "refused by caller")
        return give_up(provider, State::damaged, "sent damaged data");
    if (!reply.failure.empty()) return give_up(provider, State::silent, reply.failure);
    if (reply.status == CallStatus::no)
        return give_up(provider, State::absent, "does not have what it said it has");
    if (reply.status == CallStatus::damaged)
        return give_up(provider, State::damaged, "has a damaged shard");
    if (reply.status != CallStatus::ok)
        return give_up(provider, State::silent,
                       std::string{"refused to send: "} + to_text(reply.status));
    if (source.size == 0 && blake3({}) == root_) {
        found_.emplace();
        return;
    }
    give_up(provider, State::damaged, "sent too little");
}

void SmallFetch::give_up(std::size_t provider, State state, std::string_view fault)
{
    context_->add_fault(provider, fault, state == State::damaged || state == State::absent);
    sources_[provider].state = state;
}

std::size_t SmallFetch::count(State state) const
{
    return static_cast<std::size_t>(std::ranges::count(sources_, state, &Source::state));
}

/// Gives up the reads that are too slow; whether there is one that is not even late.
bool SmallFetch::watch_reads(std::uint64_t now)
{
    bool is_going = false;
    for (std::size_t i = 0; i < sources_.size(); ++i) {
        Source& source = sources_[i];
        if (source.state != State::reading) continue;
        const std::uint64_t end_ms = source.moved_ms + context_->options.patience_ms;
        const std::uint64_t late_ms = source.moved_ms + context_->pace.late_ms();
        if (now >= end_ms) {
            context_->session.cancel(source.call);
            give_up(i, State::hopeless, "is too slow");
            continue;
        }
        if (now >= late_ms && !std::exchange(source.is_late, true)) context_->ranking.note_late(i);
        timer_ms_ = std::min(timer_ms_, source.is_late ? end_ms : late_ms);
        is_going = is_going || !source.is_late;
    }
    return is_going;
}

/// Starts a read where none is on its way or the last one is late.
void SmallFetch::step()
{
    timer_ms_ = UINT64_MAX;
    const std::uint64_t now = context_->session.now_ms();
    if (watch_reads(now)) return;
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < sources_.size(); ++i)
        if (sources_[i].state == State::has &&
            (!best ||
             context_->ranking.cost(i, size_max_) < context_->ranking.cost(*best, size_max_)))
            best = i;
    if (best) {
        read(*best);
        timer_ms_ = std::min(timer_ms_, now + context_->pace.late_ms());
    } else if (count(State::asked) + count(State::reading) == 0) {
        retry_or_fail();
    }
}

void SmallFetch::retry_or_fail()
{
    const std::uint64_t now = context_->session.now_ms();
    if (retry_at_ms_ == 0) {
        if (rounds_ == round_delays_ms.size() || count(State::silent) == 0) fail();
        retry_at_ms_ = now + round_delays_ms.at(rounds_++);
    }
    timer_ms_ = retry_at_ms_;
    if (now < retry_at_ms_) return;
    retry_at_ms_ = 0;
    timer_ms_ = UINT64_MAX;
    for (std::size_t i = 0; i < sources_.size(); ++i)
        if (sources_[i].state == State::silent) ask(i);
}

void SmallFetch::fail() const
{
    const std::string asked = "asked " + std::to_string(sources_.size()) + " providers";
    if (count(State::damaged) > 0)
        throw Error{Exit::data, "all copies of the object's root are damaged (" + asked + ")"};
    const std::size_t silent = count(State::silent) + count(State::hopeless);
    if (silent == 0) throw Error{Exit::no, "object not found (" + asked + ")"};
    throw Error{Exit::unavail,
                "object not found (" + asked + ", " + std::to_string(silent) + " did not answer)"};
}

} // namespace cairn::detail
