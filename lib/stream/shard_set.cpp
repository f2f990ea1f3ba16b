#include "stream/shard_set.hpp"

#include "base/error.hpp"
#include "base/hex.hpp"
#include "os/directory.hpp"
#include "os/process.hpp"
#include "stream/encode.hpp"

#include <algorithm>
#include <set>

namespace cairn {
namespace {

constexpr std::string_view shard_suffix = ".shard";

/// What reading or parsing gives when the file may be damaged.
template <class Parse>
auto try_parse(Parse parse) -> std::optional<decltype(parse())>
{
    try {
        return parse();
    } catch (const Error&) {
        return std::nullopt;
    }
}

/// None for what cannot be opened or is no regular file. A limit of the system is no damage.
std::optional<Input> open_if_readable(const std::string& path)
{
    try {
        return Input::open_regular(path);
    } catch (const Error& error) {
        if (error.code() != Exit::noinput) throw;
        return std::nullopt;
    }
}

/// Finds the index of a file without a header by what its shards hash to. There are several where
/// shards are equal: copies, zeros.
std::vector<unsigned> probe(const ShardFile& file, const ManifestView& manifest)
{
    const ManifestHead& head = manifest.head();
    std::vector<unsigned> indices;
    Bytes shard;
    for (std::uint64_t segment = 0; segment < head.segments() && indices.size() != 1; ++segment) {
        shard.resize(shard_size(head.profile, head.segment_length(segment)));
        if (!file.read_body(head.shard_offset(segment), shard)) continue;
        const std::vector<Blake3Digest> roots = manifest.roots(segment);
        const Blake3Digest root = blake3(shard);
        std::vector<unsigned> equal;
        for (unsigned index = 0; index < roots.size(); ++index)
            if (roots[index] == root && (indices.empty() || std::ranges::count(indices, index) > 0))
                equal.push_back(index);
        if (!equal.empty()) indices = std::move(equal);
    }
    return indices;
}

} // namespace

bool ShardFile::read_body(std::uint64_t offset, MutableByteView shard) const
{
    if (!input) return false;
    return try_parse([&] { return input->read_at(shard_header_size + offset, shard); }) ==
           shard.size();
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
    if (paths.size() != 1 || !is_directory(paths.front())) {
        for (const std::string& path : paths) add_file(path, Input::open_regular(path));
        return;
    }
    const std::string& directory = paths.front();
    manifest_state_ = ManifestFile::missing;
    for (const std::string& name : list_directory(directory)) {
        std::string path = directory;
        path.append("/").append(name);
        if (name.ends_with(shard_suffix)) add_file(path, open_if_readable(path));
        if (name != manifest_file_name) continue;
        manifest_state_ = ManifestFile::damaged;
        manifest_file_ = open_if_readable(path);
        if (manifest_file_) try_parse([&] { return add_manifest_file(), true; });
    }
}

void ShardSet::add_file(const std::string& path, std::optional<Input> input)
{
    ShardFile file;
    file.path = path;
    file.input = std::move(input);
    if (file.input) look_at(file);
    files_.push_back(std::move(file));
}

void ShardSet::look_at(ShardFile& file)
{
    const auto read = [&](std::uint64_t offset, std::uint64_t size) {
        Bytes bytes(size);
        bytes.resize(file.input->read_at(offset, bytes));
        return bytes;
    };
    file.size = *file.input->size();
    file.header = try_parse([&] { return parse_shard_header(read(0, shard_header_size)); });
    if (file.size < trailer_size) return;
    const std::uint64_t end = file.size - trailer_size;
    const auto trailer = try_parse([&] { return parse_trailer(read(end, trailer_size)); });
    if (!trailer || trailer->manifest_size > end) return;
    const std::uint64_t at = end - trailer->manifest_size;
    auto manifest =
        try_parse([&] {
            return ManifestView::open(*file.input, at, trailer->manifest_size, trailer->id);
        }).value_or(std::nullopt);
    if (!manifest || at != shard_header_size + manifest->head().shard_file_body_size()) return;
    file.trailer = trailer;
    add_candidate(std::move(*manifest), false);
}

void ShardSet::add_manifest_file()
{
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

/// How many different shards the undamaged ends of the files promise.
std::size_t ShardSet::count_members(const ManifestView& manifest) const
{
    std::set<unsigned> indices;
    std::size_t others = 0;
    for (const ShardFile& file : files_) {
        if (file.header && file.header->id == manifest.id())
            indices.insert(file.header->index);
        else if (!file.header && file.trailer && file.trailer->id == manifest.id())
            ++others;
    }
    return indices.size() + others;
}

void ShardSet::choose(const std::optional<ObjectId>& id)
{
    std::vector<const Candidate*> recoverable;
    for (const Candidate& candidate : candidates_) {
        const ManifestHead& head = candidate.manifest.head();
        if (id && candidate.manifest.id() != *id) continue;
        const std::size_t needed = head.segments() == 0 ? 1 : head.profile.k;
        if (id || count_members(candidate.manifest) >= needed) recoverable.push_back(&candidate);
    }
    if (recoverable.empty() && !id) recoverable = likeliest();
    if (recoverable.empty())
        throw Error{Exit::data, id ? "no shard of this id has a good manifest"
                                   : "no set of shards can be recovered from these files"};
    if (recoverable.size() > 1)
        throw Error{Exit::data, "these are shards of more than one object",
                    "choose one: --id " + to_hex_text(recoverable.front()->manifest.id().bytes)};
    manifest_ = recoverable.front()->manifest;
    judge_manifest_file();
}

/// Where no set's files promise enough shards: files without good ends may have the others.
std::vector<const ShardSet::Candidate*> ShardSet::likeliest() const
{
    std::vector<const Candidate*> likeliest;
    std::size_t most = 0;
    for (const Candidate& candidate : candidates_) {
        const std::size_t members = count_members(candidate.manifest);
        if (members > most) likeliest.clear();
        if (members >= most) likeliest.push_back(&candidate);
        most = std::max(most, members);
    }
    return likeliest;
}

/// A manifest file that differs in its roots alone is a damaged one of ours.
void ShardSet::judge_manifest_file()
{
    for (const Candidate& candidate : candidates_) {
        if (!candidate.is_from_manifest_file) continue;
        if (candidate.manifest.id() == manifest_->id())
            manifest_state_ = ManifestFile::good;
        else if (candidate.manifest.head() != head())
            manifest_state_ = ManifestFile::foreign;
    }
}

void ShardSet::assign_indices()
{
    holders_.resize(head().profile.shards());
    std::set<unsigned> taken;
    for (ShardFile& file : files_) {
        if (!file.header || file.header->id != manifest_->id()) continue;
        if (file.header->profile != head().profile) continue;
        file.index = file.header->index;
        holders_[*file.index].push_back(&file);
        taken.insert(*file.index);
    }
    for (ShardFile& file : files_) {
        if (file.header || (file.trailer && file.trailer->id != manifest_->id())) continue;
        const std::vector<unsigned> indices = probe(file, *manifest_);
        for (const unsigned index : indices) {
            holders_[index].push_back(&file);
            if (!file.index && taken.insert(index).second) file.index = index;
        }
        if (!file.index && !indices.empty()) file.index = indices.front();
    }
    for (auto& holders : holders_)
        std::ranges::stable_sort(holders, {}, [](const ShardFile* file) {
            return int{!file->header} + int{!file->trailer};
        });
}

} // namespace cairn
