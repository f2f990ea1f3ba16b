#pragma once

#include "base/bytes.hpp"

#include <cstring>

namespace cairn {

/// Hashes ids that others may choose. With a seed that nobody could foresee, nobody can choose ids
/// that take long to find.
struct SeededHash {
    std::uint64_t seed = 0;

    template <class Tag>
    std::size_t operator()(const Fixed<Tag, 32>& id) const noexcept
    {
        __extension__ using Wide = unsigned __int128;
        std::array<std::uint64_t, 4> words{};
        std::memcpy(words.data(), id.bytes.data(), sizeof words);
        const Wide product =
            Wide{words[0] ^ seed} * (words[1] ^ ~seed) + Wide{words[2] ^ seed} * (words[3] ^ ~seed);
        return static_cast<std::size_t>(product ^ product >> 64U);
    }
};

} // namespace cairn
