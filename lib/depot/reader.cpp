#include "base/error.hpp"
#include "depot/depot.hpp"
#include "depot/detail/store.hpp"

namespace cairn {

using namespace detail;

namespace {

class ShardReader final : public Depot::Reader {
public:
    ShardReader(std::shared_ptr<Store> store, Store::Location location, PieceTree tree)
        : store_{std::move(store)},
          location_{std::move(location)},
          tree_{std::move(tree)}
    {
    }

    [[nodiscard]] std::uint64_t size() const override { return tree_.length(); }

    [[nodiscard]] Bytes proof(std::uint64_t first, std::uint64_t last) const override
    {
        return tree_.proof(first, last);
    }

    [[nodiscard]] std::optional<Bytes> piece(std::uint64_t index) override
    {
        Bytes bytes(piece_length(size(), index));
        const std::uint64_t at = index * piece_size;
        try {
            read_kept(location_.file, location_.offset + at, bytes);
            if (is_piece(index, bytes)) return bytes;
        } catch (const Error&) { // a sector that cannot be read has rotted too
        }
        store_->ledger.add_rotten(tree_.root());
        return std::nullopt;
    }

private:
    [[nodiscard]] bool is_piece(std::uint64_t index, ByteView bytes) const
    {
        if (tree_.pieces().size() == 1) return blake3(bytes) == tree_.root();
        return blake3_subtree(bytes, index * piece_size).chaining() == tree_.pieces()[index];
    }

    std::shared_ptr<Store> store_;
    Store::Location location_;
    PieceTree tree_;
};

/// None when what is kept of the pieces is not what it was.
std::optional<PieceTree> find_tree(const ReadTransaction& reads, const ShardItem& item)
{
    try {
        std::vector<Blake3Chaining> pieces = find_pieces(reads, item.root);
        if (piece_count(item.size) == 1) pieces.resize(1);
        return PieceTree{item.root, item.size, std::move(pieces)};
    } catch (const Error&) {
        return std::nullopt;
    }
}

} // namespace

std::unique_ptr<Depot::Reader> Depot::read(const ShardRoot& root)
{
    // A shard may move to another pack between the look at the table and that at the file.
    for (int attempt = 0; attempt < 2; ++attempt) {
        const ReadTransaction reads = store_->read();
        const auto record = find_shard(reads, root);
        if (!store_->is_served(record, root)) return nullptr;
        std::optional<Store::Location> location = store_->locate(root, *record);
        if (!location) continue;
        std::optional<PieceTree> tree = find_tree(reads, {root, record->size});
        if (!tree) break;
        return std::make_unique<ShardReader>(store_, std::move(*location), std::move(*tree));
    }
    store_->ledger.add_rotten(root);
    return nullptr;
}

} // namespace cairn
