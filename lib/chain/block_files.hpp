#pragma once

#include "format/frame.hpp"
#include "os/file.hpp"

#include <map>
#include <optional>

// Blocks one after another in files that only grow, framed as in a stream, cairn-chain(5).

namespace cairn {

/// Where a block is.
struct BlockPlace {
    std::uint32_t file = 0;
    std::uint64_t offset = 0; ///< of its frame, in bytes
    std::uint32_t size = 0;   ///< of the block itself

    [[nodiscard]] std::uint64_t end() const { return offset + frame_head_size + size; }

    friend bool operator==(const BlockPlace&, const BlockPlace&) = default;
};

/// The files "000000.blocks", ... of a directory. Throws as File, and Error{data} for damage.
class BlockFiles {
public:
    /// Opens a directory, which is made if it is not there. `file_size` is where a file is full.
    BlockFiles(std::string directory, std::uint64_t file_size);

    /// Cuts off what was written behind a place and counts for nothing: later files too.
    void cut_behind(std::uint32_t file, std::uint64_t end);

    /// Appends a block. It is durable after sync().
    BlockPlace append(ByteView block);
    void sync();

    /// The bytes of a block. Throws Error{data}, naming the file, when they are not there or are
    /// others, Error{noinput} when the file was removed.
    [[nodiscard]] Bytes read(const BlockPlace& place) const;

    /// The block that begins in a file at a place; none at the end of the file or before bytes that
    /// are no block.
    [[nodiscard]] std::optional<BlockPlace> find(std::uint32_t file, std::uint64_t offset) const;

    /// The files, by their numbers, and their sizes in bytes.
    [[nodiscard]] const std::map<std::uint32_t, std::uint64_t>& files() const { return files_; }
    [[nodiscard]] std::uint64_t size() const;

    /// Removes a file, which must not be the last.
    void remove(std::uint32_t file);

private:
    [[nodiscard]] std::string path_of(std::uint32_t file) const;
    void open_last();

    std::string directory_;
    std::uint64_t file_size_;
    std::map<std::uint32_t, std::uint64_t> files_;
    std::optional<File> last_; // the file that grows
    bool is_name_new_ = false;
};

} // namespace cairn
