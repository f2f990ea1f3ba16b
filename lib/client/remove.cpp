#include "client/remove.hpp"

#include "base/error.hpp"
#include "client/detail/read_context.hpp"
#include "client/object_reader.hpp"
#include "format/audit_message.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

namespace cairn {
namespace {

static_assert(put_items_max >= has_roots_max);

constexpr std::uint64_t for_ever = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t segments_at_once = 16;
constexpr unsigned rounds_max = 64; // a provider may say for ever that it has more

ShardRoot to_root(const ObjectId& id)
{
    return {id.bytes};
}

} // namespace

Remover::Remover(Session& session, const NetworkId& network, const Ed25519KeyPair& owner,
                 std::uint64_t patience_ms)
    : session_{&session},
      network_{network},
      owner_{&owner},
      patience_ms_{patience_ms},
      is_silent_(session.providers().size())
{
}

void Remover::remove(const Link& link)
{
    if (link.kind == LinkKind::whole) return add(to_root(link.id));
    ObjectReader object{*session_, link.kind, link.id, {.patience_ms = patience_ms_, .threads = 0}};
    const std::uint64_t segments = object.head().segments();
    for (std::uint64_t first = 0; first < segments; first += segments_at_once)
        for (const Blake3Digest& root :
             object.roots(first, std::min(segments_at_once, segments - first)))
            add(root);
    if (link.kind == LinkKind::nested)
        for (const Blake3Digest& root : parse_manifest(object.root_bytes()).roots)
            manifests_.push_back(root);
    manifests_.push_back(to_root(link.id));
}

void Remover::add(const ShardRoot& root)
{
    roots_.push_back(root);
    if (roots_.size() == has_roots_max) flush();
}

RemoveReport Remover::finish(bool is_final)
{
    flush();
    if (report_.silent > 0 && !is_final) {
        report_.kept = manifests_.size();
        return report_;
    }
    for (const ShardRoot& root : std::exchange(manifests_, {})) add(root);
    flush();
    return report_;
}

void Remover::flush()
{
    drop(std::exchange(roots_, {}), false);
    std::vector<ShardRoot> sets;
    for (const ShardRoot& set : std::exchange(tags_, {})) {
        sets.push_back(set);
        if (sets.size() == has_roots_max) drop(std::exchange(sets, {}), true);
    }
    drop(sets, true);
}

/// Asks all providers what they have of these roots, and orders them to drop it, until nobody has
/// anything: what was stored again and again has as many entries, of which one at a time is told.
/// Notes which tags there are, unless these are tags.
void Remover::drop(const std::vector<ShardRoot>& roots, bool are_tags)
{
    if (roots.empty()) return;
    std::vector<std::size_t> asked(is_silent_.size());
    std::iota(asked.begin(), asked.end(), std::size_t{0});
    for (unsigned round = 0; round < rounds_max && !asked.empty(); ++round) {
        Orders orders(is_silent_.size());
        for (const std::size_t provider : asked)
            if (!is_silent_[provider]) ask(provider, roots, orders);
        wait();
        asked.clear();
        for (std::size_t i = 0; i < orders.size(); ++i) {
            if (orders[i].empty()) continue;
            if (round == 0 && !are_tags) ask_tags(i, orders[i]);
            asked.push_back(i);
        }
        wait();
        for (const std::size_t i : asked) order(i, std::move(orders[i]));
        wait();
    }
}

void Remover::wait()
{
    session_->run([this] { return pending_ == 0; }, for_ever);
}

void Remover::note_silence(std::size_t provider)
{
    if (is_silent_[provider]) return;
    is_silent_[provider] = true;
    ++report_.silent;
}

/// Which tag sets a provider has of shards.
void Remover::ask_tags(std::size_t provider, std::span<const DropItem> items)
{
    while (!items.empty()) {
        const auto part = items.first(std::min(items.size(), tags_ids_max));
        items = items.subspan(part.size());
        TagsRequest request;
        for (const DropItem& item : part) request.subjects.push_back({item.root.bytes});
        SessionCall call;
        call.provider = provider;
        call.method = method::shard_tags;
        call.request = to_bytes(request);
        call.stall_ms = patience_ms_;
        call.done = [this](Reply&& reply) {
            --pending_;
            if (!reply.failure.empty() || reply.status != CallStatus::ok) return;
            try {
                for (const auto& sets : parse_tags_reply(reply.body).items)
                    for (const ShardItem& set : sets) tags_.insert(set.root);
            } catch (const Error&) { // it has none that anybody can find
            }
        };
        ++pending_;
        session_->start(std::move(call));
    }
}

void Remover::ask(std::size_t provider, const std::vector<ShardRoot>& roots, Orders& orders)
{
    SessionCall call;
    call.provider = provider;
    call.method = method::shard_has;
    call.request = to_bytes(HasRequest{roots});
    call.stall_ms = patience_ms_;
    call.done = [this, provider, &roots, &orders](Reply&& reply) {
        --pending_;
        const bool is_answer = reply.failure.empty() && reply.status == CallStatus::ok;
        const auto has =
            is_answer ? detail::read_has_reply(reply.body, roots.size()) : std::nullopt;
        if (!has) return note_silence(provider);
        for (std::size_t i = 0; i < roots.size(); ++i)
            if (has->entries[i].serial != 0)
                orders[provider].push_back({roots[i], has->entries[i].serial});
    };
    ++pending_;
    session_->start(std::move(call));
}

void Remover::order(std::size_t provider, std::vector<DropItem> items)
{
    DropRequest request;
    request.network = network_;
    request.owner = owner_->public_key();
    request.provider = account_id(session_->providers()[provider].node_key);
    request.items = std::move(items);
    sign(request, *owner_);
    SessionCall call;
    call.provider = provider;
    call.method = method::shard_drop;
    call.request = to_bytes(request);
    call.stall_ms = patience_ms_;
    call.done = [this, provider](Reply&& reply) {
        --pending_;
        if (!reply.failure.empty() || reply.status != CallStatus::ok) return note_silence(provider);
        try {
            report_.dropped += parse_drop_reply(reply.body).dropped;
        } catch (const Error&) {
            note_silence(provider);
        }
    };
    ++pending_;
    session_->start(std::move(call));
}

} // namespace cairn
