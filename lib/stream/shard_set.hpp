#pragma once

#include "format/shard.hpp"
#include "os/input.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cairn {

/// One file that may hold shards, opened and looked at from both ends.
struct ShardFile {
    std::string path;
    std::optional<Input> input;        ///< none if it could not be opened
    std::uint64_t size = 0;            ///< bytes
    std::optional<ShardHeader> header; ///< none if damaged
    std::optional<Trailer> trailer;    ///< none if damaged, or if its manifest is
    std::optional<unsigned> index;     ///< in the chosen set; none if it is of no use there

    /// Whether one of its ends, undamaged, names another set.
    [[nodiscard]] bool is_of_another(const ObjectId& id) const
    {
        return (header && header->id != id) || (trailer && trailer->id != id);
    }

    /// Reads the shard that a header at the front would have there; false if the file is too short
    /// or cannot be read there.
    [[nodiscard]] bool read_body(std::uint64_t offset, MutableByteView shard) const;
};

/// A manifest in a file, of which only the head is in memory.
class ManifestView {
public:
    /// None unless `size` bytes at `offset` are a manifest whose BLAKE3 is `id`.
    static std::optional<ManifestView> open(const Input& input, std::uint64_t offset,
                                            std::uint64_t size, const ObjectId& id);

    [[nodiscard]] const ManifestHead& head() const noexcept { return head_; }
    [[nodiscard]] const ObjectId& id() const noexcept { return id_; }

    /// The roots of all shards of a segment. The input given to open() must still be there.
    [[nodiscard]] std::vector<Blake3Digest> roots(std::uint64_t segment) const;

    /// Gives all bytes of the manifest out, piece by piece.
    template <class Take>
    void for_each_piece(Take take) const
    {
        for (std::uint64_t at = 0; at < size_; at += piece_max) {
            const Bytes piece = read(at, piece_max < size_ - at ? piece_max : size_ - at);
            take(ByteView{piece});
        }
    }

private:
    static constexpr std::uint64_t piece_max = 256 * 1024; // bytes

    [[nodiscard]] Bytes read(std::uint64_t offset, std::uint64_t size) const;

    int fd_ = -1;
    std::string path_;
    std::uint64_t offset_ = 0;
    std::uint64_t size_ = 0;
    ManifestHead head_;
    ObjectId id_;
    std::uint64_t first_roots_ = 0; // bytes before them in the manifest
    std::uint64_t roots_step_ = 0;  // bytes from those of one segment to the next
};

/// Shard files that belong together, found among files that may be missing, damaged, renamed or
/// of other sets.
class ShardSet {
public:
    /// `paths`: shard files, or one directory, in which every *.shard and the file manifest count.
    /// With `id`, the set of that id; otherwise the only one that can be recovered. Throws
    /// Error{data} when there is none or more than one, Error{noinput} when a path cannot be read:
    /// what cannot be read in a directory is damaged.
    static ShardSet open(const std::vector<std::string>& paths, const std::optional<ObjectId>& id);

    [[nodiscard]] const ManifestView& manifest() const noexcept { return *manifest_; }
    [[nodiscard]] const ManifestHead& head() const noexcept { return manifest_->head(); }
    [[nodiscard]] const std::vector<ShardFile>& files() const noexcept { return files_; }

    /// The files that hold shards of an index, the most promising first.
    [[nodiscard]] const std::vector<const ShardFile*>& holders(unsigned index) const
    {
        return holders_[index];
    }

    /// The file `manifest` of a directory.
    enum class ManifestFile {
        none, ///< not needed: the set is a list of files
        missing,
        damaged,
        foreign, ///< of another object
        good,
    };
    [[nodiscard]] ManifestFile manifest_file() const noexcept { return manifest_state_; }

private:
    struct Candidate {
        ManifestView manifest;
        bool is_from_manifest_file = false;
    };

    void scan(const std::vector<std::string>& paths);
    void add_file(const std::string& path, std::optional<Input> input);
    void look_at(ShardFile& file);
    void add_manifest_file();
    void add_candidate(ManifestView manifest, bool is_from_manifest_file);
    void choose(const std::optional<ObjectId>& id);
    [[nodiscard]] std::vector<const Candidate*> likeliest() const;
    [[nodiscard]] std::size_t count_members(const ManifestView& manifest) const;
    void judge_manifest_file();
    void assign_indices();

    std::vector<ShardFile> files_;
    std::optional<Input> manifest_file_;
    std::vector<Candidate> candidates_;
    std::optional<ManifestView> manifest_;
    ManifestFile manifest_state_ = ManifestFile::none;
    std::vector<std::vector<const ShardFile*>> holders_;
};

} // namespace cairn
