#include "client/put.hpp"

#include "client/detail/object_put.hpp"
#include "client/remove.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace cairn {

using detail::ObjectPut;

namespace {

constexpr std::uint64_t tick_ms = 50;
constexpr std::size_t connections_first = whole_copies + 2; // before it is known what comes
constexpr std::size_t leftovers_max = 1'000;                // objects
constexpr std::uint64_t leftovers_patience_ms = 5'000;

} // namespace

Profile put_profile(unsigned k, unsigned m)
{
    constexpr std::size_t at_a_time = 3; // segments
    Profile profile{.k = k, .m = m, .segment_size = segment_size_usual};
    check_profile(profile);
    while (profile.segment_size > segment_size_min &&
           profile.shards() * shard_size(profile, profile.segment_size) * at_a_time >
               put_memory_max)
        profile.segment_size /= 2;
    return profile;
}

struct Putter::Impl {
    Hub* hub;
    Session* session;
    PutOptions options;
    Entropy* entropy;
    ProviderPool providers;
    std::size_t connections = connections_first;
};

namespace {

/// All objects of one call of Putter::run().
class Run {
public:
    Run(Putter::Impl& putter, const Putter::Events& events);

    /// Goes on wherever something can be done now.
    void pump();
    void tick();

    [[nodiscard]] bool is_over() const { return objects_.empty() && maker_.is_at_end(); }

    /// Drops what is stored of objects that failed, as far as providers answer soon; when all is
    /// over.
    void drop_leftovers();

private:
    void take(PutUnit unit);

    Hub* hub_;
    Uploader uploader_;
    TagSender tags_;
    SegmentMaker maker_;
    detail::PutShared shared_;
    std::map<const PutSource*, std::unique_ptr<ObjectPut>> objects_; // in flight
    std::vector<detail::Leftovers> leftovers_;
};

/// Drops all segments that a manifest has so far.
void drop_segments(const ManifestBuilder& manifest, Remover& remover)
{
    const ManifestHead& head = manifest.head();
    Bytes roots(std::size_t{head.profile.shards()} * ShardRoot::size);
    for (std::uint64_t segment = 0; segment < head.segments(); ++segment) {
        manifest.read_at(head.roots_offset(segment), roots);
        for (std::size_t at = 0; at < roots.size(); at += ShardRoot::size) {
            ShardRoot root;
            std::ranges::copy(ByteView{roots}.subspan(at, ShardRoot::size), root.bytes.begin());
            remover.add(root);
        }
    }
}

std::optional<OutgoingShard> prover_key(const PutOptions& options)
{
    if (!options.tags) return std::nullopt;
    const auto& key = options.tags->prover_key;
    return detail::shard_of(ShardClass::tags, blake3(*key), key);
}

Run::Run(Putter::Impl& putter, const Putter::Events& events)
    : hub_{putter.hub},
      uploader_{*putter.session, putter.options.network,
                account_id(putter.options.owner->public_key()), events.receipt,
                putter.options.patience_ms},
      tags_{*putter.session, uploader_, putter.options.patience_ms},
      maker_{putter.options, *putter.entropy, events.next, [hub = putter.hub] { hub->wake(); }},
      shared_{.options = &putter.options,
              .session = putter.session,
              .uploader = &uploader_,
              .providers = &putter.providers,
              .maker = &maker_,
              .tags = &tags_,
              .prover_key = prover_key(putter.options),
              .events = &events,
              .changed = {}}
{
}

void Run::take(PutUnit unit)
{
    if (!unit.source) std::rethrow_exception(unit.failure); // there is no next object
    const PutSource* const source = unit.source.get();
    if (!std::exchange(unit.source->is_known, true))
        objects_.emplace(source, std::make_unique<ObjectPut>(shared_, unit.source));
    const auto object = objects_.find(source);
    if (object != objects_.end()) object->second->take(std::move(unit)); // else it has failed
}

void Run::pump()
{
    bool has_worked = false;
    for (PutUnit& unit : maker_.take()) take(std::move(unit));
    while (!shared_.changed.empty()) {
        has_worked = true;
        ObjectPut* const object = shared_.changed.extract(shared_.changed.begin()).value();
        object->go_on();
        if (!object->is_over()) continue;
        PutResult result = std::move(object->result());
        if (object->leftovers() && leftovers_.size() < leftovers_max)
            leftovers_.push_back(std::move(*object->leftovers()));
        objects_.erase(&object->source());
        shared_.events->done(std::move(result));
    }
    has_worked = uploader_.flush() || has_worked;
    if (has_worked) hub_->wake(); // so that the session sends at once what was started here
}

void Run::drop_leftovers()
{
    if (leftovers_.empty()) return;
    const PutOptions& options = *shared_.options;
    Remover remover{*shared_.session, options.network, *options.owner,
                    std::min(options.patience_ms, leftovers_patience_ms)};
    for (const detail::Leftovers& leftovers : leftovers_) {
        if (leftovers.manifest) drop_segments(*leftovers.manifest, remover);
        if (leftovers.outer) drop_segments(*leftovers.outer, remover);
        remover.add(leftovers.root);
    }
    const RemoveReport report = remover.finish(true);
    if (shared_.events->dropped) shared_.events->dropped(report.dropped);
}

void Run::tick()
{
    for (const auto& [source, object] : objects_) object->tick();
    tags_.tick();
}

} // namespace

Putter::Putter(Hub& hub, Session& session, PutOptions options, Entropy& entropy)
    : impl_{new Impl{.hub = &hub,
                     .session = &session,
                     .options = std::move(options),
                     .entropy = &entropy,
                     .providers = ProviderPool{session, entropy}}}
{
}

Putter::~Putter() = default;

void Putter::connect(std::size_t providers)
{
    impl_->connections = providers;
}

void Putter::run(const Events& events)
{
    impl_->providers.connect(impl_->connections);
    Run run{*impl_, events};
    while (!run.is_over()) {
        impl_->session->run(
            [&] {
                run.pump();
                return run.is_over();
            },
            impl_->session->now_ms() + tick_ms);
        run.tick();
    }
    run.drop_leftovers();
}

} // namespace cairn
