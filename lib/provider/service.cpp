#include "provider/service.hpp"

#include "base/error.hpp"
#include "provider/detail/desk.hpp"
#include "provider/detail/reads.hpp"
#include "provider/detail/uploads.hpp"

#include <set>
#include <utility>

namespace cairn {
namespace {

constexpr std::uint64_t tick_ms = 1'000; // between looks for what is too slow
constexpr unsigned hellos_max = 4;       // on one link
constexpr unsigned turns_max = 16;       // streams that send in one advance()

// What a request costs, in microseconds of work: mostly signatures and look-ups.
constexpr std::uint64_t signature_cost = 150;
constexpr std::uint64_t call_cost = 50;
constexpr std::uint64_t item_cost = 20;
constexpr std::uint64_t list_cost = 500;
constexpr std::uint64_t subject_cost = 100; // that may have several notes

/// What to end a call with.
struct Answer {
    std::optional<CallStatus> status; ///< none: it ends later
    Bytes reply;
};

constexpr Answer later()
{
    return {};
}

Answer refused(CallStatus status, std::string_view text)
{
    const ByteView bytes = as_bytes(text);
    return {status, Bytes{bytes.begin(), bytes.end()}};
}

Answer busy()
{
    return refused(CallStatus::busy, "too many requests");
}

Answer done(Bytes reply)
{
    return {CallStatus::ok, std::move(reply)};
}

} // namespace

struct Service::Impl {
    detail::Desk desk;
    detail::Uploads uploads{desk};
    detail::Reads reads{desk};
    NodeRecord record;
    std::vector<NodeRecord> peers;
    std::map<std::uint64_t, StreamId> drops; // by job
    std::set<StreamId> proofs;
    std::uint64_t looked_ms = 0;

    Impl(Hub& hub, Depot& depot, Committer& committer, Guarantor& guarantor, ServiceOptions of)
        : desk{hub, depot, committer, guarantor, std::move(of), {}, {}},
          looked_ms{hub.now_ms()}
    {
    }

    void link(const HubEvent& event);
    void open(const HubEvent& event);
    Answer call(const HubEvent& event, detail::Guest& guest);
    bool spend(detail::Guest& guest, std::uint64_t cost);
    Answer hello(const HubEvent& event, detail::Guest& guest);
    Answer put(const HubEvent& event, detail::Guest& guest);
    Answer has(const HubEvent& event, detail::Guest& guest);
    Answer drop(const HubEvent& event, detail::Guest& guest);
    Answer list(const HubEvent& event, detail::Guest& guest);
    Answer prove(const HubEvent& event, detail::Guest& guest);
    Answer find_tags(const HubEvent& event, detail::Guest& guest);
    Answer tell_peers(const HubEvent& event, detail::Guest& guest);
    void forget(StreamId stream);
    void stray(const HubEvent& event);
    void finish(const Committer::Outcome& outcome);
    void finish(const Guarantor::Proven& proven);
    [[nodiscard]] std::size_t streams() const
    {
        return uploads.size() + reads.size() + proofs.size();
    }
};

void Service::Impl::link(const HubEvent& event)
{
    detail::Guest guest{.link_key = event.peer, .bucket = TokenBucket{desk.hub.now_ms()}};
    if (desk.guests.emplace(event.link, guest).second) ++desk.counts.links_total;
    desk.counts.links = desk.guests.size();
}

/// False when the peer asks for too much work.
bool Service::Impl::spend(detail::Guest& guest, std::uint64_t cost)
{
    return guest.bucket.take(cost, desk.hub.now_ms());
}

void Service::Impl::open(const HubEvent& event)
{
    const auto guest = desk.guests.find(event.link);
    if (guest == desk.guests.end() || guest->second.is_leaving) return;
    Answer answer;
    try {
        answer = call(event, guest->second);
    } catch (const Error& error) {
        answer = error.code() == Exit::data
                     ? refused(CallStatus::malformed, error.what())
                     : refused(CallStatus::failed, "the provider cannot do it now");
    }
    if (!answer.status) return;
    desk.end(event.stream, event.method, *answer.status, answer.reply);
    if (answer.status == CallStatus::malformed || answer.status == CallStatus::unsupported)
        desk.blame(event.link);
}

Answer Service::Impl::call(const HubEvent& event, detail::Guest& guest)
{
    if (event.method == method::hello) return hello(event, guest);
    if (!guest.is_welcome) return refused(CallStatus::denied, "hello comes first");
    if (event.method == method::shard_get) {
        if (!spend(guest, call_cost)) return busy();
        reads.open(event.link, event.stream, parse_get_request(event.data));
        return later();
    }
    if (event.method == method::shard_put) return put(event, guest);
    if (event.method == method::shard_has) return has(event, guest);
    if (event.method == method::shard_drop) return drop(event, guest);
    if (event.method == method::shard_list) return list(event, guest);
    if (event.method == method::shard_prove) return prove(event, guest);
    if (event.method == method::shard_tags) return find_tags(event, guest);
    if (event.method == method::peers) return tell_peers(event, guest);
    return refused(CallStatus::unsupported, "no such method");
}

Answer Service::Impl::hello(const HubEvent& event, detail::Guest& guest)
{
    if (!spend(guest, signature_cost)) return busy();
    const HelloRequest request = parse_hello_request(event.data);
    if (++guest.hellos > hellos_max) return refused(CallStatus::malformed, "too many hellos");
    if (request.network != desk.options.network)
        return refused(CallStatus::denied, "another network");
    if (request.owner && !is_signed(request, guest.link_key, desk.hub.link_key()))
        return refused(CallStatus::malformed, "the owner's signature is wrong");
    guest.is_welcome = true;
    guest.owner_key = request.owner;
    guest.owner.reset();
    HelloReply reply{.record = record,
                     .free_size = 0,
                     .shard_size = shard_size_max,
                     .time_s = desk.options.now_s()};
    if (request.owner) {
        guest.owner = account_id(*request.owner);
        reply.free_size = desk.depot.free_size(*guest.owner);
    }
    return done(to_bytes(reply));
}

Answer Service::Impl::put(const HubEvent& event, detail::Guest& guest)
{
    if (!guest.owner) return refused(CallStatus::denied, "only an owner may store");
    PutRequest request = parse_put_request(event.data);
    if (!spend(guest, signature_cost + request.items.size() * item_cost)) return busy();
    uploads.open(event.link, event.stream, *guest.owner, std::move(request));
    return later();
}

Answer Service::Impl::has(const HubEvent& event, detail::Guest& guest)
{
    const HasRequest request = parse_has_request(event.data);
    if (!spend(guest, call_cost + request.roots.size() * item_cost)) return busy();
    HasReply reply;
    for (const ShardRoot& root : request.roots)
        reply.entries.push_back(desk.depot.find(root, guest.owner));
    return done(to_bytes(reply));
}

Answer Service::Impl::drop(const HubEvent& event, detail::Guest& guest)
{
    DropRequest request = parse_drop_request(event.data);
    if (!spend(guest, 2 * signature_cost + request.items.size() * item_cost)) return busy();
    if (request.network != desk.options.network)
        return refused(CallStatus::denied, "another network");
    if (request.provider != account_id(desk.options.node->public_key()))
        return refused(CallStatus::denied, "for another provider");
    if (!is_signed(request)) return refused(CallStatus::malformed, "the signature is wrong");
    const std::uint64_t job =
        desk.committer.add_drop(account_id(request.owner), std::move(request.items));
    drops.emplace(job, event.stream);
    return later();
}

Answer Service::Impl::list(const HubEvent& event, detail::Guest& guest)
{
    if (!guest.owner) return refused(CallStatus::denied, "only an owner has a list");
    const ListRequest request = parse_list_request(event.data);
    if (!spend(guest, list_cost)) return busy();
    return done(to_bytes(ListReply{desk.depot.list(*guest.owner, request.kind, request.after)}));
}

/// Derives the seed, so that nobody has this provider answer for another.
Answer Service::Impl::prove(const HubEvent& event, detail::Guest& guest)
{
    ProveRequest request = parse_prove_request(event.data);
    if (!spend(guest, call_cost)) return busy();
    const std::optional<std::uint64_t> cost = desk.guarantor.proof_cost(request);
    if (!cost) {
        ++desk.counts.proofs_refused;
        return refused(CallStatus::no, "the prover key is not here");
    }
    if (!spend(guest, *cost)) return busy();
    const Ed25519PublicKey auditor = guest.owner_key.value_or(guest.link_key);
    const ChallengeSeed seed =
        audit_seed(request.nonce, auditor.bytes, desk.options.node->public_key().bytes, request.key,
                   request.files);
    if (!desk.guarantor.prove(event.link, event.stream, std::move(request), seed))
        return refused(CallStatus::busy, "too many proofs");
    proofs.insert(event.stream);
    return later();
}

Answer Service::Impl::find_tags(const HubEvent& event, detail::Guest& guest)
{
    const TagsRequest request = parse_tags_request(event.data);
    if (!spend(guest, call_cost + request.subjects.size() * subject_cost)) return busy();
    TagsReply reply;
    for (const TagSubject& subject : request.subjects) {
        std::vector<ShardItem>& items = reply.items.emplace_back();
        for (const FoundNote& note : desk.depot.notes({subject.bytes}, tags_items_max))
            items.push_back(note.from);
    }
    return done(to_bytes(reply));
}

Answer Service::Impl::tell_peers(const HubEvent& event, detail::Guest& guest)
{
    if (!spend(guest, call_cost)) return busy();
    if (!event.data.empty()) return refused(CallStatus::malformed, "peers takes nothing");
    PeersReply reply{{record}};
    Bytes bytes = to_bytes(reply);
    for (const NodeRecord& peer : peers) {
        reply.records.push_back(peer);
        Bytes longer = to_bytes(reply);
        if (longer.size() > request_size_max) break;
        bytes = std::move(longer);
    }
    return done(std::move(bytes));
}

/// Data that nobody asked for: an upload may have been refused while its bytes were on their way.
void Service::Impl::stray(const HubEvent& event)
{
    if (!reads.has(event.stream)) return;
    reads.forget(event.stream);
    desk.hub.reset(event.stream, "shard.get takes no data");
    desk.blame(event.link);
}

void Service::Impl::finish(const Committer::Outcome& outcome)
{
    if (uploads.finish(outcome)) return;
    const auto found = drops.find(outcome.job);
    if (found == drops.end()) return;
    const StreamId stream = found->second;
    drops.erase(found);
    if (!outcome.failure.empty())
        desk.refuse(stream, method::shard_drop, CallStatus::failed, "the disk has failed");
    else
        desk.end(stream, method::shard_drop, CallStatus::ok, to_bytes(DropReply{outcome.dropped}));
}

void Service::Impl::finish(const Guarantor::Proven& proven)
{
    if (proofs.erase(proven.stream) == 0) return; // it is gone
    ++(proven.status == CallStatus::ok ? desk.counts.proofs : desk.counts.proofs_refused);
    desk.end(proven.stream, method::shard_prove, proven.status, proven.reply);
}

void Service::Impl::forget(StreamId stream)
{
    uploads.forget(stream);
    reads.forget(stream);
    proofs.erase(stream);
    desk.guarantor.forget(stream);
}

Service::Service(Hub& hub, Depot& depot, Committer& committer, Guarantor& guarantor,
                 ServiceOptions options)
    : impl_{std::make_unique<Impl>(hub, depot, committer, guarantor, std::move(options))}
{
}

Service::~Service() = default;

void Service::set_record(NodeRecord record)
{
    impl_->record = std::move(record);
}

void Service::set_peers(std::vector<NodeRecord> records)
{
    impl_->peers = std::move(records);
}

void Service::handle(const HubEvent& event)
{
    Impl& impl = *impl_;
    if (event.is_caller) return; // not our calls
    switch (event.kind) {
    case HubEvent::Kind::linked:
        impl.link(event);
        break;
    case HubEvent::Kind::unlinked:
        impl.desk.guests.erase(event.link);
        impl.desk.counts.links = impl.desk.guests.size();
        break;
    case HubEvent::Kind::opened:
        impl.open(event);
        break;
    case HubEvent::Kind::data:
        if (!impl.uploads.data(event.stream, event.data)) impl.stray(event);
        break;
    case HubEvent::Kind::writable:
        impl.reads.writable(event.stream);
        break;
    case HubEvent::Kind::half_end:
        impl.uploads.half_end(event.stream);
        break;
    case HubEvent::Kind::reset:
        impl.forget(event.stream);
        break;
    case HubEvent::Kind::ended:
    case HubEvent::Kind::woken:
        break;
    }
    impl.desk.counts.streams = impl.streams();
}

bool Service::advance()
{
    Impl& impl = *impl_;
    for (Guarantor::Checked& checked : impl.desk.guarantor.checked())
        impl.uploads.finish(std::move(checked));
    for (const Guarantor::Proven& proven : impl.desk.guarantor.proven()) impl.finish(proven);
    for (const Committer::Outcome& outcome : impl.desk.committer.outcomes()) impl.finish(outcome);
    const std::uint64_t now_ms = impl.desk.hub.now_ms();
    if (now_ms - impl.looked_ms >= tick_ms) {
        impl.uploads.cut_slow(now_ms);
        impl.reads.cut_slow(now_ms);
        impl.looked_ms = now_ms;
    }
    bool has_more = true;
    for (unsigned turn = 0; turn < turns_max && has_more; ++turn) has_more = impl.reads.take_turn();
    impl.desk.counts.streams = impl.streams();
    return has_more;
}

std::optional<std::uint64_t> Service::deadline_ms() const
{
    if (streams() == 0) return std::nullopt;
    return impl_->looked_ms + tick_ms;
}

std::size_t Service::streams() const
{
    return impl_->streams();
}

const ServiceCounts& Service::counts() const noexcept
{
    return impl_->desk.counts;
}

} // namespace cairn
