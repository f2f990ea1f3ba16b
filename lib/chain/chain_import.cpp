#include "chain/chain_import.hpp"

#include "base/error.hpp"
#include "engine/header_tree.hpp"
#include "os/directory.hpp"
#include "os/process.hpp"

namespace cairn {
namespace {

constexpr std::size_t group_size = 16;            // proofs that are checked together
constexpr std::size_t waiting_max = 64;           // blocks
constexpr std::uint64_t uncommitted_max = 50'000; // transactions
constexpr std::uint64_t block_cost = 50;          // transactions that a block counts for
constexpr std::uint64_t file_size = std::uint64_t{128} << 20U;

[[noreturn]] void refuse(const Header& header, const std::string& reason)
{
    throw Error{Exit::data, "block " + std::to_string(header.height.value) + ": " + reason};
}

/// All blocks of a directory of files, as a tree.
class StoredBlocks {
public:
    StoredBlocks(const std::string& directory, const Consensus& consensus, KnownHeader first)
        : files_{directory, file_size},
          consensus_{&consensus},
          tree_{consensus, std::move(first)}
    {
        for (const auto& [file, size] : files_.files()) {
            std::uint64_t offset = 0;
            while (const auto place = files_.find(file, offset)) {
                note(*place);
                offset = place->end();
            }
        }
        for (bool has_more = true; has_more;) has_more = add_children();
    }

    [[nodiscard]] const HeaderTree::Node* best() const { return tree_.best(); }
    [[nodiscard]] Block read(const BlockId& id) const
    {
        return parse_block(files_.read(places_.at(id).place));
    }

private:
    struct Place {
        BlockPlace place;
        SealedHeader sealed;
    };

    /// A block that cannot be read is not there.
    void note(const BlockPlace& place)
    {
        try {
            const Block block = parse_block(files_.read(place));
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

    BlockFiles files_;
    const Consensus* consensus_;
    HeaderTree tree_;
    std::map<BlockId, Place> places_;
    std::map<BlockId, std::vector<BlockId>> children_;
};

} // namespace

std::optional<Block> read_framed_block(const ReadBytes& read)
{
    Bytes head(frame_head_size);
    const std::size_t got = read(head);
    if (got == 0) return std::nullopt;
    if (got < head.size()) throw Error{Exit::data, "the stream ends within a block"};
    Bytes bytes(framed_size(head));
    if (read(bytes) < bytes.size()) throw Error{Exit::data, "the stream ends within a block"};
    if (!is_framed(head, bytes)) throw Error{Exit::data, "a block of the stream is damaged"};
    return parse_block(bytes);
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

void ChainImport::add(Block block)
{
    const Header& header = block.header;
    if (header.height <= last_.header.height) {
        if (store_->height_of(block_id(header)) == header.height) return;
        refuse(header, "the chain has another block there");
    }
    const Header& last = group_.empty() ? last_.header : group_.back()->header;
    if (header.parent != block_id(last)) refuse(header, "it does not follow the one before");
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

Height rebuild_chain(const std::string& directory, const Genesis& genesis,
                     const Consensus& consensus,
                     const std::function<void(const KnownHeader&)>& connected)
{
    const std::string old = directory + "/blocks.old";
    if (!exists(old)) {
        if (!exists(directory + "/blocks"))
            throw Error{Exit::data, "the chain in '" + directory + "' has no blocks"};
        if (exists(directory + "/state"))
            rename_to_free_name(directory + "/state", directory + "/state.damaged");
        rename_to_free_name(directory + "/blocks", old);
    }
    ChainStore store{directory, genesis, consensus};
    const Header first = first_block(genesis).header;
    const StoredBlocks blocks{
        old, consensus, {block_id(first), first, {}, consensus.first_state(first)}};
    std::vector<BlockId> chain;
    for (const HeaderTree::Node* node = blocks.best(); node->parent; node = node->parent)
        chain.push_back(node->known.id);
    ChainImport import{store, consensus, connected};
    for (auto id = chain.rbegin(); id != chain.rend(); ++id) import.add(blocks.read(*id));
    import.finish();
    for (const std::string& name : list_directory(old)) erase_file(old + '/' + name);
    erase_directory(old);
    return store.tip().header.height;
}

} // namespace cairn
