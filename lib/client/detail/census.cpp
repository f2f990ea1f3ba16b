#include "client/detail/census.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace cairn::detail {
namespace {

constexpr std::uint64_t answer_max_ms = 10'000;
constexpr std::array<std::uint64_t, 2> round_delays_ms{300, 1'500}; // of those that broke off
constexpr std::size_t checks_max = 8;                               // at one provider
constexpr unsigned check_tries_max = 3;
constexpr std::uint64_t check_rate_min = 64; // bytes a millisecond

} // namespace

Census::Census(ReadContext& context, const CensusOptions& options)
    : context_{&context},
      options_{options},
      is_silent_(context.providers()),
      is_given_up_(context.providers()),
      is_hopeless_(context.providers()),
      is_stalling_(context.providers()),
      has_lied_(context.providers()),
      checks_of_(context.providers())
{
}

Census::~Census()
{
    for (const Question& question : questions_) context_->session.cancel(question.call);
}

std::size_t Census::silent() const
{
    std::size_t count = 0;
    for (std::size_t provider = 0; provider < is_silent_.size(); ++provider)
        if (is_silent(provider)) ++count;
    return count;
}

std::vector<ShardCensus> Census::take(const std::vector<ShardItem>& shards,
                                      const IsEnough& is_enough)
{
    shards_.clear();
    for (const ShardItem& item : shards) shards_.push_back({item, {}, {}, {}});
    ask_all(is_enough);
    for (ShardCensus& shard : shards_) std::ranges::sort(shard.holders);
    if (options_.is_deep) verify_all();
    return std::exchange(shards_, {});
}

/// Whether there are answers that broke off, and not for the last time.
bool Census::can_ask_again() const
{
    return std::ranges::any_of(questions_, [&](const Question& question) {
        return !question.is_answered && !is_hopeless_[question.provider] &&
               !is_given_up_[question.provider];
    });
}

/// Those whose answer broke off are asked again, if anything is missing.
void Census::ask_all(const IsEnough& is_enough)
{
    for (std::size_t provider = 0; provider < is_silent_.size(); ++provider) {
        if (is_hopeless_[provider]) continue;
        is_silent_[provider] = false;
        for (std::size_t first = 0; first < shards_.size(); first += has_roots_max)
            questions_.push_back({.provider = provider,
                                  .first = first,
                                  .count = std::min(has_roots_max, shards_.size() - first)});
    }
    std::size_t round = 0;
    for (;;) {
        for (Question& question : questions_)
            if (!question.is_answered && !is_hopeless_[question.provider]) ask(question);
        context_->session.run([&] { return pending_ == 0; }, UINT64_MAX);
        if (round == round_delays_ms.size() || !can_ask_again() || is_enough(shards_)) break;
        context_->session.run([] { return false; },
                              context_->session.now_ms() + round_delays_ms.at(round++));
    }
    for (const Question& question : questions_) {
        if (question.is_answered) continue;
        is_silent_[question.provider] = true;
        if (round == round_delays_ms.size()) is_given_up_[question.provider] = true;
    }
    questions_.clear();
}

void Census::ask(Question& question)
{
    HasRequest request;
    for (std::size_t i = 0; i < question.count; ++i)
        request.roots.push_back(shards_[question.first + i].item.root);
    SessionCall call;
    call.provider = question.provider;
    call.method = method::shard_has;
    call.request = to_bytes(request);
    call.done = [this, &question](Reply&& reply) { settle(question, reply); };
    call.stall_ms = std::min(answer_max_ms, context_->options.patience_ms);
    ++pending_;
    question.call = context_->session.start(std::move(call));
}

void Census::settle(Question& question, const Reply& reply)
{
    --pending_;
    if (!reply.failure.empty()) {
        if (reply.is_time_out) is_hopeless_[question.provider] = true;
        context_->add_fault(question.provider, reply.failure);
    } else if (reply.status != CallStatus::ok) {
        context_->add_fault(question.provider,
                            std::string{"refused to answer: "} + to_text(reply.status));
    } else if (take_answer(question, reply.body)) {
        question.is_answered = true;
    } else {
        is_hopeless_[question.provider] = true;
        context_->add_fault(question.provider, "answers in a way that cannot be read", true);
    }
}

bool Census::take_answer(const Question& question, ByteView body)
{
    const auto answer = read_has_reply(body, question.count);
    if (!answer) return false;
    for (std::size_t i = 0; i < question.count; ++i) {
        ShardCensus& shard = shards_[question.first + i];
        // Of another size it cannot be this shard.
        if (answer->entries[i].is_here && answer->entries[i].size == shard.item.size)
            shard.holders.push_back(question.provider);
    }
    return true;
}

/// Reads every copy, several at a time.
void Census::verify_all()
{
    std::size_t shard = 0;
    std::size_t holder = 0;
    for (;;) {
        start_checks(shard, holder);
        if (checks_.empty()) break;
        context_->is_changed = false;
        if (reap_checks()) continue;
        context_->session.run([&] { return context_->is_changed; },
                              context_->session.now_ms() + answer_max_ms);
    }
    for (ShardCensus& entry : shards_)
        std::erase_if(entry.holders, [&](std::size_t provider) {
            return std::ranges::find(entry.losers, provider) != entry.losers.end();
        });
}

void Census::start_checks(std::size_t& shard, std::size_t& holder)
{
    for (; shard < shards_.size(); ++shard, holder = 0) {
        const ShardCensus& entry = shards_[shard];
        const std::uint64_t size = entry.item.size;
        for (; holder < entry.holders.size() && size > 0; ++holder) {
            const std::size_t provider = entry.holders[holder];
            const bool is_room =
                memory_ + size <= options_.memory_max && checks_of_[provider] < checks_max;
            if (!is_room && !checks_.empty()) return;
            Check& check = checks_.emplace_back();
            check.shard = shard;
            check.started_ms = context_->session.now_ms();
            check.part = std::make_unique<ShardPart>();
            check.part->root = entry.item.root;
            check.part->pieces = {size, 0, piece_count(size) - 1};
            check.part->data.emplace(size);
            check.read = std::make_unique<ShardRead>(*context_, provider, *check.part);
            ++checks_of_[provider];
            memory_ += size;
        }
    }
}

/// Whether nothing more is to be expected of a check. A read that breaks off goes on where it was.
bool Census::is_over(Check& check)
{
    const std::uint64_t now = context_->session.now_ms();
    if (check.read->end() == ShardRead::End::cut && check.tries < check_tries_max) {
        ++check.tries;
        check.read = std::make_unique<ShardRead>(*context_, check.read->provider(), *check.part);
    }
    const std::uint64_t patience_ms = context_->options.patience_ms;
    return check.read->end() || now > check.read->moved_ms() + patience_ms ||
           now > check.started_ms + patience_ms + check.part->size() / check_rate_min;
}

/// Judges the checks that are over; whether there were any.
bool Census::reap_checks()
{
    const auto rest = std::stable_partition(checks_.begin(), checks_.end(),
                                            [&](Check& check) { return !is_over(check); });
    if (rest == checks_.end()) return false;
    std::for_each(rest, checks_.end(), [&](const Check& check) { judge(check); });
    checks_.erase(rest, checks_.end());
    return true;
}

void Census::judge(const Check& check)
{
    const std::size_t provider = check.read->provider();
    memory_ -= check.part->size();
    --checks_of_[provider];
    ShardCensus& shard = shards_[check.shard];
    switch (check.read->end().value_or(ShardRead::End::slow)) {
    case ShardRead::End::complete:
        return;
    case ShardRead::End::damaged:
        has_lied_[provider] = check.read->is_wrong();
        shard.damaged.push_back(provider);
        break;
    case ShardRead::End::absent:
        break;
    case ShardRead::End::cut:
    case ShardRead::End::slow:
        is_stalling_[provider] = true;
        break;
    }
    shard.losers.push_back(provider);
}

} // namespace cairn::detail
