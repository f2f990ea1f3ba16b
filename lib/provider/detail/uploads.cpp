#include "provider/detail/uploads.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <utility>

namespace cairn::detail {
namespace {

/// After so long without a byte an upload gives way to a new one where there are too many.
constexpr std::uint64_t idle_ms = 5'000;

CallStatus to_status(Refusal::Why why)
{
    switch (why) {
    case Refusal::Why::denied:
    case Refusal::Why::listed:
        return CallStatus::denied;
    case Refusal::Why::full:
    case Refusal::Why::read_only:
        return CallStatus::full;
    case Refusal::Why::too_large:
        break;
    }
    return CallStatus::malformed;
}

std::uint64_t total_size(const std::vector<ShardItem>& items)
{
    std::uint64_t total = 0;
    for (const ShardItem& item : items) total += item.size;
    return total;
}

} // namespace

void Uploads::open(LinkId link, StreamId stream, const AccountId& owner, PutRequest request)
{
    const std::uint64_t now_ms = desk_->hub.now_ms();
    if (!make_room(now_ms)) {
        desk_->refuse(stream, method::shard_put, CallStatus::busy, "too many uploads");
        return;
    }
    if (request.kind == ShardClass::tags && Guarantor::is_too_large(request.items)) {
        desk_->refuse(stream, method::shard_put, CallStatus::malformed,
                      "more of class tags than is taken at a time");
        return;
    }
    Refusal refusal;
    std::optional<Upload> upload = desk_->depot.reserve(owner, request, refusal);
    if (!upload) {
        desk_->refuse(stream, method::shard_put, to_status(refusal.why), refusal.text);
        return;
    }
    const std::uint64_t limit_ms = now_ms + desk_->time_limit_ms(total_size(request.items));
    active_.emplace(stream, Active{.link = link,
                                   .owner = owner,
                                   .kind = request.kind,
                                   .items = std::move(request.items),
                                   .upload = std::move(*upload),
                                   .heard_ms = now_ms,
                                   .limit_ms = limit_ms});
}

bool Uploads::data(StreamId stream, ByteView bytes)
{
    const auto found = active_.find(stream);
    if (found == active_.end()) return false;
    found->second.heard_ms = desk_->hub.now_ms();
    desk_->counts.received_bytes += bytes.size();
    if (take(found, bytes)) desk_->hub.consumed(stream, bytes.size());
    return true;
}

/// False when the upload is over because of these bytes.
bool Uploads::take(std::map<StreamId, Active>::iterator upload, ByteView bytes)
{
    const StreamId stream = upload->first;
    const LinkId link = upload->second.link;
    try {
        if (upload->second.upload.write(bytes)) return true;
    } catch (const Error&) { // of the disk, which reserve() could not foresee
        active_.erase(upload);
        desk_->refuse(stream, method::shard_put, CallStatus::full, "the disk takes no more");
        return false;
    }
    active_.erase(upload); // and what was written
    desk_->refuse(stream, method::shard_put, CallStatus::malformed,
                  "the bytes are not those of the shards");
    desk_->blame(link);
    return false;
}

void Uploads::half_end(StreamId stream)
{
    const auto found = active_.find(stream);
    if (found == active_.end()) return;
    if (!take(found, {})) return; // shards without bytes may be all there is
    Active active = std::move(found->second);
    active_.erase(found);
    if (!active.upload.is_complete()) {
        desk_->refuse(stream, method::shard_put, CallStatus::malformed, "bytes are missing");
        desk_->blame(active.link);
        return;
    }
    Waiting waiting{stream, active.owner, std::move(active.items)};
    if (active.kind != ShardClass::tags) {
        commit(std::move(active.upload), std::move(waiting));
    } else if (desk_->guarantor.check(active.link, stream, std::move(active.upload))) {
        checked_.emplace(stream, std::move(waiting));
    } else {
        desk_->refuse(stream, method::shard_put, CallStatus::busy, "too many wait to be checked");
    }
}

void Uploads::commit(Upload upload, Waiting waiting)
{
    const std::uint64_t job = desk_->committer.add(std::move(upload));
    waiting_.emplace(job, std::move(waiting));
}

void Uploads::forget(StreamId stream)
{
    active_.erase(stream);
    checked_.erase(stream);
}

void Uploads::finish(Guarantor::Checked checked)
{
    desk_->counts.tags_checked += checked.tags;
    const auto found = checked_.find(checked.stream);
    if (found == checked_.end()) return; // it is gone
    Waiting waiting = std::move(found->second);
    checked_.erase(found);
    if (checked.upload) {
        commit(std::move(*checked.upload), std::move(waiting));
        return;
    }
    ++desk_->counts.tags_refused;
    desk_->refuse(waiting.stream, method::shard_put, checked.status, checked.text);
}

bool Uploads::finish(const Committer::Outcome& outcome)
{
    const auto found = waiting_.find(outcome.job);
    if (found == waiting_.end()) return false;
    Waiting waiting = std::move(found->second);
    waiting_.erase(found);
    if (!outcome.stored) {
        desk_->refuse(waiting.stream, method::shard_put, CallStatus::failed,
                      "the shards could not be stored");
        return true;
    }
    Receipt receipt;
    receipt.network = desk_->options.network;
    receipt.owner = waiting.owner;
    receipt.serial = outcome.stored->serial;
    receipt.time_s = outcome.stored->time_s;
    receipt.expiry_s = outcome.stored->expiry_s;
    receipt.items = std::move(waiting.items);
    sign(receipt, *desk_->options.node);
    desk_->end(waiting.stream, method::shard_put, CallStatus::ok, to_bytes(receipt));
    return true;
}

/// Whether one more may begin: what has been idle longest goes where there are too many.
bool Uploads::make_room(std::uint64_t now_ms)
{
    if (size() < desk_->options.limits.uploads_max) return true;
    const auto idle = std::ranges::min_element(
        active_, {}, [](const auto& entry) { return entry.second.heard_ms; });
    if (idle == active_.end() || now_ms - idle->second.heard_ms < idle_ms) return false;
    cut(idle, "others need the room");
    return true;
}

void Uploads::cut(std::map<StreamId, Active>::iterator upload, std::string_view reason)
{
    const StreamId stream = upload->first;
    active_.erase(upload);
    ++desk_->counts.cut_streams;
    desk_->hub.reset(stream, reason);
}

void Uploads::cut_slow(std::uint64_t now_ms)
{
    for (auto each = active_.begin(); each != active_.end();) {
        const auto upload = each++;
        if (now_ms - upload->second.heard_ms >= desk_->options.limits.stall_ms)
            cut(upload, "the upload has stalled");
        else if (now_ms >= upload->second.limit_ms)
            cut(upload, "the upload is too slow");
    }
}

} // namespace cairn::detail
