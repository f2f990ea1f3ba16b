#include "format/ssh_key.hpp"

#include "base/base64.hpp"
#include "crypto/testing.hpp"

#include <algorithm>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

Exit exit_of_parse(std::string_view text)
{
    return exit_of([&] { parse_ssh_private(as_bytes(text)); });
}

/// What stands between the PEM lines.
Bytes body_of(std::string text)
{
    text.erase(0, text.find('\n') + 1);
    text.erase(text.find("-----END"));
    std::erase(text, '\n');
    return from_base64(text, Padding::padded).value();
}

std::string to_pem(ByteView body)
{
    return "-----BEGIN OPENSSH PRIVATE KEY-----\n" + to_base64(body, Padding::padded) +
           "\n-----END OPENSSH PRIVATE KEY-----\n";
}

} // namespace

TEST_CASE("the files of ssh-keygen hold one key, public and private")
{
    const std::string file = test_data("ssh-key/plain");
    CHECK(is_ssh_private(as_bytes(file)));
    const Ed25519KeyPair pair = parse_ssh_private(as_bytes(file));
    std::string line = test_data("ssh-key/plain.pub");
    CHECK(parse_ssh_public(line.substr(0, line.size() - 1)) == pair.public_key());
    const std::string wire = to_base64(to_ssh_wire(pair.public_key()), Padding::padded);
    CHECK(line == "ssh-ed25519 " + wire + " test\n");
}

TEST_CASE("encrypted keys and keys of other types are refused, each in its way")
{
    CHECK(exit_of_parse(test_data("ssh-key/encrypted")) == Exit::noperm);
    CHECK(exit_of_parse(test_data("ssh-key/ecdsa")) == Exit::data);
    CHECK_FALSE(parse_ssh_public(test_data("ssh-key/ecdsa.pub")));
    CHECK_FALSE(is_ssh_private(as_bytes("-----BEGIN RSA PRIVATE KEY-----\n")));
    CHECK_FALSE(is_ssh_private({}));
}

TEST_CASE("lines that are nearly public keys are refused")
{
    const std::string good = test_data("age-debian/sk.pub");
    const std::string line = good.substr(0, good.size() - 1);
    const std::string wire = line.substr(12, line.rfind(' ') - 12);
    REQUIRE(parse_ssh_public(line));
    CHECK(parse_ssh_public("ssh-ed25519 " + wire));
    CHECK(parse_ssh_public("ssh-ed25519 " + wire + " a b c"));
    for (const std::string& near :
         {std::string{}, std::string{"ssh-ed25519"}, std::string{"ssh-ed25519 "}, wire,
          "ssh-ed25519  " + wire, " ssh-ed25519 " + wire, "ssh-ed25519\t" + wire,
          "ssh-ed25519 " + wire + "\n", "ssh-ed25519 " + wire + "\tx", "ssh-rsa " + wire,
          "ssh-ed25519-cert-v01@openssh.com " + wire, "SSH-ED25519 " + wire,
          "ssh-ed25519 " + wire + "=", "ssh-ed25519 " + wire.substr(4),
          "ssh-ed25519 " + wire + "AAAA"}) {
        CAPTURE(near);
        CHECK_FALSE(parse_ssh_public(near));
    }
    const Bytes bytes = from_base64(wire, Padding::padded).value();
    for (std::size_t at = 0; at < 19; ++at) { // lengths and type
        Bytes changed = bytes;
        changed[at] ^= std::byte{1};
        CHECK_FALSE(parse_ssh_public("ssh-ed25519 " + to_base64(changed, Padding::padded)));
    }
}

TEST_CASE("a change of any byte of a private key is refused, or one of its comment")
{
    const Bytes body = body_of(test_data("ssh-key/plain"));
    const Ed25519PublicKey key = parse_ssh_private(as_bytes(to_pem(body))).public_key();
    std::size_t accepted = 0;
    for (std::size_t at = 0; at < body.size(); ++at)
        for (const unsigned change : {1U, 0x80U, 0xffU}) {
            Bytes changed = body;
            changed[at] ^= std::byte(change);
            CAPTURE(at);
            const Exit code = exit_of([&] {
                const Ed25519KeyPair pair = parse_ssh_private(as_bytes(to_pem(changed)));
                CHECK(pair.public_key() == key);
                CHECK(at >= body.size() - 9); // length and text of the comment, and the padding
                ++accepted;
            });
            CHECK((code == Exit::ok || code == Exit::data || code == Exit::noperm));
        }
    CHECK(accepted >= 3 * std::string_view{"test"}.size());
}

TEST_CASE("a private key that is cut or has bytes behind it is refused")
{
    const Bytes body = body_of(test_data("ssh-key/plain"));
    for (std::size_t size = 0; size < body.size(); ++size) {
        const std::string text = to_pem(ByteView{body}.first(size));
        CHECK(exit_of_parse(text) == Exit::data);
    }
    Bytes longer = body;
    longer.push_back(std::byte{0});
    CHECK(exit_of_parse(to_pem(longer)) == Exit::data);

    const std::string file = test_data("ssh-key/plain");
    for (std::size_t size = 0; size < file.size() - 1; ++size)
        CHECK(exit_of_parse(file.substr(0, size)) == Exit::data);
    CHECK(exit_of_parse("-----END OPENSSH PRIVATE KEY-----\n" + file) == Exit::data);
    std::string crlf;
    for (const char c : file) crlf += c == '\n' ? "\r\n" : std::string{c};
    CHECK(exit_of_parse(crlf) == Exit::ok);
}
