#include "base/testing.hpp"
#include "depot/depot.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

Ed25519PublicKey some_key()
{
    // The base point: a key that any library takes.
    Ed25519PublicKey key;
    key.bytes = hex<32>("5866666666666666666666666666666666666666666666666666666666666666");
    return key;
}

std::string message_of(const std::string& text)
{
    try {
        (void)parse_grants(text);
    } catch (const Error& error) {
        CHECK(error.code() == Exit::config);
        return error.what();
    }
    return "no error";
}

} // namespace

TEST_CASE("a grants file says who may store how much until when")
{
    const Ed25519PublicKey key = some_key();
    const std::string address = to_address(key);
    const std::vector<Grant> grants = parse_grants(
        "# friends\n\n" + address + "\t10GiB 1000 2027-01-01 # Anna\r\n" + "  anyone 1MB 7");
    REQUIRE(grants.size() == 2);
    CHECK(grants[0].owner == account_id(key));
    CHECK(grants[0].size_max == std::uint64_t{10} << 30U);
    CHECK(grants[0].objects_max == 1000);
    CHECK(grants[0].expiry_s == 1'798'761'600);
    CHECK_FALSE(grants[1].owner);
    CHECK(grants[1].size_max == 1'000'000);
    CHECK(grants[1].objects_max == 7);
    CHECK(grants[1].expiry_s == 0);
    CHECK(parse_grants("").empty());
    CHECK(parse_grants(to_did(key) + " 0 0").front().owner == account_id(key));
    CHECK(parse_grants(to_address(key, Network::test) + " 1 1").size() == 1);
}

TEST_CASE("what is wrong with a grants file is said with its line")
{
    const std::string address = to_address(some_key());
    CHECK(message_of("\nanyone 1GiB") ==
          "line 2 of the grants: not 'OWNER|anyone SIZE COUNT [UNTIL]'");
    CHECK(message_of("anyone 1GiB 1 2027-01-01 more").ends_with("COUNT [UNTIL]'"));
    CHECK(message_of("Anyone 1GiB 1") ==
          "line 1 of the grants: 'Anyone' is not an address of an owner");
    CHECK(message_of(address + "q 1GiB 1").ends_with("is not an address of an owner"));
    CHECK(message_of("anyone much 1") == "line 1 of the grants: 'much' is not a size");
    CHECK(message_of("anyone 1GiB -1") == "line 1 of the grants: '-1' is not a number");
    for (const char* const day : {"2027-1-1", "2027-02-30", "2027-13-01", "27-01-01", "1969-01-01",
                                  "2027/01/01", "2027-01-01T"})
        CHECK(message_of(std::string{"anyone 1 1 "} + day).find("is not a day such as") !=
              std::string::npos);
    CHECK(message_of("anyone 1 1\n" + address + " 1 1\nanyone 2 2") ==
          "line 3 of the grants: a second grant for the same owner");
    CHECK(message_of("anyone 1 1\nany\x1b[2Jone 1 1").find('\x1b') == std::string::npos);
}
