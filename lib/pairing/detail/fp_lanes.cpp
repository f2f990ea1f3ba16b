#include "pairing/detail/fp_lanes.hpp"

#include <algorithm>

namespace cairn::detail {
namespace {

constexpr std::size_t lanes = 8;
constexpr std::size_t lanes_worthwhile = 4; // so many by one take as long as eight at once

} // namespace

void raise_to_p_minus_3_over_4(std::span<Fp> elements)
{
#if defined(__x86_64__)
    if (field_kernel() == FieldKernel::ifma)
        while (elements.size() >= lanes_worthwhile) {
            const auto some = elements.first(std::min(lanes, elements.size()));
            std::uint64_t words[lanes][6] = {};
            for (std::size_t i = 0; i < some.size(); ++i)
                std::ranges::copy(some[i].kept(), words[i]);
            raise_lanes(words);
            for (std::size_t i = 0; i < some.size(); ++i) {
                std::ranges::copy(words[i], some[i].kept().begin());
                some[i].kept() = reduce_once(some[i].kept(), Fp::modulus);
            }
            elements = elements.subspan(some.size());
        }
#endif
    for (Fp& element : elements) element = element.power(p_minus_3_over_4);
}

} // namespace cairn::detail
