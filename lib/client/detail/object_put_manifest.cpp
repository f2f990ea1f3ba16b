#include "client/detail/object_put.hpp"

#include <algorithm>
#include <array>

// The manifest of an object on its way.

namespace cairn::detail {

/// All segments are on their way: the manifest is known.
void ObjectPut::finish_segments()
{
    manifest_->finish();
    if (source_->input.id && source_->input.id() != manifest_->id())
        return fail({Exit::data, "the shards are not those that what they hold is encoded to"});
    result_.stored_size = manifest_->head().total_size;
    if (manifest_->head().manifest_size() > shared_->options->manifest_size_max) {
        kind_ = LinkKind::nested;
        outer_ = std::make_unique<ManifestBuilder>(
            result_.profile, shared_->options->temporary_directory, ManifestKind::manifest);
        return;
    }
    const auto is_waiting = [](const Part& part) { return part.recall != nullptr; };
    if (std::ranges::none_of(parts_, is_waiting)) send_manifest(); // else it is not known to whom
}

/// The next segment of the object whose bytes are the manifest; its own manifest after the last.
void ObjectPut::send_nested()
{
    const std::uint64_t size = manifest_->head().manifest_size();
    const std::uint64_t step = result_.profile.segment_size;
    const std::uint64_t at = nested_next_ * step;
    if (at >= size) {
        outer_->finish();
        stage_ = Stage::manifest;
        return send_manifest();
    }
    const std::size_t length = std::min(step, size - at);
    const auto segment = shared_->maker->pool().encoder(length);
    manifest_->read_at(at, segment->input().first(length));
    segment->encode(code_, length, at);
    outer_->append(*segment);
    ++nested_next_;
    send_segment(segment, std::nullopt,
                 shared_->maker->make_tags(segment->roots(), segment->shards()));
}

/// Sends the manifest to all that have or will have a shard, and were not sent it.
void ObjectPut::send_manifest()
{
    const ManifestBuilder& manifest = outer_ ? *outer_ : *manifest_;
    if (!manifest_shard_.owner) {
        id_ = manifest.id();
        auto bytes = std::make_shared<Bytes>();
        manifest.write(
            [&](ByteView part) { bytes->insert(bytes->end(), part.begin(), part.end()); });
        manifest_shard_ = shard_of(ShardClass::data, {id_.bytes}, std::move(bytes));
        manifest_tags_ = shared_->maker->make_tags(std::array{ShardRoot{id_.bytes}},
                                                   std::array{manifest_shard_.bytes});
    }
    std::set<std::size_t> wanted = holders_;
    for (std::size_t slot = 0; slot < placement_->slots(); ++slot)
        if (const auto provider = placement_->at(slot)) wanted.insert(*provider);
    std::vector<std::size_t> targets;
    for (const std::size_t provider : wanted)
        if (manifest_targets_.insert(provider).second) targets.push_back(provider);
    if (targets.empty()) return;
    Part& part = parts_.emplace_back();
    part.targets = targets;
    part.tags = manifest_tags_;
    part.roots.assign(targets.size(), ShardRoot{id_.bytes});
    part.placement = std::make_unique<Placement>(*shared_->providers, targets, targets.size(),
                                                 manifest_shard_.item.size);
    part.spread = std::make_unique<Spread>(*shared_->uploader, *shared_->providers, *part.placement,
                                           std::vector(targets.size(), manifest_shard_), happy());
    begin(part, std::vector(targets.size(), manifest_shard_.item));
}

/// Goes on to the index record when everybody with a shard has the manifest too.
void ObjectPut::check_manifest()
{
    bool is_complete = result_.stored_least == result_.profile.shards();
    if (kind_ != LinkKind::whole) {
        if (manifest_->head().segments() == 0)
            result_.stored_least =
                std::min<std::size_t>(manifest_holders_.size(), result_.profile.shards());
        send_manifest();
        if (!parts_.empty()) return;
        if (manifest_holders_.size() < happy())
            return fail({Exit::unavail, "only " + std::to_string(manifest_holders_.size()) +
                                            " providers took the manifest, and " +
                                            std::to_string(happy()) + " are needed (" +
                                            result_.fault + ")"});
        is_complete = result_.stored_least == result_.profile.shards() &&
                      std::ranges::includes(manifest_holders_, holders_);
    }
    result_.is_complete = is_complete && !has_tag_fault_;
    result_.is_tagged = shared_->prover_key && !has_tag_fault_;
    result_.plain_size = source_->stream->plain_size();
    stage_ = Stage::record;
    send_record();
}

/// Once all segments are stored it is known who has none of their shards, and needs no manifest.
void ObjectPut::drop_needless_manifests()
{
    const auto is_of_segment = [](const Part& part) { return part.targets.empty(); };
    if (!is_whole_read_ || holders_.empty() || std::ranges::any_of(parts_, is_of_segment)) return;
    for (Part& part : parts_)
        for (std::size_t slot = 0; !part.recall && slot < part.targets.size(); ++slot)
            if (!holders_.contains(part.targets[slot])) part.spread->abandon(slot);
}

} // namespace cairn::detail
