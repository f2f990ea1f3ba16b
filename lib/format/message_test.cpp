#include "format/message.hpp"

#include "codec/cbor.hpp"
#include "format/audit_message.hpp"
#include "format/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

constexpr std::uint64_t time_s = 1'800'000'000;

/// Parses and writes again.
struct Kind {
    std::string name;
    Bytes (*rewrite)(ByteView bytes);
};
const std::vector<Kind> kinds{
    {"node_record", [](ByteView bytes) { return to_bytes(parse_node_record(bytes)); }},
    {"receipt", [](ByteView bytes) { return to_bytes(parse_receipt(bytes)); }},
    {"drop_request", [](ByteView bytes) { return to_bytes(parse_drop_request(bytes)); }},
    {"hello_request", [](ByteView bytes) { return to_bytes(parse_hello_request(bytes)); }},
    {"hello_reply", [](ByteView bytes) { return to_bytes(parse_hello_reply(bytes)); }},
    {"put_request", [](ByteView bytes) { return to_bytes(parse_put_request(bytes)); }},
    {"get_request", [](ByteView bytes) { return to_bytes(parse_get_request(bytes)); }},
    {"has_request", [](ByteView bytes) { return to_bytes(parse_has_request(bytes)); }},
    {"has_reply", [](ByteView bytes) { return to_bytes(parse_has_reply(bytes)); }},
    {"drop_reply", [](ByteView bytes) { return to_bytes(parse_drop_reply(bytes)); }},
    {"list_request", [](ByteView bytes) { return to_bytes(parse_list_request(bytes)); }},
    {"list_reply", [](ByteView bytes) { return to_bytes(parse_list_reply(bytes)); }},
    {"peers_reply", [](ByteView bytes) { return to_bytes(parse_peers_reply(bytes)); }},
    {"prove_request", [](ByteView bytes) { return to_bytes(parse_prove_request(bytes)); }},
    {"prove_reply", [](ByteView bytes) { return to_bytes(parse_prove_reply(bytes)); }},
    {"tags_request", [](ByteView bytes) { return to_bytes(parse_tags_request(bytes)); }},
    {"tags_reply", [](ByteView bytes) { return to_bytes(parse_tags_reply(bytes)); }},
};

bool is_refused(const Kind& kind, const Bytes& bytes)
{
    return exit_of([&] { (void)kind.rewrite(bytes); }) == Exit::data;
}

const Kind& kind_of(std::string_view name)
{
    for (const Kind& kind : kinds)
        if (kind.name == name) return kind;
    std::abort();
}

/// Whether an array of these numbers, written in place of the last parts of a golden record, reads.
bool is_refused(std::string_view name, const std::string& digits)
{
    return is_refused(kind_of(name), hex_bytes(digits));
}

std::string root_digits(unsigned value)
{
    return "5820" + to_hex_text(filled<ShardRoot>(value).bytes);
}

std::vector<ShardItem> golden_items()
{
    return {{filled<ShardRoot>(1), 0},
            {filled<ShardRoot>(2), 65536},
            {filled<ShardRoot>(3), shard_size_max}};
}

std::vector<ShardItem> many_items(std::size_t count)
{
    return std::vector<ShardItem>(count, {filled<ShardRoot>(255), shard_size_max});
}

} // namespace

TEST_CASE("messages are written as another implementation writes them")
{
    CHECK(to_bytes(PutRequest{ShardClass::index, 0, golden_items()}) ==
          golden_record("put_request"));
    CHECK(to_bytes(GetRequest{filled<ShardRoot>(1), 1U << 20U, 65536, 100000}) ==
          golden_record("get_request"));
    CHECK(to_bytes(HasRequest{{filled<ShardRoot>(1), filled<ShardRoot>(2),
                               filled<ShardRoot>(3)}}) == golden_record("has_request"));
    CHECK(to_bytes(HasReply{{{true, 65536, 12}, {false, 0, 0}, {true, 64, 0}}}) ==
          golden_record("has_reply"));
    CHECK(to_bytes(DropReply{2}) == golden_record("drop_reply"));
    CHECK(to_bytes(ListRequest{ShardClass::index, 4096}) == golden_record("list_request"));
    CHECK(to_bytes(
              ListReply{{{1, {filled<ShardRoot>(1), 512}, time_s},
                         {std::uint64_t{1} << 40U, {filled<ShardRoot>(2), shard_size_max}, 0}}}) ==
          golden_record("list_reply"));

    const NodeRecord node = parse_node_record(golden_record("node_record"));
    CHECK(to_bytes(HelloReply{node, std::uint64_t{1} << 40U, shard_size_max, time_s}) ==
          golden_record("hello_reply"));
    CHECK(to_bytes(PeersReply{{node, node}}) == golden_record("peers_reply"));
    CHECK(to_bytes(HelloRequest{}) == golden_record("hello_request_nobody"));
}

TEST_CASE("messages of another implementation read as they were written")
{
    for (const Kind& kind : kinds)
        CHECK_MESSAGE(kind.rewrite(golden_record(kind.name)) == golden_record(kind.name),
                      kind.name);
    CHECK(kind_of("hello_request").rewrite(golden_record("hello_request_nobody")) ==
          golden_record("hello_request_nobody"));
}

TEST_CASE("a message with any bit changed is refused or another one")
{
    for (const Kind& kind : kinds) {
        const Bytes good = golden_record(kind.name);
        for (std::size_t i = 0; i < good.size() * 8; ++i) {
            Bytes bytes = good;
            bytes[i / 8] ^= static_cast<std::byte>(1U << i % 8);
            if (!is_refused(kind, bytes)) CHECK_MESSAGE(kind.rewrite(bytes) == bytes, kind.name, i);
        }
    }
}

TEST_CASE("a message cut short or continued is refused")
{
    for (const Kind& kind : kinds) {
        const Bytes good = golden_record(kind.name);
        for (std::size_t size = 0; size < good.size(); ++size)
            CHECK_MESSAGE(
                is_refused(kind, Bytes(good.begin(), good.begin() + std::ptrdiff_t(size))),
                kind.name, size);
        Bytes longer = good;
        longer.push_back(std::byte{0});
        CHECK_MESSAGE(is_refused(kind, longer), kind.name);
        longer.resize(64 * 1024);
        CHECK_MESSAGE(is_refused(kind, longer), kind.name);
    }
}

TEST_CASE("a message with a head that is longer than it must be is refused")
{
    for (const Kind& kind : kinds)
        for (const Bytes& bytes : loosely_written(golden_record(kind.name)))
            CHECK_MESSAGE(is_refused(kind, bytes), kind.name);
}

TEST_CASE("a message of one type or version is never read as another")
{
    for (const Kind& kind : kinds) {
        for (const Kind& other : kinds)
            CHECK(is_refused(other, golden_record(kind.name)) == (&kind != &other));
        for (const unsigned version : {0U, 2U, 23U}) {
            Bytes bytes = golden_record(kind.name);
            bytes[bytes[1] < std::byte{24} ? 2 : 3] = static_cast<std::byte>(version);
            CHECK_MESSAGE(is_refused(kind, bytes), kind.name, version);
        }
    }
}

TEST_CASE("the type of every record is recognised")
{
    CHECK(record_type(golden_record("node_record")) == RecordType::node);
    CHECK(record_type(golden_record("receipt")) == RecordType::receipt);
    CHECK(record_type(golden_record("drop_request")) == RecordType::drop_request);
    CHECK(record_type(golden_record("peers_reply")) == RecordType::peers_reply);
    CHECK(record_type(golden_record("list")) == RecordType::list);
    CHECK(record_type(golden_record("index_record")) == RecordType::index);
    CHECK(record_type(hex_bytes("88010104021a0100000000")) == RecordType::manifest);
    CHECK(record_type(golden_record("audit_key")) == RecordType::audit_key);
    CHECK(record_type(golden_record("prover_key")) == RecordType::prover_key);
    CHECK(record_type(golden_record("challenge")) == RecordType::challenge);
    CHECK(record_type(golden_record("storage_proof")) == RecordType::storage_proof);
    CHECK(record_type(golden_record("transcript")) == RecordType::transcript);
    CHECK(record_type(golden_record("prove_request")) == RecordType::prove_request);
    CHECK(record_type(golden_record("prove_reply")) == RecordType::prove_reply);
    CHECK(record_type(golden_record("tags_request")) == RecordType::tags_request);
    CHECK(record_type(golden_record("tags_reply")) == RecordType::tags_reply);
    CHECK(record_type(hex_bytes("82181801")) == RecordType::prove_reply); // the first of two bytes
    CHECK(record_type(hex_bytes("85182101")) == RecordType::transaction);
    CHECK(record_type(hex_bytes("82182501")) == RecordType::state_proof);
    CHECK_FALSE(record_type(hex_bytes("82181f01"))); // between those of storage and of chains
    CHECK(record_type(hex_bytes("82182f01")) == RecordType::chain_peers_reply);
    CHECK(record_type(hex_bytes("86183001")) == RecordType::snapshot_head);
    CHECK(record_type(hex_bytes("86183101")) == RecordType::snapshot_chunk);
    CHECK_FALSE(record_type(hex_bytes("82183201")));
    for (const char* const digits :
         {"",           "82",       "8203",       "810301",       "98030301", "820001",
          "821b01",     "82181701", "82181b01",   "820302",       "820300",   "420301",
          "a20301",     "821803",   "8218",       "821818",       "82181800", "82181802",
          "8218181801", "82181201", "8218ff01",   "821900180118", "82190018", "82191801",
          "821a01",     "81181801", "9818181801", "4218181801",   "38181801"})
        CHECK_MESSAGE(!record_type(hex_bytes(digits)), digits);
}

TEST_CASE("the largest messages fit, and one item more is refused")
{
    const auto is_read = [](std::string_view name, const Bytes& bytes) {
        return bytes.size() <= message_size_max && kind_of(name).rewrite(bytes) == bytes;
    };
    CHECK(is_read("put_request",
                  to_bytes(PutRequest{ShardClass::data, time_max_s, many_items(put_items_max)})));
    CHECK(is_refused(kind_of("put_request"),
                     to_bytes(PutRequest{ShardClass::data, 0, many_items(put_items_max + 1)})));

    Receipt receipt;
    receipt.serial = UINT64_MAX - put_items_max;
    receipt.time_s = receipt.expiry_s = time_max_s;
    receipt.items = many_items(put_items_max);
    CHECK(is_read("receipt", to_bytes(receipt)));
    receipt.items = many_items(put_items_max + 1);
    CHECK(is_refused(kind_of("receipt"), to_bytes(receipt)));

    CHECK(is_read("has_request", to_bytes(HasRequest{std::vector<ShardRoot>(has_roots_max)})));
    CHECK(is_refused(kind_of("has_request"),
                     to_bytes(HasRequest{std::vector<ShardRoot>(has_roots_max + 1)})));
    const HasEntry entry{true, shard_size_max, UINT64_MAX};
    CHECK(is_read("has_reply", to_bytes(HasReply{std::vector<HasEntry>(has_roots_max, entry)})));
    CHECK(is_refused(kind_of("has_reply"),
                     to_bytes(HasReply{std::vector<HasEntry>(has_roots_max + 1, entry)})));

    DropRequest drop;
    drop.items.assign(put_items_max, {filled<ShardRoot>(255), UINT64_MAX});
    CHECK(is_read("drop_request", to_bytes(drop)));
    drop.items.push_back(drop.items[0]);
    CHECK(is_refused(kind_of("drop_request"), to_bytes(drop)));

    ListReply list;
    for (std::uint64_t i = list_entries_max; i-- > 0;)
        list.entries.push_back(
            {UINT64_MAX - i, {filled<ShardRoot>(255), shard_size_max}, time_max_s});
    CHECK(is_read("list_reply", to_bytes(list)));
    list.entries.insert(list.entries.begin(), {1, {}, 0});
    CHECK(is_refused(kind_of("list_reply"), to_bytes(list)));
}

TEST_CASE("near misses of messages are refused")
{
    const std::string root = root_digits(1);
    CHECK_FALSE(is_refused("get_request", "860b01" + root +
                                              "18400018"
                                              "40"));
    CHECK_FALSE(is_refused("get_request", "860b01" + root + "000000"));     // an empty shard
    CHECK_FALSE(is_refused("get_request", "860b01" + root + "1840183f01")); // the last byte
    CHECK(is_refused("get_request", "860b01" + root + "18400000"));         // nothing
    CHECK(is_refused("get_request", "860b01" + root + "1840183f02"));       // beyond the end
    CHECK(is_refused("get_request", "860b01" + root + "1840184100"));
    CHECK(is_refused("get_request", "860b01" + root + "18401bffffffffffffffff01"));
    CHECK(is_refused("get_request", "860b01" + root + "1a040000010001")); // above 64 MiB
    CHECK(is_refused("get_request", "850b01" + root + "0000"));

    CHECK_FALSE(is_refused("put_request", "850a01000081"
                                          "82" +
                                              root + "00"));
    CHECK(is_refused("put_request", "850a01000080")); // no shards
    CHECK(is_refused("put_request", "850a01030081"
                                    "82" +
                                        root + "00")); // an unknown class
    CHECK(is_refused("put_request", "850a01001b0000003afff4418081"
                                    "82" +
                                        root + "00")); // year 10000
    CHECK_FALSE(is_refused("put_request", "850a01001b0000003afff4417f81"
                                          "82" +
                                              root + "00"));
    CHECK(is_refused("put_request", "850a01000081"
                                    "82" +
                                        root + "1a04000001"));
    CHECK(is_refused("put_request", "850a01000081"
                                    "81" +
                                        root));
    CHECK(is_refused("put_request", "850a01000081"
                                    "83" +
                                        root + "0000"));

    CHECK(is_refused("has_request", "830c0180"));
    CHECK_FALSE(is_refused("has_reply", "830d0180"));
    CHECK(is_refused("has_reply", "830d018183010000")); // a number where a boolean belongs
    CHECK(is_refused("drop_reply", "830e011881"));      // 129
    CHECK_FALSE(is_refused("drop_reply", "830e011880"));

    const auto entry = [&](const char* serial) { return "84" + (serial + root) + "0000"; };
    CHECK_FALSE(is_refused("list_reply", "83100180"));
    CHECK_FALSE(is_refused("list_reply", "83100182" + entry("01") + entry("02")));
    CHECK(is_refused("list_reply", "83100182" + entry("02") + entry("02")));
    CHECK(is_refused("list_reply", "83100182" + entry("02") + entry("01")));
    CHECK(is_refused("list_reply", "83100181" + entry("00")));

    CHECK(is_refused("list_request", "840f010300"));
    CHECK_FALSE(is_refused("list_request", "840f01011bffffffffffffffff"));
    CHECK_FALSE(is_refused("peers_reply", "83110180"));
    CHECK(is_refused("peers_reply", "83110181f6"));
    CHECK(is_refused("peers_reply", "8311018183110180")); // not a node record
}

TEST_CASE("hello binds the owner to the link")
{
    const auto caller = filled<Ed25519PublicKey>(0xc1);
    const auto callee = filled<Ed25519PublicKey>(0xce);
    HelloRequest request;
    request.network = filled<NetworkId>(0x4e);
    sign(request, golden_owner(), caller, callee);
    CHECK(to_bytes(request) == golden_record("hello_request"));
    CHECK(is_signed(request, caller, callee));
    CHECK_FALSE(is_signed(request, callee, caller));
    CHECK_FALSE(is_signed(request, caller, caller));
    CHECK_FALSE(is_signed(HelloRequest{}, caller, callee));

    HelloRequest other = request;
    other.network = NetworkId{};
    CHECK_FALSE(is_signed(other, caller, callee));
    other = request;
    other.owner = golden_node().public_key();
    CHECK_FALSE(is_signed(other, caller, callee));

    const std::string network(64, '0');
    const std::string owner = "5820" + std::string(64, '1');
    CHECK_FALSE(is_refused("hello_request", "8508015820" + network + "f6f6"));
    CHECK(is_refused("hello_request", "8508015820" + network + owner + "f6"));
    CHECK(is_refused("hello_request",
                     "8508015820" + network + "f6" + "5840" + std::string(128, '0')));
    CHECK(is_refused("hello_request", "8508015820" + network + "f6f5"));
}

TEST_CASE("an order to drop is signed by the owner, for one provider")
{
    DropRequest request;
    request.network = filled<NetworkId>(0x4e);
    request.provider = account_id(golden_node().public_key());
    request.items = {{filled<ShardRoot>(1), 1}, {filled<ShardRoot>(2), std::uint64_t{1} << 40U}};
    sign(request, golden_owner());
    CHECK(to_bytes(request) == golden_record("drop_request"));
    CHECK(is_signed(request));

    const Bytes good = golden_record("drop_request");
    for (std::size_t i = 0; i < good.size() * 8; ++i) {
        Bytes bytes = good;
        bytes[i / 8] ^= static_cast<std::byte>(1U << i % 8);
        CHECK_MESSAGE(
            (is_refused(kind_of("drop_request"), bytes) || !is_signed(parse_drop_request(bytes))),
            i);
    }
    request.items.clear();
    CHECK(is_refused(kind_of("drop_request"), to_bytes(request)));
    request.items = {{filled<ShardRoot>(1), 0}};
    CHECK(is_refused(kind_of("drop_request"), to_bytes(request)));
}
