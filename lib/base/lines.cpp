#include "base/lines.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <string>

namespace cairn {

Lines::Lines(std::function<std::size_t(MutableByteView)> source, std::size_t size_max)
    : source_{std::move(source)},
      size_max_{size_max},
      buffer_(std::max<std::size_t>(2 * size_max, 256UL * 1024))
{
}

std::optional<std::string_view> Lines::next()
{
    std::size_t size = 0; // what is known to have no end
    for (;;) {
        const std::string_view rest = as_text(ByteView{buffer_}.subspan(begin_, end_ - begin_));
        const std::size_t found = rest.find('\n', size);
        const bool has_end = found != std::string_view::npos;
        size = has_end ? found : rest.size();
        if (size > size_max_)
            throw Error{Exit::data, "line " + std::to_string(number_ + 1) +
                                        " is too long: it may have " + std::to_string(size_max_) +
                                        " bytes"};
        if (!has_end) {
            if (begin_ + size_max_ + 1 > buffer_.size()) {
                std::ranges::copy(ByteView{buffer_}.subspan(begin_, size), buffer_.begin());
                begin_ = 0;
                end_ = size;
            }
            const std::size_t more = source_(MutableByteView{buffer_}.subspan(end_));
            end_ += more;
            if (more > 0) continue;
            if (size == 0) return std::nullopt;
        }
        ++number_;
        has_end_ = has_end;
        begin_ += size + (has_end ? 1 : 0);
        return rest.substr(0, size);
    }
}

bool Lines::has_whole() const noexcept
{
    const std::string_view rest = as_text(ByteView{buffer_}.subspan(begin_, end_ - begin_));
    return rest.find('\n') != std::string_view::npos;
}

} // namespace cairn
