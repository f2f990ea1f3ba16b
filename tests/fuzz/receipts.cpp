#include "format/receipt_lines.hpp"
#include "fuzz.hpp"

#include <algorithm>

void cairn::fuzz(ByteView input)
{
    ReceiptLines lines{[rest = input](MutableByteView buffer) mutable {
        const std::size_t size = std::min(rest.size(), buffer.size());
        std::copy_n(rest.begin(), size, buffer.begin());
        rest = rest.subspan(size);
        return size;
    }};
    std::string written;
    const auto is_read = accepted([&] {
        while (const auto receipt = lines.next()) written += to_text(*receipt) + '\n';
        return true;
    });
    require(as_text(input).starts_with(written), "receipts are written as they were read");
    require(!is_read || written.size() == input.size(), "nothing is skipped");
}
