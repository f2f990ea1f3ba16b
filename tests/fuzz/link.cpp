#include "format/link.hpp"

#include "base/bech32.hpp"
#include "fuzz.hpp"

#include <algorithm>

namespace cairn {
namespace {

void read(ByteView text)
{
    const auto link = accepted([&] { return parse_link(text); });
    if (!link) return;
    require(is_same(to_link_text(*link).bytes(), text), "a link is written as it was read");
    const std::string locator = to_locator_text(*link);
    require(as_text(text).starts_with(locator), "a locator is the front of its link");
    require(is_link(as_text(text)), "a link begins as one");
}

/// Any payload in a good bech32m, so that what is behind the checksum is reached.
std::string wrapped(ByteView input)
{
    const std::size_t size = std::min<std::size_t>(input.size(), 70);
    std::string text = "cairn:" + to_bech32("co", input.first(size), Checksum::bech32m);
    const ByteView rest = input.subspan(size);
    if (rest.empty()) return text;
    if (rest[0] == std::byte{'#'})
        return text + '#' + to_bech32("ck", front(rest.subspan(1), 20), Checksum::bech32m);
    return text.append("?at=").append(as_text(rest));
}

} // namespace

void fuzz(ByteView input)
{
    read(input);
    read(as_bytes(wrapped(input)));
}

} // namespace cairn
