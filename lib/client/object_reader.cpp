#include "client/object_reader.hpp"

#include "client/detail/finisher.hpp"
#include "client/detail/segment_fetch.hpp"
#include "client/detail/small_fetch.hpp"

#include <algorithm>
#include <deque>
#include <map>

namespace cairn {
namespace {

using detail::Finisher;
using detail::Holders;
using detail::SegmentFetch;
using detail::SegmentPlan;

constexpr std::uint64_t roots_window_size = 256 * 1024; // bytes of a nested manifest at a time
constexpr std::uint64_t look_ms = 1'000; // how long nothing at all may happen without a look

/// What stands for the head of an object that has no manifest.
ManifestHead head_of_whole(ByteView object)
{
    ManifestHead head;
    head.profile = {.k = 1, .m = 0, .segment_size = small_shard_max};
    head.total_size = object.size();
    head.content = blake3(object);
    return head;
}

/// The head of a manifest that is small enough for the memory, all of which is checked.
ManifestHead check_manifest(ByteView bytes, ManifestKind kind)
{
    const Manifest manifest = parse_manifest(bytes);
    if (manifest.head.kind != kind)
        throw Error{Exit::data, "the link is of another kind than the object's manifest"};
    return manifest.head;
}

/// One segment on its way.
struct Item {
    std::unique_ptr<SegmentFetch> fetch;
    std::exception_ptr failure;

    [[nodiscard]] bool is_over() const { return failure || fetch->is_complete(); }

    void step()
    {
        if (is_over()) return;
        try {
            fetch->step();
        } catch (const Error&) {
            failure = std::current_exception(); // thrown when all before it is given out
        }
    }
};

} // namespace

struct ObjectReader::Impl {
    Impl(Session& session, LinkKind link_kind, const ObjectId& object_id,
         const ReadOptions& options)
        : context{std::make_shared<detail::ReadContext>(session, options)},
          threads{options.threads},
          kind{link_kind},
          id{object_id}
    {
        root_bytes = detail::SmallFetch{*context, {id.bytes}, small_shard_max}.run();
        switch (kind) {
        case LinkKind::whole:
            head = head_of_whole(root_bytes);
            break;
        case LinkKind::object:
            head = check_manifest(root_bytes, ManifestKind::object);
            break;
        case LinkKind::nested:
            open_nested();
            break;
        }
        rebuilds.emplace(Code{{head.profile.k, head.profile.m}});
    }

    /// A manifest that is an object too.
    Impl(std::shared_ptr<detail::ReadContext> context_used, Bytes nested_manifest)
        : context{std::move(context_used)},
          threads{0},
          kind{LinkKind::object},
          head{check_manifest(nested_manifest, ManifestKind::manifest)},
          root_bytes{std::move(nested_manifest)}
    {
        rebuilds.emplace(Code{{head.profile.k, head.profile.m}});
    }

    void open_nested()
    {
        inner = std::make_unique<Impl>(context, root_bytes);
        const Bytes front = inner->bytes(0, manifest_head_size_max);
        head = parse_manifest_head(front);
        if (head.kind != ManifestKind::object || head.manifest_size() != inner->head.total_size)
            throw Error{Exit::data, "the object's manifest is not what its own manifest says"};
    }

    /// Bytes of the manifest, from memory or from the network.
    Bytes manifest_bytes(std::uint64_t offset, std::uint64_t size)
    {
        const Bytes* source = &root_bytes;
        std::uint64_t begin = 0;
        if (inner) {
            if (offset < window_begin || offset + size > window_begin + window.size())
                load_window(offset, std::max(size, roots_window_size));
            source = &window;
            begin = window_begin;
        }
        const auto at = source->begin() + static_cast<std::ptrdiff_t>(offset - begin);
        return {at, at + static_cast<std::ptrdiff_t>(size)};
    }

    void load_window(std::uint64_t offset, std::uint64_t size)
    {
        window = inner->bytes(offset, size);
        window_begin = offset;
    }

    std::vector<Blake3Digest> roots(std::uint64_t first, std::uint64_t count)
    {
        if (kind == LinkKind::whole) return {{id.bytes}};
        const Bytes prefix = roots_prefix(head.profile);
        const std::size_t roots_size = std::size_t{head.profile.shards()} * Blake3Digest::size;
        const Bytes bytes = manifest_bytes(head.roots_offset(first) - prefix.size(),
                                           count * (prefix.size() + roots_size));
        std::vector<Blake3Digest> roots;
        for (std::size_t at = 0; at < bytes.size(); at += roots_size) {
            if (!std::ranges::equal(ByteView{bytes}.subspan(at, prefix.size()), prefix))
                throw Error{Exit::data, "the manifest is malformed"};
            at += prefix.size();
            for (unsigned i = 0; i < head.profile.shards(); ++i) {
                Blake3Digest& root = roots.emplace_back();
                std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at + i * root.size),
                            root.size, root.bytes.begin());
            }
        }
        return roots;
    }

    // ---- The segments of a range, in order.

    [[nodiscard]] std::uint64_t batch_segments() const
    {
        return std::max<std::uint64_t>(1, has_roots_max / head.profile.shards());
    }

    /// Who has the shards of a batch of segments; asked now unless it was.
    std::shared_ptr<Holders> holders(std::uint64_t batch)
    {
        const std::uint64_t first = batch * batch_segments();
        if (first >= head.segments()) return nullptr;
        auto& entry = batches[batch];
        if (!entry)
            entry = std::make_shared<Holders>(
                *context, roots(first, std::min(batch_segments(), head.segments() - first)));
        return entry;
    }

    [[nodiscard]] SegmentPlan plan(std::uint64_t segment, std::uint64_t first,
                                   std::uint64_t last) const
    {
        const std::uint64_t begin = segment * head.profile.segment_size;
        const std::uint64_t length = head.segment_length(segment);
        return {.segment = segment,
                .length = length,
                .profile = head.profile,
                .first = first > begin ? first - begin : 0,
                .last = std::min(last - begin, length - 1)};
    }

    void add_item(std::deque<Item>& items, const SegmentPlan& wanted)
    {
        const std::uint64_t batch = wanted.segment / batch_segments();
        batches.erase(batches.begin(), batches.lower_bound(batch));
        const std::uint64_t first_root =
            (wanted.segment - batch * batch_segments()) * head.profile.shards();
        auto fetch = std::make_unique<SegmentFetch>(*context, holders(batch), first_root, wanted);
        items.emplace_back().fetch = std::move(fetch);
        if ((batch + 1) * batch_segments() * head.profile.segment_size <= last_byte)
            holders(batch + 1);
    }

    /// Starts segments as far as the memory goes; one always.
    void schedule(std::deque<Item>& items, const Finisher& finisher)
    {
        while (next_segment <= last_byte / head.profile.segment_size) {
            if (!items.empty() && items.back().failure) return;
            const SegmentPlan wanted = plan(next_segment, first_byte, last_byte);
            const std::uint64_t used = context->memory + finisher.memory();
            if ((!items.empty() || finisher.memory() > 0) &&
                used + SegmentFetch::memory_needed(wanted) > context->options.memory_max)
                return;
            add_item(items, wanted);
            ++next_segment;
        }
    }

    void run(std::uint64_t first, std::uint64_t last,
             const std::function<void(const SegmentShards&)>& take)
    {
        if (first >= head.total_size) return;
        first_byte = first;
        last_byte = std::min(last, head.total_size - 1);
        if (kind == LinkKind::whole) return take(whole_segment());
        next_segment = first_byte / head.profile.segment_size;
        Finisher finisher{threads, take, [this] { context->session.wake(); }};
        std::deque<Item> items;
        for (;;) {
            context->is_changed = false;
            const std::uint64_t held = finisher.memory();
            const bool is_idle = finisher.is_idle();
            schedule(items, finisher);
            for (Item& item : items) item.step();
            while (!items.empty() && !items.front().failure && items.front().is_over()) {
                finisher.add(items.front().fetch->take());
                items.pop_front();
                context->is_changed = true;
            }
            if (is_idle && !items.empty() && items.front().failure)
                std::rethrow_exception(items.front().failure);
            if (items.empty() && next_segment > last_byte / head.profile.segment_size &&
                finisher.is_idle())
                break;
            wait(items, finisher, held);
        }
        batches.clear();
    }

    /// Until something happens, or the finisher no longer holds `held` bytes.
    void wait(const std::deque<Item>& items, const Finisher& finisher, std::uint64_t held)
    {
        std::uint64_t timer_ms = context->session.now_ms() + look_ms;
        for (const Item& item : items)
            if (!item.is_over()) timer_ms = std::min(timer_ms, item.fetch->timer_ms());
        context->session.run([&] { return context->is_changed || finisher.memory() != held; },
                             timer_ms);
    }

    void read(std::uint64_t first, std::uint64_t last, const Sink& sink)
    {
        run(first, last, [&](const SegmentShards& shards) {
            const SegmentPlan wanted = plan(shards.segment, first, last);
            shards.write(wanted.first, wanted.last, *rebuilds, sink);
        });
    }

    Bytes bytes(std::uint64_t offset, std::uint64_t size)
    {
        Bytes all;
        read(offset, offset + size - 1,
             [&](ByteView part) { all.insert(all.end(), part.begin(), part.end()); });
        return all;
    }

    [[nodiscard]] SegmentShards whole_segment() const
    {
        SegmentShards shards;
        shards.length = root_bytes.size();
        shards.profile = head.profile;
        shards.roots = {{id.bytes}};
        shards.parts.push_back(
            {.index = 0, .size = root_bytes.size(), .data = Buffer{root_bytes.size()}});
        std::ranges::copy(root_bytes, shards.parts[0].data.bytes().begin());
        return shards;
    }

    std::shared_ptr<detail::ReadContext> context;
    unsigned threads;
    LinkKind kind;
    ObjectId id;
    ManifestHead head;
    Bytes root_bytes;
    std::unique_ptr<Impl> inner; // the manifest, if it is nested
    Bytes window;                // of it
    std::uint64_t window_begin = 0;
    std::optional<RebuildCache> rebuilds;
    std::map<std::uint64_t, std::shared_ptr<Holders>> batches;
    std::uint64_t first_byte = 0; // of the range being read
    std::uint64_t last_byte = 0;
    std::uint64_t next_segment = 0;
};

ObjectReader::ObjectReader(Session& session, LinkKind kind, const ObjectId& id, ReadOptions options)
    : impl_{std::make_unique<Impl>(session, kind, id, options)}
{
}

ObjectReader::ObjectReader(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}

ObjectReader::~ObjectReader() = default;

std::unique_ptr<ObjectReader> ObjectReader::manifest()
{
    if (!impl_->inner) return nullptr;
    return std::unique_ptr<ObjectReader>{
        new ObjectReader{std::make_unique<Impl>(impl_->context, impl_->root_bytes)}};
}

const ManifestHead& ObjectReader::head() const noexcept
{
    return impl_->head;
}

ByteView ObjectReader::root_bytes() const noexcept
{
    return impl_->root_bytes;
}

std::vector<Blake3Digest> ObjectReader::roots(std::uint64_t first, std::uint64_t count)
{
    return impl_->roots(first, count);
}

void ObjectReader::read(std::uint64_t first, std::uint64_t last, const Sink& sink)
{
    impl_->read(first, last, sink);
}

void ObjectReader::read_segments(std::uint64_t first, std::uint64_t last,
                                 const std::function<void(const SegmentShards&)>& take)
{
    const std::uint64_t size = impl_->head.profile.segment_size;
    if (first > last || first >= impl_->head.segments()) return;
    last = std::min(last, impl_->head.segments() - 1);
    impl_->run(first * size, last * size + impl_->head.segment_length(last) - 1, take);
}

const std::vector<ProviderFault>& ObjectReader::faults() const noexcept
{
    return impl_->context->faults;
}

} // namespace cairn
