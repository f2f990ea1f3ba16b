#include "stream/shard_set.hpp"

#include "base/error.hpp"
#include "base/hex.hpp"
#include "os/directory.hpp"
#include "os/process.hpp"
#include "stream/encode.hpp"

#include <algorithm>
#include <cassert>

namespace cairn {
namespace {

constexpr std::string_view shard_suffix = ".shard";

/// What a parser makes of bytes from a file that may be damaged.
template <class Parse>
auto try_parse(Parse parse) -> std::optional<decltype(parse())>
{
    try {
        return parse();
    } catch (const Error&) {
        return std::nullopt;
    }
}

/// True for a shard file that the header of `file` promises to be of the set.
bool is_member(const ShardFile& file, const ManifestView& manifest)
{
    return (file.header && file.header->id == manifest.id()) ||
           (file.trailer && file.trailer->id == manifest.id());
}

/// Finds the index of a file without a header by what its shards hash to.
std::optional<unsigned> probe(const ShardFile& file, const ManifestView& manifest)
{
    const ManifestHead& head = manifest.head();
    Bytes shard;
    for (std::uint64_t segment = 0; segment < head.segments(); ++segment) {
        shard.resize(shard_size(head.profile, head.segment_length(segment)));
        if (!file.read_body(head.shard_offset(segment), shard)) return std::nullopt;
        const std::vector<Blake3Digest> roots = manifest.roots(segment);
        const auto found = std::ranges::find(roots, blake3(shard));
        if (found != roots.end()) return static_cast<unsigned>(found - roots.begin());
    }
    return std::nullopt;
}

} // namespace

bool ShardFile::read_body(std::uint64_t offset, MutableByteView shard) const
{
    return input.read_at(shard_header_size + offset, shard) == shard.size();
}

std::optional<ManifestView> ManifestView::open(const Input& input, std::uint64_t offset,
                                               std::uint64_t size, const ObjectId& id)
{
    ManifestView view;
    view.fd_ = input.descriptor();
    view.path_ = input.name();
    view.offset_ = offset;
    view.size_ = size;
    view.id_ = id;
    Blake3 hash;
    view.for_each_piece([&](ByteView piece) { hash.update(piece); });
    if (hash.digest().bytes != id.bytes) return std::nullopt;

    const Bytes front = view.read(0, std::min<std::uint64_t>(size, manifest_head_size_max));
    const auto head = try_parse([&] { return parse_manifest_head(front); });
    if (!head || head->kind != ManifestKind::object || head->manifest_size() != size)
        return std::nullopt;
    view.head_ = *head;
    view.first_roots_ = head->roots_offset(0);
    view.roots_step_ = head->roots_offset(1) - view.first_roots_;
    return view;
}

Bytes ManifestView::read(std::uint64_t offset, std::uint64_t size) const
{
    Bytes bytes(size);
    if (pread_full(fd_, bytes, offset_ + offset, path_) != size)
        throw Error{Exit::ioerr, "'" + path_ + "' became shorter while it was read"};
    return bytes;
}

std::vector<Blake3Digest> ManifestView::roots(std::uint64_t segment) const
{
    std::vector<Blake3Digest> roots(head_.profile.shards());
    const Bytes bytes = read(first_roots_ + segment * roots_step_, roots.size() * 32);
    for (std::size_t i = 0; i < roots.size(); ++i)
        std::ranges::copy(ByteView{bytes}.subspan(i * 32, 32), roots[i].bytes.begin());
    return roots;
}

ShardSet ShardSet::open(const std::vector<std::string>& paths, const std::optional<ObjectId>& id)
{
    ShardSet set;
    raise_open_files_limit();
    set.scan(paths);
    set.choose(id);
    set.assign_indices();
    return set;
}

void ShardSet::scan(const std::vector<std::string>& paths)
{
    is_directory_ = paths.size() == 1 && cairn::is_directory(paths.front());
    if (!is_directory_) {
        for (const std::string& path : paths) add_file(path);
        return;
    }
    const std::string& directory = paths.front();
    for (const std::string& name : list_directory(directory)) {
        if (name == manifest_file_name) add_manifest_file(directory + '/' + name);
        if (name.ends_with(shard_suffix)) add_file(directory + '/' + name);
    }
}

void ShardSet::add_file(const std::string& path)
{
    ShardFile file{Input::open_regular(path)};
    file.path = path;
    file.size = *file.input.size();
    Bytes front(std::min<std::uint64_t>(file.size, shard_header_size));
    (void)file.input.read_at(0, front);
    file.header = try_parse([&] { return parse_shard_header(front); });

    std::optional<Trailer> trailer;
    if (file.size >= trailer_size) {
        Bytes back(trailer_size);
        (void)file.input.read_at(file.size - trailer_size, back);
        trailer = try_parse([&] { return parse_trailer(back); });
    }
    if (trailer && trailer->manifest_size <= file.size - trailer_size) {
        const std::uint64_t at = file.size - trailer_size - trailer->manifest_size;
        auto manifest = ManifestView::open(file.input, at, trailer->manifest_size, trailer->id);
        if (manifest && at == shard_header_size + manifest->head().shard_file_body_size()) {
            file.trailer = trailer;
            add_candidate(std::move(*manifest), false);
        }
    }
    files_.push_back(std::move(file));
}

void ShardSet::add_manifest_file(const std::string& path)
{
    manifest_file_ = Input::open_regular(path);
    const std::uint64_t size = *manifest_file_->size();
    Blake3 hash;
    Bytes buffer(64 * 1024);
    for (std::uint64_t at = 0; at < size;) {
        const std::size_t got = manifest_file_->read_at(at, buffer);
        if (got == 0) return;
        hash.update(ByteView{buffer}.first(got));
        at += got;
    }
    ObjectId id;
    id.bytes = hash.digest().bytes;
    auto manifest = ManifestView::open(*manifest_file_, 0, size, id);
    if (manifest) add_candidate(std::move(*manifest), true);
}

void ShardSet::add_candidate(ManifestView manifest, bool is_from_manifest_file)
{
    for (Candidate& candidate : candidates_)
        if (candidate.manifest.id() == manifest.id()) {
            candidate.is_from_manifest_file |= is_from_manifest_file;
            return;
        }
    candidates_.push_back({std::move(manifest), is_from_manifest_file});
}

std::size_t ShardSet::count_members(const ManifestView& manifest) const
{
    return static_cast<std::size_t>(std::ranges::count_if(
        files_, [&](const ShardFile& file) { return is_member(file, manifest); }));
}

void ShardSet::choose(const std::optional<ObjectId>& id)
{
    std::vector<const Candidate*> recoverable;
    for (const Candidate& candidate : candidates_) {
        const ManifestHead& head = candidate.manifest.head();
        if (id && candidate.manifest.id() != *id) continue;
        if (id || head.segments() == 0 || count_members(candidate.manifest) >= head.profile.k)
            recoverable.push_back(&candidate);
    }
    if (recoverable.empty() && candidates_.size() == 1 && !id)
        recoverable.push_back(&candidates_.front());
    if (recoverable.empty())
        throw Error{Exit::data, id ? "no shard of this id has a good manifest"
                                   : "no set of shards can be recovered from these files"};
    if (recoverable.size() > 1)
        throw Error{Exit::data, "these are shards of more than one object",
                    "choose one: --id " + to_hex_text(recoverable.front()->manifest.id().bytes)};
    manifest_ = recoverable.front()->manifest;
    has_manifest_file_ = recoverable.front()->is_from_manifest_file;
}

void ShardSet::assign_indices()
{
    holders_.resize(head().profile.shards());
    for (ShardFile& file : files_) {
        if (file.header && file.header->id == manifest_->id()) {
            if (file.header->profile == head().profile) file.index = file.header->index;
        } else if (!file.header && (!file.trailer || file.trailer->id == manifest_->id())) {
            file.index = probe(file, *manifest_);
        }
        if (file.index) holders_[*file.index].push_back(&file);
    }
    for (auto& holders : holders_)
        std::ranges::stable_sort(holders, {}, [](const ShardFile* file) {
            return int{!file->header} + int{!file->trailer};
        });
}

} // namespace cairn
