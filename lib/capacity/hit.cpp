#include "capacity/hit.hpp"

#include "capacity/detail/shabal_kernel.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstring>

namespace cairn {
namespace {

std::array<std::uint32_t, detail::shabal_digest_words> to_words(const Challenge& challenge)
{
    auto words = std::bit_cast<std::array<std::uint32_t, detail::shabal_digest_words>>(challenge);
    if constexpr (std::endian::native == std::endian::big)
        for (std::uint32_t& word : words) word = __builtin_bswap32(word);
    return words;
}

} // namespace

Hit hit_of(const Challenge& challenge, ByteView scoop)
{
    assert(scoop.size() == scoop_size);
    return best_scoop(challenge, scoop, ShabalKernel::scalar).hit;
}

RankedScoop best_scoop(const Challenge& challenge, ByteView list, ShabalKernel kernel)
{
    constexpr std::size_t batch_max = 1024; // scoops
    assert(!list.empty() && list.size() % scoop_size == 0);
    const auto words = to_words(challenge);
    const detail::ShabalCode& code = detail::shabal_code(kernel);
    std::array<std::uint64_t, batch_max> hits; // filled below
    RankedScoop best{{UINT64_MAX}, 0};
    const std::size_t count = list.size() / scoop_size;
    for (std::size_t first = 0; first < count; first += batch_max) {
        const std::size_t batch = std::min(batch_max, count - first);
        code.find_hits(words.data(), list.data() + first * scoop_size, batch, hits.data());
        const auto least =
            std::min_element(hits.begin(), hits.begin() + static_cast<std::ptrdiff_t>(batch));
        if (*least < best.hit.value || first == 0)
            best = {{*least}, first + static_cast<std::uint64_t>(least - hits.begin())};
    }
    return best;
}

} // namespace cairn
