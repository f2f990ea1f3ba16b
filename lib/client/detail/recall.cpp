#include "client/detail/recall.hpp"

#include "base/error.hpp"

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
    is_here_.resize(claims_.size());
    pending_ = claims_.size();
    for (std::size_t i = 0; i < claims_.size(); ++i) ask(i, items[claims_[i].slot].root);
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

void Recall::ask(std::size_t index, const ShardRoot& root)
{
    Call call;
    call.provider = claims_[index].holder.provider;
    call.method = method::shard_has;
    call.request = to_bytes(HasRequest{{root}});
    call.stall_ms = patience_ms;
    call.done = [this, index](Reply&& reply) {
        bool is_here = false;
        if (reply.failure.empty() && reply.status == CallStatus::ok) {
            try {
                const HasReply has = parse_has_reply(reply.body);
                // Somebody else's entry does not bind it to us.
                is_here = has.entries.size() == 1 && has.entries.front().is_here &&
                          has.entries.front().serial != 0;
            } catch (const Error&) {
                is_here = false;
            }
        }
        settle(index, is_here);
    };
    calls_.push_back(session_->start(std::move(call)));
}

void Recall::settle(std::size_t index, bool is_here)
{
    is_here_[index] = is_here;
    if (--pending_ > 0) return;
    std::vector<Found> found;
    for (std::size_t i = 0; i < claims_.size(); ++i)
        if (is_here_[i]) found.push_back(claims_[i]);
    const auto done = std::move(done_); // it may destroy us
    done(std::move(found));
}

} // namespace cairn::detail
