#include "stream/manifest_builder.hpp"

#include <algorithm>

namespace cairn {
namespace {

constexpr std::size_t copy_size = 256 * 1024; // bytes

} // namespace

ManifestBuilder::ManifestBuilder(const Profile& profile, const std::string& directory,
                                 ManifestKind kind)
    : prefix_{roots_prefix(profile)},
      roots_{directory}
{
    head_.kind = kind;
    head_.profile = profile;
}

void ManifestBuilder::append(const Part& part)
{
    append(part.length, part.roots, part.content);
}

void ManifestBuilder::append(const SegmentEncoder& segment)
{
    append(segment.length(), segment.roots(), segment.content());
}

void ManifestBuilder::append(std::size_t length, std::span<const Blake3Digest> roots,
                             std::span<const Blake3Subtree> content)
{
    for (const Blake3Subtree& part : content) content_.append(part);
    head_.total_size += length;
    Bytes entry = prefix_;
    for (const Blake3Digest& root : roots)
        entry.insert(entry.end(), root.bytes.begin(), root.bytes.end());
    roots_.append(entry);
}

void ManifestBuilder::finish()
{
    head_.content = content_.digest();
    Blake3 hash;
    write([&](ByteView bytes) { hash.update(bytes); });
    id_.bytes = hash.digest().bytes;
}

void ManifestBuilder::write(const Sink& sink) const
{
    sink(to_bytes(head_));
    Bytes buffer(copy_size);
    for (std::uint64_t at = 0; at < roots_.size(); at += copy_size) {
        const std::size_t size = std::min<std::uint64_t>(copy_size, roots_.size() - at);
        roots_.read_at(at, MutableByteView{buffer}.first(size));
        sink(ByteView{buffer}.first(size));
    }
}

void ManifestBuilder::read_at(std::uint64_t offset, MutableByteView out) const
{
    const Bytes front = to_bytes(head_);
    if (offset < front.size()) {
        const std::size_t size = std::min<std::size_t>(out.size(), front.size() - offset);
        std::ranges::copy(ByteView{front}.subspan(offset, size), out.begin());
        out = out.subspan(size);
        offset += size;
    }
    if (!out.empty()) roots_.read_at(offset - front.size(), out);
}

} // namespace cairn
