#include "crypto/testing.hpp"
#include "format/address.hpp"
#include "format/age_recipient.hpp"
#include "format/words.hpp"

#include <algorithm>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

constexpr std::string_view age_key =
    "AGE-SECRET-KEY-1TXAEZTMYCQZJA3NDQDSAN8NJHNHW50A6SFMEZ3NLJ90TRGR7MGXS5ZMT9Q";
constexpr std::string_view age_recipient =
    "age1885g909gkv7th3vswhpad22nlhxn2kzamedp8nwm6dmjh8dxe3xqu2sgg3";
constexpr std::string_view pq_key =
    "AGE-SECRET-KEY-PQ-1HZLGZUPT4ETPKDEV8HSGFDCYZ4E522W0A7PU2LHT8EH9W6YLNC3SW78XKG";

Ed25519PublicKey sample_key()
{
    return Ed25519KeyPair{Secret::copy(noise(32))}.public_key();
}

std::string ssh_line()
{
    std::string line = test_data("age-debian/sk.pub");
    line.pop_back();
    return line;
}

Exit exit_of_recipient(std::string_view text)
{
    return exit_of([&] { parse_recipient(text); });
}

Exit exit_of_identities(std::string_view text)
{
    return exit_of([&] { parse_age_identities(as_bytes(text)); });
}

/// All that an error says; empty where there is none.
std::string message_of(auto&& call)
{
    try {
        call();
    } catch (const Error& error) {
        return std::string{error.what()} + '\n' + error.hint();
    }
    return {};
}

std::string operator+(std::string_view left, std::string_view right)
{
    return std::string{left} + std::string{right};
}

} // namespace

TEST_CASE("a recipient is named in any of four ways")
{
    const Recipient age = parse_recipient(age_recipient);
    REQUIRE(std::holds_alternative<X25519Recipient>(age));
    const auto identities = parse_age_identities(as_bytes(age_key));
    CHECK(std::get<X25519Recipient>(age).key == std::get<X25519Identity>(identities[0]).key);

    const auto image = x25519_image(sample_key());
    for (const std::string& text : {to_address(sample_key()), to_did(sample_key()),
                                    to_address(sample_key(), Network::test)}) {
        const Recipient recipient = parse_recipient(text);
        REQUIRE(std::holds_alternative<X25519Recipient>(recipient));
        CHECK(std::get<X25519Recipient>(recipient).key == image);
    }
    CHECK(std::holds_alternative<SshRecipient>(parse_recipient(ssh_line())));
}

TEST_CASE("texts that are nearly recipients are refused")
{
    for (const std::string& text :
         {std::string{}, age_recipient + " ", " " + age_recipient, age_recipient + "\n",
          std::string{"age1"}, std::string{"age1pq1qqqq"}, std::string{"age"},
          age_recipient + "," + age_recipient, ssh_line() + "\n", std::string{"ssh-rsa AAAA"},
          std::string{"cairn1qqqq"}, std::string{"did:key:z6Mk"}, std::string{"# comment"},
          to_address({}), to_did({})}) { // zeros: not a key of the main subgroup
        CAPTURE(text);
        CHECK(exit_of_recipient(text) == Exit::usage);
    }
}

TEST_CASE("a secret given for a recipient is not repeated")
{
    const std::string seed_words{as_text(to_words(noise(32)).bytes())};
    const std::string ssh_key = test_data("ssh-key/plain");
    const std::string minisign = test_data("signature-files/m.key");
    for (const std::string& secret :
         {std::string{age_key}, std::string{pq_key}, " " + age_key, "\"" + age_key + "\"",
          "-i=" + age_key, "age1" + age_key, seed_words, " " + seed_words, ssh_key, minisign,
          minisign.substr(minisign.find('\n') + 1),
          test_data("signature-files/s.sec").substr(36)}) {
        CAPTURE(secret);
        for (const std::string& message :
             {message_of([&] { parse_recipient(secret); }),
              message_of([&] { parse_recipient_file(secret); }),
              message_of([&] { parse_recipient_file("# mine\n\n" + secret + "\n"); })}) {
            CHECK_FALSE(message.empty());
            for (std::size_t at = 0; at + 16 <= secret.size(); ++at)
                CHECK(message.find(secret.substr(at, 16)) == message.npos);
        }
    }
}

TEST_CASE("a recipient file has one a line, with comments and both line ends")
{
    const auto count = [](std::string_view text) { return parse_recipient_file(text).size(); };
    CHECK(count(age_recipient) == 1);
    CHECK(count("# all\n\n" + age_recipient + "\r\n" + ssh_line() + "\n#end") == 2);
    CHECK(count(age_recipient + "\n" + age_recipient + "\n") == 2);
    const std::string forms = "address: x\nrecipient: " + age_recipient + "\ndid: x\nminisign: x\n";
    CHECK(count(forms) == 1);
    for (const std::string& text :
         {std::string{}, std::string{"\n\n"}, std::string{"# nothing\n"},
          age_recipient + " # mine\n", " " + age_recipient, age_recipient + "\r\r\n",
          age_recipient + " " + age_recipient, " \n" + age_recipient, "recipient:" + age_recipient,
          "recipient: recipient: " + age_recipient, std::string{"address: x\n"}}) {
        CAPTURE(text);
        CHECK(exit_of([&] { parse_recipient_file(text); }) == Exit::data);
    }
    CHECK(message_of([] { parse_recipient_file("# a\n\nage1qq\n"); }) ==
          "line 3: 'age1qq' is not a valid age recipient\n");
}

TEST_CASE("an identity file has one secret key a line, with comments and both line ends")
{
    const auto count = [](std::string_view text) {
        return parse_age_identities(as_bytes(text)).size();
    };
    CHECK(count(age_key) == 1);
    CHECK(count("# created\n\n" + age_key + "\r\n" + age_key + "\n") == 2);
    std::string lower{age_key};
    std::ranges::transform(lower, lower.begin(), [](char c) { return char(std::tolower(c)); });
    for (const std::string& text :
         {std::string{}, std::string{"# nothing\n"}, " " + age_key, age_key + " ",
          age_key + age_key, lower, std::string{age_recipient}, std::string{pq_key},
          std::string{age_key.substr(0, 73)}, age_key + "Q", age_key + "\n \n",
          "address: x\n" + age_key, "recipient: " + age_key}) {
        CAPTURE(text);
        CHECK(exit_of_identities(text) == Exit::data);
    }
    std::string many;
    for (int i = 0; i < 1024; ++i) many += age_key + "\n";
    CHECK(exit_of_identities(many) == Exit::ok);
    CHECK(exit_of_identities(many + age_key) == Exit::data);
}

TEST_CASE("every byte of a secret key counts, and none is in a message")
{
    for (std::size_t at = 0; at < age_key.size(); ++at)
        for (const char c : {'Q', 'P', 'B', 'q', '1', ' ', '\0', '\xff'}) {
            std::string changed{age_key};
            if (changed[at] == c) continue;
            changed[at] = c;
            const std::string message =
                message_of([&] { parse_age_identities(as_bytes(changed)); });
            CHECK(message == "line 1: not an age secret key\n");
        }
}
