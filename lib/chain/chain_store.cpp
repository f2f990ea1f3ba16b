#include "chain/chain_store.hpp"

#include "base/error.hpp"
#include "chain/detail/chain_tables.hpp"
#include "os/directory.hpp"
#include "os/file.hpp"
#include "os/output.hpp"

#include <algorithm>
#include <cassert>

namespace cairn {

using namespace detail;

namespace {

constexpr std::uint64_t format_number = 1;
const Bytes format_key{std::byte{'f'}};
const Bytes chain_key{std::byte{'c'}};
const Bytes tip_key{std::byte{'t'}};
const Bytes end_key{std::byte{'e'}}; // of the blocks that count
constexpr std::uint64_t first_map_size = std::uint64_t{64} << 20U;

Bytes number_bytes(std::uint64_t number)
{
    Bytes bytes;
    CborWriter{bytes}.number(number);
    return bytes;
}

Bytes end_bytes(const BlockPlace& place)
{
    Bytes bytes;
    CborWriter writer{bytes};
    writer.array(3);
    writer.number(place.file);
    writer.number(place.offset);
    writer.number(place.size);
    return bytes;
}

BlockPlace parse_end(ByteView bytes)
{
    CborReader reader{bytes, "the end of the blocks"};
    reader.array(3);
    BlockPlace place;
    place.file = static_cast<std::uint32_t>(reader.number(UINT32_MAX));
    place.offset = reader.number();
    place.size = static_cast<std::uint32_t>(reader.number(UINT32_MAX));
    reader.finish();
    return place;
}

BlockEntry entry_at(const ReadTransaction& reads, Height height)
{
    const auto bytes = reads.get(block_table, height_key(height));
    if (!bytes)
        throw Error{Exit::data,
                    "the chain is damaged: block " + std::to_string(height.value) + " is missing"};
    return parse_block_entry(*bytes);
}

Height top_of(const ReadTransaction& reads)
{
    const auto bytes = reads.get(meta_table, tip_key);
    if (!bytes) throw Error{Exit::data, "the chain is damaged: it has no top"};
    return parse_height(*bytes);
}

} // namespace

ChainStore::ChainStore(std::string directory, const Genesis& genesis, const Consensus& consensus,
                       ChainStoreOptions options)
    : directory_{std::move(directory)},
      genesis_{&genesis},
      consensus_{&consensus},
      options_{options},
      files_{(make_directory(directory_), directory_ + "/blocks"), options.file_size},
      undo_depth_{std::max(consensus.reorganisation_max(), genesis.block.memory_blocks)}
{
    const std::string path = directory_ + "/state";
    // Blocks without a state are of a chain whose state is gone: no new one begins on top of them.
    const bool is_new = files_.files().empty();
    if (!is_new && !exists(path + "/data.mdb"))
        throw Error{Exit::data, "the chain in '" + directory_ + "' has blocks but no state",
                    "make it again from them by --rebuild"};
    make_directory(path);
    database_ = std::make_unique<Database>(
        path, chain_tables(), DatabaseOptions{.may_create = is_new, .map_size = first_map_size});
    if (database_->read().get(meta_table, format_key))
        open_chain();
    else if (is_new)
        begin_chain();
    else
        throw Error{Exit::data, "the chain in '" + directory_ + "' has blocks but no state",
                    "make it again from them by --rebuild"};
}

ChainStore::~ChainStore() = default;

void ChainStore::begin_chain()
{
    FirstBlock first = first_block(*genesis_);
    tip_ = {block_id(first.header), first.header, {}, consensus_->first_state(first.header)};
    WriteTransaction& write = change();
    write.put(meta_table, format_key, number_bytes(format_number));
    write.put(meta_table, chain_key, network_id(*genesis_).bytes);
    put_effects(first.effects, {});
    put_block(tip_, {});
    commit();
    // Before there are blocks, so that there are never blocks alone.
    sync_names(directory_ + "/state");
    sync_names(directory_);
}

void ChainStore::open_chain()
{
    const ReadTransaction reads = database_->read();
    if (!std::ranges::equal(*reads.get(meta_table, format_key), number_bytes(format_number)))
        throw Error{Exit::config, "the chain in '" + directory_ + "' is of another format"};
    const auto chain = reads.get(meta_table, chain_key);
    if (!chain || !std::ranges::equal(*chain, network_id(*genesis_).bytes))
        throw Error{Exit::config, "the chain in '" + directory_ + "' has another genesis"};
    tip_ = entry_at(reads, top_of(reads)).known;
    const auto end = reads.get(meta_table, end_key);
    if (!end)
        throw Error{Exit::data, "the chain in '" + directory_ + "' is damaged: it has no end"};
    last_place_ = parse_end(*end);
    if (last_place_.size == 0) return files_.cut_behind(0, 0);
    const auto& files = files_.files();
    const auto last = files.find(last_place_.file);
    if (last == files.end() || last->second < last_place_.end())
        throw Error{Exit::data, "the chain in '" + directory_ + "' lacks its last blocks",
                    "make it again from those that are there by --rebuild"};
    files_.cut_behind(last_place_.file, last_place_.end());
}

std::vector<KnownHeader> ChainStore::last(std::size_t count) const
{
    const ReadTransaction reads = database_->read();
    std::vector<KnownHeader> headers;
    const std::uint32_t top = tip_.header.height.value;
    const auto size = static_cast<std::uint32_t>(std::min<std::uint64_t>(count, top + 1ULL));
    for (std::uint32_t height = top + 1 - size; headers.size() < size; ++height)
        headers.push_back(entry_at(reads, {height}).known);
    return headers;
}

std::map<Height, BlockId> ChainStore::milestones(std::uint32_t step) const
{
    const ReadTransaction reads = database_->read();
    std::map<Height, BlockId> ids;
    for (std::uint32_t height = 0; height < tip_.header.height.value; height += step)
        ids.emplace(Height{height}, entry_at(reads, {height}).known.id);
    return ids;
}

// ---- Bodies.

void ChainStore::put_body(const Block& block, const BlockId& id)
{
    if (has_body(id)) return;
    const Bytes bytes = cairn::to_bytes(block);
    loose_.emplace(id, Loose{files_.append(bytes), block.header.height});
}

std::optional<BlockPlace> ChainStore::place_of(const BlockId& id) const
{
    if (const auto loose = loose_.find(id); loose != loose_.end()) return loose->second.place;
    const ReadTransaction* reads = change_ ? &change_->view() : nullptr;
    std::optional<ReadTransaction> own;
    if (!reads) reads = &own.emplace(database_->read());
    const auto height = reads->get(height_table, id.bytes);
    if (!height) return std::nullopt;
    const BlockEntry entry = entry_at(*reads, parse_height(*height));
    if (entry.place.size == 0 || !files_.files().contains(entry.place.file)) return std::nullopt;
    return entry.place;
}

bool ChainStore::has_body(const BlockId& id) const
{
    return place_of(id).has_value();
}

std::optional<Bytes> ChainStore::body_bytes(const BlockId& id) const
{
    const auto place = place_of(id);
    if (!place) return std::nullopt;
    return files_.read(*place);
}

std::optional<Block> ChainStore::body(const BlockId& id) const
{
    const auto bytes = body_bytes(id);
    if (!bytes) return std::nullopt;
    Block block = parse_block(*bytes);
    if (block_id(block.header) != id)
        throw Error{Exit::data, "the chain in '" + directory_ + "' is damaged: a block is another"};
    return block;
}

void ChainStore::forget_loose(Height height)
{
    std::erase_if(loose_, [&](const auto& loose) { return loose.second.height <= height; });
}

// ---- Moving.

WriteTransaction& ChainStore::change()
{
    if (!change_) change_ = std::make_unique<WriteTransaction>(database_->write());
    return *change_;
}

std::unique_ptr<StateSnapshot> ChainStore::state() const
{
    if (change_) return std::make_unique<DatabaseState>(change_->view());
    return std::make_unique<DatabaseState>(database_->read());
}

std::optional<std::string> ChainStore::connect(const KnownHeader& known, const Block& block,
                                               std::optional<BlockEffects> made)
{
    const auto loose = loose_.find(known.id);
    if (loose == loose_.end() || known.header.parent != tip_.id)
        throw Error{Exit::bug, "a block is put where it does not belong"};
    if (!made) {
        const BlockContext context = consensus_->context(tip_.state, known.header, known.seal);
        const auto before = state();
        auto applied = apply(*genesis_, context, tip_.header, block, {*before, *before});
        if (auto* const fault = std::get_if<std::string>(&applied)) return std::move(*fault);
        made = std::move(std::get<BlockEffects>(applied));
    }
    put_effects(*made, known.header.height);
    put_block(known, loose->second.place);
    if (options_.has_index) put_index(known, block, true);
    loose_.erase(loose);
    tip_ = known;
    return std::nullopt;
}

void ChainStore::put_effects(const BlockEffects& effects, Height height)
{
    WriteTransaction& write = change();
    for (const StateChange& each : effects.changes) {
        if (each.after)
            write.put(state_table, each.key.bytes, *each.after);
        else
            write.erase(state_table, each.key.bytes);
        if (each.after && !each.before)
            write.put(path_table, each.key.path.bytes, each.key.bytes);
        else if (each.before && !each.after)
            write.erase(path_table, each.key.path.bytes);
    }
    for (const NodeWrite& node : effects.tree.nodes) {
        if (node.node)
            write.put(node_table, node.key, *node.node);
        else
            write.erase(node_table, node.key);
    }
    write.put(undo_table, height_key(height), undo_bytes(effects.changes));
    if (height.value > undo_depth_)
        write.erase(undo_table,
                    height_key({height.value - static_cast<std::uint32_t>(undo_depth_)}));
    Bytes receipts;
    for (const TransactionReceipt& receipt : effects.receipts) {
        const Bytes bytes = cairn::to_bytes(receipt);
        receipts.insert(receipts.end(), bytes.begin(), bytes.end());
    }
    if (!receipts.empty()) write.put(receipt_table, height_key(height), receipts);
}

void ChainStore::put_block(const KnownHeader& known, const BlockPlace& place)
{
    WriteTransaction& write = change();
    const Bytes key = height_key(known.header.height);
    write.put(block_table, key, detail::to_bytes(BlockEntry{known, place}));
    write.put(height_table, known.id.bytes, key);
    write.put(meta_table, tip_key, key);
    if (place.file > last_place_.file ||
        (place.file == last_place_.file && place.end() > last_place_.end()))
        last_place_ = place;
    write.put(meta_table, end_key, end_bytes(last_place_));
}

void ChainStore::put_index(const KnownHeader& known, const Block& block, bool is_there)
{
    WriteTransaction& write = change();
    TransactionPlace place{known.header.height, 0};
    const auto note = [&](const AccountId& account, const TransactionPlace& where) {
        if (is_there)
            write.put(history_table, history_key(account, where), {});
        else
            write.erase(history_table, history_key(account, where));
    };
    note(known.header.producer, {place.height, block_itself});
    for (const Transaction& transaction : block.transactions) {
        const TransactionId id = transaction_id(transaction.body);
        if (is_there)
            write.put(transaction_table, id.bytes, place_bytes(place));
        else
            write.erase(transaction_table, id.bytes);
        for (const AccountId& account : accounts_of(transaction)) note(account, place);
        ++place.index;
    }
}

Block ChainStore::disconnect()
{
    WriteTransaction& write = change();
    const Height height = tip_.header.height;
    auto block = body(tip_.id);
    const auto undo = write.view().get(undo_table, height_key(height));
    if (!block || !undo)
        throw Error{Exit::data, "block " + std::to_string(height.value) +
                                    " cannot be taken back: what it needs is gone"};
    std::vector<StateChange> back = parse_undo(*undo);
    for (StateChange& each : back) {
        each.after = std::exchange(each.before, std::nullopt);
        const auto now = write.view().get(state_table, each.key.bytes);
        if (now) each.before = Bytes{now->begin(), now->end()};
    }
    const BlockEntry entry = entry_at(write.view(), height);
    const KnownHeader parent = entry_at(write.view(), {height.value - 1}).known;
    BlockEffects effects;
    {
        const DatabaseState state{write.view()};
        effects.tree = update_tree(state, leaf_changes(back));
    }
    if (effects.tree.root != parent.header.state)
        throw Error{Exit::data,
                    "block " + std::to_string(height.value) +
                        " was taken back, and the state is not what it was before",
                    "make it again from the blocks by --rebuild"};
    effects.changes = std::move(back);
    put_effects(effects, height);
    write.erase(undo_table, height_key(height));
    write.erase(receipt_table, height_key(height));
    write.erase(block_table, height_key(height));
    write.erase(height_table, tip_.id.bytes);
    write.put(meta_table, tip_key, height_key(parent.header.height));
    if (options_.has_index) put_index(tip_, *block, false);
    loose_.emplace(tip_.id, Loose{entry.place, height});
    tip_ = parent;
    return std::move(*block);
}

void ChainStore::commit()
{
    if (!change_) return;
    files_.sync();
    change_->commit();
    change_.reset();
    prune(); // what was on the chain before must be there until then
}

void ChainStore::visit_parent(
    const std::function<void(const StateSnapshot&, const KnownHeader&)>& visit)
{
    commit();
    const KnownHeader tip = tip_;
    const auto take_back = [&] {
        change_.reset();
        tip_ = tip;
        loose_.erase(tip.id);
    };
    try {
        disconnect();
        visit(DatabaseState{change_->view()}, tip_);
    } catch (...) {
        take_back();
        throw;
    }
    take_back();
}

/// Removes the oldest files while all of them are too large, but none that may be needed to take
/// blocks back.
void ChainStore::prune()
{
    const std::uint32_t top = tip_.header.height.value;
    const ReadTransaction reads = database_->read();
    while (files_.size() > options_.keep_size && files_.files().size() > 1 && top > undo_depth_) {
        const std::uint32_t oldest = files_.files().begin()->first;
        const Height needed{top - static_cast<std::uint32_t>(undo_depth_)};
        for (const auto& [id, loose] : loose_)
            if (loose.place.file == oldest && loose.height >= needed) return;
        for (std::uint32_t height = needed.value; height <= top; ++height)
            if (entry_at(reads, {height}).place.file == oldest) return;
        files_.remove(oldest);
        std::erase_if(loose_, [&](const auto& loose) { return loose.second.place.file == oldest; });
    }
}

} // namespace cairn
