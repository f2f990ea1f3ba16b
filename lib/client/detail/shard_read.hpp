#pragma once

#include "client/detail/read_context.hpp"
#include "erasure/segment.hpp"
#include "hash/pieces.hpp"

#include <memory>
#include <optional>

namespace cairn::detail {

/// The wanted pieces of a shard, as far as they are here and verified.
struct ShardPart {
    Blake3Digest root;
    PieceRange pieces;          ///< all that are wanted
    std::uint64_t next = 0;     ///< the first that is not verified
    std::optional<Buffer> data; ///< of the wanted pieces

    [[nodiscard]] bool is_complete() const { return next > pieces.last; }

    /// Bytes of all wanted pieces.
    [[nodiscard]] std::uint64_t size() const
    {
        return (pieces.last - pieces.first) * piece_size + piece_length(pieces.length, pieces.last);
    }
};

/// One call of shard.get that adds to a ShardPart, piece by piece, each verified as it arrives.
class ShardRead {
public:
    enum class End {
        complete,
        absent,  ///< the provider does not have it after all
        damaged, ///< the provider has it no more as it was, or sent what is not it
        cut,     ///< the call broke
        slow,    ///< nothing came for too long
    };

    /// `part` must live longer, with memory for its data.
    ShardRead(ReadContext& context, std::size_t provider, ShardPart& part);
    ShardRead(const ShardRead&) = delete;
    ShardRead& operator=(const ShardRead&) = delete;
    ~ShardRead();

    [[nodiscard]] std::size_t provider() const noexcept { return provider_; }

    /// How it ended; none while it goes on.
    [[nodiscard]] const std::optional<End>& end() const noexcept { return end_; }

    /// When the last piece came, or the call was made.
    [[nodiscard]] std::uint64_t moved_ms() const noexcept { return moved_ms_; }

    /// Whether it sent what is not the shard, rather than say that it has lost it.
    [[nodiscard]] bool is_wrong() const noexcept { return is_wrong_; }

    /// Whether it gave at least one piece.
    [[nodiscard]] bool has_progress() const noexcept { return has_progress_; }

    bool is_late = false; ///< another read was started in its place

private:
    bool take(ByteView data);
    bool take_proof(ByteView& data);
    bool take_piece(ByteView& data);
    void settle(const Reply& reply);
    void finish(End end, std::string_view fault);

    ReadContext* context_;
    std::size_t provider_;
    ShardPart* part_;
    std::uint64_t size_; // bytes asked for, for the ranking
    PieceRange range_;   // of this call
    std::size_t proof_size_;
    Bytes proof_;
    std::optional<PieceVerifier> verifier_;
    std::size_t filled_ = 0; // bytes of the piece that is coming
    std::uint64_t moved_ms_;
    bool has_progress_ = false;
    bool is_wrong_ = false;
    std::optional<End> end_;
    CallId call_;
};

} // namespace cairn::detail
