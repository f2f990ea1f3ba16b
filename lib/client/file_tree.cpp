#include "client/file_tree.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "format/age_header.hpp"
#include "os/directory.hpp"
#include "os/path_info.hpp"

#include <algorithm>
#include <map>
#include <string_view>

namespace cairn {
namespace {

constexpr std::size_t keys_per_block = 4096;

TreeKind kind_of(PathInfo::Kind kind)
{
    switch (kind) {
    case PathInfo::Kind::directory:
        return TreeKind::directory;
    case PathInfo::Kind::symlink:
        return TreeKind::symlink;
    case PathInfo::Kind::file:
    case PathInfo::Kind::other:
        break;
    }
    return TreeKind::file;
}

FileTree::Item item_of(std::string tree_path, const std::string& path, PathInfo&& info)
{
    TreeEntry entry;
    entry.kind = kind_of(info.kind);
    entry.path = std::move(tree_path);
    entry.mode = entry.kind == TreeKind::symlink ? 0 : info.mode;
    entry.mtime_ns = info.mtime_ns;
    entry.size = info.size;
    entry.target = std::move(info.target);
    return {std::move(entry), path};
}

/// Adds what is in a directory; `prefix` is its path in the tree and a slash, or empty.
void walk(FileTree& tree, const std::string& directory, const std::string& prefix)
{
    for (const std::string& name : list_directory(directory)) {
        std::string path = directory;
        path.append(1, '/').append(name);
        const std::string tree_path = prefix + name;
        auto info = look_at_path(path);
        if (!info) continue; // removed in the meantime
        if (info->kind == PathInfo::Kind::other || !is_tree_path(tree_path)) {
            tree.skipped.push_back(path);
            continue;
        }
        const bool is_directory = info->kind == PathInfo::Kind::directory;
        tree.items.push_back(item_of(tree_path, path, std::move(*info)));
        if (is_directory) walk(tree, path, tree_path + '/');
    }
}

/// The path in the tree of a file that was named.
std::string tree_path_of(std::string_view path)
{
    std::string result;
    while (!path.empty()) {
        const std::string_view name = path.substr(0, path.find('/'));
        path.remove_prefix(std::min(path.size(), name.size() + 1));
        if (name.empty() || name == ".") continue;
        if (!result.empty()) result += '/';
        result += name;
    }
    return result;
}

struct InTreeOrder {
    bool operator()(const std::string& a, const std::string& b) const { return is_before(a, b); }
};
using ItemsByPath = std::map<std::string, FileTree::Item, InTreeOrder>;

/// Adds the directories above a file, as they are on the disk.
void add_parents(ItemsByPath& items, const std::string& tree_path, const std::string& path)
{
    std::string part = tree_path;
    std::string place = path;
    for (;;) {
        const std::size_t slash = part.rfind('/');
        if (slash == std::string::npos) return;
        part.resize(slash);
        place.resize(place.rfind('/'));
        while (place.ends_with('/') || place.ends_with("/.")) place.pop_back();
        if (items.contains(part)) return;
        auto info = look_at_path(place);
        if (!info || info->kind != PathInfo::Kind::directory) continue;
        items.emplace(part, item_of(part, place, std::move(*info)));
    }
}

} // namespace

FileTree walk_directory(const std::string& directory)
{
    FileTree tree;
    walk(tree, directory, {});
    return tree;
}

FileTree gather_files(const std::vector<std::string>& paths)
{
    ItemsByPath items;
    for (const std::string& path : paths) {
        const std::string tree_path = tree_path_of(path);
        if (!is_tree_path(tree_path))
            throw Error{Exit::usage, "'" + escape(path) + "' cannot be a path in a list"};
        if (items.contains(tree_path)) continue;
        // What is no file is told of when it is opened.
        PathInfo info = look_at_path(path).value_or(PathInfo{});
        if (info.kind == PathInfo::Kind::directory) info.kind = PathInfo::Kind::other;
        items.emplace(tree_path, item_of(tree_path, path, std::move(info)));
        add_parents(items, tree_path, path);
    }
    FileTree tree;
    for (auto& [path, item] : items) tree.items.push_back(std::move(item));
    return tree;
}

TreeLinks::TreeLinks(std::size_t count) : entries_(count)
{
    for (std::size_t i = 0; i < count; i += keys_per_block)
        keys_.emplace_back(keys_per_block * file_key_size);
}

MutableByteView TreeLinks::key(std::size_t item)
{
    return keys_[item / keys_per_block].bytes().subspan(item % keys_per_block * file_key_size,
                                                        file_key_size);
}

ByteView TreeLinks::key(std::size_t item) const
{
    return keys_[item / keys_per_block].bytes().subspan(item % keys_per_block * file_key_size,
                                                        file_key_size);
}

void TreeLinks::set(std::size_t item, const Link& link)
{
    entries_[item] = {
        .id = link.id, .kind = link.kind, .is_set = true, .has_key = link.key.has_value()};
    if (link.key) std::ranges::copy(link.key->bytes(), key(item).begin());
}

Secret TreeLinks::text(std::size_t item, const NetworkId& network) const
{
    const Entry& entry = entries_[item];
    Link link;
    link.kind = entry.kind;
    link.network = network;
    link.id = entry.id;
    if (entry.has_key) link.key = Secret::copy(key(item));
    return to_link_text(link);
}

namespace {

/// Writes a list as far as it is asked for.
class ListSource {
public:
    ListSource(const FileTree& tree, const TreeLinks& links, const NetworkId& network)
        : tree_{&tree},
          links_{&links},
          network_{network},
          writer_{
              [this](ByteView bytes) { ready_.insert(ready_.end(), bytes.begin(), bytes.end()); }}
    {
        ready_.reserve((entries + 8) * list_entry_size_max); // so that it never moves
    }
    ListSource(const ListSource&) = delete;
    ListSource& operator=(const ListSource&) = delete;
    ~ListSource() { wipe(ready_); }

    std::size_t read(MutableByteView buffer)
    {
        std::size_t filled = 0;
        while (filled < buffer.size() && (used_ < ready_.size() || refill())) {
            const std::size_t size = std::min(buffer.size() - filled, ready_.size() - used_);
            std::ranges::copy(ByteView{ready_}.subspan(used_, size),
                              buffer.begin() + static_cast<std::ptrdiff_t>(filled));
            used_ += size;
            filled += size;
        }
        return filled;
    }

private:
    static constexpr std::size_t entries = 64; // at a time

    /// Makes more bytes; false at the end.
    bool refill()
    {
        wipe(ready_); // there are links in it
        ready_.clear();
        used_ = 0;
        for (std::size_t i = 0; i < entries && next_ < tree_->items.size(); ++i) add(next_++);
        if (next_ == tree_->items.size() && !is_finished_) {
            writer_.finish();
            is_finished_ = true;
        }
        return !ready_.empty() || (!is_finished_ && refill());
    }

    void add(std::size_t index)
    {
        const TreeEntry& known = tree_->items[index].entry;
        if (known.kind == TreeKind::file && !links_->has(index)) return;
        TreeEntry entry;
        entry.kind = known.kind;
        entry.path = known.path;
        entry.mode = known.mode;
        entry.mtime_ns = known.mtime_ns;
        entry.size = known.size;
        entry.target = known.target;
        if (known.kind == TreeKind::file) entry.link = links_->text(index, network_);
        writer_.add(entry);
    }

    const FileTree* tree_;
    const TreeLinks* links_;
    NetworkId network_;
    Bytes ready_;
    std::size_t used_ = 0;
    std::size_t next_ = 0; // item
    bool is_finished_ = false;
    TreeWriter writer_;
};

} // namespace

Source list_source(const FileTree& tree, const TreeLinks& links, const NetworkId& network)
{
    const auto source = std::make_shared<ListSource>(tree, links, network);
    return [source](MutableByteView buffer) { return source->read(buffer); };
}

} // namespace cairn
