#include "client/detail/object_put.hpp"

#include "format/address.hpp"
#include "format/index.hpp"

#include <algorithm>
#include <cassert>

namespace cairn::detail {
namespace {

constexpr unsigned spare_providers = 2;

/// How many of k+m shards are enough for an object to count as stored.
unsigned happy_of(const Profile& profile)
{
    return profile.k + (profile.m + 1) / 2;
}

constexpr Profile whole_profile{.k = 1, .m = whole_copies - 1, .segment_size = segment_size_usual};

} // namespace

OutgoingShard shard_of(ShardClass kind, const ShardRoot& root, std::shared_ptr<const Bytes> bytes)
{
    OutgoingShard shard;
    shard.kind = kind;
    shard.item = {root, bytes->size()};
    shard.bytes = *bytes;
    shard.owner = std::move(bytes);
    return shard;
}

ObjectPut::ObjectPut(PutShared& shared, std::shared_ptr<PutSource> source)
    : shared_{&shared},
      source_{std::move(source)},
      code_{{shared.maker->profile().k, shared.maker->profile().m}}
{
    result_.number = source_->input.number;
    result_.name = source_->input.name;
    result_.profile = shared.maker->profile();
}

ObjectPut::~ObjectPut()
{
    source_->is_abandoned = true;
    shared_->tags->forget(this);
    shared_->changed.erase(this);
}

unsigned ObjectPut::happy() const
{
    return happy_of(result_.profile);
}

void ObjectPut::take(PutUnit unit)
{
    early_.emplace(unit.index, std::move(unit));
    shared_->changed.insert(this);
}

void ObjectPut::go_on()
{
    while (!is_over_ && !early_.empty() && early_.begin()->first == next_) {
        PutUnit unit = std::move(early_.extract(early_.begin()).mapped());
        ++next_;
        begin(std::move(unit));
    }
    while (!is_over_ && reap()) {
    }
}

void ObjectPut::tick()
{
    for (Part& part : parts_)
        if (part.spread && !part.recall) part.spread->tick();
}

void ObjectPut::begin(PutUnit&& unit)
{
    if (unit.failure) {
        try {
            std::rethrow_exception(unit.failure);
        } catch (const Error& error) {
            return fail(error);
        }
    }
    is_whole_read_ = unit.is_last;
    if (unit.whole) return send_whole(unit);
    if (!manifest_)
        manifest_ = std::make_unique<ManifestBuilder>(result_.profile,
                                                      shared_->options->temporary_directory);
    if (unit.segment) {
        manifest_->append(*unit.segment);
        send_segment(unit.segment, unit.index, unit.tags);
    } else if (!place(result_.profile.shards(), 0)) {
        return;
    }
    if (unit.is_last && !is_over_) finish_segments();
}

/// Chooses the providers of the object, once; false when there are too few.
bool ObjectPut::place(std::size_t shards, std::uint64_t shard_size)
{
    if (placement_) return true;
    shared_->providers->connect(shards + spare_providers);
    const auto candidates = shared_->providers->candidates(shard_size);
    if (candidates.size() < happy()) {
        fail({Exit::unavail,
              "at least " + std::to_string(happy()) + " providers are needed, and " +
                  std::to_string(candidates.size()) + " can be used",
              "name more providers, or choose a smaller code with -k and -m"});
        return false;
    }
    placement_.emplace(*shared_->providers, candidates, shards, shard_size);
    return true;
}

void ObjectPut::send_whole(const PutUnit& unit)
{
    result_.profile = whole_profile;
    result_.stored_size = unit.whole->size();
    kind_ = LinkKind::whole;
    id_.bytes = unit.root.bytes;
    record_ = unit.record;
    if (!place(whole_copies, unit.whole->size())) return;
    Part& part = parts_.emplace_back();
    part.size = source_->stream->plain_size();
    part.tags = unit.tags;
    part.roots.assign(whole_copies, unit.root);
    const std::vector<OutgoingShard> copies(whole_copies,
                                            shard_of(ShardClass::data, unit.root, unit.whole));
    part.spread = std::make_unique<Spread>(*shared_->uploader, *shared_->providers, *placement_,
                                           copies, happy());
    begin(part, std::vector(whole_copies, copies.front().item));
}

/// Sends the shards of a segment, which has an index unless it is one of the manifest.
void ObjectPut::send_segment(const std::shared_ptr<SegmentEncoder>& segment,
                             std::optional<std::uint64_t> index, std::shared_ptr<const Bytes> tags)
{
    std::vector<OutgoingShard> shards;
    std::vector<ShardItem> items;
    for (std::size_t i = 0; i < segment->shards().size(); ++i) {
        OutgoingShard& shard = shards.emplace_back();
        shard.bytes = segment->shards()[i];
        shard.item = {segment->roots()[i], shard.bytes.size()};
        shard.owner = segment;
        items.push_back(shard.item);
    }
    if (!place(shards.size(), items.front().size)) return;
    Part& part = parts_.emplace_back();
    part.index = index;
    part.size = index ? segment->length() : 0;
    part.tags = std::move(tags);
    part.roots = segment->roots();
    part.spread = std::make_unique<Spread>(*shared_->uploader, *shared_->providers, *placement_,
                                           std::move(shards), happy());
    begin(part, items);
}

/// Starts a part, and asks first who has its shards from a run before, if there may be somebody.
void ObjectPut::begin(Part& part, const std::vector<ShardItem>& items)
{
    const bool is_resumed = part.index && source_->journal && source_->journal->is_resumed();
    const bool is_known = shared_->options->is_known && !source_->keys && !is_new_;
    if (!is_resumed && !is_known) return start(part);
    part.recall = std::make_unique<Recall>(*shared_->session, shared_->options->network,
                                           account_id(shared_->options->owner->public_key()),
                                           [this, &part](std::vector<Recall::Found> found) {
                                               preset(part, std::move(found));
                                               part.recall.reset();
                                               start(part);
                                               shared_->changed.insert(this);
                                           });
    // The manifest of an empty object belongs with no shards: whoever has it may be its provider.
    const bool is_free = manifest_ && manifest_->head().segments() == 0;
    if (is_resumed ? part.recall->start(source_->journal->receipts(*part.index), items)
                   : part.recall->start(items, is_free ? std::vector<std::size_t>{} : part.targets))
        return;
    part.recall.reset();
    start(part);
}

/// These shards are stored already.
void ObjectPut::preset(Part& part, std::vector<Recall::Found> found)
{
    if (found.empty() && part.targets.empty()) is_new_ = true; // nor are those that follow
    for (Recall::Found& known : found) {
        if (shared_->events->receipt && known.holder.receipt)
            shared_->events->receipt(*known.holder.receipt);
        (part.targets.empty() ? holders_ : manifest_holders_).insert(known.holder.provider);
        part.spread->preset(known.slot, std::move(known.holder));
    }
}

void ObjectPut::start(Part& part)
{
    part.spread->start({
        .stored =
            [this, &part](const Holder& holder) {
                if (stage_ == Stage::record) return;
                (part.targets.empty() ? holders_ : manifest_holders_).insert(holder.provider);
                if (source_->journal && part.index)
                    source_->journal->add_receipt(*part.index, *holder.receipt);
            },
        .over = [this] { shared_->changed.insert(this); },
    });
}

/// Takes what is over off the list and begins the next stage when nothing is left on it; false when
/// there was nothing to do.
bool ObjectPut::reap()
{
    bool has_moved = false;
    drop_needless_manifests();
    for (auto part = parts_.begin(); part != parts_.end() && !is_over_;) {
        if (part->recall || !part->spread->is_over()) {
            ++part;
            continue;
        }
        judge(*part);
        if (is_over_) return false;
        part = parts_.erase(part);
        has_moved = true;
    }
    if (!parts_.empty() || tags_pending_ > 0 || !is_whole_read_ || is_over_) return has_moved;
    switch (stage_) {
    case Stage::segments:
        stage_ = kind_ == LinkKind::nested ? Stage::nested : Stage::manifest;
        return true;
    case Stage::nested:
        send_nested();
        return true;
    case Stage::manifest:
        check_manifest();
        return true;
    case Stage::record:
        finish();
        return true;
    case Stage::over:
        break;
    }
    return false;
}

/// Counts what is stored of a part.
void ObjectPut::judge(const Part& part)
{
    const Spread& spread = *part.spread;
    const std::size_t stored = spread.stored();
    if (!spread.fault().empty()) note_fault(spread.fault());
    if (part.tags) send_tags(part);
    if (!part.targets.empty()) return;
    if (stage_ == Stage::record) {
        if (stored < whole_copies) note_fault("the index record has fewer copies than it should");
        if (stored < whole_copies) result_.is_complete = false;
        return;
    }
    const bool is_first = result_.stored_least == 0;
    result_.stored_least = is_first ? stored : std::min(result_.stored_least, stored);
    if (stored < happy()) {
        const std::string unit = result_.profile == whole_profile ? " copies" : " shards";
        return fail({Exit::unavail, "only " + std::to_string(stored) + " of " +
                                        std::to_string(result_.profile.shards()) + unit +
                                        " could be stored, and " + std::to_string(happy()) +
                                        " are needed (" + spread.fault() + ")"});
    }
    if (shared_->events->sent) shared_->events->sent(part.size);
}

/// Gives the tags of a part's shards to all who have one.
void ObjectPut::send_tags(const Part& part)
{
    for (std::size_t slot = 0; slot < part.roots.size(); ++slot) {
        const auto& holder = part.spread->holder(slot);
        if (!holder) continue;
        const std::size_t provider = holder->provider;
        ++tags_pending_;
        shared_->tags->send(provider,
                            {.shard = part.roots[slot],
                             .key_id = shared_->options->tags->tagger->key.id(),
                             .key = *shared_->prover_key,
                             .set = shard_of(ShardClass::tags, blake3(*part.tags), part.tags)},
                            this, [this, provider](const std::string& fault) {
                                --tags_pending_;
                                shared_->changed.insert(this);
                                if (fault.empty()) return;
                                has_tag_fault_ = true;
                                note_fault(
                                    to_address(shared_->session->providers()[provider].node_key) +
                                    " does not take the tags: " + fault);
                            });
    }
}

void ObjectPut::note_fault(const std::string& fault)
{
    if (result_.fault.empty()) result_.fault = fault;
}

void ObjectPut::send_record()
{
    const bool is_wanted = shared_->options->index_key && source_->input.has_record;
    if (!is_wanted) return;
    if (!record_)
        record_ = std::make_shared<const Bytes>(
            shared_->maker->make_record(source_->input, result_.plain_size, make_link(false)));
    const std::vector<std::size_t> preferred{holders_.begin(), holders_.end()};
    Part& part = parts_.emplace_back();
    part.placement = std::make_unique<Placement>(
        *shared_->providers, shared_->providers->candidates(record_->size(), preferred),
        std::size_t{whole_copies}, record_->size());
    part.spread = std::make_unique<Spread>(
        *shared_->uploader, *shared_->providers, *part.placement,
        std::vector(whole_copies, shard_of(ShardClass::index, blake3(*record_), record_)),
        happy_of(whole_profile));
    start(part);
}

Link ObjectPut::make_link(bool has_hints) const
{
    Link link;
    link.kind = kind_;
    link.network = shared_->options->network;
    link.id = id_;
    if (source_->keys) link.key = Secret::copy(source_->keys->file_key.bytes());
    for (const std::size_t provider : holders_.empty() ? manifest_holders_ : holders_) {
        if (!has_hints || link.hints.size() == link_hints_max) break;
        const ProviderName& name = shared_->session->providers()[provider];
        for (const std::string& address : name.addresses) {
            if (!is_endpoint(address)) continue;
            link.hints.push_back({{name.node_key, Network::main}, address});
            break;
        }
    }
    return link;
}

void ObjectPut::finish()
{
    stage_ = Stage::over;
    is_over_ = true;
    result_.link = make_link(true);
    if (result_.is_complete) result_.fault.clear();
    if (source_->journal && result_.is_complete) source_->journal->remove();
}

void ObjectPut::fail(const Error& error)
{
    source_->is_abandoned = true;
    result_.error = error;
    // With fresh keys these are the shards of no other object; with a journal the next run goes on.
    const bool is_of_use = source_->journal || !source_->keys;
    if (!is_of_use && (!holders_.empty() || !parts_.empty()))
        leftovers_ = {std::move(manifest_), std::move(outer_), ShardRoot{id_.bytes}};
    parts_.clear();
    early_.clear();
    shared_->tags->forget(this);
    stage_ = Stage::over;
    is_over_ = true;
}

} // namespace cairn::detail
