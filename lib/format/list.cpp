#include "format/list.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "format/link.hpp"
#include "format/record_parts.hpp"

#include <algorithm>

namespace cairn {
namespace {

constexpr unsigned mode_max = 07777;
constexpr std::size_t file_fields = 6;
constexpr std::size_t directory_fields = 4;
constexpr std::size_t symlink_fields = 4;
constexpr std::size_t buffer_size = 64 * 1024; // bytes

static_assert(list_entry_size_max > list_path_size_max + list_target_size_max + link_size_max + 64);
static_assert(list_entry_size_max < buffer_size);

[[noreturn]] void refuse(const TreeEntry& entry, const char* why)
{
    throw Error{Exit::data, "the path '" + escape(entry.path) + "' " + why};
}

bool has_zero(std::string_view text)
{
    return text.find('\0') != text.npos;
}

void check_parts(const TreeEntry& entry)
{
    if (entry.mode > mode_max) refuse(entry, "has a mode that does not exist");
    const bool is_file = entry.kind == TreeKind::file;
    if (is_file != entry.link.has_value()) refuse(entry, is_file ? "has no link" : "has a link");
    if (is_file) (void)parse_link(entry.link->bytes());
    if (entry.kind == TreeKind::symlink &&
        (entry.target.empty() || entry.target.size() > list_target_size_max ||
         has_zero(entry.target)))
        refuse(entry, "is a symbolic link to no path");
}

void put_entry(CborWriter& writer, const TreeEntry& entry)
{
    switch (entry.kind) {
    case TreeKind::file:
        writer.array(file_fields);
        break;
    case TreeKind::directory:
        writer.array(directory_fields);
        break;
    case TreeKind::symlink:
        writer.array(symlink_fields);
        break;
    }
    writer.number(static_cast<std::uint64_t>(entry.kind));
    writer.bytes(as_bytes(entry.path));
    writer.number(entry.mtime_ns);
    if (entry.kind == TreeKind::symlink) {
        writer.bytes(as_bytes(entry.target));
        return;
    }
    writer.number(entry.mode);
    if (entry.kind == TreeKind::directory) return;
    writer.number(entry.size);
    writer.text(as_text(entry.link->bytes()));
}

TreeEntry parse_entry(ByteView item, const std::string& what)
{
    CborReader reader{item, what};
    const std::size_t fields = reader.array_up_to(file_fields);
    TreeEntry entry;
    const std::uint64_t kind = reader.number(static_cast<std::uint64_t>(TreeKind::symlink));
    entry.kind = static_cast<TreeKind>(kind);
    if (fields != (entry.kind == TreeKind::file ? file_fields : directory_fields))
        reader.refuse("a wrong number of fields");
    entry.path = as_text(reader.bytes_up_to(list_path_size_max));
    entry.mtime_ns = reader.number();
    if (entry.kind == TreeKind::symlink) {
        entry.target = as_text(reader.bytes_up_to(list_target_size_max));
    } else {
        entry.mode = static_cast<unsigned>(reader.number(mode_max));
        if (entry.kind == TreeKind::file) {
            entry.size = reader.number(object_size_max);
            entry.link = Secret::copy(as_bytes(reader.text(link_size_max)));
        }
    }
    reader.finish();
    return entry;
}

} // namespace

bool is_tree_path(std::string_view path)
{
    if (path.empty() || path.size() > list_path_size_max || has_zero(path)) return false;
    for (std::size_t depth = 1;; ++depth) {
        const std::string_view name = path.substr(0, path.find('/'));
        if (name.empty() || name == "." || name == ".." || name.size() > list_name_size_max ||
            depth > list_depth_max)
            return false;
        if (name.size() == path.size()) return true;
        path.remove_prefix(name.size() + 1);
    }
}

bool is_before(std::string_view path, std::string_view other)
{
    const auto rank = [](char c) { return c == '/' ? 0U : static_cast<unsigned char>(c) + 1U; };
    return std::ranges::lexicographical_compare(path, other, {}, rank, rank);
}

void TreeOrder::add(const TreeEntry& entry)
{
    if (!is_tree_path(entry.path)) refuse(entry, "is not one of a list");
    if (count_ > 0 && !is_before(path_, entry.path))
        refuse(entry, path_ == entry.path ? "is there twice" : "is out of order");
    if (kind_ != TreeKind::directory && entry.path.size() > path_.size() &&
        entry.path.starts_with(path_) && entry.path[path_.size()] == '/')
        refuse(entry, "is below something that is no directory");
    path_ = entry.path;
    kind_ = entry.kind;
    ++count_;
}

TreeWriter::TreeWriter(Sink sink) : sink_{std::move(sink)}
{
    item_.reserve(list_entry_size_max); // so that it never moves and leaves a link behind
    CborWriter writer{item_};
    put_record_head(writer, RecordType::list, 0);
    flush();
}

TreeWriter::~TreeWriter()
{
    wipe(item_);
}

void TreeWriter::flush()
{
    sink_(item_);
    wipe(item_);
    item_.clear();
}

void TreeWriter::add(const TreeEntry& entry)
{
    check_parts(entry);
    order_.add(entry);
    CborWriter writer{item_};
    put_entry(writer, entry);
    flush();
}

void TreeWriter::finish()
{
    CborWriter{item_}.number(order_.count());
    flush();
}

TreeReader::TreeReader(Source source) : source_{std::move(source)}, buffer_(buffer_size) {}

TreeReader::~TreeReader()
{
    wipe(buffer_);
}

/// What is not used yet, an entry at least where the source still has one.
ByteView TreeReader::fill()
{
    if (end_ - begin_ < list_entry_size_max && !is_source_at_end_) {
        std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_),
                  buffer_.begin() + static_cast<std::ptrdiff_t>(end_), buffer_.begin());
        end_ -= begin_;
        begin_ = 0;
        const std::size_t room = buffer_.size() - end_;
        const std::size_t got = source_(MutableByteView{buffer_}.subspan(end_));
        is_source_at_end_ = got < room;
        end_ += got;
    }
    return ByteView{buffer_}.subspan(begin_, end_ - begin_);
}

std::optional<TreeEntry> TreeReader::next()
{
    if (is_done_) return std::nullopt;
    if (!has_head_) {
        CborReader reader{fill(), "the list"};
        take_record_head(reader, RecordType::list, 0);
        begin_ += reader.offset();
        has_head_ = true;
    }
    const ByteView rest = fill();
    if (rest.empty()) throw Error{Exit::data, "the list is truncated"};
    constexpr auto array_type = std::byte{0x80};
    if ((rest[0] & std::byte{0xe0}) != array_type) {
        finish(rest);
        return std::nullopt;
    }
    const std::string what = "entry " + std::to_string(order_.count()) + " of the list";
    const ByteView item =
        CborReader{rest.first(std::min(rest.size(), list_entry_size_max)), what}.whole();
    TreeEntry entry = parse_entry(item, what);
    check_parts(entry);
    order_.add(entry);
    begin_ += item.size();
    return entry;
}

void TreeReader::finish(ByteView rest)
{
    CborReader reader{rest, "the end of the list"};
    if (reader.number() != order_.count()) reader.refuse("another number of entries");
    reader.finish();
    is_done_ = true;
}

bool is_list(ByteView front)
{
    constexpr std::array head{std::byte{0x82}, static_cast<std::byte>(RecordType::list),
                              static_cast<std::byte>(record_version)};
    return front.size() >= head.size() && std::ranges::equal(front.first(head.size()), head);
}

} // namespace cairn
