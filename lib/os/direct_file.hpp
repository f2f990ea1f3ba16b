#pragma once

#include "os/fd.hpp"

#include <memory>
#include <string>

namespace cairn {

/// Memory for direct transfers, aligned as all disks want it; not cleared, and in large pages where
/// the system has some.
class AlignedBuffer {
public:
    static constexpr std::size_t alignment = 4096; // bytes

    /// Throws Error{oserr} without memory.
    explicit AlignedBuffer(std::size_t size);

    [[nodiscard]] MutableByteView bytes() noexcept { return {data_.get(), size_}; }
    [[nodiscard]] ByteView bytes() const noexcept { return {data_.get(), size_}; }

private:
    struct Free {
        void operator()(std::byte* data) const noexcept;
    };

    std::unique_ptr<std::byte[], Free> data_;
    std::size_t size_;
};

/// A large file whose bytes go to and from the disk without a stay in the page cache, where the
/// file system can do that: what is read once has no use there, and writing is several times as
/// fast. Transfers whose place, size and memory are no multiples of 4 KiB use the cache.
/// Throws Error{noinput} when it cannot be opened for reading, Error{cantcreat} when it cannot be
/// made, Error{ioerr} when a transfer fails.
class DirectFile {
public:
    /// A file that is there, for reading.
    static DirectFile open(const std::string& path);

    /// A file for reading and writing, made if there is none.
    static DirectFile open_to_write(const std::string& path);

    /// Whether transfers go by the cache, and why: empty if they do not.
    [[nodiscard]] const std::string& reason_for_cache() const noexcept { return reason_; }

    [[nodiscard]] std::uint64_t size() const;

    /// Whether both are the same file, by whatever names.
    [[nodiscard]] bool is_same(const DirectFile& other) const;

    /// Gives the file room for `size` bytes on the disk, and that size. False where the file system
    /// has no way to reserve room: the file has the size, and no room yet. Throws Error{ioerr} when
    /// there is too little.
    bool allocate(std::uint64_t size);

    /// Fills `buffer`. Throws Error{data} when the file ends before.
    void read_at(std::uint64_t offset, MutableByteView buffer) const;

    void write_at(std::uint64_t offset, ByteView data);

    /// What was written reaches the disk.
    void sync();

    [[nodiscard]] int descriptor() const noexcept { return cached_.number(); }
    [[nodiscard]] const std::string& name() const noexcept { return name_; }

private:
    DirectFile(Fd cached, std::string name);

    [[nodiscard]] bool is_direct(std::uint64_t offset, ByteView memory) const noexcept;

    Fd cached_;
    Fd direct_; // none where the file system has no such thing
    std::string name_;
    std::string reason_;
};

} // namespace cairn
