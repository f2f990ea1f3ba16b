#include "format/index.hpp"

#include "codec/cbor.hpp"
#include "format/sealed.hpp"
#include "format/testing.hpp"

#include <algorithm>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

constexpr std::string_view link_text =
    "cairn:co1qyqqzqsrqszsvpcgpy9qkrqdpc83qygjzv2p29shrqv35xcur50p7g23wj3"
    "#ck1qyqqzqsrqszsvpcgpy9qkrqdpc8s7j0ugl";

IndexRecord golden()
{
    IndexRecord record;
    record.sequence = 9;
    record.time_s = 1'800'000'000;
    record.name = "photos/2024.tar";
    record.media_type = "application/x-tar";
    record.size = std::uint64_t{1} << 32U;
    record.link = Secret::copy(as_bytes(link_text));
    return record;
}

Bytes plain_of(const IndexRecord& record)
{
    const Secret plain = to_plain(record);
    return {plain.bytes().begin(), plain.bytes().end()};
}

bool is_refused(ByteView plain)
{
    return exit_of([&] { (void)parse_index_record(plain); }) == Exit::data;
}

bool is_write_refused(const IndexRecord& record)
{
    return exit_of([&] { (void)to_plain(record); }) == Exit::data;
}

/// The golden record with one field changed, written without any check.
struct Fields {
    std::uint64_t type = 4;
    std::uint64_t version = 1;
    std::uint64_t time_s = 0;
    std::uint64_t op = 1;
    std::string name = "a";
    std::string media_type{};
    std::uint64_t size = 0;
    std::string link{link_text};

    [[nodiscard]] Bytes padded(std::size_t padding_blocks = 0) const
    {
        Bytes bytes;
        CborWriter writer{bytes};
        writer.array(9);
        for (const std::uint64_t number : {type, version, std::uint64_t{1}, time_s, op})
            writer.number(number);
        writer.bytes(as_bytes(name));
        writer.text(media_type);
        writer.number(size);
        writer.text(link);
        bytes.resize((divide_up(bytes.size(), 512) + padding_blocks) * 512);
        return bytes;
    }
};

bool is_refused(const Fields& fields)
{
    return is_refused(fields.padded());
}

} // namespace

TEST_CASE("the golden index record is written and read")
{
    CHECK(plain_of(golden()) == golden_record("index_record"));
    CHECK(golden_record("index_record").size() == 512);
    const IndexRecord record = parse_index_record(golden_record("index_record"));
    CHECK(record.name == "photos/2024.tar");
    CHECK(record.op == IndexOp::put);
    CHECK(record.size == std::uint64_t{1} << 32U);
    CHECK(as_text(record.link.bytes()) == link_text);
    CHECK(plain_of(record) == golden_record("index_record"));
}

TEST_CASE("an index record with any bit changed is refused or another one")
{
    const Bytes good = golden_record("index_record");
    for (std::size_t i = 0; i < good.size() * 8; ++i) {
        Bytes bytes = good;
        bytes[i / 8] ^= static_cast<std::byte>(1U << i % 8);
        if (!is_refused(bytes)) CHECK_MESSAGE(plain_of(parse_index_record(bytes)) == bytes, i);
    }
    for (std::size_t size = 0; size < good.size(); ++size)
        CHECK(is_refused(ByteView{good}.first(size)));
    Bytes longer = good;
    longer.push_back(std::byte{0});
    CHECK(is_refused(longer));
    longer.resize(1024);
    CHECK(is_refused(longer));
}

TEST_CASE("near misses of an index record are refused")
{
    CHECK_FALSE(is_refused(Fields{}));
    CHECK_FALSE(is_refused(Fields{.op = 2, .name = ""}));
    CHECK_FALSE(is_refused(Fields{.link = std::string{link_text.substr(0, link_text.find('#'))}}));
    CHECK(is_refused(Fields{.type = 3}));
    CHECK(is_refused(Fields{.version = 2}));
    CHECK(is_refused(Fields{.op = 0}));
    CHECK(is_refused(Fields{.op = 3}));
    CHECK(is_refused(Fields{.op = 257}));
    CHECK(is_refused(Fields{.time_s = time_max_s + 1}));
    CHECK(is_refused(Fields{.name = "/etc/passwd"}));
    CHECK(is_refused(Fields{.name = "../a"}));
    CHECK(is_refused(Fields{.name = std::string{"a\0", 2}}));
    CHECK(is_refused(Fields{.name = std::string(index_name_size_max + 1, 'a')}));
    CHECK(is_refused(Fields{.media_type = "text/plain; charset"}));
    CHECK(is_refused(Fields{.media_type = "\x7f"}));
    CHECK(is_refused(Fields{.media_type = std::string(index_media_type_size_max + 1, 'a')}));
    CHECK_FALSE(is_refused(Fields{.size = object_size_max}));
    CHECK(is_refused(Fields{.size = object_size_max + 1}));
    CHECK(is_refused(Fields{.link = ""}));
    CHECK(is_refused(Fields{.link = std::string{link_text} + "q"}));
    CHECK(is_refused(Fields{}.padded(1)));
    CHECK(is_refused(Bytes(512)));
    CHECK(is_refused(Bytes(index_record_size_max + 512)));

    IndexRecord record = golden();
    record.name = "a/";
    CHECK(is_write_refused(record));
    record = golden();
    record.media_type = "a b";
    CHECK(is_write_refused(record));
    record = golden();
    record.link = Secret{0};
    CHECK(is_write_refused(record));
}

TEST_CASE("the largest index record fits its limits, padded and sealed")
{
    IndexRecord record = golden();
    record.sequence = UINT64_MAX;
    record.name.clear();
    while (record.name.size() + 100 <= index_name_size_max)
        record.name += std::string(99, 'n') + '/';
    record.name += std::string(index_name_size_max - record.name.size(), 'n');
    record.media_type.assign(index_media_type_size_max, 'm');
    record.size = object_size_max;
    Link link = parse_link(as_bytes(link_text));
    for (std::size_t i = 0; i < link_hints_max; ++i)
        link.hints.push_back({{Ed25519PublicKey{}, Network::main},
                              std::string(endpoint_size_max - 5, 'h') + ":7001"});
    record.link = to_link_text(link);
    const Bytes plain = plain_of(record);
    CHECK(plain.size() <= index_record_size_max);
    CHECK(plain_of(parse_index_record(plain)) == plain);
    FixedEntropy entropy;
    CHECK(seal_index_record(record, index_identity(Identity::generate(entropy)).key, entropy)
              .size() <= index_file_size_max);
}

TEST_CASE("an index record opens with the key of its identity alone, whatever its length")
{
    FixedEntropy entropy;
    const Identity identity = Identity::generate(entropy);
    const Identity other = Identity::generate(entropy);
    const X25519PublicKey key = index_identity(identity).key;
    const Bytes sealed = seal_index_record(golden(), key, entropy);
    const auto record = open_index_record(sealed, index_identity(identity));
    REQUIRE(record);
    CHECK(record->name == golden().name);
    CHECK_FALSE(open_index_record(sealed, index_identity(other)));
    CHECK_FALSE(open_index_record(sealed, identity.decryption()));

    IndexRecord longer = golden();
    longer.name += std::string(100, 'x');
    CHECK(seal_index_record(longer, key, entropy).size() == sealed.size());
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        Bytes bytes = sealed;
        bytes[i] ^= std::byte{1};
        bool is_opened = false;
        const Exit status = exit_of(
            [&] { is_opened = open_index_record(bytes, index_identity(identity)).has_value(); });
        CHECK_MESSAGE(!is_opened, i);
        CHECK((status == Exit::ok || status == Exit::data));
    }
    CHECK(exit_of([&] {
              (void)open_index_record(Bytes(index_file_size_max + 1), index_identity(identity));
          }) == Exit::data);
}
