#include "codec/cbor.hpp"

#include "base/testing.hpp"

#include <algorithm>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

bool is_accepted(ByteView input)
{
    return exit_of([&] { check_cbor(input); }) == Exit::ok;
}

bool is_accepted(std::string_view digits)
{
    return is_accepted(hex_bytes(digits));
}

/// The item in diagnostic notation (RFC 8949, 8), as a tool would print it.
std::string diagnose(CborReader& reader)
{
    const CborItem item = reader.any();
    switch (item.kind) {
    case CborKind::number:
        return std::to_string(item.value);
    case CborKind::boolean:
        return item.value == 1 ? "true" : "false";
    case CborKind::null:
        return "null";
    case CborKind::text:
        return '"' + std::string{as_text(item.data)} + '"';
    case CborKind::bytes: {
        std::string digits(2 * item.data.size(), '\0');
        to_hex(item.data, std::as_writable_bytes(std::span{digits}));
        return "h'" + digits + '\'';
    }
    case CborKind::array:
        break;
    }
    std::string out = "[";
    for (std::uint64_t i = 0; i < item.value; ++i) out += (i > 0 ? ", " : "") + diagnose(reader);
    return out + ']';
}

std::string diagnose(ByteView input)
{
    CborReader reader{input, "item"};
    std::string out = diagnose(reader);
    reader.finish();
    return out;
}

/// Reads one item and all that is in it, and writes it again.
Bytes copy(ByteView input)
{
    CborReader reader{input, "item"};
    Bytes out;
    CborWriter writer{out};
    do {
        const CborItem item = reader.any();
        switch (item.kind) {
        case CborKind::number:
            writer.number(item.value);
            break;
        case CborKind::bytes:
            writer.bytes(item.data);
            break;
        case CborKind::text:
            writer.text(as_text(item.data));
            break;
        case CborKind::array:
            writer.array(static_cast<std::size_t>(item.value));
            break;
        case CborKind::boolean:
            writer.boolean(item.value == 1);
            break;
        case CborKind::null:
            writer.null();
            break;
        }
    } while (reader.depth() > 0);
    reader.finish();
    return out;
}

/// What the Error says that `call` throws.
std::string message_of(auto&& call)
{
    try {
        call();
        return "no error";
    } catch (const Error& error) {
        return error.what();
    }
}

/// A record with an item of every kind.
Bytes sample()
{
    Bytes out;
    CborWriter writer{out};
    writer.array(7);
    writer.number(1);
    writer.bytes(noise(3));
    writer.text("caf\xc3\xa9");
    writer.array(2);
    writer.boolean(false);
    writer.boolean(true);
    writer.null();
    writer.array(0);
    writer.number(1'000'000);
    return out;
}

} // namespace

TEST_CASE("the examples of RFC 8949, appendix A, are read and written again")
{
    struct Example {
        std::string_view notation, encoding;
    };
    constexpr std::array examples{
        Example{"0", "00"},
        Example{"1", "01"},
        Example{"10", "0a"},
        Example{"23", "17"},
        Example{"24", "1818"},
        Example{"25", "1819"},
        Example{"100", "1864"},
        Example{"1000", "1903e8"},
        Example{"1000000", "1a000f4240"},
        Example{"1000000000000", "1b000000e8d4a51000"},
        Example{"18446744073709551615", "1bffffffffffffffff"},
        Example{"false", "f4"},
        Example{"true", "f5"},
        Example{"null", "f6"},
        Example{"h''", "40"},
        Example{"h'01020304'", "4401020304"},
        Example{"\"\"", "60"},
        Example{"\"a\"", "6161"},
        Example{"\"IETF\"", "6449455446"},
        Example{"\"\"\\\"", "62225c"},
        Example{"\"\xc3\xbc\"", "62c3bc"},
        Example{"\"\xe6\xb0\xb4\"", "63e6b0b4"},
        Example{"\"\xf0\x90\x85\x91\"", "64f0908591"},
        Example{"[]", "80"},
        Example{"[1, 2, 3]", "83010203"},
        Example{"[1, [2, 3], [4, 5]]", "8301820203820405"},
        Example{"[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, "
                "23, 24, 25]",
                "98190102030405060708090a0b0c0d0e0f101112131415161718181819"},
    };
    for (const Example& example : examples) {
        CAPTURE(example.encoding);
        const Bytes encoding = hex_bytes(example.encoding);
        CHECK(diagnose(encoding) == example.notation);
        CHECK(copy(encoding) == encoding);
        CHECK(is_accepted(encoding));
    }
}

TEST_CASE("the examples of RFC 8949, appendix A, outside the profile are refused")
{
    std::string_view examples =
        "c249010000000000000000 3bffffffffffffffff c349010000000000000000 20 29 3863 3903e7 "
        "f90000 f98000 f93c00 fb3ff199999999999a f93e00 f97bff fa47c35000 fa7f7fffff "
        "fb7e37e43c8800759c f90001 f90400 f9c400 fbc010666666666666 f97c00 f97e00 f9fc00 "
        "fa7f800000 fa7fc00000 faff800000 fb7ff0000000000000 fb7ff8000000000000 "
        "fbfff0000000000000 f7 f0 f8ff c074323031332d30332d32315432303a30343a30305a "
        "c11a514b67b0 c1fb41d452d9ec200000 d74401020304 d818456449455446 "
        "d82076687474703a2f2f7777772e6578616d706c652e636f6d a0 a201020304 a26161016162820203 "
        "826161a161626163 a56161614161626142616361436164614461656145 5f42010243030405ff "
        "7f657374726561646d696e67ff 9fff 9f018202039f0405ffff 9f01820203820405ff "
        "83018202039f0405ff 83019f0203ff820405 bf61610161629f0203ffff 826161bf61626163ff "
        "bf6346756ef563416d7421ff";
    while (!examples.empty()) {
        const std::string_view digits = examples.substr(0, examples.find(' '));
        CAPTURE(digits);
        CHECK_FALSE(is_accepted(digits));
        examples.remove_prefix(std::min(digits.size() + 1, examples.size()));
    }
}

TEST_CASE("longer forms than needed are refused")
{
    for (const char* digits :
         {"1800", "1817", "190018", "1900ff", "1a00000000", "1a0000ffff", "1b0000000000000000",
          "1b00000000ffffffff", "5800", "580141", "5900014100", "7800", "780161", "7900016100",
          "9800", "980100", "99000100", "9a0000000100", "9b000000000000000100"}) {
        CAPTURE(digits);
        CHECK_FALSE(is_accepted(digits));
    }
}

TEST_CASE("reserved heads and simple values in two bytes are refused")
{
    for (const char* digits : {"1c", "1d", "1e", "1f", "5c", "7e", "9d", "f814", "f815", "f816",
                               "f818", "f3", "e0", "fc", "ff"})
        CHECK_FALSE(is_accepted(digits));
}

TEST_CASE("text that is not UTF-8 is neither read nor written")
{
    for (const char* digits : {"61ff", "62c328", "62c080", "63eda080", "61c3", "64f4908080"})
        CHECK_FALSE(is_accepted(digits));
    Bytes out;
    CHECK(exit_of([&] { CborWriter{out}.text("\xff"); }) == Exit::data);
    CHECK(out.empty());
}

TEST_CASE("truncated input and trailing bytes are refused")
{
    const Bytes whole = sample();
    CHECK(is_accepted(whole));
    for (std::size_t size = 0; size < whole.size(); ++size)
        CHECK_FALSE(is_accepted(ByteView{whole}.first(size)));
    for (unsigned value = 0; value < 256; ++value) {
        Bytes longer = whole;
        longer.push_back(std::byte(value));
        CHECK_FALSE(is_accepted(longer));
    }
}

TEST_CASE("every change of a byte is refused or makes another value with its own encoding")
{
    const Bytes whole = sample();
    for (std::size_t at = 0; at < whole.size(); ++at) {
        for (unsigned value = 0; value < 256; ++value) {
            Bytes changed = whole;
            changed[at] = std::byte(value);
            if (is_accepted(changed)) CHECK(copy(changed) == changed);
        }
    }
}

TEST_CASE("all inputs of up to two bytes are refused or written again as they were")
{
    std::size_t accepted = 0;
    for (unsigned value = 0; value < 0x10000; ++value) {
        const Bytes input{std::byte(value >> 8U), std::byte(value & 0xffU)};
        if (value < 0x100 && is_accepted(ByteView{input}.last(1))) ++accepted;
        if (!is_accepted(input)) continue;
        ++accepted;
        CHECK(copy(input) == input);
    }
    // 24 numbers, 2 strings, an array, 3 others; 232 numbers, 256 + 128 strings, 30 arrays of one.
    CHECK(accepted == 30 + 232 + 256 + 128 + 30);
}

TEST_CASE("arrays nest to a depth of 16 and no further")
{
    Bytes input(cbor_depth_max, std::byte{0x81});
    input.push_back(std::byte{0});
    CHECK(is_accepted(input));
    CHECK(copy(input) == input);
    input.insert(input.begin(), std::byte{0x81});
    CHECK_FALSE(is_accepted(input));
    CHECK_FALSE(is_accepted(Bytes(1'000'000, std::byte{0x81})));

    Bytes closed(cbor_depth_max, std::byte{0x81});
    closed.push_back(std::byte{0x80}); // an empty array holds nothing open
    CHECK(is_accepted(closed));
}

TEST_CASE("a count or a length beyond the input is refused before memory is taken")
{
    for (const char* digits :
         {"9bffffffffffffffff", "9bffffffffffffffff00", "9affffffff00", "5bffffffffffffffff",
          "5bffffffffffffffff00", "7b7fffffffffffffff61", "8400", "83808080ff"})
        CHECK_FALSE(is_accepted(digits));
    const Bytes input = hex_bytes("9bffffffffffffffff00");
    CborReader reader{input, "item"};
    CHECK(exit_of([&] { reader.array_up_to(SIZE_MAX); }) == Exit::data);
}

TEST_CASE("a reader gives what was written")
{
    const Bytes input = sample();
    CborReader reader{input, "record"};
    reader.array(7);
    CHECK(reader.number(1) == 1);
    CHECK(as_text(reader.bytes(3)) == as_text(noise(3)));
    CHECK(reader.text(5) == "caf\xc3\xa9");
    CHECK(reader.array_up_to(2) == 2);
    CHECK(reader.depth() == 2);
    CHECK_FALSE(reader.boolean());
    CHECK(reader.boolean());
    CHECK(reader.depth() == 1);
    CHECK(reader.is_null());
    reader.null();
    CHECK_FALSE(reader.is_null());
    reader.array(0);
    CHECK(reader.number() == 1'000'000);
    CHECK(reader.depth() == 0);
    CHECK_FALSE(reader.is_null());
    reader.finish();
}

TEST_CASE("a reader refuses other kinds, other sizes and values above the limit, and says where")
{
    struct Want {
        std::string_view digits, message;
        void (*read)(CborReader&);
    };
    const std::array wants{
        Want{"820102", "x: array of 2 items instead of 3 at byte 0", [](auto& r) { r.array(3); }},
        Want{"820102", "x: array of more than 1 items at byte 0",
             [](auto& r) { r.array_up_to(1); }},
        Want{"05", "x: no array at byte 0", [](auto& r) { r.array(1); }},
        Want{"1864", "x: number above 99 at byte 0", [](auto& r) { r.number(99); }},
        Want{"f4", "x: no number at byte 0", [](auto& r) { r.number(); }},
        Want{"420102", "x: byte string of 2 bytes instead of 3 at byte 0",
             [](auto& r) { r.bytes(3); }},
        Want{"420102", "x: byte string of more than 1 bytes at byte 0",
             [](auto& r) { r.bytes_up_to(1); }},
        Want{"6161", "x: no byte string at byte 0", [](auto& r) { r.bytes(1); }},
        Want{"626161", "x: text of more than 1 bytes at byte 0", [](auto& r) { r.text(1); }},
        Want{"4161", "x: no text at byte 0", [](auto& r) { r.text(1); }},
        Want{"00", "x: no boolean at byte 0", [](auto& r) { r.boolean(); }},
        Want{"f6", "x: no boolean at byte 0", [](auto& r) { r.boolean(); }},
        Want{"f4", "x: no null at byte 0", [](auto& r) { r.null(); }},
        Want{"", "x: truncated at byte 0", [](auto& r) { r.null(); }},
        Want{"8100", "x: no text at byte 1",
             [](auto& r) {
                 r.array(1);
                 r.text(1);
             }},
        Want{"0000", "x: unexpected bytes after byte 1",
             [](auto& r) {
                 r.number();
                 r.finish();
             }},
    };
    for (const Want& want : wants) {
        const Bytes input = hex_bytes(want.digits);
        CborReader reader{input, "x"};
        CHECK(message_of([&] { want.read(reader); }) == want.message);
    }
}

TEST_CASE("a fixed value takes a byte string of exactly its size")
{
    using Three = Fixed<struct ThreeTag, 3>;
    const Bytes input = hex_bytes("43010203");
    CHECK(CborReader{input, "x"}.fixed<Three>() == Three{hex<3>("010203")});
    for (const char* digits : {"420102", "4401020304", "63616263"}) {
        const Bytes other = hex_bytes(digits);
        CHECK(exit_of([&] { CborReader{other, "x"}.fixed<Three>(); }) == Exit::data);
    }
}

TEST_CASE("a whole item is found inside an array, even as its last one")
{
    const Bytes input = hex_bytes("8301820203820405");
    CborReader reader{input, "x"};
    reader.array(3);
    reader.number();
    CHECK(reader.offset() == 2);
    CHECK(as_text(reader.whole()) == as_text(hex_bytes("820203")));
    CHECK(as_text(reader.whole()) == as_text(hex_bytes("820405")));
    reader.finish();
}

TEST_CASE("the size of a head is known without writing it")
{
    for (const std::uint64_t value : {0ULL, 23ULL, 24ULL, 255ULL, 256ULL, 65535ULL, 65536ULL,
                                      0xffffffffULL, 0x100000000ULL, ~0ULL}) {
        Bytes out;
        CborWriter{out}.number(value);
        CHECK(out.size() == cbor_head_size(value));
    }
}
