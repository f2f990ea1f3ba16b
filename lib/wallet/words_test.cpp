#include "wallet/words.hpp"

#include "ledger/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

Exit amount_exit(const std::string& text)
{
    return exit_of([&] { (void)amount_of(text, "the amount"); });
}

std::string key_text(unsigned first)
{
    return to_address(counting_pair(first).public_key());
}

} // namespace

TEST_CASE("amounts are exact, in coins or atoms")
{
    CHECK(amount_of("1.5", "it").atoms == 1'500'000'000);
    CHECK(amount_of("0.1", "it").atoms == 100'000'000);
    CHECK(amount_of("0.000000001", "it").atoms == 1);
    CHECK(amount_of("1500atoms", "it").atoms == 1500);
    CHECK(amount_of("9223372036854775808atoms", "it").atoms == std::uint64_t{1} << 63U);
    CHECK(amount_of("18446744073709551615atoms", "it").atoms == UINT64_MAX);
    CHECK(amount_of("18446744073.709551615", "it").atoms == UINT64_MAX);
}

TEST_CASE("what is no amount, or nothing, is refused")
{
    for (const char* const text : {"",
                                   "0",
                                   "0.0",
                                   "0atoms",
                                   "-1",
                                   "+1",
                                   "1e3",
                                   "1E3",
                                   "0x10",
                                   "1,5",
                                   ".5",
                                   "5.",
                                   "01",
                                   " 1",
                                   "1 ",
                                   "1.0000000001",
                                   "18446744073709551616atoms",
                                   "18446744073.709551616",
                                   "1.5atoms",
                                   "1 atoms",
                                   "nan",
                                   "inf",
                                   "99999999999999999999999"})
        CHECK_MESSAGE(amount_exit(text) == Exit::usage, text);
}

TEST_CASE("recipients and amounts come in pairs, and their sum is below 2^64")
{
    const std::string a = key_text(0);
    const auto transfers = transfers_of({a, "1", key_text(32), "2atoms"}, true);
    REQUIRE(transfers.size() == 2);
    CHECK(transfers[0].to == account_id(counting_pair(0).public_key()));
    CHECK(transfers[1].amount == Amount{2});
    const auto exit = [](const std::vector<std::string>& words) {
        return exit_of([&] { (void)transfers_of(words, true); });
    };
    CHECK(exit({}) == Exit::usage);
    CHECK(exit({a}) == Exit::usage);
    CHECK(exit({a, "1", a}) == Exit::usage);
    CHECK(exit({"1", a}) == Exit::data);
    CHECK(exit({a, "18446744073709551615atoms", a, "1atoms"}) == Exit::usage);
    CHECK(exit({a, "9223372036854775808atoms", a, "9223372036854775808atoms"}) == Exit::usage);
    CHECK(transfers_of({a, "18446744073709551614atoms", a, "1atoms"}, true).size() == 2);
    std::vector<std::string> many;
    for (std::size_t i = 0; i < transfers_max; ++i) many.insert(many.end(), {a, "1atoms"});
    CHECK(transfers_of(many, true).size() == transfers_max);
    many.insert(many.end(), {a, "1atoms"});
    CHECK(exit(many) == Exit::usage);
}

TEST_CASE("accounts have several names, and test networks their own")
{
    const Ed25519PublicKey key = counting_pair(0).public_key();
    const AccountId id = account_id(key);
    CHECK(wallet_account(to_address(key)) == id);
    CHECK(wallet_account(to_did(key)) == id);
    CHECK(wallet_account(to_hex_text(id.bytes)) == id);
    CHECK(wallet_account(to_address(key, Network::test)) == id);
    CHECK(exit_of([&] { (void)wallet_account(to_address(key, Network::test), false); }) ==
          Exit::data);
    std::string mistyped = to_address(key);
    mistyped[20] = mistyped[20] == 'q' ? 'p' : 'q';
    CHECK(exit_of([&] { (void)wallet_account(mistyped); }) == Exit::data);
    CHECK(exit_of([] { (void)wallet_account(""); }) == Exit::data);
    CHECK(wallet_key(to_hex_text(key.bytes)) == key);
    CHECK(exit_of([] { (void)wallet_key("key"); }) == Exit::data);
}

TEST_CASE("references are text, or any bytes in hex digits")
{
    CHECK(as_text(reference_of("invoice 7")) == "invoice 7");
    CHECK(reference_of("hex:00ff") == Bytes{std::byte{0}, std::byte{0xff}});
    CHECK(reference_of("").empty());
    CHECK(reference_of(std::string(64, 'x')).size() == 64);
    CHECK(exit_of([] { (void)reference_of(std::string(65, 'x')); }) == Exit::usage);
    CHECK(exit_of([] { (void)reference_of("hex:0"); }) == Exit::usage);
    CHECK(exit_of([] { (void)reference_of("hex:0G"); }) == Exit::usage);
    CHECK(exit_of([] { (void)reference_of("hex:" + std::string(130, '0')); }) == Exit::usage);
}

TEST_CASE("a descriptor is read from each form that shows it")
{
    const Ed25519PublicKey a = counting_pair(0).public_key();
    const Ed25519PublicKey b = counting_pair(32).public_key();
    const Descriptor descriptor = descriptor_of(2, {b, a});
    CHECK(descriptor == descriptor_of(2, {a, b}));
    const Json json = descriptor_json(descriptor);
    CHECK(read_descriptor(json.dump()) == descriptor);
    CHECK(read_descriptor(json.to_text()) == descriptor);
    CHECK(read_descriptor(to_hex_text(to_bytes(descriptor)) + '\n') == descriptor);
    for (const char* const text : {"", "{}", "00", "zz", "{\"descriptor\":7}", "descriptor: "})
        CHECK_MESSAGE(exit_of([&] { (void)read_descriptor(text); }) == Exit::data, text);
    CHECK(exit_of([&] { (void)descriptor_of(3, {a, b}); }) == Exit::usage);
    CHECK(exit_of([&] { (void)descriptor_of(0, {a, b}); }) == Exit::usage);
    CHECK(exit_of([&] { (void)descriptor_of(1, {a, a}); }) == Exit::usage);
    CHECK(exit_of([&] { (void)descriptor_of(1, {}); }) == Exit::usage);
}
