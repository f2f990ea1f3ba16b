#include "capacity/warp.hpp"

#include "base/cursor.hpp"
#include "capacity/detail/big_endian.hpp"
#include "hash/digest.hpp"

#include <cassert>

namespace cairn {
namespace {

Bytes owner_message(std::string_view context, const PlotOwner& owner)
{
    Bytes message;
    Writer writer{message};
    writer.put(as_bytes(context));
    writer.put(owner.chain);
    writer.put(owner.account);
    return message;
}

} // namespace

PlotId plot_id(const PlotOwner& owner)
{
    Bytes message = owner_message("cairn/plot/v1", owner);
    Writer{message}.integer(owner.salt);
    return {sha256(message).bytes};
}

NumericAccount numeric_account(const PlotOwner& owner)
{
    const Sha256Digest digest = sha256(owner_message("cairn/poc2/v1", owner));
    return {Reader{digest.bytes, "a digest"}.integer<std::uint64_t>()};
}

HashedNonces::HashedNonces(const PlotId& plot, ShabalKernel kernel)
    : seed_{to_seed(plot, {})},
      group_{kernel}
{
}

HashedNonces::HashedNonces(NumericAccount account, ShabalKernel kernel)
    : seed_{to_seed(account, {})},
      group_{kernel}
{
}

void HashedNonces::make(NonceNumber first, std::size_t count)
{
    std::vector<NonceSeed> seeds(count, seed_);
    for (std::size_t i = 0; i < count; ++i)
        detail::put_big_endian(std::span{seeds[i].bytes}.subspan(seed_.size - 8).first<8>(),
                               first.value + i);
    group_.make(seeds);
}

void HashedNonces::copy_scoops(std::size_t first, std::size_t last, std::byte* out,
                               const ScoopStrides& strides) const
{
    group_.copy_scoops(first, last, out, strides);
}

void HashedNonces::add_scoops(std::size_t first, std::size_t last, std::byte* out,
                              const ScoopStrides& strides) const
{
    group_.add_scoops(first, last, out, strides);
}

void add_nonces(const WarpPart& part, NonceMaker& maker, std::byte* warp)
{
    const WarpShape& shape = part.shape;
    assert(part.term < shape.terms() && part.first + part.count <= shape.side &&
           part.count <= maker.size() && part.stride >= shape.row_size());
    maker.make(shape.nonce(part.warp, part.term, part.first), part.count);
    const std::size_t last = shape.side - 1;
    const ScoopStrides rows{.scoop = part.stride, .nonce = scoop_size};
    const ScoopStrides columns{.scoop = scoop_size, .nonce = part.stride};
    if (part.term == 0)
        maker.copy_scoops(0, last, warp + part.first * scoop_size, rows);
    else if (part.term % 2 == 0)
        maker.add_scoops(0, last, warp + part.first * scoop_size, rows);
    else
        maker.add_scoops(0, last, warp + part.first * part.stride, columns);
}

} // namespace cairn
