#pragma once

#include "client/object_stream.hpp"
#include "hash/blake3.hpp"
#include "os/append_file.hpp"
#include "os/input.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace cairn {

/// What an interrupted put of one file has done, so that the next one goes on instead of beginning
/// anew. It holds the file key, and the roots of each segment before a byte of it is sent: what is
/// encrypted with these keys is compared with them, so that no key stream is ever used for two
/// plaintexts. Safe for use from several threads. Throws Error{ioerr} when it cannot be written.
class PutJournal {
public:
    /// What distinguishes one put from others: the file, and how it is stored.
    using Key = Fixed<struct PutJournalKeyTag, 32>;

    /// `how` stands for everything that changes the stored bytes or who owns them.
    static Key key_of(const FileState& file, ByteView how);

    /// Opens the journal in a directory of journals, or begins it. Throws Error{tempfail} while
    /// another process stores the same file.
    PutJournal(const std::string& directory, const Key& key);

    /// Whether an interrupted put left it.
    [[nodiscard]] bool is_resumed() const noexcept { return is_resumed_; }

    /// Of a resumed one; null where the object is public.
    [[nodiscard]] const std::shared_ptr<const ObjectKeys>& keys() const noexcept { return keys_; }

    /// The first thing of a new one.
    void begin(std::shared_ptr<const ObjectKeys> keys);

    /// Call it before a byte of the segment leaves. Durable when it returns. Throws Error{data},
    /// and removes the journal, when the segment was another one before.
    void add_segment(std::uint64_t index, std::size_t length, std::span<const Blake3Digest> roots);

    /// A receipt for shards of a segment. Lost with the power, perhaps: then they are sent again.
    void add_receipt(std::uint64_t segment, ByteView receipt);

    /// What was added for a segment, also by earlier runs.
    [[nodiscard]] std::vector<Bytes> receipts(std::uint64_t segment) const;

    /// The put is complete, or must begin anew.
    void remove() noexcept;

private:
    void read();
    std::uint64_t read_record(std::uint64_t offset);
    void take(std::uint8_t type, ByteView payload, std::uint64_t offset);
    void append(std::uint8_t type, std::span<const ByteView> parts);

    mutable std::mutex mutex_;
    AppendFile file_;
    Key key_;
    Blake3Digest check_; // of the last record
    bool is_resumed_ = false;
    std::shared_ptr<const ObjectKeys> keys_;
    std::map<std::uint64_t, Blake3Digest> segments_;       // the hash of what is noted of each
    std::multimap<std::uint64_t, std::uint64_t> receipts_; // where they are in the file
};

/// Removes journals that nobody has touched for `age_s` seconds: their puts will not go on.
void remove_old_journals(const std::string& directory, std::uint64_t now_s, std::uint64_t age_s);

} // namespace cairn
