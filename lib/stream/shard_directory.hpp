#pragma once

#include "os/output.hpp"

#include <optional>
#include <string>
#include <vector>

namespace cairn {

/// A directory of shard files in the making.
class ShardDirectory {
public:
    /// Throws Error{cantcreat} when files of these names exist and `replace` is false,
    /// Error{tempfail} when another process is making or repairing the directory.
    ShardDirectory(const std::string& path, unsigned shards, bool replace);

    /// One for each shard, to be written at any place, and the manifest.
    std::vector<Output>& files() noexcept { return files_; }
    Output& manifest() noexcept { return *manifest_; }

    /// Everything is durable and has its name. Where files are replaced, shard files that only the
    /// object before had go: they would be taken for a second object.
    void commit();

private:
    void remove_shards(unsigned first) const;

    std::string path_;
    std::string work_path_; // where the files are made: path_, or a name beside it
    bool replace_;
    Fd lock_;
    CleanUp work_directory_;
    std::vector<Output> files_;
    std::optional<Output> manifest_;
};

} // namespace cairn
