#pragma once

#include "format/link.hpp"
#include "format/list.hpp"

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cairn {

/// Files that are stored together, in the order of a list.
struct FileTree {
    struct Item {
        TreeEntry entry;  ///< without a link
        std::string path; ///< where it is on the disk
    };
    std::vector<Item> items;
    std::vector<std::string> skipped; ///< paths that are neither files, directories nor links
};

/// All that is in a directory. Throws Error{noinput} when a part of it cannot be read.
FileTree walk_directory(const std::string& directory);

/// The files that are named, each once, and the directories above them; a slash in front and "./"
/// do not count. What is no file is there too, and fails when it is opened. Throws Error{usage} for
/// a path that leaves the tree by "..".
FileTree gather_files(const std::vector<std::string>& paths);

/// The links to the files of a tree, in little memory: the rest of a link is the same for all.
class TreeLinks {
public:
    explicit TreeLinks(std::size_t count);

    void set(std::size_t item, const Link& link);
    [[nodiscard]] bool has(std::size_t item) const { return entries_[item].is_set; }

    /// The text, without hints. Needs has(item).
    [[nodiscard]] Secret text(std::size_t item, const NetworkId& network) const;

private:
    struct Entry {
        ObjectId id;
        LinkKind kind = LinkKind::object;
        bool is_set = false;
        bool has_key = false;
    };

    [[nodiscard]] MutableByteView key(std::size_t item);
    [[nodiscard]] ByteView key(std::size_t item) const;

    std::vector<Entry> entries_;
    std::deque<Secret> keys_; // in blocks
};

/// The list object of a tree, as a source; files without a link are left out. All borrowed.
Source list_source(const FileTree& tree, const TreeLinks& links, const NetworkId& network);

} // namespace cairn
