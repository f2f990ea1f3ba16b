#include "format/age_recipient.hpp"

#include "base/base64.hpp"
#include "crypto/testing.hpp"

#include <algorithm>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

constexpr unsigned log_n = 4; // quick

Secret text_secret(std::string_view text)
{
    return Secret::copy(as_bytes(text));
}

Secret sample_file_key()
{
    return Secret::copy(noise(file_key_size));
}

X25519Identity x25519_identity(std::uint64_t seed)
{
    return to_identity(Secret::copy(noise(32, seed)));
}

SshIdentity ssh_identity(std::uint64_t seed)
{
    return {Ed25519KeyPair{Secret::copy(noise(32, seed))}};
}

Stanza wrap_for(const Recipient& recipient, std::uint64_t seed = 1)
{
    FixedEntropy entropy{seed};
    return wrap(recipient, sample_file_key(), entropy);
}

bool opens(const AgeIdentity& identity, std::vector<Stanza> stanzas)
{
    const auto key = unwrap(identity, {.stanzas = std::move(stanzas)});
    return key && constant_time_equal(key->bytes(), sample_file_key().bytes());
}

/// One recipient of each kind, and the identity that belongs to it.
struct Kind {
    Recipient recipient;
    AgeIdentity identity;
    AgeIdentity stranger;
};

std::vector<Kind> kinds()
{
    std::vector<Kind> result;
    result.push_back(
        {X25519Recipient{x25519_identity(2).key}, x25519_identity(2), x25519_identity(3)});
    result.push_back(
        {SshRecipient{ssh_identity(2).pair.public_key()}, ssh_identity(2), ssh_identity(3)});
    result.push_back({PassphraseRecipient{text_secret("a b"), log_n},
                      PassphraseIdentity{text_secret("a b")},
                      PassphraseIdentity{text_secret("a c")}});
    return result;
}

std::string argument(ByteView bytes)
{
    return to_base64(bytes, Padding::unpadded);
}

} // namespace

TEST_CASE("a stanza gives its recipient the file key, and nobody else")
{
    for (const Kind& kind : kinds()) {
        const Stanza stanza = wrap_for(kind.recipient);
        CAPTURE(stanza.arguments[0]);
        CHECK(opens(kind.identity, {stanza}));
        CHECK_FALSE(unwrap(kind.stranger, {.stanzas = {stanza}}));
        for (const Kind& other : kinds())
            if (other.recipient.index() != kind.recipient.index())
                CHECK_FALSE(unwrap(other.identity, {.stanzas = {stanza}}));
        CHECK(wrap_for(kind.recipient, 1).body == stanza.body);
        CHECK(wrap_for(kind.recipient, 9).body != stanza.body);
    }
}

TEST_CASE("stanzas have the shape that the specification gives them")
{
    const std::vector<Kind> all = kinds();
    const Stanza x25519 = wrap_for(all[0].recipient);
    CHECK(x25519.arguments.size() == 2);
    CHECK(x25519.arguments[0] == "X25519");
    CHECK(x25519.arguments[1].size() == 43);
    const Stanza ssh = wrap_for(all[1].recipient);
    CHECK(ssh.arguments.size() == 3);
    CHECK(ssh.arguments[0] == "ssh-ed25519");
    CHECK(ssh.arguments[1].size() == 6);
    CHECK(ssh.arguments[2].size() == 43);
    const Stanza scrypt = wrap_for(all[2].recipient);
    CHECK(scrypt.arguments.size() == 3);
    CHECK(scrypt.arguments[0] == "scrypt");
    CHECK(scrypt.arguments[1].size() == 22);
    CHECK(scrypt.arguments[2] == "4");
    for (const Stanza& stanza : {x25519, ssh, scrypt}) CHECK(stanza.body.size() == 32);
    CHECK(PassphraseRecipient{Secret{1}}.log_n == 18);
}

TEST_CASE("a stanza is found among others, unknown types are passed by")
{
    const std::vector<Kind> all = kinds();
    const Stanza ours = wrap_for(all[0].recipient);
    const Stanza other = wrap_for(X25519Recipient{x25519_identity(8).key});
    const Stanza unknown{{"grease", "x", "y", "z"}, noise(3)};
    const Stanza capitals{{"x25519", ours.arguments[1]}, ours.body};
    CHECK(opens(all[0].identity, {unknown, other, capitals, ours, wrap_for(all[1].recipient)}));
    CHECK(opens(all[1].identity, {unknown, other, wrap_for(all[1].recipient)}));
    CHECK_FALSE(unwrap(all[0].identity, {.stanzas = {unknown, other, capitals}}));
}

TEST_CASE("a malformed stanza of a known type is refused, before and behind the right one")
{
    for (const Kind& kind : kinds()) {
        if (std::holds_alternative<PassphraseIdentity>(kind.identity)) continue;
        const Stanza good = wrap_for(kind.recipient);
        std::vector<Stanza> bad(6, good);
        bad[0].body.pop_back();
        bad[1].body.push_back(std::byte{0});
        bad[2].arguments.emplace_back("x");
        bad[3].arguments.pop_back();
        bad[4].arguments.back().pop_back();
        bad[5].arguments.back() = argument(Bytes(32)); // a point of low order
        for (const Stanza& stanza : bad) {
            CHECK(exit_of([&] { unwrap(kind.identity, {.stanzas = {stanza}}); }) == Exit::data);
            CHECK(exit_of([&] {
                      unwrap(kind.identity, {.stanzas = {good, stanza}});
                  }) == Exit::data);
        }
    }
}

TEST_CASE("a passphrase stanza is well formed and asks for no more work than is allowed")
{
    const Kind kind = std::move(kinds()[2]);
    const Stanza good = wrap_for(kind.recipient);
    const auto refused = [&](const Stanza& stanza) {
        return exit_of([&] { unwrap(kind.identity, {.stanzas = {stanza}}); }) == Exit::data;
    };
    for (const char* const work : {"0", "23", "04", "+4", "-4", "4 ", "0x4", "", "4.0", "64",
                                   "4294967300", "18446744073709551620"}) {
        CAPTURE(work);
        Stanza stanza = good;
        stanza.arguments[2] = work;
        CHECK(refused(stanza));
    }
    for (const std::size_t size : {0, 15, 17}) {
        Stanza stanza = good;
        stanza.arguments[1] = argument(Bytes(size));
        CHECK(refused(stanza));
    }
    Stanza harder = good;
    harder.arguments[2] = "5";
    CHECK_FALSE(unwrap(kind.identity, {.stanzas = {harder}}));
    CHECK(opens(kind.identity, {good}));
}

TEST_CASE("a key that no one can use gets no stanza")
{
    CHECK(exit_of([] { wrap_for(X25519Recipient{}); }) == Exit::data);
    CHECK(exit_of([] { wrap_for(SshRecipient{}); }) == Exit::data);
    SshRecipient two;
    two.key.bytes[0] = std::byte{2}; // on no point
    CHECK(exit_of([&] { wrap_for(two); }) == Exit::data);
}
