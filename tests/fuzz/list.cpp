#include "format/list.hpp"

#include "fuzz.hpp"

#include <algorithm>

void cairn::fuzz(ByteView input)
{
    TreeReader reader{[rest = input](MutableByteView buffer) mutable {
        const std::size_t size = std::min(rest.size(), buffer.size());
        std::copy_n(rest.begin(), size, buffer.begin());
        rest = rest.subspan(size);
        return size;
    }};
    Bytes written;
    TreeWriter writer{
        [&](ByteView bytes) { written.insert(written.end(), bytes.begin(), bytes.end()); }};
    std::string last;
    const auto is_read = accepted([&] {
        while (const auto entry = reader.next()) {
            require(is_tree_path(entry->path), "a path stays in its tree");
            require(last.empty() || is_before(last, entry->path), "paths ascend");
            last = entry->path;
            writer.add(*entry);
        }
        writer.finish();
        return true;
    });
    if (is_read) require(is_same(written, input), "a list is written as it was read");
    if (is_read) require(is_list(input), "a list begins as one");
}
