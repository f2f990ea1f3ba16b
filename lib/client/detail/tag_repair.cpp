#include "client/detail/tag_repair.hpp"

#include "audit/signed_key.hpp"
#include "audit/tag_file.hpp"
#include "base/error.hpp"
#include "client/detail/small_fetch.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace cairn::detail {
namespace {

constexpr std::size_t groups_at_once = 64;
constexpr std::uint64_t tick_ms = 50;
constexpr std::uint64_t for_ever = std::numeric_limits<std::uint64_t>::max();
constexpr std::size_t set_size_max = 16UL * 1024 * 1024; // bytes, as providers take them

OutgoingShard to_outgoing(const ShardRoot& root, Bytes bytes)
{
    const auto owner = std::make_shared<const Bytes>(std::move(bytes));
    OutgoingShard shard;
    shard.kind = ShardClass::tags;
    shard.item = {root, owner->size()};
    shard.bytes = *owner;
    shard.owner = owner;
    return shard;
}

} // namespace

TagRepair::TagRepair(ReadContext& context, const ObjectRepairOptions& options, RepairReport& report)
    : context_{&context},
      options_{&options},
      report_{&report},
      uploader_{context.session, options.network, options.owner, options.receipt,
                options.patience_ms},
      sender_{context.session, uploader_, options.patience_ms}
{
}

bool TagRepair::has_tags(const ShardRoot& root)
{
    bool has_any = false;
    for (std::size_t provider = 0; provider < context_->providers(); ++provider)
        ask(provider, {{root.bytes}},
            [&](std::size_t, const auto& items) { has_any = has_any || !items.empty(); });
    wait();
    return has_any;
}

void TagRepair::add(Group group)
{
    groups_.push_back(std::move(group));
    if (groups_.size() == groups_at_once) look();
}

void TagRepair::finish()
{
    look();
}

void TagRepair::look()
{
    const Known known = find_tags();
    for (const Group& group : std::exchange(groups_, {})) mend(group, known);
    while (!sender_.is_idle()) {
        context_->session.run(
            [&] {
                uploader_.flush();
                return sender_.is_idle();
            },
            context_->session.now_ms() + tick_ms);
        sender_.tick();
    }
}

/// Asks everybody for the tags of the shards that they have.
TagRepair::Known TagRepair::find_tags()
{
    std::map<std::size_t, std::vector<TagSubject>> questions; // by provider
    for (const Group& group : groups_)
        for (const auto& [root, provider] : group) questions[provider].push_back({root.bytes});
    Known known;
    for (const auto& [provider, subjects] : questions)
        for (std::size_t at = 0; at < subjects.size(); at += tags_ids_max) {
            const std::size_t count = std::min(tags_ids_max, subjects.size() - at);
            const auto first = subjects.begin() + static_cast<std::ptrdiff_t>(at);
            const std::vector<TagSubject> part{first, first + static_cast<std::ptrdiff_t>(count)};
            ask(provider, part, [&known, from = provider, part](std::size_t i, const auto& items) {
                for (const ShardItem& item : items)
                    known[{ShardRoot{part[i].bytes}, from}].insert(item.root);
            });
        }
    wait();
    return known;
}

void TagRepair::mend(const Group& group, const Known& known)
{
    std::set<ShardRoot> sets;
    for (const auto& place : group)
        if (const auto found = known.find(place); found != known.end())
            sets.insert(found->second.begin(), found->second.end());
    for (const ShardRoot& set : sets) mend(group, known, set);
}

void TagRepair::mend(const Group& group, const Known& known, const ShardRoot& set)
{
    Group without;
    for (const auto& place : group)
        if (const auto found = known.find(place);
            found == known.end() || !found->second.contains(set))
            without.push_back(place);
    if (without.empty()) return;
    const auto shard = fetch(set, set_size_max);
    if (!shard) return;
    try {
        for (const TagFile& file : parse_tag_set(shard->bytes))
            for (const auto& [root, provider] : without) {
                if (root != file.header.root) continue;
                ++report_->tags_missing;
                if (options_->is_dry_run) continue;
                const auto key = prover_key(file.header.key);
                if (!key) continue;
                sender_.send(provider,
                             {.shard = root, .key_id = file.header.key, .key = *key, .set = *shard},
                             this, [this](const std::string& fault) {
                                 if (fault.empty())
                                     ++report_->tags_repaired;
                                 else
                                     report_->fault = "its tags: " + fault;
                             });
            }
    } catch (const Error& error) { // nobody can use it
        report_->fault = error.what();
    }
}

void TagRepair::ask(std::size_t provider, const std::vector<TagSubject>& subjects, const Take& take)
{
    SessionCall call;
    call.provider = provider;
    call.method = method::shard_tags;
    call.request = to_bytes(TagsRequest{subjects});
    call.stall_ms = options_->patience_ms;
    call.done = [this, take, count = subjects.size()](Reply&& reply) {
        --pending_;
        if (!reply.failure.empty() || reply.status != CallStatus::ok) return;
        try {
            const TagsReply answer = parse_tags_reply(reply.body);
            if (answer.items.size() != count) return;
            for (std::size_t i = 0; i < count; ++i) take(i, answer.items[i]);
        } catch (const Error&) { // it has none that anybody can find
        }
    };
    ++pending_;
    context_->session.start(std::move(call));
}

void TagRepair::wait()
{
    context_->session.run([this] { return pending_ == 0; }, for_ever);
}

std::optional<OutgoingShard> TagRepair::fetch(const ShardRoot& root, std::size_t size_max)
{
    try {
        return to_outgoing(root, SmallFetch{*context_, root, size_max}.run());
    } catch (const Error&) { // it is told of as missing
        return std::nullopt;
    }
}

std::optional<OutgoingShard> TagRepair::prover_key(const AuditKeyId& id)
{
    const auto [place, is_new] = keys_.try_emplace(id);
    if (!is_new) return place->second;
    std::set<ShardRoot> roots;
    for (std::size_t provider = 0; provider < context_->providers(); ++provider)
        ask(provider, {{id.bytes}}, [&](std::size_t, const auto& items) {
            for (const ShardItem& item : items) roots.insert(item.root);
        });
    wait();
    for (const ShardRoot& root : roots) {
        auto key = fetch(root, prover_key_size_max);
        if (key) place->second = std::move(key);
    }
    return place->second;
}

} // namespace cairn::detail
