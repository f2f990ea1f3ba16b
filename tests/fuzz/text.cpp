#include "base/text.hpp"

#include "fuzz.hpp"

#include <algorithm>

void cairn::fuzz(ByteView input)
{
    const std::string_view text = as_text(input);
    const std::string escaped = escape(text);
    require(is_utf8(escaped), "what is shown is UTF-8");
    require(
        std::ranges::none_of(escaped, [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; }),
        "what is shown has no controls");
    require(escaped.find("\xc2\x9b") == escaped.npos &&
                escaped.find("\xe2\x80\xae") == escaped.npos,
            "what is shown does not turn the line around");

    const std::string_view left = text.substr(0, std::min<std::size_t>(text.size() / 2, 24));
    const std::string_view right = text.substr(left.size(), 24);
    const std::size_t distance = edit_distance(left, right);
    require((distance == 0) == (left == right) && distance <= std::max(left.size(), right.size()),
            "a distance is one");
}
