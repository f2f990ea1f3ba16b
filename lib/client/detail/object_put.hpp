#pragma once

#include "client/detail/recall.hpp"
#include "client/put.hpp"
#include "client/segment_maker.hpp"
#include "client/spread.hpp"
#include "client/tag_sender.hpp"
#include "stream/manifest_builder.hpp"

#include <list>
#include <map>
#include <memory>
#include <set>
#include <vector>

namespace cairn::detail {

class ObjectPut;

/// What the objects of a run share. All borrowed.
struct PutShared {
    const PutOptions* options;
    Session* session;
    Uploader* uploader;
    ProviderPool* providers;
    SegmentMaker* maker;
    TagSender* tags;
    std::optional<OutgoingShard> prover_key; ///< none: objects are not tagged
    const Putter::Events* events;
    std::set<ObjectPut*> changed; ///< those to be asked to go on
};

/// What an object that failed may have left with providers, and nobody will ever read.
struct Leftovers {
    std::unique_ptr<ManifestBuilder> manifest{}; ///< of its segments; null: there are none
    std::unique_ptr<ManifestBuilder> outer{};    ///< of the segments of the manifest, likewise
    ShardRoot root{};                            ///< of the manifest, or of the object
};

/// Bytes that are one shard.
OutgoingShard shard_of(ShardClass kind, const ShardRoot& root, std::shared_ptr<const Bytes> bytes);

/// One object on its way: its segments, then the manifest, then its index record.
class ObjectPut {
public:
    ObjectPut(PutShared& shared, std::shared_ptr<PutSource> source);
    ObjectPut(const ObjectPut&) = delete;
    ObjectPut& operator=(const ObjectPut&) = delete;
    ~ObjectPut();

    /// The next unit of the object; those that are out of order wait for the others.
    void take(PutUnit unit);

    /// Does what can be done now; call it when the object is among PutShared::changed.
    void go_on();

    /// Some times a second.
    void tick();

    [[nodiscard]] bool is_over() const noexcept { return is_over_; }
    [[nodiscard]] const PutSource& source() const noexcept { return *source_; }
    [[nodiscard]] PutResult& result() noexcept { return result_; }
    [[nodiscard]] std::optional<Leftovers>& leftovers() noexcept { return leftovers_; }

private:
    /// A spread, and what it needs to live.
    struct Part {
        std::optional<std::uint64_t> index;   // of a segment of the object
        std::size_t size = 0;                 // bytes, for the progress
        std::unique_ptr<Placement> placement; // of its own; null: the object's
        std::unique_ptr<Spread> spread;
        std::unique_ptr<Recall> recall;
        std::vector<std::size_t> targets;  // of a manifest
        std::shared_ptr<const Bytes> tags; // the tag set of its shards
        std::vector<ShardRoot> roots;      // of these, by slot
    };
    enum class Stage : std::uint8_t { segments, nested, manifest, record, over };

    void begin(PutUnit&& unit);
    bool place(std::size_t shards, std::uint64_t shard_size);
    void send_whole(const PutUnit& unit);
    void send_segment(const std::shared_ptr<SegmentEncoder>& segment,
                      std::optional<std::uint64_t> index, std::shared_ptr<const Bytes> tags);
    void begin(Part& part, const std::vector<ShardItem>& items);
    void preset(Part& part, std::vector<Recall::Found> found);
    void start(Part& part);
    bool reap();
    void judge(const Part& part);
    void send_tags(const Part& part);
    void drop_needless_manifests();
    void finish_segments();
    void send_nested();
    void send_manifest();
    void check_manifest();
    void send_record();
    void finish();
    void fail(const Error& error);
    void note_fault(const std::string& fault);
    [[nodiscard]] unsigned happy() const;
    [[nodiscard]] Link make_link(bool has_hints) const;

    PutShared* shared_;
    std::shared_ptr<PutSource> source_;
    PutResult result_;
    Stage stage_ = Stage::segments;
    std::map<std::uint64_t, PutUnit> early_; // units that wait for those before them
    std::uint64_t next_ = 0;
    std::optional<Placement> placement_;
    std::list<Part> parts_;                  // in flight
    std::set<std::size_t> holders_;          // providers with a shard
    std::set<std::size_t> manifest_targets_; // those that were sent the manifest
    std::set<std::size_t> manifest_holders_;
    std::unique_ptr<ManifestBuilder> manifest_;
    std::unique_ptr<ManifestBuilder> outer_; // of kind 2, where the manifest is an object itself
    std::uint64_t nested_next_ = 0;
    Code code_;
    LinkKind kind_ = LinkKind::object;
    ObjectId id_;
    OutgoingShard manifest_shard_;
    std::shared_ptr<const Bytes> manifest_tags_;
    std::shared_ptr<const Bytes> record_;
    std::size_t tags_pending_ = 0; // tag sets on their way
    bool has_tag_fault_ = false;   // somebody has a shard without its tags
    std::optional<Leftovers> leftovers_;
    bool is_new_ = false;        // nobody has anything of it from before
    bool is_whole_read_ = false; // the last unit has come
    bool is_over_ = false;
};

} // namespace cairn::detail
