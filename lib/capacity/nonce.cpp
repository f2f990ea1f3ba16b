#include "capacity/nonce.hpp"

#include "base/cursor.hpp"
#include "capacity/detail/big_endian.hpp"
#include "capacity/detail/shabal_kernel.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace cairn {
namespace {

/// Memory that vectors of all sizes are aligned in.
struct alignas(64) Line {
    std::uint32_t words[16];
};

} // namespace

NonceSeed to_seed(NumericAccount account, NonceNumber nonce)
{
    NonceSeed seed;
    const std::span bytes{seed.bytes};
    detail::put_big_endian(bytes.first<8>(), account.value);
    detail::put_big_endian(bytes.subspan<8, 8>(), nonce.value);
    seed.size = 16;
    return seed;
}

NonceSeed to_seed(const PlotId& plot, NonceNumber nonce)
{
    NonceSeed seed;
    std::ranges::copy(plot.bytes, seed.bytes.begin());
    detail::put_big_endian(std::span{seed.bytes}.subspan<PlotId::size, 8>(), nonce.value);
    seed.size = PlotId::size + 8;
    return seed;
}

struct NonceGroup::Impl {
    static constexpr std::size_t tail = sizeof(NonceSeed::bytes) / 4 + detail::shabal_block_words;

    explicit Impl(ShabalKernel kernel)
        : code{&detail::shabal_code(kernel)},
          lines((detail::nonce_words + tail + detail::shabal_digest_words) * code->group / 16 + 1)
    {
    }

    std::uint32_t* words() { return lines.front().words; }
    std::uint32_t* final() { return words() + (detail::nonce_words + tail) * code->group; }

    void copy(std::size_t first, std::size_t last, std::byte* out, const ScoopStrides& strides,
              bool is_added)
    {
        assert(first <= last && last < scoops && count > 0);
        code->copy_scoops({.words = words(),
                           .final = final(),
                           .first = first,
                           .last = last,
                           .count = count,
                           .out = out,
                           .scoop_stride = strides.scoop,
                           .nonce_stride = strides.nonce,
                           .is_added = is_added});
    }

    const detail::ShabalCode* code;
    std::vector<Line> lines;
    std::size_t count = 0;
};

NonceGroup::NonceGroup(ShabalKernel kernel) : impl_{std::make_unique<Impl>(kernel)} {}

NonceGroup::~NonceGroup() = default;

std::size_t NonceGroup::size() const noexcept
{
    return impl_->code->group;
}

void NonceGroup::make(std::span<const NonceSeed> seeds)
{
    const std::size_t group = size();
    assert(!seeds.empty() && seeds.size() <= group);
    const std::size_t seed_words = seeds.front().size / 4;
    std::uint32_t* const tail = impl_->words() + detail::nonce_words * group;
    std::fill_n(tail, Impl::tail * group, 0);
    for (std::size_t l = 0; l < seeds.size(); ++l) {
        assert(seeds[l].size == seed_words * 4);
        Reader words{seeds[l].bytes, "a seed"};
        for (std::size_t w = 0; w < seed_words; ++w)
            tail[w * group + l] = words.integer<std::uint32_t>();
    }
    std::fill_n(tail + seed_words * group, group, detail::shabal_padding);
    impl_->code->make_nonces(impl_->words(), seed_words, impl_->final());
    impl_->count = seeds.size();
}

void NonceGroup::copy_scoops(std::size_t first, std::size_t last, std::byte* out,
                             const ScoopStrides& strides) const
{
    impl_->copy(first, last, out, strides, false);
}

void NonceGroup::add_scoops(std::size_t first, std::size_t last, std::byte* out,
                            const ScoopStrides& strides) const
{
    impl_->copy(first, last, out, strides, true);
}

void exchange_halves(MutableByteView nonce)
{
    assert(nonce.size() == nonce_size);
    constexpr std::size_t half = scoop_size / 2;
    for (std::size_t s = 0; s < scoops / 2; ++s) {
        const MutableByteView own = nonce.subspan(s * scoop_size + half, half);
        const MutableByteView mirror = nonce.subspan((scoops - 1 - s) * scoop_size + half, half);
        std::ranges::swap_ranges(own, mirror);
    }
}

} // namespace cairn
