#include "stream/digest_stream.hpp"

#include "base/error.hpp"

#include <algorithm>

namespace cairn {

constexpr std::size_t unit_size = 256 * 1024; // bytes

Blake2bDigest blake2b_of(const Source& source, const Done& done)
{
    Blake2b hash;
    Bytes buffer(unit_size);
    for (std::size_t size = unit_size; size == unit_size;) {
        size = source(buffer);
        hash.update(ByteView{buffer}.first(size));
        if (done) done(size);
    }
    return hash.finish();
}

Bytes read_all(const Source& source, std::size_t size_max)
{
    Bytes content;
    for (;;) {
        const std::size_t filled = content.size();
        content.resize(std::min(filled + unit_size, size_max + 1));
        const std::size_t size = source(MutableByteView{content}.subspan(filled));
        const bool is_at_end = filled + size < content.size();
        content.resize(filled + size);
        if (content.size() > size_max)
            throw Error{Exit::data,
                        "the input is larger than " + std::to_string(size_max) + " bytes"};
        if (is_at_end) return content;
    }
}

} // namespace cairn
