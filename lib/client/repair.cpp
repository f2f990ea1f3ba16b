#include "client/repair.hpp"

#include "base/error.hpp"
#include "client/detail/matching.hpp"
#include "client/detail/refill.hpp"
#include "client/object_reader.hpp"
#include "client/put_options.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace cairn {
namespace {

using detail::Census;
using detail::Refill;
using detail::SegmentState;
using detail::ShardCensus;

ReadOptions read_options(const RepairOptions& options)
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

/// Repairs one object: what a link names, or a manifest that is one.
class ObjectRepair {
public:
    ObjectRepair(ObjectReader& reader, Census& census, Refill& refill, const RepairOptions& options,
                 RepairReport& report)
        : reader_{&reader},
          census_{&census},
          refill_{&refill},
          options_{&options},
          report_{&report},
          rebuilds_{Code{{reader.head().profile.k, reader.head().profile.m}}}
    {
    }

    /// All shards of all segments.
    void repair_segments()
    {
        const ManifestHead& head = reader_->head();
        const std::uint64_t step =
            std::max<std::uint64_t>(1, has_roots_max / head.profile.shards());
        for (std::uint64_t first = 0; first < head.segments(); first += step)
            repair_batch(first, std::min(step, head.segments() - first));
        refill_->finish();
    }

    /// An object of which there are only copies.
    void repair_copies(const ObjectId& id)
    {
        const Profile copies{.k = 1, .m = whole_copies - 1, .segment_size = {}};
        const ByteView bytes = reader_->root_bytes();
        const auto census = census_->take({{{id.bytes}, bytes.size()}});
        const SegmentState state = assess(std::nullopt, copies, census);
        report_->shards += copies.shards();
        if (!options_->is_dry_run && !state.missing.empty()) {
            refill_->add(state,
                         std::vector(state.missing.size(), to_shard({id.bytes}, bytes, nullptr)),
                         done_of(std::nullopt));
            refill_->finish();
        }
        if (options_->checked) options_->checked(bytes.size());
    }

    /// Who has a shard, as far as can be known, or has been given one.
    [[nodiscard]] const std::set<std::size_t>& holders() const { return holders_; }

private:
    void repair_batch(std::uint64_t first, std::uint64_t count)
    {
        const ManifestHead& head = reader_->head();
        const unsigned shards = head.profile.shards();
        const std::vector<Blake3Digest> roots = reader_->roots(first, count);
        const std::vector<ShardCensus> census = count_shards(first, roots);
        std::map<ShardRoot, std::size_t> places;
        for (std::size_t i = 0; i < census.size(); ++i) places.emplace(census[i].item.root, i);

        std::vector<SegmentState> gaps;
        for (std::uint64_t segment = first; segment < first + count; ++segment) {
            std::vector<ShardCensus> of_segment;
            for (unsigned i = 0; i < shards; ++i)
                of_segment.push_back(census[places.at(roots[(segment - first) * shards + i])]);
            SegmentState state = assess(segment, head.profile, of_segment);
            report_->shards += shards;
            if (state.missing.empty()) continue;
            if (state.rebuildable_from < head.profile.k)
                ++report_->lost;
            else
                gaps.push_back(std::move(state));
        }
        if (!options_->is_dry_run) fill(gaps);
        for (std::uint64_t segment = first; segment < first + count; ++segment)
            if (options_->checked) options_->checked(head.segment_length(segment));
    }

    std::vector<ShardCensus> count_shards(std::uint64_t first,
                                          const std::vector<Blake3Digest>& roots)
    {
        const ManifestHead& head = reader_->head();
        std::map<ShardRoot, std::uint64_t> sizes;
        std::vector<ShardItem> items;
        for (std::size_t i = 0; i < roots.size(); ++i) {
            const std::uint64_t segment = first + i / head.profile.shards();
            const std::uint64_t size = shard_size(head.profile, head.segment_length(segment));
            // Shards may be equal, with k = 1 all of a segment are.
            if (sizes.emplace(roots[i], size).second) items.push_back({roots[i], size});
        }
        return census_->take(items);
    }

    /// What is missing of one segment, given who has which of its shards.
    SegmentState assess(std::optional<std::uint64_t> segment, const Profile& profile,
                        const std::vector<ShardCensus>& census)
    {
        SegmentState state;
        state.segment = segment;
        state.size = census.front().item.size;
        std::vector<std::vector<std::size_t>> holders;
        std::set<ShardRoot> roots;
        for (unsigned i = 0; i < profile.shards(); ++i) {
            const ShardCensus& shard = census[std::min<std::size_t>(i, census.size() - 1)];
            holders.push_back(shard.holders);
            state.holders.insert(shard.holders.begin(), shard.holders.end());
            state.losers.insert(shard.losers.begin(), shard.losers.end());
            if (!shard.holders.empty()) ++state.rebuildable_from;
            if (roots.insert(shard.item.root).second) report_->damaged += shard.losers.size();
        }
        const auto keepers = detail::match_holders(holders);
        for (unsigned i = 0; i < profile.shards(); ++i)
            if (keepers[i])
                state.keepers.push_back(*keepers[i]);
            else
                state.missing.push_back(i);
        holders_.insert(state.keepers.begin(), state.keepers.end());
        report_->missing += state.missing.size();
        return state;
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
        refill_->add(gap, std::move(rebuilt), done_of(gap.segment));
    }

    Refill::Done done_of(std::optional<std::uint64_t> segment)
    {
        return [this, segment](unsigned index, std::optional<std::size_t> provider,
                               const std::string& fault) {
            if (!provider) return note_fault(*report_, fault);
            ++report_->repaired;
            holders_.insert(*provider);
            if (options_->repaired) options_->repaired({segment, index, *provider});
        };
    }

    ObjectReader* reader_;
    Census* census_;
    Refill* refill_;
    const RepairOptions* options_;
    RepairReport* report_;
    RebuildCache rebuilds_;
    std::set<std::size_t> holders_;
};

/// The manifest goes to all that have a shard and not the manifest; where nobody has a shard
/// because there are none, it has as many copies as there would be shards.
class ManifestRepair {
public:
    ManifestRepair(ObjectReader& reader, Census& census, Refill& refill,
                   const RepairOptions& options, RepairReport& report)
        : bytes_{reader.root_bytes()},
          is_empty_{reader.head().segments() == 0},
          copies_{reader.head().profile.shards()},
          census_{&census},
          refill_{&refill},
          options_{&options},
          report_{&report}
    {
    }

    void run(const ObjectId& id, const std::set<std::size_t>& holders)
    {
        const auto census = census_->take({{{id.bytes}, bytes_.size()}});
        const ShardCensus& found = census.front();
        report_->damaged += found.losers.size();
        const OutgoingShard shard = to_shard({id.bytes}, bytes_, nullptr);
        if (is_empty_) {
            report_->manifests = copies_;
            if (found.holders.size() < copies_) fill_copies(found, shard);
        } else {
            report_->manifests = holders.size();
            fill_holders(found, holders, shard);
        }
        refill_->finish();
    }

private:
    void fill_copies(const ShardCensus& found, const OutgoingShard& shard)
    {
        SegmentState state;
        state.size = bytes_.size();
        state.keepers = found.holders;
        state.holders = {found.holders.begin(), found.holders.end()};
        state.losers = {found.losers.begin(), found.losers.end()};
        for (std::size_t i = found.holders.size(); i < copies_; ++i)
            state.missing.push_back(static_cast<unsigned>(i));
        report_->manifests_missing = state.missing.size();
        if (options_->is_dry_run) return;
        refill_->add(state, std::vector(state.missing.size(), shard), done());
    }

    void fill_holders(const ShardCensus& found, const std::set<std::size_t>& holders,
                      const OutgoingShard& shard)
    {
        std::vector<std::size_t> targets;
        for (const std::size_t provider : holders)
            if (std::ranges::find(found.holders, provider) == found.holders.end())
                targets.push_back(provider);
        report_->manifests_missing = targets.size();
        if (options_->is_dry_run || targets.empty()) return;
        refill_->add_at(targets, shard, done());
    }

    Refill::Done done()
    {
        return
            [this](unsigned index, std::optional<std::size_t> provider, const std::string& fault) {
                if (!provider) return note_fault(*report_, fault);
                ++report_->manifests_repaired;
                if (options_->repaired) options_->repaired({std::nullopt, index, *provider});
            };
    }

    ByteView bytes_;
    bool is_empty_;
    unsigned copies_;
    Census* census_;
    Refill* refill_;
    const RepairOptions* options_;
    RepairReport* report_;
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
                    const RepairOptions& options)
{
    RepairReport report;
    ObjectReader reader{session, kind, id, read_options(options)};
    detail::ReadContext context{session, read_options(options)};
    Census census{context, {.is_deep = options.is_deep, .memory_max = options.memory_max / 3}};
    Refill refill{session, entropy, census, options};
    report.profile = reader.head().profile;
    report.size = reader.head().total_size;
    report.segments = reader.head().segments();
    ObjectRepair object{reader, census, refill, options, report};
    if (kind == LinkKind::whole) {
        report.profile.m = whole_copies - 1;
        object.repair_copies(id);
    } else {
        std::set<std::size_t> holders;
        if (const auto manifest = reader.manifest()) {
            ObjectRepair nested{*manifest, census, refill, options, report};
            nested.repair_segments();
            holders = nested.holders();
        }
        object.repair_segments();
        holders.insert(object.holders().begin(), object.holders().end());
        ManifestRepair{reader, census, refill, options, report}.run(id, holders);
    }
    report.silent = census.silent();
    report.faults = merge(reader.faults(), context.faults);
    return report;
}

} // namespace cairn
