#include "kv/database.hpp"

#include "base/error.hpp"
#include "hash/blake3.hpp"
#include "kv/detail/front.hpp"
#include "os/file.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <mutex>

#include <lmdb.h>

namespace cairn {
namespace {

/// A disk with less is full: LMDB writes at most a quarter of it at once.
constexpr std::uint64_t full_below = std::uint64_t{1} << 20U; // bytes

/// What LMDB makes of it: a page, and a line of the cache for each of 126 readers.
constexpr std::uint64_t lock_file_size = 8192; // bytes

constexpr std::size_t check_size = 8; // bytes, before each value
using Check = std::array<std::byte, check_size>;

/// Ties a value to its key, so that neither can be another's.
Check check_of(ByteView key, ByteView value)
{
    Blake3 hasher;
    const std::array<std::byte, 2> size{static_cast<std::byte>(key.size()),
                                        static_cast<std::byte>(key.size() >> 8U)};
    hasher.update(size);
    hasher.update(key);
    hasher.update(value);
    Check check;
    std::ranges::copy(ByteView{hasher.digest().bytes}.first(check_size), check.begin());
    return check;
}

MDB_val to_val(ByteView bytes)
{
    return {bytes.size(), const_cast<std::byte*>(bytes.data())};
}

ByteView to_view(const MDB_val& val)
{
    return {static_cast<const std::byte*>(val.mv_data), val.mv_size};
}

Exit exit_of(int code)
{
    switch (code) {
    case MDB_MAP_FULL:
    case ENOSPC:
    case EDQUOT:
    case EINTR:
        return Exit::tempfail;
    case MDB_PAGE_NOTFOUND:
    case MDB_CORRUPTED:
    case MDB_VERSION_MISMATCH:
    case MDB_INVALID:
    case MDB_INCOMPATIBLE:
    case MDB_BAD_TXN:
    case MDB_BAD_DBI:
        return Exit::data;
    case ENOMEM:
    case EMFILE:
    case ENFILE:
    case EAGAIN:
    case MDB_READERS_FULL:
        return Exit::oserr;
    default:
        return Exit::ioerr;
    }
}

/// Throws unless LMDB says that it did as it was told.
void check(int code, const char* action, const std::string& name)
{
    if (code == MDB_SUCCESS) return;
    const char* const reason = code == MDB_MAP_FULL ? "it is full" : mdb_strerror(code);
    throw Error{exit_of(code),
                std::string{"cannot "} + action + " the database '" + name + "': " + reason};
}

/// The value behind its check.
ByteView opened(ByteView key, ByteView stored, const std::string& name)
{
    if (stored.size() >= check_size) {
        const ByteView value = stored.subspan(check_size);
        if (std::ranges::equal(check_of(key, value), stored.first(check_size))) return value;
    }
    throw Error{Exit::data, "the database '" + name + "' is damaged: a value is not what it was"};
}

void assert_key(ByteView key)
{
    assert(!key.empty() && key.size() <= key_size_max);
}

} // namespace

void Database::Close::operator()(MDB_env* environment) const noexcept
{
    mdb_env_close(environment);
}

Database::Database(const std::string& directory, const std::vector<std::string>& tables,
                   const DatabaseOptions& options)
    : name_{directory},
      map_size_max_{options.map_size_max}
{
    const auto found = detail::check_front(directory + "/data.mdb", directory);
    if (!found && !options.may_create)
        throw Error{Exit::data, "the database '" + directory + "' is damaged: its file is missing"};
    // LMDB writes to its lock file by memory, which a full disk would make a signal.
    allocate_file(directory + "/lock.mdb", lock_file_size);
    MDB_env* environment = nullptr;
    check(mdb_env_create(&environment), "open", name_);
    environment_.reset(environment);
    check(mdb_env_set_maxdbs(environment, static_cast<MDB_dbi>(tables.size())), "open", name_);
    // What is there already must fit, and half of the map be free.
    map_size_ = std::min(std::max(options.map_size, 2 * found.value_or(0)), map_size_max_);
    check(mdb_env_set_mapsize(environment, map_size_), "open", name_);
    constexpr mdb_mode_t mode = 0666;
    check(mdb_env_open(environment, directory.c_str(), MDB_NOTLS, mode), "open", name_);
    open_tables(tables, options.may_create);
}

Database::~Database() = default;

/// Tables are looked for by reading, so that a start writes nothing.
void Database::open_tables(const std::vector<std::string>& names, bool may_create)
{
    for (const bool is_creating : {false, true}) {
        handles_.clear();
        ReadTransaction transaction{*this, is_creating};
        int code = MDB_SUCCESS;
        for (const std::string& name : names) {
            MDB_dbi handle = 0;
            code = mdb_dbi_open(transaction.transaction_.get(), name.c_str(),
                                is_creating ? MDB_CREATE : 0U, &handle);
            if (code != MDB_SUCCESS) break;
            handles_.push_back(handle);
        }
        if (code == MDB_NOTFOUND && may_create && !is_creating) continue;
        if (code == MDB_NOTFOUND) code = MDB_CORRUPTED;
        check(code, "open", name_);
        // Handles live on when the transaction that opened them ends well.
        check(mdb_txn_commit(transaction.transaction_.release()), "open", name_);
        return;
    }
}

unsigned Database::handle(Table table) const
{
    assert(table.index < handles_.size());
    return handles_[table.index];
}

std::uint64_t Database::used_size() const
{
    MDB_envinfo info{};
    MDB_stat stat{};
    mdb_env_info(environment_.get(), &info);
    mdb_env_stat(environment_.get(), &stat);
    return (std::uint64_t{info.me_last_pgno} + 1) * stat.ms_psize;
}

std::uint64_t Database::size() const
{
    const std::shared_lock lock{map_mutex_};
    return used_size();
}

/// Makes the map larger before a transaction could fill it: at least half of it is free then.
void Database::grow()
{
    const std::unique_lock lock{map_mutex_}; // waits for those who look into the map
    if (map_size_ >= map_size_max_ || used_size() < map_size_ / 2) return;
    const std::uint64_t wanted = std::min(2 * map_size_, map_size_max_);
    check(mdb_env_set_mapsize(environment_.get(), wanted), "enlarge", name_);
    map_size_ = wanted;
}

ReadTransaction Database::read() const
{
    return {*this, false};
}

WriteTransaction Database::write()
{
    grow();
    return WriteTransaction{*this};
}

void ReadTransaction::Abort::operator()(MDB_txn* transaction) const noexcept
{
    mdb_txn_abort(transaction);
}

ReadTransaction::ReadTransaction(const Database& database, bool is_writing)
    : database_{&database},
      map_lock_{database.map_mutex_}
{
    MDB_txn* transaction = nullptr;
    check(mdb_txn_begin(database.environment_.get(), nullptr, is_writing ? 0U : MDB_RDONLY,
                        &transaction),
          is_writing ? "write to" : "read", database.name_);
    transaction_.reset(transaction);
}

std::optional<ByteView> ReadTransaction::get(Table table, ByteView key) const
{
    assert_key(key);
    MDB_val wanted = to_val(key);
    MDB_val stored{};
    const int code = mdb_get(transaction_.get(), database_->handle(table), &wanted, &stored);
    if (code == MDB_NOTFOUND) return std::nullopt;
    check(code, "read", database_->name_);
    return opened(key, to_view(stored), database_->name_);
}

Cursor ReadTransaction::cursor(Table table) const
{
    MDB_cursor* cursor = nullptr;
    check(mdb_cursor_open(transaction_.get(), database_->handle(table), &cursor), "read",
          database_->name_);
    return {cursor, *database_};
}

void Cursor::Close::operator()(MDB_cursor* cursor) const noexcept
{
    mdb_cursor_close(cursor);
}

std::optional<KeyValue> Cursor::move(int operation, ByteView key)
{
    MDB_val at = to_val(key);
    MDB_val stored{};
    const auto code =
        mdb_cursor_get(cursor_.get(), &at, &stored, static_cast<MDB_cursor_op>(operation));
    if (code == MDB_NOTFOUND) return std::nullopt;
    check(code, "read", database_->name_);
    return KeyValue{.key = to_view(at),
                    .value = opened(to_view(at), to_view(stored), database_->name_)};
}

std::optional<KeyValue> Cursor::first()
{
    return move(MDB_FIRST);
}

std::optional<KeyValue> Cursor::last()
{
    return move(MDB_LAST);
}

std::optional<KeyValue> Cursor::next()
{
    return move(MDB_NEXT);
}

std::optional<KeyValue> Cursor::previous()
{
    return move(MDB_PREV);
}

std::optional<KeyValue> Cursor::at_least(ByteView key)
{
    assert_key(key);
    return move(MDB_SET_RANGE, key);
}

void WriteTransaction::put(Table table, ByteView key, ByteView value)
{
    assert_key(key);
    MDB_val at = to_val(key);
    MDB_val stored{check_size + value.size(), nullptr};
    const Database& database = *reads_.database_;
    // Reserving has no copy of the value made; the views of the caller must not be of this table.
    const Check seal = check_of(key, value);
    check(mdb_put(reads_.transaction_.get(), database.handle(table), &at, &stored, MDB_RESERVE),
          "write to", database.name_);
    std::memcpy(stored.mv_data, seal.data(), seal.size());
    if (!value.empty())
        std::memcpy(static_cast<std::byte*>(stored.mv_data) + check_size, value.data(),
                    value.size());
}

bool WriteTransaction::erase(Table table, ByteView key)
{
    assert_key(key);
    MDB_val at = to_val(key);
    const Database& database = *reads_.database_;
    const int code = mdb_del(reads_.transaction_.get(), database.handle(table), &at, nullptr);
    if (code == MDB_NOTFOUND) return false;
    check(code, "write to", database.name_);
    return true;
}

void WriteTransaction::commit()
{
    assert(reads_.transaction_ != nullptr);
    // LMDB frees the transaction whatever comes of it.
    int code = mdb_txn_commit(reads_.transaction_.release());
    reads_.map_lock_.unlock();
    // LMDB calls it EIO when the disk takes only a part of what it writes.
    if (code == EIO && free_space(reads_.database_->name_) < full_below) code = ENOSPC;
    check(code, "write to", reads_.database_->name_);
}

} // namespace cairn
