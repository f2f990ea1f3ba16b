#pragma once

#include "base/bytes.hpp"

#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

struct MDB_env;
struct MDB_txn;
struct MDB_cursor;

// Sorted tables of keys and values in one file, changed by transactions: LMDB, with a check on each
// value, so that a value that is read is the one that was written under this key.
//
// Everything throws Error{data} for a damaged database, Error{tempfail} when the disk or the map
// is full or a call was interrupted, which leaves reads working, and Error{ioerr} when reading,
// writing or syncing fails.

namespace cairn {

/// One of a database's tables, by its place in the list that the database was opened with.
struct Table {
    unsigned index = 0;
};

inline constexpr std::size_t key_size_max = 511; // bytes, at least 1

struct DatabaseOptions {
    bool may_create = true;                               ///< else it must be there
    std::uint64_t map_size = std::uint64_t{64} << 20U;    ///< bytes, to begin with
    std::uint64_t map_size_max = std::uint64_t{1} << 40U; ///< bytes, how far it may grow
};

class ReadTransaction;
class WriteTransaction;

/// An open database. One process has it open once; its threads may share it.
class Database {
public:
    /// Opens the database in a directory, which must exist. The file is looked at before it is
    /// used: a truncated one is damaged.
    Database(const std::string& directory, const std::vector<std::string>& tables,
             const DatabaseOptions& options = {});
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;
    ~Database();

    /// The state after the last commit, for as long as the transaction lives: keep it short.
    [[nodiscard]] ReadTransaction read() const;

    /// Waits for other writers. A thread that reads must not begin to write.
    [[nodiscard]] WriteTransaction write();

    /// Bytes of the file.
    [[nodiscard]] std::uint64_t size() const;

private:
    friend class Cursor;
    friend class ReadTransaction;
    friend class WriteTransaction;
    struct Close {
        void operator()(MDB_env* environment) const noexcept;
    };

    void open_tables(const std::vector<std::string>& names, bool may_create);
    [[nodiscard]] unsigned handle(Table table) const;
    [[nodiscard]] std::uint64_t used_size() const;
    void grow();

    std::string name_;
    std::unique_ptr<MDB_env, Close> environment_;
    std::vector<unsigned> handles_; // of the tables
    std::uint64_t map_size_ = 0;    // bytes
    std::uint64_t map_size_max_;    // bytes
    // Shared by those who look into the map, alone for whoever makes it larger.
    mutable std::shared_mutex map_mutex_;
};

/// A key and its value; views live as long as the transaction, in a writer until its next change.
struct KeyValue {
    ByteView key;
    ByteView value;
};

/// A place in a table, in order of the keys' bytes. Lives no longer than its transaction.
class Cursor {
public:
    /// Each goes to a key and returns what is there; none when there is no such key.
    std::optional<KeyValue> first();
    std::optional<KeyValue> last();
    std::optional<KeyValue> next();
    std::optional<KeyValue> previous();
    /// The first key that is not less.
    std::optional<KeyValue> at_least(ByteView key);

private:
    friend class ReadTransaction;
    struct Close {
        void operator()(MDB_cursor* cursor) const noexcept;
    };
    Cursor(MDB_cursor* cursor, const Database& database) : cursor_{cursor}, database_{&database} {}

    std::optional<KeyValue> move(int operation, ByteView key = {});

    std::unique_ptr<MDB_cursor, Close> cursor_;
    const Database* database_;
};

/// What a transaction can read. Ends without a trace.
class ReadTransaction {
public:
    /// The value of a key; none when there is no such key.
    [[nodiscard]] std::optional<ByteView> get(Table table, ByteView key) const;

    [[nodiscard]] Cursor cursor(Table table) const;

private:
    friend class Database;
    friend class WriteTransaction;
    struct Abort {
        void operator()(MDB_txn* transaction) const noexcept;
    };
    ReadTransaction(const Database& database, bool is_writing);

    const Database* database_;
    std::shared_lock<std::shared_mutex> map_lock_;
    std::unique_ptr<MDB_txn, Abort> transaction_;
};

/// Changes that become visible and durable together with commit(), or not at all. Belongs to the
/// thread that began it.
class WriteTransaction {
public:
    /// What the transaction reads, its own changes included.
    [[nodiscard]] const ReadTransaction& view() const noexcept { return reads_; }

    /// Sets the value of a key, whether there was one or not. The views must not be of this
    /// database.
    void put(Table table, ByteView key, ByteView value);

    /// Removes a key; whether it was there.
    bool erase(Table table, ByteView key);

    /// Makes the changes durable; nothing can follow. When it throws, nothing was changed.
    void commit();

private:
    friend class Database;
    explicit WriteTransaction(const Database& database) : reads_{database, true} {}

    ReadTransaction reads_;
};

} // namespace cairn
