#include "stream/decode.hpp"

#include "base/error.hpp"
#include "base/number.hpp"
#include "os/pipeline.hpp"
#include "stream/encode.hpp"
#include "stream/segment_reader.hpp"
#include "stream/shard_faults.hpp"

#include <algorithm>

namespace cairn {

ByteView part_in_range(ByteView bytes, std::uint64_t offset, const ByteRange& range)
{
    if (range.last < offset) return {};
    const std::uint64_t begin = range.first > offset ? range.first - offset : 0;
    if (begin >= bytes.size()) return {};
    const std::uint64_t last = std::min<std::uint64_t>(range.last - offset, bytes.size() - 1);
    return bytes.subspan(begin, last - begin + 1);
}

ByteRange parse_byte_range(const std::string& text)
{
    const std::size_t dash = text.find('-');
    const auto first = parse_number(std::string_view{text}.substr(0, dash));
    ByteRange range;
    const bool has_last = dash != std::string::npos && dash + 1 < text.size();
    const auto last = has_last ? parse_number(std::string_view{text}.substr(dash + 1))
                               : std::optional{range.last};
    if (dash == std::string::npos || !first || !last || *first > *last)
        throw Error{Exit::usage, "bad range '" + text + "'",
                    "a range is FIRST-LAST, both included, or FIRST-"};
    return {*first, *last};
}

std::vector<ShardFault> decode_set(const ShardSet& set, const Sink& sink,
                                   const DecodeOptions& options, const Done& done)
{
    const ManifestHead& head = set.head();
    const ByteRange range = options.range.value_or(ByteRange{});
    const std::uint64_t first = range.first / head.profile.segment_size;
    const std::uint64_t end =
        std::min(head.segments(), head.total_size == 0 || range.first >= head.total_size
                                      ? 0
                                      : range.last / head.profile.segment_size + 1);
    DamageLog damage{set};
    RebuildCache rebuilds{Code{{head.profile.k, head.profile.m}}};
    std::vector<SegmentReader> readers;
    std::vector<ByteView> data(options.workers);
    std::vector<std::vector<Blake3Subtree>> parts(options.workers);
    for (unsigned i = 0; i < options.workers; ++i) readers.emplace_back(set, damage, rebuilds);
    Blake3 content;

    Pipeline{
        .read = [&](unsigned, std::uint64_t item) { return first + item < end; },
        .compute =
            [&](unsigned worker, std::uint64_t item) {
                readers[worker].read(first + item);
                data[worker] = readers[worker].data();
                parts[worker].clear();
                if (!options.range)
                    append_content(parts[worker], data[worker], item * head.profile.segment_size);
            },
        .write =
            [&](unsigned worker, std::uint64_t item) {
                const std::uint64_t offset = (first + item) * head.profile.segment_size;
                for (const Blake3Subtree& part : parts[worker]) content.append(part);
                sink(part_in_range(data[worker], offset, range));
                if (done) done(data[worker].size());
            },
    }
        .run(options.workers);
    if (!options.range && content.digest() != head.content)
        throw Error{Exit::data, "the object is not the one that the manifest describes"};
    return list_faults(set, damage);
}

} // namespace cairn
