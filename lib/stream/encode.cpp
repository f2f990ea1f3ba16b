#include "stream/encode.hpp"

#include "erasure/segment.hpp"
#include "os/output.hpp"
#include "os/pipeline.hpp"
#include "stream/shard_directory.hpp"
#include "stream/spool.hpp"

#include <algorithm>
#include <functional>

namespace cairn {
namespace {

constexpr std::size_t copy_size = 256 * 1024; // bytes

/// Where the shards of a segment go: any segment, from any thread, or in order.
struct Outlet {
    std::function<void(std::uint64_t segment, const SegmentEncoder&)> unordered;
    std::function<void(std::uint64_t segment, const SegmentEncoder&)> ordered;
};

/// The roots of all segments, and from them the manifest.
class ManifestBuilder {
public:
    ManifestBuilder(const Profile& profile, const std::string& directory)
        : prefix_{roots_prefix(profile)},
          roots_{directory}
    {
        head_.profile = profile;
    }

    void append(const SegmentEncoder& segment)
    {
        for (const Blake3Subtree& part : segment.content()) content_.append(part);
        head_.total_size += segment.length();
        Bytes entry = prefix_;
        for (const Blake3Digest& root : segment.roots())
            entry.insert(entry.end(), root.bytes.begin(), root.bytes.end());
        roots_.append(entry);
    }

    /// Call it when all segments are appended; write() and id() are valid then.
    void finish()
    {
        head_.content = content_.digest();
        Blake3 hash;
        write([&](ByteView bytes) { hash.update(bytes); });
        id_.bytes = hash.digest().bytes;
    }

    void write(const Sink& sink) const
    {
        sink(to_bytes(head_));
        Bytes buffer(copy_size);
        for (std::uint64_t at = 0; at < roots_.size(); at += copy_size) {
            const std::size_t size = std::min<std::uint64_t>(copy_size, roots_.size() - at);
            roots_.read_at(at, MutableByteView{buffer}.first(size));
            sink(ByteView{buffer}.first(size));
        }
    }

    /// The manifest and the trailer behind it.
    void write_tail(const Sink& sink) const
    {
        write(sink);
        sink(to_bytes(Trailer{head_.manifest_size(), id_}));
    }

    [[nodiscard]] const ManifestHead& head() const { return head_; }
    [[nodiscard]] const ObjectId& id() const { return id_; }

private:
    Bytes prefix_;
    ManifestHead head_;
    Blake3 content_;
    Spool roots_;
    ObjectId id_;
};

ManifestBuilder encode_segments(const Source& source, const EncodeOptions& options,
                                const Outlet& outlet, const Done& done)
{
    check_profile(options.profile);
    const Profile& profile = options.profile;
    const Code code{{profile.k, profile.m}};
    ManifestBuilder manifest{profile, options.temporary_directory};
    std::vector<SegmentEncoder> slots;
    std::vector<std::size_t> lengths(options.workers);
    for (unsigned i = 0; i < options.workers; ++i) slots.emplace_back(profile);

    bool is_at_end = false;
    Pipeline{
        .read =
            [&](unsigned worker, std::uint64_t) {
                if (is_at_end) return false;
                lengths[worker] = source(slots[worker].input());
                is_at_end = lengths[worker] < profile.segment_size;
                return lengths[worker] > 0;
            },
        .compute =
            [&](unsigned worker, std::uint64_t item) {
                slots[worker].encode(code, lengths[worker], item * profile.segment_size);
                if (outlet.unordered) outlet.unordered(item, slots[worker]);
            },
        .write =
            [&](unsigned worker, std::uint64_t item) {
                manifest.append(slots[worker]);
                if (outlet.ordered) outlet.ordered(item, slots[worker]);
                if (done) done(lengths[worker]);
            },
    }
        .run(options.workers);
    manifest.finish();
    return manifest;
}

/// Where a shard of a segment begins in its file.
std::uint64_t file_offset(const Profile& profile, std::uint64_t segment)
{
    return shard_header_size + segment * shard_size(profile, profile.segment_size);
}

void write_header_and_tail(Output& file, unsigned index, const ManifestBuilder& manifest)
{
    const ManifestHead& head = manifest.head();
    std::uint64_t at = shard_header_size + head.shard_file_body_size();
    manifest.write_tail([&](ByteView bytes) {
        file.write_at(at, bytes);
        at += bytes.size();
    });
    file.write_at(0, to_bytes(ShardHeader{head.profile, index, manifest.id()}));
}

} // namespace

std::string shard_file_name(unsigned index)
{
    std::string name = std::to_string(index);
    name.insert(0, 3 - name.size(), '0');
    return name + ".shard";
}

Encoded encode_to_directory(const Source& source, const std::string& directory, bool replace,
                            const EncodeOptions& options, const Done& done)
{
    check_profile(options.profile);
    ShardDirectory target{directory, options.profile.shards(), replace};
    std::vector<Output>& files = target.files();
    const Outlet outlet{
        .unordered =
            [&](std::uint64_t segment, const SegmentEncoder& encoder) {
                for (std::size_t i = 0; i < files.size(); ++i)
                    files[i].write_at(file_offset(options.profile, segment), encoder.shards()[i]);
            },
        .ordered = {},
    };
    const ManifestBuilder manifest = encode_segments(source, options, outlet, done);
    for (unsigned i = 0; i < files.size(); ++i) write_header_and_tail(files[i], i, manifest);
    manifest.write([&](ByteView bytes) { target.manifest().write(bytes); });
    target.commit();
    return {manifest.head(), manifest.id()};
}

Encoded encode_to_stream(const Source& source, const Sink& sink, const EncodeOptions& options,
                         const Done& done)
{
    check_profile(options.profile);
    sink(to_stream_header(options.profile));
    const Outlet outlet{
        .unordered = {},
        .ordered =
            [&](std::uint64_t segment, const SegmentEncoder& encoder) {
                for (unsigned i = 0; i < encoder.shards().size(); ++i) {
                    sink(to_bytes(FrameHeader{i, segment,
                                              static_cast<std::uint32_t>(encoder.length()),
                                              encoder.roots()[i]}));
                    sink(encoder.shards()[i]);
                }
            },
    };
    const ManifestBuilder manifest = encode_segments(source, options, outlet, done);
    sink(to_tail_header(manifest.head().manifest_size()));
    manifest.write_tail(sink);
    return {manifest.head(), manifest.id()};
}

} // namespace cairn
