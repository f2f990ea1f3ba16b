#include "format/receipt_lines.hpp"

#include "base/base64.hpp"
#include "base/error.hpp"

namespace cairn {
namespace {

static_assert(receipt_line_size_max >= base64_size(receipt_size_max, Padding::unpadded) + 16);

} // namespace

ReceiptLines::ReceiptLines(Source source) : lines_{std::move(source), receipt_line_size_max - 1} {}

std::optional<Receipt> ReceiptLines::next()
{
    const auto text = lines_.next();
    if (!text) return std::nullopt;
    try {
        if (!lines_.has_end()) throw Error{Exit::data, "it has no end"};
        auto receipt = parse_receipt_text(*text);
        if (!receipt) throw Error{Exit::data, "it is no receipt"};
        return receipt;
    } catch (const Error& error) {
        throw Error{error.code(), "line " + std::to_string(line()) + ": " + error.what()};
    }
}

} // namespace cairn
