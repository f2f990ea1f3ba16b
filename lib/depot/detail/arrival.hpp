#pragma once

#include "depot/detail/store.hpp"

// The shards of one put while they arrive.

namespace cairn::detail {

/// Bytes that wait in memory or, when uploads use much of it together, in a file.
class Spool {
public:
    explicit Spool(std::shared_ptr<Store> store) : store_{std::move(store)} {}
    Spool(const Spool&) = delete;
    Spool& operator=(const Spool&) = delete;
    ~Spool();

    void append(ByteView bytes);
    void read(std::uint64_t offset, MutableByteView bytes) const;
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

private:
    void spill();

    std::shared_ptr<Store> store_;
    Bytes memory_;
    std::optional<File> file_;
    std::uint64_t size_ = 0;
};

/// A shard that has come, or is coming.
struct Part {
    ShardItem item;
    std::optional<File> file;           ///< of a large one
    std::uint64_t offset = 0;           ///< of a small one in the spool
    std::vector<Blake3Chaining> pieces; ///< where there are several
    std::vector<Note> notes;            ///< that are to be kept with it
};

/// Gives its promise back, and removes its files, when it goes.
class Arrival {
public:
    Arrival(std::shared_ptr<Store> store, const Promise& promise, const PutRequest& request,
            std::uint64_t expiry_s);
    Arrival(const Arrival&) = delete;
    Arrival& operator=(const Arrival&) = delete;
    ~Arrival();

    [[nodiscard]] bool write(ByteView bytes);
    [[nodiscard]] bool is_complete() const noexcept { return current_ == parts_.size(); }

    /// Bytes of a part that is complete. Throws Error{data} when they cannot be read again.
    void read(std::size_t part, std::uint64_t offset, MutableByteView bytes) const;

    /// What follows is for the commit.
    [[nodiscard]] const AccountId& owner() const { return promise_.owner; }
    [[nodiscard]] ShardClass kind() const { return kind_; }
    [[nodiscard]] std::uint64_t expiry_s() const { return expiry_s_; }
    [[nodiscard]] std::vector<Part>& parts() { return parts_; }
    [[nodiscard]] const std::vector<Part>& parts() const { return parts_; }
    [[nodiscard]] const Spool& spool() const { return spool_; }

    /// The bytes are stored and no longer promised.
    void release();

private:
    void begin_part();
    bool end_part();
    void add(ByteView bytes);
    void add_to_file(ByteView bytes);

    std::shared_ptr<Store> store_;
    Promise promise_;
    ShardClass kind_;
    std::uint64_t expiry_s_;
    std::vector<Part> parts_;
    Spool spool_;
    std::size_t current_ = 0;       // part
    std::uint64_t filled_ = 0;      // bytes of it
    std::uint64_t handed_over_ = 0; // bytes of it that are on their way to the disk
    std::uint64_t unwritten_ = 0;   // bytes of all parts
    Blake3 hasher_;                 // of a small part
    PieceCollector collector_;      // of a large part
    bool is_failed_ = false;
    bool is_released_ = false;
};

} // namespace cairn::detail

namespace cairn {

struct Upload::State {
    State(std::shared_ptr<detail::Store> store, const detail::Promise& promise,
          const PutRequest& request, std::uint64_t expiry_s)
        : arrival{std::move(store), promise, request, expiry_s}
    {
    }

    detail::Arrival arrival;
};

} // namespace cairn
