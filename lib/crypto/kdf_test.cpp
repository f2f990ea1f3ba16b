#include "crypto/kdf.hpp"

#include "crypto/testing.hpp"

#include <algorithm>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace cairn;
using nlohmann::json;

namespace {

Bytes field(const json& test, const char* name)
{
    return hex_bytes(test[name].get<std::string>());
}

/// Calls `check` with each test of a file of Wycheproof; returns their number.
int for_each_test(const char* name, auto check)
{
    int count = 0;
    const json file = json::parse(test_data(std::string{"aead-kdf-mac/"} + name));
    for (const json& group : file["testGroups"])
        for (const json& test : group["tests"]) {
            CAPTURE(test["tcId"].get<int>());
            check(test);
            ++count;
        }
    return count;
}

} // namespace

TEST_CASE("HMAC-SHA-256 agrees with Wycheproof, cut tags too")
{
    CHECK(for_each_test("hmac_sha256_test.json", [](const json& test) {
              const HmacTag ours = hmac_sha256(field(test, "key"), {field(test, "msg")});
              const Bytes tag = field(test, "tag");
              REQUIRE(tag.size() <= ours.bytes.size());
              const bool is_equal = std::equal(tag.begin(), tag.end(), ours.bytes.begin());
              CHECK(is_equal == (test["result"] == "valid"));
          }) == 116);
}

TEST_CASE("HMAC takes its message in any parts")
{
    const Bytes key = noise(100);
    const Bytes message = noise(150, 2);
    const HmacTag whole = hmac_sha256(key, {message});
    for (std::size_t cut = 0; cut <= message.size(); ++cut) {
        const ByteView view{message};
        CHECK(hmac_sha256(key, {view.first(cut), {}, view.subspan(cut)}) == whole);
    }
    CHECK(hmac_sha256(key, {}) == hmac_sha256(key, {ByteView{}}));
    CHECK(hmac_sha256({}, {message}) == hmac_sha256(Bytes(64), {message}));
}

TEST_CASE("HKDF-SHA-256 agrees with Wycheproof, which has the vectors of RFC 5869")
{
    int too_large = 0;
    CHECK(for_each_test("hkdf_sha256_test.json", [&](const json& test) {
              const auto size = test["size"].get<std::size_t>();
              if (size > hkdf_size_max) {
                  CHECK(test["result"] == "invalid");
                  ++too_large;
                  return;
              }
              CHECK(test["result"] == "valid");
              Bytes out(size);
              hkdf_sha256(field(test, "ikm"), field(test, "salt"), field(test, "info"), out);
              CHECK(out == field(test, "okm"));
          }) == 58);
    CHECK(too_large == 2);
}

TEST_CASE("a shorter output of HKDF is the beginning of a longer one")
{
    Bytes longest(hkdf_size_max);
    hkdf_sha256(noise(32), {}, {}, longest);
    for (const std::size_t size : {0, 1, 31, 32, 33, 64, 8159}) {
        Bytes out(size);
        hkdf_sha256(noise(32), {}, {}, out);
        CHECK(std::equal(out.begin(), out.end(), longest.begin()));
    }
}

TEST_CASE("PBKDF2-HMAC-SHA-256 agrees with Wycheproof")
{
    CHECK(for_each_test("pbkdf2_hmacsha256_test.json", [](const json& test) {
              CHECK(test["result"] == "valid");
              Bytes out(test["dkLen"].get<std::size_t>());
              pbkdf2(Pbkdf2Hash::sha256, field(test, "password"), field(test, "salt"),
                     test["iterationCount"].get<unsigned>(), out);
              CHECK(out == field(test, "dk"));
          }) == 40);
}

TEST_CASE("PBKDF2 takes an empty password and an empty salt")
{
    // One round and one block: HMAC(password, salt || BE32(1)).
    Bytes out(32);
    pbkdf2(Pbkdf2Hash::sha256, {}, {}, 1, out);
    const std::array one{std::byte{0}, std::byte{0}, std::byte{0}, std::byte{1}};
    CHECK(std::ranges::equal(out, hmac_sha256({}, {one}).bytes));
}

TEST_CASE("scrypt agrees with the vector of RFC 7914 that has r = 8 and p = 1")
{
    Bytes out(64);
    scrypt(as_bytes("pleaseletmein"), as_bytes("SodiumChloride"), 14, out);
    CHECK(out == hex_bytes("7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
                           "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"));
}

TEST_CASE("every input of scrypt counts")
{
    const auto derive = [](std::string_view password, std::string_view salt, unsigned log_n) {
        Bytes out(32);
        scrypt(as_bytes(password), as_bytes(salt), log_n, out);
        return out;
    };
    const Bytes key = derive("password", "salt", 4);
    CHECK(derive("password", "salt", 4) == key);
    CHECK(derive("Password", "salt", 4) != key);
    CHECK(derive("password", "salts", 4) != key);
    CHECK(derive("password", "salt", 5) != key);
    CHECK(derive("", "", 1) != derive("", "", 2));
}
