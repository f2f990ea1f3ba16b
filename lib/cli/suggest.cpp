#include "cli/suggest.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <cstddef>

namespace cairn {

std::string suggest(std::string_view word, const std::vector<std::string>& candidates)
{
    constexpr std::size_t word_max = 64; // nobody mistypes longer ones
    if (word.size() > word_max) return {};
    const bool can_abbreviate = word.find_first_not_of('-') != word.npos && word.size() > 2;
    const std::string* best = nullptr;
    std::size_t best_distance = std::max<std::size_t>(1, (word.size() + 1) / 3) + 1;
    for (const std::string& candidate : candidates) {
        const bool is_abbreviation = can_abbreviate && candidate.starts_with(word);
        const std::size_t distance = is_abbreviation ? 0 : edit_distance(word, candidate);
        if (distance >= best_distance) continue;
        best = &candidate;
        best_distance = distance;
    }
    return best == nullptr ? std::string{} : "did you mean '" + *best + "'?";
}

} // namespace cairn
