#include "client/tag_sender.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <utility>

namespace cairn {
namespace {

constexpr unsigned tries_max = 8;
constexpr std::uint64_t pause_ms = 250; // before the second try; then longer

/// Whether another try may do better.
bool is_passing(UploadResult::Kind kind)
{
    return kind == UploadResult::Kind::busy || kind == UploadResult::Kind::lost;
}

bool has_root(const std::vector<ShardItem>& items, const ShardRoot& root)
{
    return std::ranges::any_of(items, [&](const ShardItem& item) { return item.root == root; });
}

} // namespace

TagSender::TagSender(Session& session, Uploader& uploader, std::uint64_t patience_ms)
    : session_{&session},
      uploader_{&uploader},
      patience_ms_{patience_ms}
{
}

TagSender::~TagSender()
{
    for (const Job& job : jobs_) {
        session_->cancel(job.call);
        uploader_->cancel(job.upload);
    }
    for (const auto& [place, upload] : keys_) uploader_->cancel(upload);
}

void TagSender::send(std::size_t provider, OutgoingTags tags, const void* whose, Done done)
{
    ask(jobs_.insert(jobs_.end(), {.provider = provider,
                                   .tags = std::move(tags),
                                   .whose = whose,
                                   .done = std::move(done),
                                   .step = Step::asking,
                                   .call = {},
                                   .upload = {},
                                   .tries = 0,
                                   .due_ms = 0}));
}

void TagSender::tick()
{
    const std::uint64_t now = session_->now_ms();
    for (auto job = jobs_.begin(); job != jobs_.end(); ++job)
        if (job->step == Step::pausing && job->due_ms <= now) ask(job);
}

void TagSender::forget(const void* whose)
{
    for (Job& job : jobs_)
        if (job.whose == whose) job.done = nullptr;
}

/// Asks what of it the provider has.
void TagSender::ask(Place job)
{
    job->step = Step::asking;
    SessionCall call;
    call.provider = job->provider;
    call.method = method::shard_tags;
    call.request = to_bytes(TagsRequest{{{job->tags.shard.bytes}, {job->tags.key_id.bytes}}});
    call.stall_ms = patience_ms_;
    call.done = [this, job](Reply&& reply) { settle_answer(job, reply); };
    job->call = session_->start(std::move(call));
}

void TagSender::settle_answer(Place job, const Reply& reply)
{
    UploadResult result;
    result.reason = reply.failure;
    if (!reply.failure.empty()) return pause_or_end(job, result);
    result.reason = to_text(reply.status);
    if (reply.status == CallStatus::busy) return pause_or_end(job, result);
    if (reply.status == CallStatus::unsupported) return end(job, "it knows nothing of tags");
    if (reply.status != CallStatus::ok) return end(job, result.reason);
    TagsReply answer;
    try {
        answer = parse_tags_reply(reply.body);
    } catch (const Error& error) {
        return end(job, error.what());
    }
    if (answer.items.size() != 2) return end(job, "it answers something else");
    if (has_root(answer.items[0], job->tags.set.item.root)) return end(job, {});
    if (has_root(answer.items[1], job->tags.key.item.root)) return send_set(job);
    send_key(job);
}

void TagSender::send_key(Place job)
{
    job->step = Step::waiting_for_key;
    const KeyPlace place{job->provider, job->tags.key.item.root};
    if (keys_.contains(place)) return;
    keys_[place] =
        uploader_->start(job->provider, job->tags.key,
                         [this, place](UploadResult&& result) { settle_key(place, result); });
}

void TagSender::settle_key(KeyPlace place, const UploadResult& result)
{
    keys_.erase(place);
    for (auto next = jobs_.begin(); next != jobs_.end();) {
        const auto job = next++;
        if (job->step != Step::waiting_for_key || job->provider != place.first ||
            job->tags.key.item.root != place.second)
            continue;
        if (result.kind == UploadResult::Kind::stored)
            send_set(job);
        else
            pause_or_end(job, result);
    }
}

void TagSender::send_set(Place job)
{
    job->step = Step::sending;
    job->upload = uploader_->start(job->provider, job->tags.set,
                                   [this, job](UploadResult&& result) { settle_set(job, result); });
}

void TagSender::settle_set(Place job, const UploadResult& result)
{
    if (result.kind == UploadResult::Kind::stored) return end(job, {});
    pause_or_end(job, result);
}

void TagSender::pause_or_end(Place job, const UploadResult& result)
{
    if (!is_passing(result.kind) || ++job->tries == tries_max) return end(job, result.reason);
    job->step = Step::pausing;
    job->due_ms = session_->now_ms() + pause_ms * job->tries;
}

void TagSender::end(Place job, const std::string& fault)
{
    const Done done = std::move(job->done);
    jobs_.erase(job);
    if (done) done(fault);
}

} // namespace cairn
