#include "pairing/short_products.hpp"

#include "pairing/detail/forget.hpp"

#include <bit>
#include <cassert>
#include <cstring>

namespace cairn {

using detail::fr_modulus;

ShortFactor::ShortFactor(const Scalar& scalar)
{
    static constexpr detail::Limbs<4> r_cubed = [] { // 2^768 modulo r
        detail::Limbs<4> words{1};
        for (int i = 0; i < 768; ++i)
            detail::add_modulo(words, words, words, detail::FrParameters::modulus.words);
        return words;
    }();
    detail::multiply_modulo(words_, r_cubed, scalar.to_words());
}

ShortFactor::~ShortFactor()
{
    detail::forget(words_);
}

ProductSum::~ProductSum()
{
    detail::forget(sum_);
}

void ProductSum::add(const ShortFactor& factor, ByteView number)
{
    constexpr std::size_t longest = 31; // bytes
    assert(number.size() <= longest);
    detail::Limbs<4> words{};
    if (std::endian::native == std::endian::little && number.size() == longest)
        std::memcpy(words.data(), number.data(), longest); // at once, of a size that is known
    else
        for (std::size_t i = 0; i < number.size(); ++i)
            words[i / 8] |= std::to_integer<std::uint64_t>(number[i]) << (i % 8 * 8);
    detail::accumulate(sum_, words, factor.words_);
    // Each is below 2^248 r.
    if (++count_ < 256) return;
    count_ = 0;
    sum_.high = detail::reduce_once(sum_.high, fr_modulus.words);
}

Scalar ProductSum::total() const
{
    detail::WideLimbs<4> sum = sum_;
    sum.high = detail::reduce_once(sum.high, fr_modulus.words);
    detail::Fr element;
    detail::reduce_wide(element.kept(), sum);
    detail::forget(sum);
    return Scalar{element};
}

} // namespace cairn
