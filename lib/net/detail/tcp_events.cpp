#include "base/error.hpp"
#include "net/detail/tcp_hub.hpp"

#include <algorithm>
#include <utility>

namespace cairn::detail {

namespace {

constexpr std::uint64_t tick_ms = 100;
constexpr unsigned flush_every = 16; // arrivals
constexpr unsigned hello_every = 64; // arrivals

// While bulk arrives, more is worth waiting for: being woken for each arrival costs more than what
// is done with it.
constexpr std::size_t bulk_arrival_size = 8192; // bytes: as much as the library reads at once
constexpr std::uint64_t bulk_nap_us = 20;

} // namespace

std::optional<HubEvent> TcpHub::next(std::uint64_t deadline_ms)
{
    for (;;) {
        if (events_.empty())
            if (auto event = read_current()) return event;
        if (!events_.empty()) {
            HubEvent event = std::move(events_.front());
            events_.pop_front();
            return event;
        }
        if (is_woken_.exchange(false)) return HubEvent{};
        if (shared_.budget.free() < initial_credit_size) evict_least_useful();
        const std::uint64_t now = monotonic_ms();
        if (now - ticked_ms_ >= tick_ms) tick();
        if (unflushed_ >= flush_every) {
            flush();
            look_at_closing();
        }
        if (!events_.empty() || work()) continue;
        flush();
        if (shared_.flight->has_drained.exchange(false)) look_at_choked();
        look_at_closing();
        look_at_failed();
        if (!events_.empty()) continue;
        if (now >= deadline_ms) return std::nullopt;
        const std::uint64_t tick_at = links_.empty() ? deadline_ms : ticked_ms_ + tick_ms;
        const std::uint64_t until = std::min(deadline_ms, std::max(tick_at, now + 1));
        if (std::exchange(is_bulk_, false)) {
            nap_us(bulk_nap_us);
            continue;
        }
        shared_.socket.wait(shared_.flight->wake, std::min<std::uint64_t>(until - now, 60'000));
    }
}

/// The next event of the arrival that is being read.
std::optional<HubEvent> TcpHub::read_current()
{
    while (current_.number != 0) {
        ZmqLink* const link = find(current_);
        if (link == nullptr) {
            current_ = {};
            break;
        }
        const bool is_half_open = link->is_half_open();
        try {
            auto event = link->next(monotonic_ms());
            if (!event) {
                current_ = {};
                break;
            }
            if (is_half_open && !link->is_half_open()) leave_half_open(*link);
            return pass_on(*link, std::move(*event));
        } catch (const Error& error) {
            current_ = {};
            if (error.code() == Exit::oserr) throw;
            if (link->state() == State::closing) {
                finish(*link);
                break;
            }
            if (link->was_up && error.code() == Exit::protocol) ++counters_.violations;
            drop(*link, error.what());
        }
    }
    return std::nullopt;
}

std::optional<HubEvent> TcpHub::pass_on(ZmqLink& link, HubEvent event)
{
    if (event.kind == HubEvent::Kind::linked) {
        if (shared_.options.trace != nullptr) shared_.options.trace->linked(now_ms(), event);
        return event;
    }
    event.peer = link.peer();
    return event;
}

/// Takes what has arrived, and now and then begins a handshake: that takes long, and the library
/// goes on making connections meanwhile, each of which has its price. False when nothing is left.
bool TcpHub::work()
{
    if (since_hello_ < hello_every && receive()) {
        ++since_hello_;
        return true;
    }
    since_hello_ = 0;
    return begin_handshake() || receive();
}

/// With the address that has the fewest connections; false where nobody waits.
bool TcpHub::begin_handshake()
{
    std::erase_if(hellos_, [this](const HalfOpen& each) {
        const ZmqLink* const link = find(each.link);
        return link == nullptr || link->state() != State::greeting;
    });
    if (hellos_.empty()) return false;
    const auto next = std::ranges::min_element(
        hellos_, {}, [this](const HalfOpen& each) { return half_open_of_.at(each.group); });
    current_ = next->link;
    hellos_.erase(next);
    make_room_for_handshake();
    return true;
}

/// Takes one arrival; false when there is none.
bool TcpHub::receive()
{
    const auto arrival = shared_.socket.receive();
    if (!arrival) return false;
    ++unflushed_;
    const auto found = routes_.find(arrival->route.number);
    if (found == routes_.end()) {
        if (arrival->data.empty()) accept(*arrival);
        return true;
    }
    ZmqLink& link = *find({found->second});
    counters_.received += arrival->data.size();
    if (arrival->data.size() >= bulk_arrival_size) is_bulk_ = true;
    try {
        if (!arrival->data.empty()) {
            const bool is_greeting = link.state() == State::greeting;
            link.feed(arrival->data, monotonic_ms());
            if (!is_greeting) {
                current_ = link.start().id;
            } else if (link.has_hello() && !link.is_in_turn) {
                link.is_in_turn = true;
                hellos_.push_back({link.start().id, Admission::group_of(link.start().address)});
            }
        } else if (link.state() == State::connecting) {
            link.connected(monotonic_ms());
        } else {
            drop(link, "the connection broke");
            finish(link);
        }
    } catch (const Error& error) {
        if (error.code() == Exit::oserr) throw;
        drop(link, error.what());
    }
    return true;
}

/// Another made a connection.
void TcpHub::accept(const StreamArrival& arrival)
{
    if (is_outgoing(arrival.route)) return; // one that we have given up
    const std::string group = Admission::group_of(arrival.address);
    if (!make_room_for(group)) {
        ++counters_.refused;
        shared_.socket.close(arrival.route);
        return;
    }
    const LinkId id{++last_link_};
    add({id, arrival.route, Mux::Side::callee, arrival.address, {}, monotonic_ms()});
    half_open_.push_back({id, group});
    ++half_open_of_[group];
}

ZmqLink& TcpHub::add(ZmqLink::Start start)
{
    const std::uint64_t number = start.id.number;
    routes_.emplace(start.route.number, number);
    return *links_.emplace(number, std::make_unique<ZmqLink>(shared_, std::move(start)))
                .first->second;
}

void TcpHub::flush()
{
    unflushed_ = 0;
    std::vector<LinkId> dirty;
    dirty.swap(shared_.dirty);
    for (const LinkId id : dirty)
        if (ZmqLink* const link = find(id)) link->flush();
    limit_waiting();
}

void TcpHub::tick()
{
    ticked_ms_ = monotonic_ms();
    std::vector<ZmqLink*> all;
    all.reserve(links_.size());
    for (const auto& [number, link] : links_) all.push_back(link.get());
    for (ZmqLink* const link : all) {
        if (link->state() == State::closing) continue;
        const std::string why = link->overdue(ticked_ms_);
        if (!why.empty()) drop(*link, why);
    }
    look_at_choked();
}

/// Tells those who wait for room to send, where there is some again.
void TcpHub::look_at_choked()
{
    std::vector<LinkId> choked;
    choked.swap(choked_);
    for (const LinkId id : choked) {
        ZmqLink* const link = find(id);
        if (link == nullptr || link->conversation() == nullptr) continue;
        if (room(*link) < send_size_min / 2) {
            choked_.push_back(id);
            link->outbox().flight().wait_for(link->waiting() / 2);
            continue;
        }
        link->is_choked = false;
        link->conversation()->tell_writable(events_);
    }
}

void TcpHub::look_at_closing()
{
    std::vector<LinkId> closing;
    closing.swap(closing_);
    for (const LinkId id : closing) {
        ZmqLink* const link = find(id);
        if (link == nullptr) continue;
        if (link->is_over(monotonic_ms()))
            finish(*link);
        else
            closing_.push_back(id);
    }
}

void TcpHub::look_at_failed()
{
    while (const auto route = shared_.socket.failed()) {
        const auto found = routes_.find(route->number);
        if (found == routes_.end()) continue;
        ZmqLink& link = *find({found->second});
        if (link.state() == State::connecting) drop(link, "cannot connect");
        finish(link);
    }
}

/// Ends a link: its streams are gone at once, itself when what was sent has left.
void TcpHub::drop(ZmqLink& link, const std::string& reason)
{
    if (link.state() == State::closing) return;
    if (link.conversation() != nullptr) link.conversation()->tell_reset(events_, reason);
    if (link.is_half_open() && link.start().side == Mux::Side::callee) ++counters_.refused;
    leave_half_open(link);
    link.close(reason, monotonic_ms());
    closing_.push_back(link.start().id);
}

/// The connection ends here. The link is gone.
void TcpHub::finish(ZmqLink& link)
{
    shared_.socket.close(link.start().route);
    if (link.was_up || link.start().side == Mux::Side::caller) {
        events_.push_back(link.event(HubEvent::Kind::unlinked, link.reason));
        if (shared_.options.trace != nullptr)
            shared_.options.trace->unlinked(monotonic_ms(), events_.back());
    }
    routes_.erase(link.start().route.number);
    links_.erase(link.start().id.number);
}

void TcpHub::leave_half_open(const ZmqLink& link)
{
    const auto found = std::ranges::find(half_open_, link.start().id, &HalfOpen::link);
    if (found == half_open_.end()) return;
    const auto count = half_open_of_.find(found->group);
    if (--count->second == 0) half_open_of_.erase(count);
    half_open_.erase(found);
}

} // namespace cairn::detail
