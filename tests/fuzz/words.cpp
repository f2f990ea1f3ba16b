#include "format/words.hpp"

#include "fuzz.hpp"

namespace cairn {
namespace {

/// Words in lower case, one space between two.
std::string normal(std::string_view sentence)
{
    std::string result;
    bool is_between = false;
    for (const char c : sentence) {
        if (c == ' ' || c == '\n' || c == '\r' || c == '\t') {
            is_between = !result.empty();
            continue;
        }
        if (is_between) result += ' ';
        is_between = false;
        result += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return result;
}

} // namespace

void fuzz(ByteView input)
{
    const auto entropy = parse_words(input);
    if (entropy)
        require(as_text(to_words(entropy->bytes()).bytes()) == normal(as_text(input)),
                "words are written as they were read");

    const std::size_t size = front(input, entropy_size).size() / 4 * 4;
    if (size < 16 || !is_sampled(input, 16)) return; // every word is compared with all of the list
    const auto again = parse_words(to_words(input.first(size)).bytes());
    require(again && is_same(again->bytes(), input.first(size)), "words are reversible");
}

} // namespace cairn
