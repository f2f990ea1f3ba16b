#pragma once

#include "depot/depot.hpp"

namespace cairn::detail {

/// The bytes of a shard that is here, at any place, each checked before it is used; in memory for
/// one piece.
class ShardBytes {
public:
    /// None when the shard is not here.
    static std::optional<ShardBytes> open(Depot& depot, const ShardRoot& root);

    [[nodiscard]] std::uint64_t size() const { return reader_->size(); }

    /// Fills the bytes; false when they have rotted, or there are not as many.
    [[nodiscard]] bool read(std::uint64_t offset, MutableByteView bytes);

private:
    explicit ShardBytes(std::unique_ptr<Depot::Reader> reader) : reader_{std::move(reader)} {}

    std::unique_ptr<Depot::Reader> reader_;
    std::optional<std::uint64_t> index_; // of the piece that is in memory
    Bytes piece_;
};

} // namespace cairn::detail
