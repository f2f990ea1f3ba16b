// A file system in memory that loses power:
//
//     rel_powercut MOUNT BEFORE AFTER CALLS SEED
//
// It is mounted at MOUNT with what is in the directory BEFORE. At the CALLS-th call that changes
// something, it writes to the directory AFTER what a disk might then hold, and from then on each
// call fails with EIO. What was synced is on that disk: the bytes of a file by its fsync or by
// writing with O_DSYNC, names by the fsync of their directory. Of all else, each page and each name
// is there or not as the seed has it, in no order.

#define FUSE_USE_VERSION 31

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>

#include <fcntl.h>
#include <fuse3/fuse.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

namespace {

namespace fs = std::filesystem;

constexpr std::size_t page_size = 4096; // bytes

struct Node;
using Names = std::map<std::string, std::shared_ptr<Node>>;

/// A file or a directory: what programs see, and what is on the disk for certain.
struct Node {
    bool is_directory = false;
    std::string bytes;
    std::string synced_bytes;
    std::set<std::size_t> dirty; // pages
    Names names;
    Names synced_names;

    void sync()
    {
        synced_bytes = bytes;
        dirty.clear();
        synced_names = names;
    }

    void write(const char* data, std::size_t size, std::size_t offset, bool is_synced)
    {
        if (bytes.size() < offset + size) bytes.resize(offset + size);
        std::memcpy(&bytes[offset], data, size);
        if (is_synced) {
            if (synced_bytes.size() < offset + size) synced_bytes.resize(offset + size);
            std::memcpy(&synced_bytes[offset], data, size);
            return;
        }
        for (std::size_t page = offset / page_size; page * page_size < offset + size; ++page)
            dirty.insert(page);
    }
};

/// An open file.
struct Handle {
    std::shared_ptr<Node> node;
    bool is_synced = false; // O_DSYNC
};

class Disk {
public:
    std::shared_ptr<Node> root = std::make_shared<Node>();

    void load(const fs::path& from, Node& into)
    {
        for (const auto& entry : fs::directory_iterator(from)) {
            const auto node = std::make_shared<Node>();
            node->is_directory = entry.is_directory();
            if (node->is_directory) {
                load(entry.path(), *node);
            } else {
                std::ifstream file{entry.path(), std::ios::binary};
                node->bytes.assign(std::istreambuf_iterator<char>{file}, {});
            }
            node->sync();
            into.names[entry.path().filename().string()] = node;
        }
        into.sync();
    }

    /// Counts a call that changes something; false when there is no power any more.
    bool change()
    {
        if (is_cut_) return false;
        if (--calls_ > 0) return true;
        is_cut_ = true;
        fs::create_directories(after_);
        save(*root, after_);
        std::ofstream{after_.string() + ".done"};
        return false;
    }

    [[nodiscard]] bool is_cut() const { return is_cut_; }

    void plan(const fs::path& after, long calls, unsigned seed)
    {
        after_ = after;
        calls_ = calls;
        random_.seed(seed);
    }

private:
    bool coin() { return (random_() & 1U) != 0; }

    std::string remains(const Node& file)
    {
        std::string left = file.synced_bytes;
        if (file.bytes.size() != left.size() && coin()) left.resize(file.bytes.size());
        for (const std::size_t page : file.dirty) {
            const std::size_t begin = page * page_size;
            const std::size_t end = std::min({begin + page_size, left.size(), file.bytes.size()});
            if (begin < end && coin()) std::memcpy(&left[begin], &file.bytes[begin], end - begin);
        }
        return left;
    }

    /// What is left of a directory.
    void save(const Node& directory, const fs::path& to)
    {
        std::set<std::string> all;
        for (const auto& [name, node] : directory.names) all.insert(name);
        for (const auto& [name, node] : directory.synced_names) all.insert(name);
        for (const std::string& name : all) {
            const bool is_new = coin();
            const Names& from = is_new ? directory.names : directory.synced_names;
            const auto found = from.find(name);
            if (found == from.end()) continue;
            if (found->second->is_directory) {
                fs::create_directory(to / name);
                save(*found->second, to / name);
            } else {
                std::ofstream file{to / name, std::ios::binary};
                file << remains(*found->second);
            }
        }
    }

    fs::path after_;
    long calls_ = 0;
    bool is_cut_ = false;
    std::mt19937 random_;
};

Disk disk;

std::shared_ptr<Node> find(const fs::path& path)
{
    std::shared_ptr<Node> node = disk.root;
    for (const fs::path& part : path.relative_path()) {
        const auto found = node->names.find(part.string());
        if (found == node->names.end()) return nullptr;
        node = found->second;
    }
    return node;
}

std::shared_ptr<Node> parent_of(const char* path)
{
    return find(fs::path{path}.parent_path());
}

std::string name_of(const char* path)
{
    return fs::path{path}.filename().string();
}

Node& opened(const fuse_file_info* info)
{
    return *reinterpret_cast<Handle*>(info->fh)->node;
}

int get_attributes(const char* path, struct stat* status, fuse_file_info* info)
{
    if (disk.is_cut()) return -EIO;
    const auto node = info != nullptr ? reinterpret_cast<Handle*>(info->fh)->node : find(path);
    if (!node) return -ENOENT;
    status->st_mode = node->is_directory ? S_IFDIR | 0755 : S_IFREG | 0644;
    status->st_nlink = 1;
    status->st_size = static_cast<off_t>(node->bytes.size());
    return 0;
}

int read_directory(const char* path, void* buffer, fuse_fill_dir_t fill, off_t /*offset*/,
                   fuse_file_info* /*info*/, fuse_readdir_flags /*flags*/)
{
    if (disk.is_cut()) return -EIO;
    const auto node = find(path);
    if (!node) return -ENOENT;
    for (const auto& [name, child] : node->names)
        fill(buffer, name.c_str(), nullptr, 0, static_cast<fuse_fill_dir_flags>(0));
    return 0;
}

int open_file(const char* path, fuse_file_info* info)
{
    if (disk.is_cut()) return -EIO;
    const auto node = find(path);
    if (!node) return -ENOENT;
    info->fh = reinterpret_cast<std::uint64_t>(new Handle{node, (info->flags & O_DSYNC) != 0});
    return 0;
}

int create_file(const char* path, mode_t /*mode*/, fuse_file_info* info)
{
    if (!disk.change()) return -EIO;
    parent_of(path)->names[name_of(path)] = std::make_shared<Node>();
    return open_file(path, info);
}

int release_file(const char* /*path*/, fuse_file_info* info)
{
    delete reinterpret_cast<Handle*>(info->fh);
    return 0;
}

int read_file(const char* /*path*/, char* buffer, std::size_t size, off_t offset,
              fuse_file_info* info)
{
    if (disk.is_cut()) return -EIO;
    const std::string& bytes = opened(info).bytes;
    const auto at = std::min(static_cast<std::size_t>(offset), bytes.size());
    const std::size_t count = std::min(size, bytes.size() - at);
    std::memcpy(buffer, bytes.data() + at, count);
    return static_cast<int>(count);
}

int write_file(const char* /*path*/, const char* data, std::size_t size, off_t offset,
               fuse_file_info* info)
{
    if (!disk.change()) return -EIO;
    const bool is_synced = reinterpret_cast<Handle*>(info->fh)->is_synced;
    opened(info).write(data, size, static_cast<std::size_t>(offset), is_synced);
    return static_cast<int>(size);
}

int truncate_file(const char* path, off_t size, fuse_file_info* info)
{
    if (!disk.change()) return -EIO;
    const auto node = info != nullptr ? reinterpret_cast<Handle*>(info->fh)->node : find(path);
    if (!node) return -ENOENT;
    node->bytes.resize(static_cast<std::size_t>(size));
    return 0;
}

int sync_file(const char* /*path*/, int /*datasync*/, fuse_file_info* info)
{
    if (!disk.change()) return -EIO;
    opened(info).sync();
    return 0;
}

int sync_directory(const char* path, int /*datasync*/, fuse_file_info* /*info*/)
{
    if (!disk.change()) return -EIO;
    find(path)->sync();
    return 0;
}

int rename_node(const char* from, const char* to, unsigned flags)
{
    if (!disk.change()) return -EIO;
    if ((flags & ~1U) != 0) return -EINVAL;
    const auto node = find(from);
    if (!node) return -ENOENT;
    if ((flags & 1U) != 0 && find(to)) return -EEXIST; // RENAME_NOREPLACE
    parent_of(from)->names.erase(name_of(from));
    parent_of(to)->names[name_of(to)] = node;
    return 0;
}

int remove_node(const char* path)
{
    if (!disk.change()) return -EIO;
    const auto node = find(path);
    if (!node) return -ENOENT;
    if (!node->names.empty()) return -ENOTEMPTY;
    parent_of(path)->names.erase(name_of(path));
    return 0;
}

int make_directory(const char* path, mode_t /*mode*/)
{
    if (!disk.change()) return -EIO;
    const auto node = std::make_shared<Node>();
    node->is_directory = true;
    parent_of(path)->names[name_of(path)] = node;
    return 0;
}

int tell_space(const char* /*path*/, struct statvfs* status)
{
    status->f_bsize = status->f_frsize = page_size;
    status->f_blocks = status->f_bfree = status->f_bavail = 1U << 20U;
    status->f_namemax = 255;
    return 0;
}

void* start(fuse_conn_info* /*connection*/, fuse_config* config)
{
    config->hard_remove = 1;
    return nullptr;
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 6) return 64;
    disk.root->is_directory = true;
    disk.load(argv[2], *disk.root);
    disk.plan(argv[3], std::strtol(argv[4], nullptr, 10),
              static_cast<unsigned>(std::strtoul(argv[5], nullptr, 10)));
    fuse_operations calls{};
    calls.init = start;
    calls.getattr = get_attributes;
    calls.readdir = read_directory;
    calls.open = open_file;
    calls.create = create_file;
    calls.release = release_file;
    calls.read = read_file;
    calls.write = write_file;
    calls.truncate = truncate_file;
    calls.fsync = sync_file;
    calls.fsyncdir = sync_directory;
    calls.rename = rename_node;
    calls.unlink = remove_node;
    calls.rmdir = remove_node;
    calls.mkdir = make_directory;
    calls.statfs = tell_space;
    std::string foreground = "-f";
    std::string single = "-s";
    char* arguments[] = {argv[0], argv[1], foreground.data(), single.data(), nullptr};
    return fuse_main(4, arguments, &calls, nullptr);
}
