#include "stream/shard_directory.hpp"

#include "base/error.hpp"
#include "format/manifest.hpp"
#include "os/directory.hpp"
#include "stream/encode.hpp"

namespace cairn {
namespace {

std::string without_end_slashes(std::string path)
{
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    return path;
}

/// A directory that does not exist yet is made under this name, and renamed when it is complete.
std::string work_name(const std::string& path)
{
    const std::size_t slash = path.find_last_of('/');
    const std::size_t base = slash == std::string::npos ? 0 : slash + 1;
    return path.substr(0, base) + '.' + path.substr(base) + ".cairn-tmp";
}

} // namespace

ShardDirectory::ShardDirectory(const std::string& path, unsigned shards, bool replace)
    : path_{without_end_slashes(path)},
      work_path_{path_},
      replace_{replace}
{
    raise_open_files_limit();
    if (!is_directory(path_)) {
        if (exists(path_)) throw Error{Exit::cantcreat, "'" + path_ + "' is not a directory"};
        work_path_ = work_name(path_);
        if (!exists(work_path_)) work_directory_ = CleanUp{work_path_, CleanUp::Kind::directory};
        if (!make_directory(work_path_)) work_directory_.keep(); // it may be that of another run
    }
    lock_ = lock_directory(work_path_);
    if (work_path_ != path_) {
        if (exists(path_)) throw Error{Exit::cantcreat, "'" + path_ + "' exists already"};
        if (!work_directory_) work_directory_ = CleanUp{work_path_, CleanUp::Kind::directory};
        remove_shards(0); // of a run that was killed while it gave names to its files
        remove_file(work_path_ + '/' + manifest_file_name);
    }
    const auto existing = replace ? Output::Existing::replace : Output::Existing::refuse;
    for (unsigned i = 0; i < shards; ++i)
        files_.push_back(Output::open(work_path_ + '/' + shard_file_name(i), existing));
    manifest_ = Output::open(work_path_ + '/' + manifest_file_name, existing);
}

/// Those whose index is not below `first`.
void ShardDirectory::remove_shards(unsigned first) const
{
    for (unsigned i = first; i < shard_count_max; ++i)
        remove_file(work_path_ + '/' + shard_file_name(i));
}

void ShardDirectory::commit()
{
    std::vector<Output*> outputs{&*manifest_};
    for (Output& file : files_) outputs.push_back(&file);
    Output::sync(outputs);
    std::vector<CleanUp> named; // undone if one of them fails
    for (Output& file : files_) {
        if (work_directory_) named.emplace_back(file.name(), CleanUp::Kind::file);
        file.publish();
    }
    if (work_directory_) named.emplace_back(manifest_->name(), CleanUp::Kind::file);
    manifest_->publish();
    sync_directory(work_path_);
    if (replace_ && !work_directory_) {
        remove_shards(static_cast<unsigned>(files_.size()));
        sync_directory(work_path_);
    }
    if (!work_directory_) return;

    rename_to_free_name(work_path_, path_);
    for (CleanUp& file : named) file.keep();
    work_directory_.keep();
    sync_directory(directory_of(path_));
}

} // namespace cairn
