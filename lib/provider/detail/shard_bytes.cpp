#include "provider/detail/shard_bytes.hpp"

#include <algorithm>

namespace cairn::detail {

std::optional<ShardBytes> ShardBytes::open(Depot& depot, const ShardRoot& root)
{
    std::unique_ptr<Depot::Reader> reader = depot.read(root);
    if (!reader) return std::nullopt;
    return ShardBytes{std::move(reader)};
}

bool ShardBytes::read(std::uint64_t offset, MutableByteView bytes)
{
    if (offset > size() || bytes.size() > size() - offset) return false;
    while (!bytes.empty()) {
        const std::uint64_t index = offset / piece_size;
        if (index_ != index) {
            index_.reset();
            std::optional<Bytes> piece = reader_->piece(index);
            if (!piece) return false;
            piece_ = std::move(*piece);
            index_ = index;
        }
        const ByteView rest = ByteView{piece_}.subspan(offset % piece_size);
        const std::size_t taken = std::min(rest.size(), bytes.size());
        std::ranges::copy(rest.first(taken), bytes.begin());
        offset += taken;
        bytes = bytes.subspan(taken);
    }
    return true;
}

} // namespace cairn::detail
