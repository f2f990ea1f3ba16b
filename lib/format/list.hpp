#pragma once

#include "crypto/secret.hpp"
#include "format/armor.hpp"

#include <optional>
#include <string>

namespace cairn {

// List objects, cairn-list(5): a directory tree, one entry after another, in constant memory. The
// links in it are secrets, so a list is stored encrypted, and buffers are wiped.

inline constexpr std::size_t list_path_size_max = 4095;       // bytes
inline constexpr std::size_t list_name_size_max = 255;        // bytes, between two slashes
inline constexpr std::size_t list_depth_max = 256;            // names in a path
inline constexpr std::size_t list_target_size_max = 4095;     // bytes
inline constexpr std::size_t list_entry_size_max = 12 * 1024; // bytes
inline constexpr std::string_view list_media_type = "application/vnd.cairn.list";

enum class TreeKind : std::uint8_t { file = 0, directory = 1, symlink = 2 };

/// A file, a directory or a symbolic link of a tree.
struct TreeEntry {
    TreeKind kind = TreeKind::file;
    std::string path{};           ///< below the root of the tree, any bytes; see is_tree_path
    unsigned mode = 0;            ///< permission bits, at most 07777; not of a symbolic link
    std::uint64_t mtime_ns = 0;   ///< since 1970
    std::uint64_t size = 0;       ///< bytes of a file
    std::string target{};         ///< of a symbolic link, any bytes
    std::optional<Secret> link{}; ///< text of the link to a file's content
};

/// Whether a path stays below where it is extracted: names between single slashes, none of them
/// empty, "." or "..", no slash at either end, no zero byte, within the limits above.
[[nodiscard]] bool is_tree_path(std::string_view path);

/// Whether one path is before another in a list: byte by byte with '/' below all others, so that
/// what is in a directory follows it at once.
[[nodiscard]] bool is_before(std::string_view path, std::string_view other);

/// The rules that hold between entries that follow each other.
class TreeOrder {
public:
    /// Throws Error{data}, naming the path, when the entry is not allowed here: its path leaves the
    /// tree, is there already, is out of order, or is below something that is no directory.
    void add(const TreeEntry& entry);

    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

private:
    std::string path_; // the last
    TreeKind kind_ = TreeKind::directory;
    std::uint64_t count_ = 0;
};

/// Writes a list.
class TreeWriter {
public:
    explicit TreeWriter(Sink sink);
    TreeWriter(const TreeWriter&) = delete;
    TreeWriter& operator=(const TreeWriter&) = delete;
    ~TreeWriter();

    /// Throws Error{data} for an entry that a reader would refuse.
    void add(const TreeEntry& entry);

    /// Writes the end; call it once, after everything. A list without it is refused.
    void finish();

private:
    void flush();

    Sink sink_;
    Bytes item_;
    TreeOrder order_;
};

/// Reads a list. Throws Error{data}, naming the entry by its number, as soon as something is not
/// what a TreeWriter writes.
class TreeReader {
public:
    explicit TreeReader(Source source);
    TreeReader(const TreeReader&) = delete;
    TreeReader& operator=(const TreeReader&) = delete;
    ~TreeReader();

    /// The next entry; none after the last, once the end was checked.
    std::optional<TreeEntry> next();

private:
    ByteView fill();
    void finish(ByteView rest);

    Source source_;
    Bytes buffer_;
    std::size_t begin_ = 0; // of what is not used yet
    std::size_t end_ = 0;
    bool is_source_at_end_ = false;
    bool has_head_ = false;
    bool is_done_ = false;
    TreeOrder order_;
};

/// Whether bytes begin as a list does.
[[nodiscard]] bool is_list(ByteView front);

} // namespace cairn
