#include "stream/encode.hpp"

#include "erasure/segment.hpp"
#include "os/output.hpp"
#include "os/pipeline.hpp"
#include "stream/manifest_builder.hpp"
#include "stream/shard_directory.hpp"

#include <algorithm>
#include <functional>

namespace cairn {
namespace {

/// Where the shards of a segment go: any segment, from any thread, or in order.
struct Outlet {
    std::function<void(std::uint64_t segment, const SegmentEncoder&)> unordered;
    std::function<void(std::uint64_t segment, const SegmentEncoder&)> ordered;
};

/// The manifest and the trailer behind it.
void write_tail(const ManifestBuilder& manifest, const Sink& sink)
{
    manifest.write(sink);
    sink(to_bytes(Trailer{manifest.head().manifest_size(), manifest.id()}));
}

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
    write_tail(manifest, [&](ByteView bytes) {
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
                    sink(to_bytes(ShardFrameHeader{i, segment,
                                                   static_cast<std::uint32_t>(encoder.length()),
                                                   encoder.roots()[i]}));
                    sink(encoder.shards()[i]);
                }
            },
    };
    const ManifestBuilder manifest = encode_segments(source, options, outlet, done);
    sink(to_tail_header(manifest.head().manifest_size()));
    write_tail(manifest, sink);
    return {manifest.head(), manifest.id()};
}

} // namespace cairn
