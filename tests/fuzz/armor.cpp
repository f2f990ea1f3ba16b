#include "format/armor.hpp"

#include "fuzz.hpp"

#include <algorithm>

namespace cairn {
namespace {

std::optional<Bytes> read(std::string_view text, std::size_t step)
{
    ArmorReader reader{[text](MutableByteView buffer) mutable {
        const std::size_t size = std::min(text.size(), buffer.size());
        std::ranges::copy(as_bytes(text.substr(0, size)), buffer.begin());
        text.remove_prefix(size);
        return size;
    }};
    return accepted([&] {
        Bytes bytes;
        Bytes buffer(step);
        for (std::size_t size = step; size == step;) {
            size = reader.read(buffer);
            bytes.insert(bytes.end(), buffer.begin(),
                         buffer.begin() + static_cast<std::ptrdiff_t>(size));
        }
        return bytes;
    });
}

std::string write(ByteView bytes)
{
    std::string text;
    ArmorWriter writer{[&](ByteView part) { text += as_text(part); }};
    const std::size_t half = bytes.size() / 2;
    writer.write(bytes.first(half));
    writer.write(bytes.subspan(half));
    writer.finish();
    return text;
}

/// The text with LF at the end of its lines and no white space around it.
std::string normal(std::string_view text)
{
    constexpr std::string_view white = " \t\r\n";
    const std::size_t begin = std::min(text.find_first_not_of(white), text.size());
    text = text.substr(begin, text.find_last_not_of(white) + 1 - begin);
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i)
        if (text.substr(i, 2) != "\r\n") result += text[i];
    return result + '\n';
}

} // namespace

void fuzz(ByteView input)
{
    const auto bytes = read(as_text(input), 50);
    if (bytes) require(write(*bytes) == normal(as_text(input)), "armor is written as it was read");
    if (!is_sampled(input, 8)) return;
    require(read(as_text(input), 1000) == bytes, "armor reads the same in steps of any size");
    require(read(write(input), 100) == Bytes(input.begin(), input.end()), "armor is reversible");
}

} // namespace cairn
