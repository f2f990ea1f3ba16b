#pragma once

#include "format/message.hpp"
#include "hash/pieces.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

// A provider's shards on disk, cairn-store(5): large ones as files named by their roots, small ones
// in pack files, what is known of them in LMDB. Safe for use from several threads.

namespace cairn {

namespace detail {
class Store;
}

/// Who may store how much until when: a line of a grants file.
struct Grant {
    std::optional<AccountId> owner; ///< none: anyone, each as much
    std::uint64_t size_max = 0;     ///< bytes
    std::uint64_t objects_max = 0;  ///< entries
    std::uint64_t expiry_s = 0;     ///< since 1970; 0: no end
};

/// Lines "OWNER|anyone SIZE COUNT [UNTIL]", cairn-store(5). Throws Error{config}, naming the line.
std::vector<Grant> parse_grants(std::string_view text);

struct DepotOptions {
    std::uint64_t capacity = 0;         ///< bytes of shard and pack files, trash included
    std::uint64_t reserve = 0;          ///< bytes of the file system to leave free
    std::uint64_t trash_s = 7 * 86'400; ///< how long dropped shards are kept
    std::vector<Grant> grants;
    std::function<std::uint64_t()> now_s; ///< wall clock
};

/// What a note is about: a digest of any kind.
using NoteSubject = Fixed<struct NoteSubjectTag, 32>;

inline constexpr std::size_t note_value_size_max = 64; // bytes

/// A small fact that follows from the bytes of a shard, and is known as long as somebody has that
/// shard here.
struct Note {
    NoteSubject subject;
    Bytes value; ///< at most note_value_size_max
};

/// What is known of a subject, and the shard that it follows from.
struct FoundNote {
    ShardItem from;
    Bytes value;
};

/// Why a depot does not do what it is asked for.
struct Refusal {
    enum class Why : std::uint8_t { denied, full, too_large, listed, read_only };
    Why why = Why::denied;
    std::string text; ///< lower case, fit for a message
};

struct DepotStatus {
    std::uint64_t objects = 0;     ///< shards held, each counted once
    std::uint64_t bytes = 0;       ///< of these
    std::uint64_t trash_bytes = 0; ///< dropped, not yet gone
    std::uint64_t disk_bytes = 0;  ///< of all shard and pack files, as du --apparent-size counts
    std::uint64_t reserved = 0;    ///< bytes promised to uploads in progress
    std::uint64_t capacity = 0;
    std::uint64_t damaged = 0; ///< shards found rotten and set aside
    bool is_read_only = false; ///< after an error of the disk, until the next start
    bool is_draining = false;
};

class Depot;

/// The shards of one put while they arrive: hashed and written as they come, visible to nobody.
/// Destroyed without commit, nothing of it stays.
class Upload {
public:
    Upload(Upload&&) noexcept;
    Upload& operator=(Upload&&) noexcept;
    Upload(const Upload&) = delete;
    Upload& operator=(const Upload&) = delete;
    ~Upload();

    /// The next bytes, of one shard or of several. False when a shard is not what its root says, or
    /// when more comes than was declared: the upload is then of no use. Throws Error{tempfail} when
    /// the disk is full in spite of all, Error{ioerr} when it fails.
    [[nodiscard]] bool write(ByteView bytes);

    /// Whether all declared bytes have come.
    [[nodiscard]] bool is_complete() const noexcept;

    [[nodiscard]] std::vector<ShardItem> items() const;

    /// Bytes of an item of a complete upload, which must have as many. Throws Error{data} when they
    /// cannot be read again.
    void read(std::size_t item, std::uint64_t offset, MutableByteView bytes) const;

    /// Notes something of an item, which becomes durable together with it.
    void add_note(std::size_t item, Note note);

private:
    friend class Depot;
    struct State;
    explicit Upload(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

/// What commit() made durable.
struct Stored {
    std::uint64_t serial = 0; ///< of the first item
    std::uint64_t time_s = 0;
    std::uint64_t expiry_s = 0;
};

class Depot {
public:
    /// Opens or makes a depot, and locks it. Throws Error{tempfail} when another process has it,
    /// Error{config} when a newer version made it or it needs migrate(), Error{data} when its
    /// database is damaged.
    Depot(const std::string& directory, DepotOptions options);
    Depot(const Depot&) = delete;
    Depot& operator=(const Depot&) = delete;
    ~Depot();

    /// Brings an older depot to this version; the old state stays until the new one is complete.
    /// With `dry_run` it only says what it would do. A line for each step.
    static std::vector<std::string> migrate(const std::string& directory, bool dry_run);

    /// Reserves room, before anything is accepted. Shards that are here already cost no bytes
    /// again, but are an entry of this owner; the bytes are still to be written.
    std::optional<Upload> reserve(const AccountId& owner, const PutRequest& request,
                                  Refusal& refusal);

    /// Makes complete uploads durable, several in one go: files synced and named, directories
    /// synced, packs synced, one transaction. When it throws, nothing is acknowledged and nothing
    /// of the uploads is kept: Error{tempfail} when the disk is full, and the depot goes on;
    /// Error{data} when what was received cannot be read again; Error{ioerr} after an error of the
    /// disk in writing or syncing, and the depot only reads from then on.
    std::vector<Stored> commit(std::span<Upload> uploads);

    /// Whether and how a shard is here; `owner`'s serial, if there is one.
    [[nodiscard]] HasEntry find(const ShardRoot& root, const std::optional<AccountId>& owner) const;

    /// What is noted about a subject, of shards that are served; at most `count`.
    [[nodiscard]] std::vector<FoundNote> notes(const NoteSubject& subject, std::size_t count) const;

    /// A shard that is read. Null when it is not here, rotten or on the deny list.
    class Reader {
    public:
        virtual ~Reader() = default;
        [[nodiscard]] virtual std::uint64_t size() const = 0;
        [[nodiscard]] virtual Bytes proof(std::uint64_t first, std::uint64_t last) const = 0;
        /// A piece; its hash is checked first: none when it has rotted, which is then noted.
        [[nodiscard]] virtual std::optional<Bytes> piece(std::uint64_t index) = 0;
    };
    [[nodiscard]] std::unique_ptr<Reader> read(const ShardRoot& root);

    /// The owner's entries of a class after a serial, at most list_entries_max.
    [[nodiscard]] std::vector<ListEntry> list(const AccountId& owner, ShardClass kind,
                                              std::uint64_t after) const;

    /// Drops entries of an owner, durable when it returns; how many there were. A shard goes to
    /// the trash with its last entry.
    std::uint64_t drop(const AccountId& owner, std::span<const DropItem> items);

    /// Removes what has been in the trash long enough, expired entries, and packs that are mostly
    /// garbage; at most about `budget` bytes of work. Whether there is more to do.
    bool collect(std::uint64_t budget);

    /// Reads on where the last scrub stopped, about `budget` bytes; the roots found damaged, which
    /// are set aside and never served again.
    std::vector<ShardRoot> scrub(std::uint64_t budget);

    /// Roots never to be stored or served: the list replaces the one before.
    void deny(std::vector<ShardRoot> roots);

    /// Replaces the grants, from the next put on.
    void set_grants(std::vector<Grant> grants);

    /// Refuses all puts from now on, also after the next start: the way to a graceful exit.
    /// Durable when it returns.
    void drain(bool is_draining);

    [[nodiscard]] std::uint64_t free_size(const AccountId& owner) const;
    [[nodiscard]] DepotStatus status() const;

private:
    std::shared_ptr<detail::Store> store_; // also of its uploads and readers
};

} // namespace cairn
