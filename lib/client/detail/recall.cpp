#include "client/detail/recall.hpp"

#include "base/error.hpp"
#include "client/detail/matching.hpp"
#include "client/detail/read_context.hpp"

#include <algorithm>

namespace cairn::detail {
namespace {

constexpr std::uint64_t patience_ms = 5'000;

} // namespace

Recall::Recall(Session& session, const NetworkId& network, const AccountId& owner,
               std::function<void(std::vector<Found>)> done)
    : session_{&session},
      network_{network},
      owner_{owner},
      done_{std::move(done)}
{
}

Recall::~Recall()
{
    for (const CallId call : calls_) session_->cancel(call);
}

bool Recall::start(const std::vector<Bytes>& receipts, std::span<const ShardItem> items)
{
    for (const Bytes& bytes : receipts) add(bytes, items);
    for (const Found& claim : claims_)
        ask(claim.holder.provider, items.subspan(claim.slot, 1),
            [this, &claim](std::size_t) { found_.push_back(claim); });
    return pending_ > 0;
}

bool Recall::start(std::span<const ShardItem> items, std::vector<std::size_t> targets)
{
    holders_.resize(items.size());
    targets_ = std::move(targets);
    for (std::size_t provider = 0; provider < session_->providers().size(); ++provider) {
        if (session_->health(provider).is_down) continue;
        for (std::size_t first = 0; first < items.size(); first += has_roots_max)
            ask(provider, items.subspan(first, std::min(has_roots_max, items.size() - first)),
                [this, provider, first](std::size_t item) {
                    holders_[first + item].push_back(provider);
                });
    }
    return pending_ > 0;
}

/// Takes a receipt that is what it should be.
void Recall::add(const Bytes& bytes, std::span<const ShardItem> items)
{
    Receipt receipt;
    try {
        receipt = parse_receipt(bytes);
    } catch (const Error&) {
        return; // the shard is sent again
    }
    const auto& providers = session_->providers();
    const auto provider =
        std::ranges::find(providers, receipt.node_key, &ProviderName::node_key) - providers.begin();
    const auto index = static_cast<std::size_t>(provider);
    if (index == providers.size() || receipt.network != network_ || receipt.owner != owner_ ||
        !is_signed(receipt))
        return;
    for (std::size_t slot = 0; slot < items.size(); ++slot) {
        if (std::ranges::find(receipt.items, items[slot]) == receipt.items.end()) continue;
        if (std::ranges::any_of(claims_, [&](const Found& claim) {
                return claim.slot == slot || claim.holder.provider == index;
            }))
            continue;
        claims_.push_back({slot, {index, std::make_shared<const Bytes>(bytes)}});
    }
}

void Recall::ask(std::size_t provider, std::span<const ShardItem> items,
                 std::function<void(std::size_t item)> is_here)
{
    HasRequest request;
    for (const ShardItem& item : items) request.roots.push_back(item.root);
    SessionCall call;
    call.provider = provider;
    call.method = method::shard_has;
    call.request = to_bytes(request);
    call.stall_ms = patience_ms;
    call.done = [this, is_here = std::move(is_here), count = items.size()](Reply&& reply) {
        const bool is_answer = reply.failure.empty() && reply.status == CallStatus::ok;
        const auto has = is_answer ? read_has_reply(reply.body, count) : std::nullopt;
        for (std::size_t i = 0; has && i < count; ++i) {
            const HasEntry& entry = has->entries[i];
            // Somebody else's entry does not bind it to us.
            if (entry.is_here && entry.serial != 0) is_here(i);
        }
        settle();
    };
    ++pending_;
    calls_.push_back(session_->start(std::move(call)));
}

/// Another answer has come, or none ever will.
void Recall::settle()
{
    if (--pending_ > 0) return;
    match();
    const auto done = std::move(done_); // it may destroy us
    done(std::move(found_));
}

/// Where all were asked: one of the holders for each shard.
void Recall::match()
{
    for (std::size_t slot = 0; slot < targets_.size(); ++slot)
        std::erase_if(holders_[slot], [&](std::size_t holder) { return holder != targets_[slot]; });
    const auto matched = match_holders(holders_);
    for (std::size_t slot = 0; slot < matched.size(); ++slot)
        if (matched[slot]) found_.push_back({slot, {*matched[slot], nullptr}});
}

} // namespace cairn::detail
