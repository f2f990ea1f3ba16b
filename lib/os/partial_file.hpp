#pragma once

#include "os/fd.hpp"

#include <string>

namespace cairn {

/// A new file that is made in one run or several: until it is whole it is called NAME.cairn-part,
/// and what a run that was interrupted left there may be used by the next. Throws Error{cantcreat}
/// when the name is taken or cannot be made, Error{ioerr} when reading, writing or syncing fails.
class PartialFile {
public:
    /// Throws Error{tempfail} when another process is making the same file.
    explicit PartialFile(const std::string& path);
    PartialFile(const PartialFile&) = delete;
    PartialFile& operator=(const PartialFile&) = delete;

    /// Unless it was committed, what was written stays under the other name; but nothing stays
    /// where nothing was written, or writing failed.
    ~PartialFile();

    /// The name until then.
    static std::string name_of_part(const std::string& path);

    /// Bytes that are there.
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

    [[nodiscard]] std::size_t read_at(std::uint64_t offset, MutableByteView buffer) const;

    /// Only the first `size` bytes stay, of which there are so many.
    void truncate(std::uint64_t size);

    /// Appends.
    void write(ByteView data);

    /// The file is whole: it is synced and gets its name, durably.
    void commit();

private:
    void lock();

    std::string path_;
    std::string part_path_;
    Fd fd_;
    std::uint64_t size_ = 0;        // bytes
    std::uint64_t handed_over_ = 0; // bytes of these that are on their way to the disk
    bool has_failed_ = false;
    bool is_committed_ = false;
};

} // namespace cairn
