#include "capacity/nonce.hpp"

#include "base/cursor.hpp"
#include "capacity/detail/big_endian.hpp"
#include "capacity/detail/shabal_kernel.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <optional>
#include <vector>

namespace cairn {
namespace {

/// Memory that vectors of all sizes are aligned in.
struct alignas(64) Line {
    std::uint32_t words[16];
};

/// As many nonces as one kernel makes at a time.
class Batch {
public:
    explicit Batch(const detail::ShabalCode& code)
        : code_{&code},
          lines_((detail::nonce_words + tail_words + detail::shabal_digest_words) * code.group /
                     16 +
                 1)
    {
    }

    void make(std::span<const NonceSeed> seeds)
    {
        const std::size_t group = code_->group;
        const std::size_t seed_words = seeds.front().size / 4;
        std::uint32_t* const tail = words() + detail::nonce_words * group;
        std::fill_n(tail, tail_words * group, 0);
        for (std::size_t l = 0; l < seeds.size(); ++l) {
            assert(seeds[l].size == seed_words * 4);
            Reader reader{seeds[l].bytes, "a seed"};
            for (std::size_t w = 0; w < seed_words; ++w)
                tail[w * group + l] = reader.integer<std::uint32_t>();
        }
        std::fill_n(tail + seed_words * group, group, detail::shabal_padding);
        code_->make_nonces(words(), seed_words, final());
    }

    /// `copy` says what of which nonces goes where.
    void copy_scoops(detail::ScoopCopy copy)
    {
        copy.words = words();
        copy.final = final();
        code_->copy_scoops(copy);
    }

private:
    static constexpr std::size_t tail_words =
        sizeof(NonceSeed::bytes) / 4 + detail::shabal_block_words;

    std::uint32_t* words() { return lines_.front().words; }
    std::uint32_t* final() { return words() + (detail::nonce_words + tail_words) * code_->group; }

    const detail::ShabalCode* code_;
    std::vector<Line> lines_;
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
    static constexpr std::size_t few_max = 3; // are sooner made one by one than all lanes at once

    void make(std::span<const NonceSeed> seeds)
    {
        const detail::ShabalCode& single = detail::shabal_code(ShabalKernel::scalar);
        count = seeds.size();
        is_few = count <= few_max;
        if (!is_few) {
            if (!group) group.emplace(*code);
            return group->make(seeds);
        }
        for (std::size_t i = 0; i < count; ++i) {
            if (few.size() == i) few.emplace_back(single);
            few[i].make(seeds.subspan(i, 1));
        }
    }

    void copy(std::size_t first, std::size_t last, std::byte* out, const ScoopStrides& strides,
              bool is_added)
    {
        assert(first <= last && last < scoops && count > 0);
        detail::ScoopCopy copy{.words = nullptr,
                               .final = nullptr,
                               .first = first,
                               .last = last,
                               .count = is_few ? 1 : count,
                               .out = out,
                               .scoop_stride = strides.scoop,
                               .nonce_stride = strides.nonce,
                               .is_added = is_added};
        if (!is_few) return group->copy_scoops(copy);
        for (std::size_t i = 0; i < count; ++i, copy.out += strides.nonce) few[i].copy_scoops(copy);
    }

    const detail::ShabalCode* code;
    std::optional<Batch> group;
    std::vector<Batch> few; // of one each
    std::size_t count = 0;  // nonces that were made
    bool is_few = false;
};

NonceGroup::NonceGroup(ShabalKernel kernel)
    : impl_{std::make_unique<Impl>(Impl{&detail::shabal_code(kernel), {}, {}})}
{
}

NonceGroup::~NonceGroup() = default;

std::size_t NonceGroup::size() const noexcept
{
    return impl_->code->group;
}

void NonceGroup::make(std::span<const NonceSeed> seeds)
{
    assert(!seeds.empty() && seeds.size() <= size());
    impl_->make(seeds);
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
