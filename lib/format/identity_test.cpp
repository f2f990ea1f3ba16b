#include "format/identity.hpp"

#include "base/bech32.hpp"
#include "crypto/kdf.hpp"
#include "crypto/testing.hpp"
#include "format/signature.hpp"
#include "format/words.hpp"

#include <algorithm>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

class Constant final : public Entropy {
public:
    explicit Constant(Bytes bytes) : bytes_{std::move(bytes)} {}
    void fill(MutableByteView bytes) override { std::ranges::copy(bytes_, bytes.begin()); }

private:
    Bytes bytes_;
};

Identity identity_of(Bytes entropy)
{
    Constant source{std::move(entropy)};
    return Identity::generate(source);
}

std::string file_of(const Identity& identity)
{
    return std::string{as_text(identity.to_file().bytes())};
}

Exit exit_of_parse(std::string_view text)
{
    return exit_of([&] { Identity::parse(as_bytes(text)); });
}

/// The words of 32 zero bytes.
const char* const zero_words =
    "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon "
    "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon "
    "abandon art";

// Computed with Python's hashlib and hmac and checked with age-keygen -y.
constexpr std::string_view golden = R"(# cairn identity, version 1
# address: cairn1qpvpvpr0s8c4l3sycunqc237us2z3q4fjkguyg2ngwqwct9hgt2yclzgmzw
# recipient: age1dghajq9pe79qrxs374qy50wsg2zp33n2nn0euq9c5my5963ysqasfza0ea
# did: did:key:z6MkkP7PsRqzTpvJJRoqCbWjWW8zh93AAJCgdL5ZaAYyNayH
# minisign: RWTlsITbmDXDPVgWBG+B8V/GBMcmDCo+5BQogqmVkcIhU0OA7Cy3QtRM
# cairn-seed: CAIRN-SEED-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQZ0XLGJ
AGE-SECRET-KEY-1PAHU8US53MK6ZQNCD2Q8UG204J3T3ZSKHPR2FPSSD9ANFXAYYENS2G9HA6
)";

} // namespace

TEST_CASE("the identity of given entropy is always the same file")
{
    const Identity identity = identity_of(Bytes(32));
    CHECK(file_of(identity) == golden);
    CHECK(as_text(identity.to_words().bytes()) == zero_words);
    CHECK(file_of(Identity::recover(as_bytes(zero_words))) == golden);
    CHECK(file_of(Identity::parse(as_bytes(golden))) == golden);
    CHECK(is_identity_file(as_bytes(golden)));
}

TEST_CASE("any identity is the same from its file and from its words")
{
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        CAPTURE(seed);
        FixedEntropy source{seed};
        const Identity identity = Identity::generate(source);
        const std::string file = file_of(identity);
        CHECK(file.size() <= identity_file_size_max);
        CHECK(file_of(Identity::parse(as_bytes(file))) == file);
        CHECK(file_of(Identity::recover(identity.to_words().bytes())) == file);

        // Debian's age reads it so.
        const auto identities = parse_age_identities(as_bytes(file));
        REQUIRE(identities.size() == 1);
        const auto& age = std::get<X25519Identity>(identities[0]);
        CHECK(age.key == identity.decryption().key);
        CHECK(age.key == x25519_image(identity.signing().public_key()));
    }
}

TEST_CASE("the public forms name one key")
{
    const Ed25519PublicKey key = identity_of(noise(32)).signing().public_key();
    const PublicForms forms = public_forms(key);
    CHECK(parse_address(forms.address)->key == key);
    CHECK(parse_did(forms.did) == key);
    CHECK(parse_age_recipient(forms.recipient) == x25519_image(key));
    const auto signer = parse_signer_key(forms.minisign);
    REQUIRE(signer);
    CHECK(signer->key == key);
    CHECK(signer->number == key_number(key));
    CHECK(public_forms({}).recipient.empty()); // no point, no X25519 image
}

TEST_CASE("derived keys are HKDF of the BIP-39 seed, one for each label and number")
{
    const Identity identity = identity_of(Bytes(32));
    const Secret seed = to_seed(as_bytes(zero_words));
    const auto expected = [&](std::string_view info) {
        Bytes key(32);
        hkdf_sha256(seed.bytes(), as_bytes("CAIRN-KDF-V1"), as_bytes(info), key);
        return key;
    };
    using namespace std::string_view_literals;
    CHECK(std::ranges::equal(identity.derive("por").bytes(), expected("por\0\0\0\0\0"sv)));
    CHECK(std::ranges::equal(identity.derive("por", 0x01020304).bytes(),
                             expected("por\0\1\2\3\4"sv)));
    CHECK(std::ranges::equal(identity.derive("").bytes(), expected("\0\0\0\0\0"sv)));
    const Ed25519KeyPair pair{identity.derive("ed25519")};
    CHECK(pair.public_key() == identity.signing().public_key());
}

TEST_CASE("words that are not 24, or not all right, are no identity")
{
    const std::string words = zero_words;
    for (const std::string& near :
         {std::string{}, words.substr(0, words.size() - 4), words + " art", words + "s",
          std::string{as_text(to_words(Bytes(16)).bytes())},
          std::string{as_text(to_words(Bytes(28)).bytes())}, "zoo" + words.substr(7)}) {
        CAPTURE(near);
        CHECK(exit_of([&] { Identity::recover(as_bytes(near)); }) == Exit::data);
    }
    try {
        Identity::recover(as_bytes("zoo" + words.substr(7)));
    } catch (const Error& error) {
        const std::string message = std::string{error.what()} + error.hint();
        CHECK(message.find("abandon") == message.npos);
        CHECK(message.find("zoo") == message.npos);
    }
}

TEST_CASE("a change of any byte of an identity file is refused, and no part of it is told")
{
    const std::string file = file_of(identity_of(noise(32)));
    for (std::size_t at = 0; at < file.size(); ++at) {
        const std::byte change{static_cast<unsigned char>(1U << at % 8)};
        std::string changed = file;
        changed[at] = static_cast<char>(as_bytes(file)[at] ^ change);
        CAPTURE(at);
        try {
            Identity::parse(as_bytes(changed));
            FAIL("accepted");
        } catch (const Error& error) {
            CHECK(error.code() == Exit::data);
            const std::string message = error.what();
            CHECK((message == "not a cairn identity file, version 1, or a damaged one" ||
                   message == "the identity file has CRLF line ends"));
        }
    }
}

TEST_CASE("identity files that are nearly valid are refused")
{
    const std::string file = file_of(identity_of(noise(32)));
    const auto with = [&](std::string_view from, const std::string& to) {
        std::string changed = file;
        changed.replace(changed.find(from), from.size(), to);
        return changed;
    };
    std::string crlf;
    for (const char c : file) crlf += c == '\n' ? "\r\n" : std::string{c};
    std::vector<std::string> near_misses{
        "",
        file + "\n",
        file + "#",
        "\n" + file,
        "\xef\xbb\xbf" + file,
        file + file,
        file.substr(0, file.size() - 1),
        crlf,
        with("version 1", "version 2"),
        with("# did: ", "# did:  "),
        with("# cairn-seed: ", "# cairn-seed: CAIRN-SEED-1QQ\n# cairn-seed: "),
        with("# cairn-seed: CAIRN-SEED-", "# cairn-seed: cairn-seed-"),
        with("# recipient: ", "# note: mine\n# recipient: "),
    };
    // Without one of its lines.
    for (std::size_t begin = 0; begin < file.size();) {
        const std::size_t end = file.find('\n', begin) + 1;
        near_misses.push_back(file.substr(0, begin) + file.substr(end));
        begin = end;
    }
    // The lines of another identity around this seed.
    const std::string other = file_of(identity_of(noise(32, 2)));
    for (const char* const label : {"# address: ", "# minisign: ", "AGE-SECRET-KEY-"}) {
        const auto line = [&](const std::string& text) {
            const std::size_t begin = text.find(label);
            return text.substr(begin, text.find('\n', begin) - begin);
        };
        near_misses.push_back(with(line(file), line(other)));
    }
    for (const std::string& near : near_misses) {
        CAPTURE(near);
        CHECK(exit_of_parse(near) == Exit::data);
    }
    for (std::size_t size = 0; size < file.size(); ++size)
        CHECK(exit_of_parse(file.substr(0, size)) == Exit::data);
}

TEST_CASE("an identity file is known by its first line or its seed")
{
    CHECK(is_identity_file(as_bytes("# cairn identity, version 9\n")));
    CHECK(is_identity_file(as_bytes("# note\n# cairn-seed: x")));
    CHECK_FALSE(is_identity_file(as_bytes("# created: 2026\nAGE-SECRET-KEY-1QQ\n")));
    CHECK_FALSE(is_identity_file({}));
}
