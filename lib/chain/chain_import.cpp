#include "chain/chain_import.hpp"

#include "base/error.hpp"
#include "engine/header_tree.hpp"
#include "os/directory.hpp"
#include "os/file.hpp"
#include "os/process.hpp"

#include <algorithm>
#include <cassert>

namespace cairn {
namespace {

constexpr std::size_t group_size = 16;            // proofs that are checked together
constexpr std::size_t waiting_max = 64;           // blocks
constexpr std::uint64_t uncommitted_max = 50'000; // transactions
constexpr std::uint64_t block_cost = 50;          // transactions that a block counts for
constexpr std::uint64_t file_size = std::uint64_t{128} << 20U;

[[noreturn]] void fail(const Header& header, const std::string& reason)
{
    throw Error{Exit::data, "block " + std::to_string(header.height.value) + ": " + reason};
}

/// All blocks of a directory of files, as a tree.
class StoredBlocks {
public:
    StoredBlocks(const std::string& directory, const Consensus& consensus, KnownHeader first)
        : files_{std::in_place, directory, file_size},
          consensus_{&consensus},
          tree_{consensus, std::move(first)}
    {
        for (const auto& [file, size] : files_->files()) {
            std::uint64_t offset = 0;
            while (const auto place = files_->find(file, offset)) {
                note(*place);
                offset = place->end();
            }
        }
        for (bool has_more = true; has_more;) has_more = add_children();
    }

    /// The ids of the best chain, but for the first block.
    [[nodiscard]] std::vector<BlockId> best() const
    {
        std::vector<BlockId> chain;
        for (const HeaderTree::Node* node = tree_.best(); node->parent; node = node->parent)
            chain.push_back(node->known.id);
        std::ranges::reverse(chain);
        return chain;
    }
    [[nodiscard]] Block read(const BlockId& id) const
    {
        return parse_block(files_->read(places_.at(id).place));
    }

    /// Whether there are bytes, but no block that follows the first.
    [[nodiscard]] bool leads_nowhere() const { return files_->size() > 0 && !tree_.best()->parent; }

    /// A block is wrong, and so are all that follow.
    void refuse(const BlockId& id) { tree_.refuse(tree_.find(id)); }

    /// The files have been moved.
    void reopen(const std::string& directory) { files_.emplace(directory, file_size); }

private:
    struct Place {
        BlockPlace place;
        SealedHeader sealed;
    };

    /// A block that cannot be read is not there.
    void note(const BlockPlace& place)
    {
        try {
            const Block block = parse_block(files_->read(place));
            const BlockId id = block_id(block.header);
            places_.insert_or_assign(id, Place{place, {block.header, block.seal}});
            children_[block.header.parent].push_back(id);
        } catch (const Error& error) {
            if (error.code() != Exit::data) throw;
        }
    }

    bool add_children()
    {
        bool has_any = false;
        const std::vector<HeaderTree::Node*> ends = tree_.ends();
        for (HeaderTree::Node* const end : ends) {
            const auto found = children_.extract(end->known.id);
            if (found.empty()) continue;
            for (const BlockId& id : found.mapped()) {
                const SealedHeader& sealed = places_.at(id).sealed;
                if (consensus_->check(end->known, sealed.header, sealed.seal)) continue;
                tree_.add(end, {id, sealed.header, sealed.seal,
                                consensus_->next_state(end->known.state, sealed.header)});
                has_any = true;
            }
        }
        return has_any;
    }

    std::optional<BlockFiles> files_;
    const Consensus* consensus_;
    HeaderTree tree_;
    std::map<BlockId, Place> places_;
    std::map<BlockId, std::vector<BlockId>> children_;
};

/// Puts the best chain of stored blocks on a store that may have a part of it, or of another one.
void import_best(ChainStore& store, StoredBlocks& blocks, const Consensus& consensus,
                 const std::function<void(const KnownHeader&)>& connected)
{
    for (;;) {
        const std::vector<BlockId> chain = blocks.best();
        store.commit();
        if (chain.empty() || store.height_of(chain.back())) return;
        const auto is_beside = [&](const KnownHeader& known) {
            const std::size_t height = known.header.height.value;
            return height > chain.size() || (height > 0 && chain[height - 1] != known.id);
        };
        while (is_beside(store.tip())) (void)store.disconnect();
        ChainImport import{store, consensus, connected};
        try {
            for (const BlockId& id : chain) import.add(blocks.read(id));
            return import.finish();
        } catch (const Error&) {
            if (!import.refused()) throw;
            blocks.refuse(*import.refused());
        }
    }
}

} // namespace

std::optional<Block> read_framed_block(const ReadBytes& read)
{
    const auto bytes = read_framed(read, block_size_max, "block");
    if (!bytes) return std::nullopt;
    return parse_block(*bytes);
}

ChainImport::ChainImport(ChainStore& store, const Consensus& consensus,
                         std::function<void(const KnownHeader&)> connected)
    : store_{&store},
      consensus_{&consensus},
      connected_{std::move(connected)},
      last_{store.tip()},
      checker_{available_cores(), [this] { woken_.release(); }}
{
}

/// Nothing can come behind it.
void ChainImport::refuse(const Header& header, const std::string& reason)
{
    refused_ = block_id(header);
    fail(header, reason);
}

void ChainImport::add(Block block)
{
    const Header& header = block.header;
    const Header& last = group_.empty() ? last_.header : group_.back()->header;
    if (header.height <= last.height) {
        finish();
        if (store_->height_of(block_id(header)) == header.height) return;
        fail(header, "the chain has another block there");
    }
    if (header.parent != block_id(last)) fail(header, "it does not follow the one before");
    group_.push_back(std::make_shared<const Block>(std::move(block)));
    if (group_.size() >= group_size) check_group();
}

/// Headers one after the other, then their proofs all at once; signatures come later.
void ChainImport::check_group()
{
    std::vector<KnownHeader> run{last_};
    for (const auto& block : group_) {
        const Header& header = block->header;
        if (header.chain != run.back().header.chain) refuse(header, "it is of another chain");
        if (header.height != run.back().header.height + 1) refuse(header, "its height is wrong");
        if (auto fault = consensus_->check(run.back(), header, block->seal))
            refuse(header, fault->reason);
        run.push_back({block_id(header), header, block->seal,
                       consensus_->next_state(run.back().state, header)});
    }
    std::vector<Consensus::Unproven> unproven;
    for (std::size_t i = 1; i < run.size(); ++i)
        unproven.push_back({&run[i - 1].state, &run[i].header});
    const std::vector<bool> proven = consensus_->prove(unproven);
    for (std::size_t i = 0; i < proven.size(); ++i)
        if (!proven[i]) refuse(run[i + 1].header, "its proof is wrong");
    for (std::size_t i = 0; i < group_.size(); ++i) {
        const std::size_t count = group_[i]->transactions.size();
        checker_.add({run[i + 1].id, group_[i], std::vector<bool>(count, false)});
        waiting_.push_back({run[i + 1], group_[i], false});
    }
    last_ = run.back();
    group_.clear();
    connect_ready(waiting_max);
}

void ChainImport::take_outcomes()
{
    for (const BlockChecker::Outcome& outcome : checker_.outcomes()) {
        if (!outcome.is_signed) refuse(outcome.block->header, "a signature is wrong");
        for (Waiting& each : waiting_)
            if (each.known.id == outcome.id) each.is_checked = true;
    }
}

/// Connects what can be, and waits for more until no more than so many are left.
void ChainImport::connect_ready(std::size_t left_max)
{
    for (;;) {
        take_outcomes();
        while (!waiting_.empty() && waiting_.front().is_checked) {
            const Waiting next = std::move(waiting_.front());
            waiting_.pop_front();
            store_->put_body(*next.block, next.known.id);
            if (auto fault = store_->connect(next.known, *next.block))
                refuse(next.known.header, *fault);
            connected_(next.known);
            uncommitted_ += next.block->transactions.size() + block_cost;
            if (uncommitted_ >= uncommitted_max) {
                store_->commit();
                uncommitted_ = 0;
            }
        }
        if (waiting_.size() <= left_max) return;
        woken_.acquire();
    }
}

void ChainImport::finish()
{
    check_group();
    connect_ready(0);
    store_->commit();
    uncommitted_ = 0;
}

void export_chain(const ChainStore& store, Height from, Height to,
                  const std::function<void(ByteView)>& write)
{
    for (std::uint32_t height = std::max(from.value, 1U); height <= to.value; ++height) {
        const auto known = store.at({height});
        const auto body = known ? store.body_bytes(known->id) : std::nullopt;
        if (!body)
            throw Error{Exit::noinput, "block " + std::to_string(height) + " is not here",
                        known ? "it was removed to save room" : "the chain is shorter"};
        write(frame_head(*body));
        write(*body);
        if (height == UINT32_MAX) return;
    }
}

SnapshotHead export_state(const ChainStore& store, const std::function<void(ByteView)>& write)
{
    assert(!store.has_uncommitted());
    const auto state = store.state();
    const SnapshotSource source{
        .nodes = state.get(),
        .value_of = [&](const StatePath& path) { return value_hash(state->value_at(path)); },
        .visit = [&](const auto& visit) { state->visit_all(visit); }};
    return write_snapshot({store.tip().header, store.tip().seal}, source, write);
}

Height rebuild_chain(const std::string& directory, const Genesis& genesis,
                     const Consensus& consensus,
                     const std::function<void(const KnownHeader&)>& connected)
{
    const std::string now = directory + "/blocks";
    const std::string old = directory + "/blocks.old";
    const bool is_going_on = exists(old);
    if (!is_going_on && !exists(now))
        throw Error{Exit::data, "the chain in '" + directory + "' has no blocks"};
    const Header first = first_block(genesis).header;
    StoredBlocks blocks{is_going_on ? old : now,
                        consensus,
                        {block_id(first), first, {}, consensus.first_state(first)}};
    if (!is_going_on) {
        if (blocks.leads_nowhere())
            throw Error{Exit::data, "the first blocks of the chain in '" + directory + "' are gone",
                        "get it from peers, in another directory"};
        if (exists(directory + "/state"))
            rename_to_free_name(directory + "/state", directory + "/state.damaged");
        rename_to_free_name(now, old);
        sync_names(directory);
        blocks.reopen(old);
    }
    ChainStore store{directory, genesis, consensus};
    import_best(store, blocks, consensus, connected);
    const std::string front = old + '/';
    for (const std::string& name : list_directory(old)) erase_file(front + name);
    erase_directory(old);
    return store.tip().header.height;
}

} // namespace cairn
