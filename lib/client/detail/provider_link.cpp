#include "client/detail/provider_link.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <utility>

namespace cairn::detail {
namespace {

constexpr std::uint64_t back_off_ms = 250; // doubled with each failure in a row
constexpr std::uint64_t back_off_max_ms = 8'000;
constexpr std::uint64_t good_link_ms = 1'000; // a link that lives shorter is a failure too

} // namespace

ProviderLink::ProviderLink(Hub& hub, const SessionOptions& options, ProviderName name)
    : hub_{&hub},
      options_{&options},
      name_{std::move(name)}
{
}

bool ProviderLink::reach()
{
    if (state_ != State::idle) return true;
    if (name_.addresses.empty()) {
        meter_.health().is_down = true;
        meter_.health().reason = "has no address";
        return false;
    }
    if (hub_->now_ms() < retry_at_ms_) return false;
    address_ = 0;
    dial();
    return true;
}

void ProviderLink::dial()
{
    state_ = State::connecting;
    has_timed_out_ = false;
    deadline_ms_ = hub_->now_ms() + options_->connect_ms;
    link_ = hub_->connect({name_.addresses[address_], name_.link_key});
}

bool ProviderLink::owns(const HubEvent& event) const noexcept
{
    if (event.stream != StreamId{}) return event.stream == greeting_;
    return event.link != LinkId{} && event.link == link_;
}

void ProviderLink::handle(const HubEvent& event)
{
    switch (event.kind) {
    case HubEvent::Kind::linked:
        return greet(event.peer);
    case HubEvent::Kind::ended:
        return settle_greeting(event);
    case HubEvent::Kind::reset:
        return give_up_address("cut the greeting: " + event.reason);
    case HubEvent::Kind::unlinked:
        break;
    case HubEvent::Kind::opened:
    case HubEvent::Kind::data:
    case HubEvent::Kind::writable:
    case HubEvent::Kind::half_end:
    case HubEvent::Kind::woken:
        return;
    }
    if (state_ != State::up) return give_up_address(event.reason);
    const std::uint64_t now = hub_->now_ms();
    meter_.fault(now);
    const bool was_good = now - up_since_ms_ >= good_link_ms;
    if (was_good) failures_ = 0;
    fail("the link broke: " + event.reason);
    if (was_good) retry_at_ms_ = now;
}

void ProviderLink::greet(const Ed25519PublicKey& peer)
{
    link_key_ = peer;
    HelloRequest request;
    request.network = options_->network;
    if (options_->owner != nullptr) {
        request.owner = options_->owner->public_key();
        sign(request, *options_->owner, hub_->link_key(), peer);
    }
    const auto stream = hub_->open(link_, method::hello, to_bytes(request));
    if (!stream) return; // `unlinked` follows
    hub_->half_end(*stream);
    greeting_ = *stream;
    state_ = State::greeting;
}

/// Checks who answered. Empty when all is well, otherwise what is wrong.
std::string ProviderLink::check(const HubEvent& event)
{
    if (event.status != CallStatus::ok)
        return std::string{"refused the greeting: "} + to_text(event.status);
    try {
        HelloReply reply = parse_hello_reply(event.data);
        const NodeRecord& record = reply.record;
        if (!is_signed(record) || record.node_key != name_.node_key || record.link_key != link_key_)
            return "is not the node that was named";
        if (record.network != options_->network) return "is of another network";
        if (options_->now_s && record.expiry_s < options_->now_s())
            return "has a record that has expired";
        hello_ = std::move(reply);
    } catch (const Error&) {
        return "greets in a way that cannot be read";
    }
    return {};
}

void ProviderLink::settle_greeting(const HubEvent& event)
{
    greeting_ = {};
    const std::string fault = check(event);
    if (!fault.empty()) {
        meter_.fault(hub_->now_ms());
        return give_up_address(fault);
    }
    state_ = State::up;
    deadline_ms_ = UINT64_MAX;
    up_since_ms_ = hub_->now_ms();
    ProviderHealth& health = meter_.health();
    health.is_up = true;
    health.is_down = false;
    health.reason.clear();
}

/// The address that was tried is of no use; the next one is tried, if there is one.
void ProviderLink::give_up_address(const std::string& reason)
{
    hub_->close(std::exchange(link_, {}), reason);
    greeting_ = {};
    if (++address_ < name_.addresses.size()) return dial();
    fail(reason);
}

void ProviderLink::fail(const std::string& reason)
{
    state_ = State::idle;
    link_ = {};
    deadline_ms_ = UINT64_MAX;
    ProviderHealth& health = meter_.health();
    health.is_up = false;
    health.is_down = true;
    health.reason = reason;
    retry_at_ms_ =
        hub_->now_ms() + std::min(back_off_max_ms, back_off_ms << std::min(failures_, 8U));
    ++failures_;
    failure_ = reason;
}

void ProviderLink::expire()
{
    if (hub_->now_ms() < deadline_ms_) return;
    has_timed_out_ = true; // until the next address is tried
    give_up_address("does not answer");
}

std::optional<std::string> ProviderLink::take_failure()
{
    return std::exchange(failure_, std::nullopt);
}

} // namespace cairn::detail
