#include "client/repair.hpp"

#include "base/error.hpp"
#include "client/detail/refill.hpp"
#include "client/detail/tag_repair.hpp"
#include "client/put_options.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace cairn {
namespace {

using detail::Census;
using detail::ManifestState;
using detail::ObjectCensus;
using detail::Refill;
using detail::SegmentState;
using detail::ShardCensus;
using detail::TagRepair;

ReadOptions read_options(const ObjectRepairOptions& options)
{
    return {.memory_max = options.memory_max / 3, .patience_ms = options.patience_ms, .threads = 0};
}

/// Bytes that live as long as somebody sends them.
OutgoingShard to_shard(const ShardRoot& root, ByteView bytes, std::shared_ptr<const void> owner)
{
    OutgoingShard shard;
    shard.item = {root, bytes.size()};
    shard.bytes = bytes;
    shard.owner = std::move(owner);
    return shard;
}

void note_fault(RepairReport& report, const std::string& fault)
{
    if (!fault.empty())
        report.fault = fault;
    else if (report.fault.empty())
        report.fault = "no provider is left that has no other shard of the segment";
}

/// Who stores what is missing; no one sends tags where there are none.
struct Tools {
    Refill* refill;
    TagRepair* tags;
};

/// Repairs one object: what a link names, or a manifest that is one.
class ObjectRepair {
public:
    ObjectRepair(ObjectReader& reader, Census& census, const Tools& tools,
                 const ObjectRepairOptions& options, RepairReport& report)
        : reader_{&reader},
          census_{&census},
          refill_{tools.refill},
          tags_{tools.tags},
          options_{&options},
          report_{&report},
          rebuilds_{Code{{reader.head().profile.k, reader.head().profile.m}}}
    {
    }

    /// All shards of all segments.
    void repair_segments()
    {
        ObjectCensus object{*reader_, *census_};
        for (;;) {
            const std::vector<SegmentState> states = object.next();
            if (states.empty()) break;
            repair_batch(states);
        }
        refill_->finish();
        repair_tags();
    }

    /// An object of which there are only copies.
    void repair_copies(const ObjectId& id)
    {
        const ByteView bytes = reader_->root_bytes();
        const SegmentState state = detail::count_copies(*census_, *reader_, id);
        account(state);
        if (!options_->is_dry_run && !state.missing.empty()) {
            refill_->add(state,
                         std::vector(state.missing.size(), to_shard({id.bytes}, bytes, nullptr)),
                         done_of(state));
            refill_->finish();
        }
        repair_tags();
        if (options_->checked) options_->checked(bytes.size());
    }

    /// Who has a shard, as far as can be known, or has been given one.
    [[nodiscard]] const std::set<std::size_t>& holders() const { return holders_; }

private:
    void repair_batch(const std::vector<SegmentState>& states)
    {
        const ManifestHead& head = reader_->head();
        std::vector<SegmentState> gaps;
        for (const SegmentState& state : states) {
            account(state);
            if (state.missing.empty()) continue;
            if (state.rebuildable_from < head.profile.k)
                ++report_->lost;
            else
                gaps.push_back(state);
        }
        if (!options_->is_dry_run) fill(gaps);
        if (!options_->checked) return;
        for (const SegmentState& state : states)
            options_->checked(head.segment_length(*state.segment));
    }

    void account(const SegmentState& state)
    {
        report_->shards += state.shards.size();
        report_->missing += state.missing.size();
        for (const ShardCensus* shard : state.distinct()) report_->damaged += shard->damaged.size();
        holders_.insert(state.keepers.begin(), state.keepers.end());
        if (tags_ == nullptr) return;
        for (const ShardCensus* shard : state.distinct())
            for (const std::size_t provider : shard->holders)
                groups_[state.segment].emplace_back(shard->item.root, provider);
    }

    void repair_tags()
    {
        if (tags_ == nullptr) return;
        for (auto& [segment, group] : std::exchange(groups_, {})) tags_->add(std::move(group));
        tags_->finish();
    }

    /// Rebuilds and stores what is missing, run by run of segments that follow each other.
    void fill(const std::vector<SegmentState>& gaps)
    {
        for (std::size_t begin = 0; begin < gaps.size();) {
            std::size_t end = begin + 1;
            while (end < gaps.size() && *gaps[end].segment == *gaps[end - 1].segment + 1) ++end;
            begin += fill_run(std::span{gaps}.subspan(begin, end - begin));
        }
    }

    /// Returns how many of the segments it is done with: all before one that cannot be read, and
    /// that one.
    std::size_t fill_run(std::span<const SegmentState> gaps)
    {
        std::size_t filled = 0;
        bool is_reading = true; // rather than storing
        try {
            reader_->read_segments(*gaps.front().segment, *gaps.back().segment,
                                   [&](const SegmentShards& shards) {
                                       is_reading = false;
                                       store(gaps[filled], shards);
                                       ++filled;
                                       is_reading = true;
                                   });
        } catch (const Error& error) {
            if (!is_reading) throw;
            ++report_->lost;
            note_fault(*report_, error.what());
            ++filled;
        }
        return filled;
    }

    void store(const SegmentState& gap, const SegmentShards& shards)
    {
        const std::uint64_t size = gap.size;
        const auto room = std::make_shared<Buffer>(gap.missing.size() * size);
        std::vector<MutableByteView> places;
        for (std::size_t i = 0; i < gap.missing.size(); ++i)
            places.push_back(room->bytes().subspan(i * size, size));
        shards.rebuild(gap.missing, rebuilds_, places);
        std::vector<OutgoingShard> rebuilt;
        for (std::size_t i = 0; i < gap.missing.size(); ++i)
            rebuilt.push_back(to_shard(shards.roots[gap.missing[i]], places[i], room));
        refill_->add(gap, std::move(rebuilt), done_of(gap));
    }

    Refill::Done done_of(const SegmentState& state)
    {
        std::vector<ShardRoot> roots;
        for (const ShardCensus& shard : state.shards) roots.push_back(shard.item.root);
        return [this, segment = state.segment, roots = std::move(roots)](
                   unsigned index, std::optional<std::size_t> provider, const std::string& fault) {
            if (!provider) return note_fault(*report_, fault);
            ++report_->repaired;
            if (tags_ != nullptr) groups_[segment].emplace_back(roots[index], *provider);
            holders_.insert(*provider);
            if (options_->repaired) options_->repaired({segment, index, *provider});
        };
    }

    ObjectReader* reader_;
    Census* census_;
    Refill* refill_;
    TagRepair* tags_; // null: the object is not tagged
    const ObjectRepairOptions* options_;
    RepairReport* report_;
    RebuildCache rebuilds_;
    std::set<std::size_t> holders_;
    std::map<std::optional<std::uint64_t>, TagRepair::Group> groups_; // by segment
};

/// Gives the manifest to those who should have it.
class ManifestRepair {
public:
    ManifestRepair(ObjectReader& reader, Census& census, const Tools& tools,
                   const ObjectRepairOptions& options, RepairReport& report)
        : reader_{&reader},
          census_{&census},
          refill_{tools.refill},
          tags_{tools.tags},
          options_{&options},
          report_{&report}
    {
    }

    void run(const ObjectId& id, const std::set<std::size_t>& holders)
    {
        const ManifestState state = detail::count_manifests(*census_, *reader_, id, holders);
        report_->damaged += state.copies.damaged.size();
        report_->manifests = state.wanted;
        report_->manifests_missing = state.missing;
        root_ = {id.bytes};
        for (const std::size_t provider : state.copies.holders)
            group_.emplace_back(root_, provider);
        if (!options_->is_dry_run && state.missing > 0) fill(id, state);
        if (tags_ == nullptr) return;
        tags_->add(std::move(group_));
        tags_->finish();
    }

private:
    void fill(const ObjectId& id, const ManifestState& state)
    {
        const OutgoingShard shard = to_shard({id.bytes}, reader_->root_bytes(), nullptr);
        if (state.without.empty())
            fill_copies(state, shard);
        else
            refill_->add_at(state.without, shard, done());
        refill_->finish();
    }

    void fill_copies(const ManifestState& manifests, const OutgoingShard& shard)
    {
        const ShardCensus& found = manifests.copies;
        SegmentState state;
        state.size = shard.item.size;
        state.keepers = found.holders;
        state.holders = {found.holders.begin(), found.holders.end()};
        state.losers = {found.losers.begin(), found.losers.end()};
        for (std::size_t i = found.holders.size(); i < manifests.wanted; ++i)
            state.missing.push_back(static_cast<unsigned>(i));
        refill_->add(state, std::vector(state.missing.size(), shard), done());
    }

    Refill::Done done()
    {
        return
            [this](unsigned index, std::optional<std::size_t> provider, const std::string& fault) {
                if (!provider) return note_fault(*report_, fault);
                ++report_->manifests_repaired;
                group_.emplace_back(root_, *provider);
                if (options_->repaired) options_->repaired({std::nullopt, index, *provider});
            };
    }

    ObjectReader* reader_;
    Census* census_;
    Refill* refill_;
    TagRepair* tags_; // null: the object is not tagged
    const ObjectRepairOptions* options_;
    RepairReport* report_;
    ShardRoot root_;
    TagRepair::Group group_; // who has it
};

/// Those of the reader and those of the census, each once.
std::vector<ProviderFault> merge(std::vector<ProviderFault> faults,
                                 const std::vector<ProviderFault>& more)
{
    for (const ProviderFault& fault : more) {
        const auto same = std::ranges::find_if(faults, [&](const ProviderFault& known) {
            return known.provider == fault.provider && known.what == fault.what;
        });
        if (same == faults.end())
            faults.push_back(fault);
        else
            same->count += fault.count;
    }
    return faults;
}

} // namespace

RepairReport repair(Session& session, Entropy& entropy, LinkKind kind, const ObjectId& id,
                    const ObjectRepairOptions& options)
{
    RepairReport report;
    ObjectReader reader{session, kind, id, read_options(options)};
    detail::ReadContext context{session, read_options(options)};
    Census census{context, {.is_deep = options.is_deep, .memory_max = options.memory_max / 3}};
    Refill refill{session, entropy, census, options};
    report.profile = reader.head().profile;
    report.size = reader.head().total_size;
    report.segments = reader.head().segments();
    TagRepair tag_repair{context, options, report};
    const Tools tools{&refill, tag_repair.has_tags({id.bytes}) ? &tag_repair : nullptr};
    ObjectRepair object{reader, census, tools, options, report};
    if (kind == LinkKind::whole) {
        report.profile.m = whole_copies - 1;
        object.repair_copies(id);
    } else {
        std::set<std::size_t> holders;
        if (const auto manifest = reader.manifest()) {
            ObjectRepair nested{*manifest, census, tools, options, report};
            nested.repair_segments();
            holders = nested.holders();
        }
        object.repair_segments();
        holders.insert(object.holders().begin(), object.holders().end());
        ManifestRepair{reader, census, tools, options, report}.run(id, holders);
    }
    report.silent = census.silent();
    report.faults = merge(reader.faults(), context.faults);
    return report;
}

} // namespace cairn
