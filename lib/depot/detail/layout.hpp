#pragma once

#include "format/message.hpp"

#include <span>
#include <string>
#include <vector>

// The directory of a store, cairn-store(5): what is where in it, and of which version it is.

namespace cairn::detail {

inline constexpr unsigned store_version = 1;

struct Layout {
    std::string directory;

    [[nodiscard]] std::string version_file() const { return directory + "/version"; }
    [[nodiscard]] std::string database(unsigned version = store_version) const;
    [[nodiscard]] std::string shards() const { return directory + "/shards"; }
    [[nodiscard]] std::string shard_directory(const ShardRoot& root) const;
    [[nodiscard]] std::string shard(const ShardRoot& root) const;
    [[nodiscard]] std::string packs() const { return directory + "/packs"; }
    [[nodiscard]] std::string pack(std::uint32_t number) const;
    [[nodiscard]] std::string temporary() const { return directory + "/tmp"; }
    [[nodiscard]] std::string temporary(std::uint64_t number) const;
    [[nodiscard]] std::string damaged() const { return directory + "/damaged"; }
    [[nodiscard]] std::string damaged(const ShardRoot& root) const;
};

/// Makes a store in a directory, beside whatever else is there, and completes one that was being
/// made. Throws Error{config} for a store of another version, and when there are files of others
/// where it keeps its own.
void prepare_store(const Layout& layout);

/// One version further: fills the empty directory `to` with the database that takes the place of
/// the one in `from`, which it leaves alone.
struct MigrationStep {
    unsigned from_version = 0;
    const char* text = ""; ///< what it does
    void (*apply)(const std::string& from, const std::string& to) = nullptr;
};

/// Takes the steps that lead from the store's version to `version`; a line for each. The store is
/// the old one until a step is complete. Throws Error{config} when there is no such way.
std::vector<std::string> migrate_store(const Layout& layout, std::span<const MigrationStep> steps,
                                       unsigned version, bool dry_run);

} // namespace cairn::detail
