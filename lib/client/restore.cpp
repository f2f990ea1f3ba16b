#include "client/restore.hpp"

#include "client/plain_reader.hpp"
#include "format/list.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace cairn {
namespace {

constexpr std::size_t list_window_size = 1024 * 1024; // bytes of a list that are read at a time

/// An object and the way to its content.
struct OpenObject {
    OpenObject(Session& session, const Link& link, std::uint64_t patience_ms)
        : object{session, link.kind, link.id, {.patience_ms = patience_ms}},
          content{object, link.key ? &*link.key : nullptr}
    {
    }

    ObjectReader object;
    PlainReader content;
};

/// The content from front to back, when it is asked for: in between other objects can be read.
class PulledContent {
public:
    explicit PulledContent(PlainReader& content) : content_{&content}, size_{content.size()} {}
    PulledContent(const PulledContent&) = delete;
    PulledContent& operator=(const PulledContent&) = delete;
    ~PulledContent() { wipe(window_); } // a list has links in it

    std::size_t read(MutableByteView buffer)
    {
        if (at_ == window_.size()) fill();
        const std::size_t size = std::min(buffer.size(), window_.size() - at_);
        std::copy_n(window_.begin() + static_cast<std::ptrdiff_t>(at_), size, buffer.begin());
        at_ += size;
        return size;
    }

private:
    void fill()
    {
        wipe(window_);
        window_.clear();
        window_.reserve(list_window_size);
        at_ = 0;
        if (offset_ == size_) return;
        const std::uint64_t end = std::min<std::uint64_t>(size_, offset_ + list_window_size);
        content_->read(offset_, end - 1, [&](ByteView part) {
            window_.insert(window_.end(), part.begin(), part.end());
        });
        offset_ = end;
    }

    PlainReader* content_;
    std::uint64_t size_;
    std::uint64_t offset_ = 0; // of what comes next
    Bytes window_;
    std::size_t at_ = 0;
};

/// Whether a file is the content of an object, of which little more than the manifest is read.
bool is_same(PlainReader& content, const Fd& file, const std::string& name)
{
    std::uint64_t size = 0; // compared
    const std::uint64_t good = content.count_good([&](MutableByteView buffer) {
        const std::size_t count = pread_full(file.number(), buffer, size, name);
        size += count;
        return count;
    });
    std::byte more{};
    return good == content.size() && size == good &&
           pread_full(file.number(), {&more, 1}, size, name) == 0;
}

/// A path in a tree that is made below another; an empty one is the directory itself.
std::string join(const std::string& base, const std::string& path)
{
    return base.empty() ? path : base + '/' + path;
}

bool is_below(const std::string& path, const std::string& directory)
{
    return path.size() > directory.size() && path.starts_with(directory) &&
           path[directory.size()] == '/';
}

/// Directories get their times when all that is in them is there.
class OpenDirectories {
public:
    OpenDirectories(const TreeDirectory& tree, std::string base)
        : tree_{&tree},
          base_{std::move(base)}
    {
    }

    void enter(const TreeEntry& entry)
    {
        tree_->make_directory(join(base_, entry.path));
        open_.push_back({entry.path, entry.mode, entry.mtime_ns});
    }

    /// What comes next is at this path.
    void go_to(const std::string& path)
    {
        while (!open_.empty() && !is_below(path, open_.back().path)) leave();
    }

    void leave_all()
    {
        while (!open_.empty()) leave();
    }

private:
    struct Open {
        std::string path;
        unsigned mode = 0;
        std::uint64_t mtime_ns = 0;
    };

    void leave()
    {
        const Open open = std::move(open_.back());
        open_.pop_back();
        tree_->set_facts(join(base_, open.path), open.mode, open.mtime_ns);
    }

    const TreeDirectory* tree_;
    std::string base_;
    std::vector<Open> open_;
};

} // namespace

struct Restorer::Facts {
    unsigned mode = 0;
    std::uint64_t mtime_ns = 0;
};

Restorer::Restorer(Session& session, const TreeDirectory& directory, RestoreOptions options)
    : session_{&session},
      directory_{&directory},
      options_{std::move(options)}
{
}

void Restorer::attempt(const std::string& path, const std::function<void()>& action)
{
    try {
        action();
    } catch (const Error& error) {
        if (error.code() == Exit::ioerr) throw; // the disk: the next file will fare no better
        if (options_.failed) options_.failed(path, error);
    }
}

void Restorer::restore_file(const std::string& path, const Link& link)
{
    attempt(path, [&] { make_file(path, link, nullptr); });
}

void Restorer::restore_tree(const std::string& path, const Link& link)
{
    attempt(path, [&] { make_tree(path, link); });
}

void Restorer::make_file(const std::string& path, const Link& link, const Facts* facts)
{
    OpenObject source{*session_, link, options_.patience_ms};
    if (const Fd there = directory_->open_existing(path)) {
        if (!is_same(source.content, there, directory_->name_of(path)))
            throw Error{Exit::cantcreat,
                        "'" + directory_->name_of(path) + "' exists, and it is not what is stored"};
        if (options_.done) options_.done(path, false);
        return;
    }
    auto file = directory_->create(path);
    source.content.read(0, UINT64_MAX, [&](ByteView bytes) {
        file.output.write(bytes);
        if (options_.read) options_.read(bytes.size());
    });
    if (facts != nullptr) file.set_facts(facts->mode, facts->mtime_ns);
    file.output.commit();
    if (options_.done) options_.done(path, true);
}

void Restorer::make_tree(const std::string& path, const Link& link)
{
    OpenObject list{*session_, link, options_.patience_ms};
    PulledContent content{list.content};
    TreeReader reader{[&](MutableByteView buffer) { return content.read(buffer); }};
    if (!path.empty()) directory_->make_directory(path);
    OpenDirectories directories{*directory_, path};
    while (const auto entry = reader.next()) {
        directories.go_to(entry->path);
        const std::string below = join(path, entry->path);
        attempt(below, [&] {
            switch (entry->kind) {
            case TreeKind::directory:
                return directories.enter(*entry);
            case TreeKind::symlink:
                directory_->make_symlink(below, entry->target);
                if (options_.done) options_.done(below, true);
                return;
            case TreeKind::file:
                break;
            }
            const Facts facts{entry->mode, entry->mtime_ns};
            make_file(below, parse_link(entry->link->bytes()), &facts);
        });
    }
    directories.leave_all();
}

} // namespace cairn
