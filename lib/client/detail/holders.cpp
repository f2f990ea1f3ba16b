#include "client/detail/holders.hpp"

#include <algorithm>
#include <set>

namespace cairn::detail {
namespace {

constexpr std::uint64_t answer_max_ms = 10'000;

} // namespace

Holders::Holders(ReadContext& context, std::vector<Blake3Digest> roots)
    : context_{&context},
      roots_{std::move(roots)},
      holders_(roots_.size()),
      asked_ms_{context.session.now_ms()}
{
    for (std::size_t provider = 0; provider < context.providers(); ++provider)
        for (std::size_t first = 0; first < roots_.size(); first += has_roots_max)
            questions_.push_back({.provider = provider,
                                  .first = first,
                                  .count = std::min(has_roots_max, roots_.size() - first),
                                  .call = {}});
    for (Question& question : questions_) ask(question);
}

Holders::~Holders()
{
    for (const Question& question : questions_)
        if (question.is_pending) context_->session.cancel(question.call);
}

std::size_t Holders::silent() const
{
    std::set<std::size_t> silent;
    for (const Question& question : questions_)
        if (!question.is_answered) silent.insert(question.provider);
    return silent.size();
}

bool Holders::can_ask_again() const
{
    return std::ranges::any_of(questions_, &Question::is_open);
}

void Holders::ask_again()
{
    for (Question& question : questions_)
        if (question.is_open()) ask(question);
}

void Holders::ask(Question& question)
{
    HasRequest request;
    const auto begin = roots_.begin() + static_cast<std::ptrdiff_t>(question.first);
    request.roots.assign(begin, begin + static_cast<std::ptrdiff_t>(question.count));
    SessionCall call;
    call.provider = question.provider;
    call.method = method::shard_has;
    call.request = to_bytes(request);
    call.done = [this, &question](Reply&& reply) { settle(question, reply); };
    call.stall_ms = std::min(answer_max_ms, context_->options.patience_ms);
    question.is_pending = true;
    ++pending_;
    question.call = context_->session.start(std::move(call));
}

void Holders::settle(Question& question, const Reply& reply)
{
    question.is_pending = false;
    --pending_;
    context_->is_changed = true;
    if (!reply.failure.empty()) {
        question.is_hopeless = reply.is_time_out;
        context_->add_fault(question.provider, reply.failure);
    } else if (reply.status != CallStatus::ok) {
        context_->add_fault(question.provider,
                            std::string{"refused to answer: "} + to_text(reply.status));
    } else if (!take_answer(question, reply.body)) {
        question.is_hopeless = true;
        context_->add_fault(question.provider, "answers in a way that cannot be read", true);
    }
}

bool Holders::take_answer(Question& question, ByteView body)
{
    const auto answer = read_has_reply(body, question.count);
    if (!answer) return false;
    question.is_answered = true;
    for (std::size_t i = 0; i < question.count; ++i)
        if (answer->entries[i].is_here) holders_[question.first + i].push_back(question.provider);
    return true;
}

} // namespace cairn::detail
