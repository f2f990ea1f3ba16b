#include "hash/pieces.hpp"

#include "fuzz.hpp"

#include <algorithm>

// The only piece that is tried with its true proof is short, so that runs are cheap.

namespace cairn {
namespace {

constexpr std::size_t tail_size = 100; // bytes of the last piece

const Bytes& object()
{
    static const Bytes bytes = [] {
        Bytes filled(2 * piece_size + tail_size);
        CountingEntropy{}.fill(filled);
        return filled;
    }();
    return bytes;
}

const PieceTree& tree()
{
    static const PieceTree built = PieceTree::of(object());
    return built;
}

void verify(const PieceRange& range, ByteView proof, ByteView piece)
{
    auto verifier = accepted([&] {
        return PieceVerifier{tree().root(), range, Bytes(proof.begin(), proof.end())};
    });
    require(!verifier || (range.is_valid() && piece_proof_size(range) == proof.size()),
            "a proof of a wrong size is refused");
    if (!verifier || !verifier->accept(piece)) return;
    require(range.length == object().size() && range.first == 2 &&
                is_same(piece, ByteView{object()}.last(tail_size)),
            "nothing but the piece itself is accepted");
}

/// Chaining values from outside.
void build(std::uint64_t length, ByteView input)
{
    std::vector<Blake3Chaining> pieces(std::min<std::size_t>(input.size() / 32, 64));
    for (std::size_t i = 0; i < pieces.size(); ++i)
        std::ranges::copy(input.subspan(i * 32, 32), pieces[i].bytes.begin());
    const auto built = accepted([&] { return PieceTree{tree().root(), length, pieces}; });
    if (built && pieces.size() > 1)
        require(built->pieces() == tree().pieces(), "a tree of other values is refused");
}

} // namespace

void fuzz(ByteView input)
{
    ByteView rest = input;
    const PieceRange range{take_number(rest), take_number(rest), take_number(rest)};
    build(range.length, rest);
    const std::uint64_t expected = range.is_valid() ? piece_proof_size(range) : 0;
    const std::size_t size = std::min<std::uint64_t>(expected, rest.size());
    verify(range, rest.first(size), rest.subspan(size));

    // The true proof of the last piece, changed where the input says.
    const PieceRange last{object().size(), 2, 2};
    static const Bytes good = tree().proof(2, 2);
    Bytes proof = good;
    const std::size_t at = range.first % (proof.size() + 1);
    if (at < proof.size()) proof[at] ^= static_cast<std::byte>(range.last);
    verify(last, proof, ByteView{object()}.last(tail_size));
    verify(last, good, rest);
}

} // namespace cairn
