#include "client/uploader.hpp"

#include "base/error.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <utility>

namespace cairn {
namespace {

constexpr std::uint64_t small_size_max = 256 * 1024; // bytes: larger shards go alone
constexpr std::uint64_t batch_size_max = 1024 * 1024;
constexpr unsigned small_batches_max = 2; // of one provider in flight: one is synced, one sent

UploadResult::Kind kind_of(CallStatus status)
{
    switch (status) {
    case CallStatus::busy:
        return UploadResult::Kind::busy;
    case CallStatus::full:
        return UploadResult::Kind::full;
    case CallStatus::failed:
        return UploadResult::Kind::lost;
    case CallStatus::ok:
    case CallStatus::no:
    case CallStatus::malformed:
    case CallStatus::denied:
    case CallStatus::damaged:
    case CallStatus::unsupported:
        break;
    }
    return UploadResult::Kind::refused;
}

} // namespace

Uploader::Uploader(Session& session, const NetworkId& network, const AccountId& owner,
                   std::function<void(ByteView receipt)> taken, std::uint64_t patience_ms)
    : session_{&session},
      network_{network},
      owner_{owner},
      taken_{std::move(taken)},
      patience_ms_{patience_ms},
      queues_(session.providers().size())
{
}

Uploader::~Uploader()
{
    for (const auto& [number, batch] : batches_) session_->cancel(batch.call);
}

UploadId Uploader::start(std::size_t provider, OutgoingShard shard,
                         std::function<void(UploadResult&&)> done)
{
    assert(shard.item.size == shard.bytes.size());
    const UploadId id{++last_};
    const ShardClass kind = shard.kind;
    queues_[provider].waiting[kind].push_back({id, std::move(shard), std::move(done)});
    unsent_.emplace(id, provider);
    ready_.insert(provider);
    return id;
}

void Uploader::cancel(UploadId upload)
{
    const auto is_it = [&](const Item& item) { return item.id == upload; };
    if (const auto place = unsent_.extract(upload)) {
        for (auto& [kind, waiting] : queues_[place.mapped()].waiting) std::erase_if(waiting, is_it);
        return;
    }
    const auto sent = sent_.extract(upload);
    if (!sent) return;
    const auto found = batches_.find(sent.mapped());
    Batch& batch = found->second;
    std::ranges::find_if(batch.items, is_it)->done = nullptr;
    const auto is_wanted = [](const Item& item) { return item.done != nullptr; };
    if (batch.is_settled || std::ranges::any_of(batch.items, is_wanted)) return;
    session_->cancel(batch.call);
    if (batch.is_small) --queues_[batch.provider].small_batches;
    ready_.insert(batch.provider);
    batches_.erase(found);
}

bool Uploader::flush()
{
    bool has_sent = false;
    for (const std::size_t provider : std::exchange(ready_, {}))
        for (auto& [kind, waiting] : queues_[provider].waiting)
            has_sent = flush(provider, waiting) || has_sent;
    return has_sent;
}

bool Uploader::flush(std::size_t provider, std::deque<Item>& waiting)
{
    const std::size_t before = waiting.size();
    std::deque<Item> small;
    while (!waiting.empty()) {
        Item item = std::move(waiting.front());
        waiting.pop_front();
        if (item.shard.item.size <= small_size_max) {
            small.push_back(std::move(item));
            continue;
        }
        std::vector<Item> alone;
        alone.push_back(std::move(item));
        send(provider, std::move(alone), false);
    }
    while (!small.empty() && queues_[provider].small_batches < small_batches_max) {
        std::vector<Item> items;
        std::uint64_t size = 0;
        while (!small.empty() && items.size() < put_items_max &&
               (items.empty() || size + small.front().shard.item.size <= batch_size_max)) {
            size += small.front().shard.item.size;
            items.push_back(std::move(small.front()));
            small.pop_front();
        }
        send(provider, std::move(items), true);
    }
    waiting = std::move(small);
    return waiting.size() < before;
}

void Uploader::send(std::size_t provider, std::vector<Item> items, bool is_small)
{
    const std::uint64_t number = ++last_;
    PutRequest request;
    request.kind = items.front().shard.kind;
    SessionCall call;
    call.provider = provider;
    call.method = method::shard_put;
    for (const Item& item : items) {
        request.items.push_back(item.shard.item);
        call.body.push_back(item.shard.bytes);
        unsent_.erase(item.id);
        sent_.emplace(item.id, number);
    }
    call.request = to_bytes(request);
    call.stall_ms = patience_ms_;
    call.done = [this, number](Reply&& reply) { settle(number, std::move(reply)); };
    if (is_small) ++queues_[provider].small_batches;
    Batch batch{.provider = provider,
                .call = {},
                .items = std::move(items),
                .is_small = is_small,
                .is_settled = false};
    batch.call = session_->start(std::move(call));
    batches_.emplace(number, std::move(batch));
}

void Uploader::settle(std::uint64_t batch_number, Reply&& reply)
{
    Batch& batch = batches_.at(batch_number);
    batch.is_settled = true;
    if (batch.is_small) --queues_[batch.provider].small_batches;
    ready_.insert(batch.provider);
    UploadResult result = judge(batch, reply);
    if (taken_ && result.receipt) taken_(*result.receipt);
    for (Item& item : batch.items) {
        sent_.erase(item.id);
        const auto done = std::exchange(item.done, nullptr); // it may cancel the items behind it
        if (done) done(UploadResult{result});
        ++result.serial;
    }
    batches_.erase(batch_number);
}

UploadResult Uploader::judge(const Batch& batch, const Reply& reply) const
{
    UploadResult result;
    if (!reply.failure.empty()) {
        result.reason = reply.failure;
        return result;
    }
    if (reply.status != CallStatus::ok) {
        result.kind = kind_of(reply.status);
        result.reason = to_text(reply.status);
        if (!reply.body.empty() && is_utf8(as_text(reply.body)))
            result.reason += ": " + std::string{as_text(reply.body)};
        return result;
    }
    result.kind = UploadResult::Kind::lied;
    try {
        const Receipt receipt = parse_receipt(reply.body);
        result.reason = fault_of(receipt, batch);
        if (!result.reason.empty()) return result;
        result.serial = receipt.serial;
    } catch (const Error& error) {
        result.reason = error.what();
        return result;
    }
    result.kind = UploadResult::Kind::stored;
    result.receipt = std::make_shared<const Bytes>(reply.body);
    return result;
}

/// What is wrong with a receipt; empty when nothing is.
std::string Uploader::fault_of(const Receipt& receipt, const Batch& batch) const
{
    if (receipt.node_key != session_->providers()[batch.provider].node_key)
        return "its receipt is of another node";
    if (receipt.network != network_) return "its receipt is for another network";
    if (receipt.owner != owner_) return "its receipt is for another owner";
    if (!std::ranges::equal(
            receipt.items, batch.items,
            [](const ShardItem& item, const Item& sent) { return item == sent.shard.item; }))
        return "its receipt is for other shards";
    return is_signed(receipt) ? std::string{} : "its receipt has a wrong signature";
}

} // namespace cairn
