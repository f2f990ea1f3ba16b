#include "codec/cbor.hpp"
#include "format/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

NodeRecord golden()
{
    NodeRecord record;
    record.sequence = 7;
    record.link_key = filled<Ed25519PublicKey>(0xce);
    record.addresses = {"[::1]:7001", "example.org:7001"};
    record.capabilities = capability_stores | capability_relays;
    record.network = filled<NetworkId>(0x4e);
    record.expiry_s = 1'800'000'000;
    sign(record, golden_node());
    return record;
}

bool is_refused(const NodeRecord& record)
{
    return exit_of([&] { (void)parse_node_record(to_bytes(record)); }) == Exit::data;
}

std::string failure_of(std::string_view text, const NetworkId& network = {})
{
    try {
        (void)parse_providers(text, network);
        return "none";
    } catch (const Error& error) {
        CHECK(error.code() == Exit::data);
        return error.what();
    }
}

} // namespace

TEST_CASE("account ids are those of another implementation")
{
    const AccountId id = account_id(golden_node().public_key());
    CHECK(to_hex_text(id.bytes) == to_hex_text(golden_record("account_id")));
}

TEST_CASE("the golden node record is written, read and verified")
{
    CHECK(to_bytes(golden()) == golden_record("node_record"));
    CHECK(to_text(golden()) == as_text(golden_record("node_text")));
    const NodeRecord record = parse_node_record(golden_record("node_record"));
    CHECK(is_signed(record));
    CHECK(record.node_key == golden_node().public_key());
    CHECK(record.addresses == golden().addresses);
}

TEST_CASE("a node record with any bit changed is refused or not signed")
{
    const Bytes good = golden_record("node_record");
    for (std::size_t i = 0; i < good.size() * 8; ++i) {
        Bytes bytes = good;
        bytes[i / 8] ^= static_cast<std::byte>(1U << i % 8);
        bool is_good = true;
        if (exit_of([&] { is_good = is_signed(parse_node_record(bytes)); }) == Exit::data)
            is_good = false;
        CHECK_MESSAGE(!is_good, i);
    }
}

TEST_CASE("a signature for one purpose is not one for another")
{
    Receipt receipt;
    receipt.serial = 1;
    receipt.items = {{filled<ShardRoot>(1), 1}};
    sign(receipt, golden_node());
    CHECK(is_signed(receipt));
    NodeRecord record = golden();
    record.signature = receipt.signature;
    CHECK_FALSE(is_signed(record));
}

TEST_CASE("near misses of a node record are refused")
{
    NodeRecord record = golden();
    CHECK_FALSE(is_refused(record));
    record.addresses = {};
    CHECK_FALSE(is_refused(record));
    record.addresses.assign(record_addresses_max,
                            std::string(endpoint_size_max - 5, 'a') + ":7001");
    CHECK_FALSE(is_refused(record));
    record.addresses.emplace_back("a:1");
    CHECK(is_refused(record));
    for (const char* const address : {"", "a", "a:", "a:0", "a:65536", "a:01", ":1", "A:1", "a b:1",
                                      "[::1:1", "a@b:1", "a:1\n", "-\xff:1"}) {
        record.addresses = {address};
        CHECK_MESSAGE((exit_of([&] { (void)parse_node_record(to_bytes(record)); }) == Exit::data),
                      address);
    }
    record = golden();
    record.capabilities = 4;
    CHECK(is_refused(record));
    record = golden();
    record.expiry_s = time_max_s + 1;
    CHECK(is_refused(record));
    CHECK(exit_of([] { (void)parse_node_record(Bytes(record_size_max + 1)); }) == Exit::data);
}

TEST_CASE("the text of a node record is read exactly")
{
    const std::string text = to_text(golden());
    REQUIRE(parse_node_text(text));
    CHECK(to_bytes(*parse_node_text(text)) == to_bytes(golden()));
    CHECK_FALSE(parse_node_text("cairn-nod:" + text));
    CHECK_FALSE(parse_node_text(""));
    for (const std::string& bad :
         {text + "=", text + "A", text + "\n", text + " ", text.substr(0, text.size() - 1),
          std::string{"cairn-node:"}, "cairn-node:+" + text.substr(12)})
        CHECK_MESSAGE((exit_of([&] { (void)parse_node_text(bad); }) == Exit::data), bad);
}

TEST_CASE("a provider list has addresses, records, comments and empty lines")
{
    const std::string address = to_address(golden_owner().public_key());
    const std::string text = "# providers\n\n  " + address + "@example.org:1\t# first\r\n" +
                             to_text(golden()) + "\n" + to_did(counting_pair(64).public_key()) +
                             "@[::1]:2";
    const auto providers = parse_providers(text, filled<NetworkId>(0x4e));
    REQUIRE(providers.size() == 3);
    CHECK(providers[0].node_key == golden_owner().public_key());
    CHECK(providers[0].addresses == std::vector<std::string>{"example.org:1"});
    CHECK_FALSE(providers[0].link_key);
    CHECK(providers[1].node_key == golden_node().public_key());
    CHECK(providers[1].link_key == golden().link_key);
    CHECK(providers[1].addresses == golden().addresses);
    CHECK(providers[2].node_key == counting_pair(64).public_key());
    CHECK(parse_providers("", {}).empty());
    CHECK(parse_providers("#", {}).empty());
    CHECK(parse_providers("\n \r\n\t\n", {}).empty());
}

TEST_CASE("a node that is listed twice is one provider, and its latest record counts")
{
    NodeRecord later = golden();
    later.sequence = 8;
    later.link_key = filled<Ed25519PublicKey>(0xcf);
    later.addresses = {"later.example.org:1", "example.org:7001"};
    sign(later, golden_node());
    const std::string line = to_address(golden().node_key) + "@example.org:9\n";
    const std::string old_text = to_text(golden()) + '\n';
    const std::string new_text = to_text(later) + '\n';
    for (const std::string& text : {line + old_text + new_text, new_text + old_text + line + line,
                                    old_text + new_text + line}) {
        const auto providers = parse_providers(text, golden().network);
        REQUIRE(providers.size() == 1);
        CHECK(providers[0].link_key == later.link_key);
        CHECK(providers[0].addresses.size() == 4);
        CHECK(providers[0].addresses[0] == "later.example.org:1");
    }
}

TEST_CASE("what is wrong in a provider list is named with its line")
{
    const std::string address = to_address(golden_owner().public_key());
    CHECK(failure_of("\n" + address) == "line 2: neither ADDRESS@HOST:PORT nor a node record");
    CHECK(failure_of(address + "@example.org") == "line 1: the part after '@' is no HOST:PORT");
    CHECK(failure_of(address.substr(1) + "@example.org:1") ==
          "line 1: the part before '@' is no address of a node");
    CHECK(failure_of("#\n#\n" + to_text(golden())) ==
          "line 3: the node record is for another network");
    NodeRecord wrong = golden();
    wrong.sequence = 8;
    CHECK(failure_of(to_text(wrong), golden().network) ==
          "line 1: the node record has a wrong signature");
    CHECK(failure_of("cairn-node:AAAA").starts_with("line 1: the node record: "));
    std::string many;
    for (unsigned i = 0; i <= providers_max; ++i) {
        Ed25519PublicKey key;
        key.bytes[0] = static_cast<std::byte>(i);
        key.bytes[1] = static_cast<std::byte>(i >> 8U);
        many += to_address(key) + "@a:1\n";
    }
    CHECK(failure_of(many) == "line 4097: more than 4096 providers");
}
