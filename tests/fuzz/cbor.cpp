#include "codec/cbor.hpp"

#include "fuzz.hpp"

namespace cairn {
namespace {

void write(CborWriter& writer, const CborItem& item)
{
    switch (item.kind) {
    case CborKind::number:
        return writer.number(item.value);
    case CborKind::bytes:
        return writer.bytes(item.data);
    case CborKind::text:
        return writer.text(as_text(item.data));
    case CborKind::array:
        return writer.array(item.value);
    case CborKind::boolean:
        return writer.boolean(item.value != 0);
    case CborKind::null:
        return writer.null();
    }
}

/// Reads item after item until the first one is complete, and writes them again.
Bytes copy(ByteView input)
{
    Bytes written;
    CborWriter writer{written};
    CborReader reader{input, "input"};
    do write(writer, reader.any());
    while (reader.depth() > 0);
    reader.finish();
    return written;
}

} // namespace

void fuzz(ByteView input)
{
    const bool is_good = accepted([&] {
                             check_cbor(input);
                             return true;
                         }).has_value();
    const auto written = accepted([&] { return copy(input); });
    require(is_good == written.has_value(), "two readers agree on what is good");
    if (written) require(is_same(*written, input), "CBOR is written as it was read");

    CborReader reader{input, "input"};
    const auto whole = accepted([&] { return reader.whole(); });
    if (is_good) require(whole && is_same(*whole, input), "a whole item is all of it");
}

} // namespace cairn
