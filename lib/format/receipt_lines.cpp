#include "format/receipt_lines.hpp"

#include "base/base64.hpp"
#include "base/error.hpp"

#include <algorithm>

namespace cairn {
namespace {

constexpr std::size_t buffer_size = 64 * 1024; // bytes

static_assert(receipt_line_size_max >= base64_size(receipt_size_max, Padding::unpadded) + 16);
static_assert(buffer_size > receipt_line_size_max);

} // namespace

ReceiptLines::ReceiptLines(Source source) : source_{std::move(source)}, buffer_(buffer_size) {}

std::optional<Receipt> ReceiptLines::next()
{
    if (end_ - begin_ < receipt_line_size_max) {
        std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_),
                  buffer_.begin() + static_cast<std::ptrdiff_t>(end_), buffer_.begin());
        end_ -= begin_;
        begin_ = 0;
        end_ += source_(MutableByteView{buffer_}.subspan(end_));
    }
    if (begin_ == end_) return std::nullopt;
    ++line_;
    const std::string_view rest = as_text(ByteView{buffer_}.subspan(begin_, end_ - begin_));
    const std::size_t size = rest.substr(0, receipt_line_size_max).find('\n');
    try {
        if (size == rest.npos)
            throw Error{Exit::data,
                        rest.size() < receipt_line_size_max ? "it has no end" : "it is too long"};
        auto receipt = parse_receipt_text(rest.substr(0, size));
        if (!receipt) throw Error{Exit::data, "it is no receipt"};
        begin_ += size + 1;
        return receipt;
    } catch (const Error& error) {
        throw Error{error.code(), "line " + std::to_string(line_) + ": " + error.what()};
    }
}

} // namespace cairn
