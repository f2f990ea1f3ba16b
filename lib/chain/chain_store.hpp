#pragma once

#include "chain/block_files.hpp"
#include "engine/chain_engine.hpp"
#include "kv/database.hpp"
#include "ledger/ledger.hpp"

#include <memory>

// What a node of a chain keeps: blocks, and in a database the state after the last of them,
// cairn-chain(5). Whatever happens to the process or the power, the database holds the state after
// some block that was on top, with that block and all before it.

namespace cairn {

struct ChainStoreOptions {
    std::uint64_t file_size = std::uint64_t{128} << 20U; ///< of one file of blocks, in bytes
    std::uint64_t keep_size = UINT64_MAX; ///< bytes of blocks beyond which old files are removed
    bool has_index = true;                ///< transactions and accounts can be looked for
};

/// A state that is being read.
class StateSnapshot : public StateReader, public NodeReader {
public:
    using StateReader::get;
    [[nodiscard]] std::optional<Bytes> get(const StateKey& key) const override = 0;
    [[nodiscard]] std::optional<Bytes> get(ByteView key) const override = 0;

    /// The value of a path that is there, which proofs of other keys may end at. Throws
    /// Error{data} when it is not.
    [[nodiscard]] virtual Bytes value_at(const StatePath& path) const = 0;

    /// Calls `visit` with the keys and values of a table, from a key on, until it says false.
    virtual void visit(StateTable table, ByteView from,
                       const std::function<bool(ByteView key, ByteView value)>& visit) const = 0;

    /// Calls `visit` with all keys and values of all tables, in the order of their paths. Throws
    /// Error{data} when a path is not that of its key, or the key has no value.
    virtual void
    visit_all(const std::function<void(const StateKey& key, ByteView value)>& visit) const = 0;
};

/// Where a transaction is.
struct TransactionPlace {
    Height height;
    std::uint32_t index = 0;

    friend auto operator<=>(const TransactionPlace&,
                            const TransactionPlace&) = default; // NOLINT(modernize-use-nullptr)
};

/// Stands in TransactionPlace::index for what the block itself paid.
inline constexpr std::uint32_t block_itself = UINT32_MAX;

/// One process has a directory open once. All calls come from one thread; those that are const read
/// what was committed last, but for state(). Everything throws as Database and BlockFiles; the
/// process should end then, and what is here stays as it was committed.
class ChainStore {
public:
    /// Opens a chain in a directory, or begins one. Throws Error{config} when it has another
    /// genesis, Error{data} when something is damaged, or missing while other parts are there.
    ChainStore(std::string directory, const Genesis& genesis, const Consensus& consensus,
               ChainStoreOptions options = {});
    ChainStore(const ChainStore&) = delete;
    ChainStore& operator=(const ChainStore&) = delete;
    ~ChainStore();

    /// The block on top, whether it was committed or not.
    [[nodiscard]] const KnownHeader& tip() const { return tip_; }

    /// For an engine to begin with: the last `count` blocks or fewer, oldest first, and the ids of
    /// every `step`th before.
    [[nodiscard]] std::vector<KnownHeader> last(std::size_t count) const;
    [[nodiscard]] std::map<Height, BlockId> milestones(std::uint32_t step) const;

    // ---- Bodies: blocks that are here, on the chain or beside it.

    /// Keeps a block that is not on the chain yet.
    void put_body(const Block& block, const BlockId& id);
    [[nodiscard]] bool has_body(const BlockId& id) const;

    /// A block that is here, on the chain or beside it; none when it is not here, or not any more.
    [[nodiscard]] std::optional<Block> body(const BlockId& id) const;
    [[nodiscard]] std::optional<Bytes> body_bytes(const BlockId& id) const;

    /// Forgets where the bodies of blocks up to a height are that are not on the chain.
    void forget_loose(Height height);

    // ---- Moving. Nothing of it is durable before commit().

    /// The state after the last block, with what is not committed yet.
    [[nodiscard]] std::unique_ptr<StateSnapshot> state() const;

    /// Executes the block whose body is here on top of the chain, or says what is wrong with it.
    /// `made` is what is known to come of it where this node has just made it itself.
    [[nodiscard]] std::optional<std::string> connect(const KnownHeader& known, const Block& block,
                                                     std::optional<BlockEffects> made = {});

    /// Takes the last block off, and returns it with its transactions. Throws Error{data} when the
    /// state is not what it was before.
    Block disconnect();

    /// Makes it durable: the blocks first. Removes what there is no more room for.
    void commit();
    [[nodiscard]] bool has_uncommitted() const { return change_ != nullptr; }

    /// Shows the state before the block on top, which stays where it is. Commits first.
    void visit_parent(
        const std::function<void(const StateSnapshot& state, const KnownHeader& parent)>& visit);

    // ---- Looking up.

    [[nodiscard]] std::optional<KnownHeader> at(Height height) const;
    [[nodiscard]] std::optional<Height> height_of(const BlockId& id) const;
    [[nodiscard]] std::optional<TransactionPlace> find(const TransactionId& id) const;
    [[nodiscard]] std::vector<TransactionReceipt> receipts(Height height) const;

    /// The places of what concerns an account, before one, the newest first.
    [[nodiscard]] std::vector<TransactionPlace> history(const AccountId& account,
                                                        std::optional<TransactionPlace> before,
                                                        std::size_t count) const;

    /// The lowest height from which on all bodies are here; 1 where nothing was removed.
    [[nodiscard]] Height first_body() const;
    [[nodiscard]] std::uint64_t blocks_size() const { return files_.size(); }
    [[nodiscard]] std::uint64_t state_size() const { return database_->size(); }

    [[nodiscard]] const Genesis& genesis() const { return *genesis_; }

private:
    struct Loose {
        BlockPlace place;
        Height height;
    };

    void begin_chain();
    void open_chain();
    WriteTransaction& change();
    void put_block(const KnownHeader& known, const BlockPlace& place);
    void put_effects(const BlockEffects& effects, Height height);
    void put_index(const KnownHeader& known, const Block& block, bool is_there);
    void prune();
    [[nodiscard]] std::optional<BlockPlace> place_of(const BlockId& id) const;

    std::string directory_;
    const Genesis* genesis_;
    const Consensus* consensus_;
    ChainStoreOptions options_;
    std::unique_ptr<Database> database_;
    BlockFiles files_;
    KnownHeader tip_;
    std::map<BlockId, Loose> loose_;
    std::uint64_t undo_depth_; // blocks that can be taken back
    std::unique_ptr<WriteTransaction> change_;
    BlockPlace last_place_; // the end of what counts
};

} // namespace cairn
