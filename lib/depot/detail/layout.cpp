#include "depot/detail/layout.hpp"

#include "base/error.hpp"
#include "base/hex.hpp"
#include "base/number.hpp"
#include "depot/detail/index.hpp"
#include "os/directory.hpp"
#include "os/file.hpp"
#include "os/input.hpp"
#include "os/output.hpp"

#include <algorithm>
#include <array>

namespace cairn::detail {
namespace {

constexpr std::string_view version_head = "cairn-store ";
constexpr std::size_t version_file_size_max = 64; // bytes
constexpr std::string_view database_prefix = "meta.";

std::string version_text(unsigned version)
{
    return std::string{version_head} + std::to_string(version) + '\n';
}

/// The version of a store; none where there is no version file.
std::optional<unsigned> version_of(const Layout& layout)
{
    if (!exists(layout.version_file())) return std::nullopt;
    const Bytes bytes = read_small_file(layout.version_file(), version_file_size_max);
    const std::string_view text = as_text(bytes);
    if (text.starts_with(version_head) && text.ends_with('\n')) {
        const auto number =
            parse_number(text.substr(version_head.size(), text.size() - version_head.size() - 1));
        if (number && *number <= UINT32_MAX) return static_cast<unsigned>(*number);
    }
    throw Error{Exit::data, "'" + layout.version_file() + "' is damaged"};
}

void save_version(const Layout& layout, unsigned version)
{
    Output file = Output::open(layout.version_file(), Output::Existing::replace);
    file.write(as_bytes(version_text(version)));
    file.commit();
}

void erase_files(const std::string& directory)
{
    for (const std::string& name : list_directory(directory)) {
        std::string path = directory;
        erase_file(path.append("/").append(name));
    }
}

/// The directory of a database that is being made: empty.
std::string make_new_database_directory(const Layout& layout)
{
    std::string path = layout.directory + "/meta.new";
    make_directory(path);
    erase_files(path);
    return path;
}

/// What was made becomes the database of a version.
void publish_database(const Layout& layout, const std::string& made, unsigned version)
{
    sync_names(made);
    rename_to_free_name(made, layout.database(version));
    sync_names(layout.directory);
}

/// Databases of other versions, and what is left of one that was being made.
void remove_other_databases(const Layout& layout, unsigned version)
{
    for (const std::string& name : list_directory(layout.directory)) {
        const std::string path = layout.directory + '/' + name;
        if (!name.starts_with(database_prefix) || path == layout.database(version)) continue;
        const std::string_view which = std::string_view{name}.substr(database_prefix.size());
        if (which != "new" && !parse_number(which)) continue;
        erase_files(path);
        erase_directory(path);
    }
}

std::array<std::string, 4> directories_of(const Layout& layout)
{
    return {layout.shards(), layout.packs(), layout.temporary(), layout.damaged()};
}

void make_directories(const Layout& layout)
{
    for (const std::string& path : directories_of(layout)) make_directory(path);
}

/// What somebody else keeps under these names must not be taken for ours: tmp/ is emptied.
void refuse_strange_files(const Layout& layout)
{
    for (const std::string& path : directories_of(layout))
        if (is_directory(path) && !list_directory(path).empty())
            throw Error{Exit::config, "'" + path + "' is not empty, and not of a store"};
}

void make_store(const Layout& layout)
{
    if (!exists(layout.database())) refuse_strange_files(layout);
    make_directories(layout);
    if (!exists(layout.database())) {
        const std::string made = make_new_database_directory(layout);
        {
            Database database{made, table_names()};
            WriteTransaction writes = database.write();
            put_totals(writes, Totals{});
            writes.commit();
        }
        publish_database(layout, made, store_version);
    }
    save_version(layout, store_version);
}

[[noreturn]] void refuse_newer(const Layout& layout, unsigned found, unsigned known)
{
    throw Error{Exit::config, "'" + layout.directory + "' is of version " + std::to_string(found) +
                                  ", this program knows versions up to " + std::to_string(known)};
}

} // namespace

std::string Layout::database(unsigned version) const
{
    return directory + '/' + std::string{database_prefix} + std::to_string(version);
}

std::string Layout::shard_directory(const ShardRoot& root) const
{
    return shards() + '/' + to_hex_text(ByteView{root.bytes}.first(1));
}

std::string Layout::shard(const ShardRoot& root) const
{
    return shard_directory(root) + '/' + to_hex_text(ByteView{root.bytes}.subspan(1));
}

std::string Layout::pack(std::uint32_t number) const
{
    constexpr std::size_t digits = 8;
    const std::string text = std::to_string(number);
    const std::string zeros(text.size() < digits ? digits - text.size() : 0, '0');
    return packs() + '/' + zeros + text + ".pack";
}

std::string Layout::temporary(std::uint64_t number) const
{
    return temporary() + '/' + std::to_string(number);
}

std::string Layout::damaged(const ShardRoot& root) const
{
    return damaged() + '/' + to_hex_text(root.bytes);
}

void prepare_store(const Layout& layout)
{
    const auto version = version_of(layout);
    if (!version) {
        make_store(layout);
        return;
    }
    if (*version > store_version) refuse_newer(layout, *version, store_version);
    if (*version < store_version)
        throw Error{Exit::config,
                    "'" + layout.directory + "' is of version " + std::to_string(*version) +
                        " and must be brought to version " + std::to_string(store_version),
                    "cairn-store --migrate --dir " + layout.directory};
    make_directories(layout);
    remove_other_databases(layout, *version);
}

std::vector<std::string> migrate_store(const Layout& layout, std::span<const MigrationStep> steps,
                                       unsigned version, bool dry_run)
{
    const auto found = version_of(layout);
    if (!found) throw Error{Exit::noinput, "'" + layout.directory + "' is not a store"};
    if (*found > version) refuse_newer(layout, *found, version);
    std::vector<std::string> lines;
    for (unsigned at = *found; at < version; ++at) {
        const auto step = std::ranges::find(steps, at, &MigrationStep::from_version);
        if (step == steps.end())
            throw Error{Exit::config, "there is no way from version " + std::to_string(at) +
                                          " of a store to a newer one"};
        lines.push_back("version " + std::to_string(at) + " to " + std::to_string(at + 1) + ": " +
                        step->text);
        if (dry_run) continue;
        const std::string made = make_new_database_directory(layout);
        step->apply(layout.database(at), made);
        publish_database(layout, made, at + 1);
        save_version(layout, at + 1);
        remove_other_databases(layout, at + 1);
    }
    if (lines.empty())
        lines.push_back("version " + std::to_string(*found) + " is the newest: nothing to do");
    return lines;
}

} // namespace cairn::detail
