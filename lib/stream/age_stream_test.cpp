#include "stream/age_stream.hpp"

#include "crypto/testing.hpp"
#include "format/age_payload.hpp"
#include "format/ssh_key.hpp"

#include <algorithm>
#include <random>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

constexpr unsigned log_n = 4; // quick

Source source_of(ByteView bytes)
{
    return [bytes](MutableByteView buffer) mutable {
        const std::size_t size = std::min(buffer.size(), bytes.size());
        std::ranges::copy(bytes.first(size), buffer.begin());
        bytes = bytes.subspan(size);
        return size;
    };
}

X25519Identity identity_of(std::uint64_t seed)
{
    return to_identity(Secret::copy(noise(32, seed)));
}

std::vector<AgeIdentity> only(AgeIdentity identity)
{
    std::vector<AgeIdentity> identities;
    identities.push_back(std::move(identity));
    return identities;
}

std::vector<Recipient> only(Recipient recipient)
{
    std::vector<Recipient> recipients;
    recipients.push_back(std::move(recipient));
    return recipients;
}

Bytes encrypt(ByteView plain, const EncryptOptions& options = {},
              const std::vector<Recipient>& recipients = only(X25519Recipient{identity_of(1).key}))
{
    FixedEntropy entropy;
    Bytes file;
    encrypt_stream(
        source_of(plain),
        [&](ByteView bytes) { file.insert(file.end(), bytes.begin(), bytes.end()); }, recipients,
        entropy, options);
    return file;
}

struct Outcome {
    Exit code = Exit::ok;
    Bytes released;
};

Outcome decrypt(ByteView file, unsigned workers = 1,
                const std::vector<AgeIdentity>& identities = only(identity_of(1)),
                const AskPassphrase& ask = {})
{
    Outcome outcome;
    outcome.code = exit_of([&] {
        decrypt_stream(source_of(file),
                       [&](ByteView bytes) {
                           outcome.released.insert(outcome.released.end(), bytes.begin(),
                                                   bytes.end());
                       },
                       identities, ask, {.workers = workers});
    });
    return outcome;
}

Bytes bytes_of(std::string_view text)
{
    return {as_bytes(text).begin(), as_bytes(text).end()};
}

} // namespace

TEST_CASE("data of any size is encrypted and decrypted, by any number of workers, armored or not")
{
    constexpr std::size_t unit = 4 * chunk_size;
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{1}, chunk_size - 1, chunk_size, chunk_size + 1, unit - 1,
          unit, unit + 1, 5 * unit + 77, 8 * unit})
        for (unsigned workers = 1; workers <= 4; ++workers)
            for (const bool is_armored : {false, true}) {
                CAPTURE(size);
                CAPTURE(workers);
                const Bytes plain = noise(size, size);
                const Bytes file = encrypt(plain, {.is_armored = is_armored, .workers = workers});
                CHECK(file == encrypt(plain, {.is_armored = is_armored, .size_hint = size}));
                if (!is_armored)
                    CHECK(file.size() ==
                          find_age_header_size(file).value() + sealed_payload_size(size));
                const Outcome outcome = decrypt(file, workers);
                CHECK(outcome.code == Exit::ok);
                CHECK(outcome.released == plain);
            }
}

TEST_CASE("a wrong hint of the size costs nothing but memory")
{
    const Bytes plain = noise(300'000);
    for (const std::uint64_t hint : {0, 1, 65'536, 65'537, 1'000'000'000})
        CHECK(encrypt(plain, {.workers = 2, .size_hint = hint}) == encrypt(plain));
}

TEST_CASE("work that is done is told, all of it")
{
    FixedEntropy entropy;
    const Bytes plain = noise(1'000'000);
    std::uint64_t encrypted = 0;
    Bytes file;
    encrypt_stream(source_of(plain),
                   [&](ByteView bytes) { file.insert(file.end(), bytes.begin(), bytes.end()); },
                   only(X25519Recipient{identity_of(1).key}), entropy,
                   {.workers = 3, .done = [&](std::uint64_t bytes) { encrypted += bytes; }});
    std::uint64_t decrypted = 0;
    decrypt_stream(source_of(file), [](ByteView) {}, only(identity_of(1)), {},
                   {.workers = 3, .done = [&](std::uint64_t bytes) { decrypted += bytes; }});
    CHECK(encrypted == plain.size());
    CHECK(decrypted == plain.size());
}

TEST_CASE("each of several recipients can decrypt, a stranger cannot")
{
    std::vector<Recipient> recipients = only(X25519Recipient{identity_of(1).key});
    recipients.emplace_back(X25519Recipient{identity_of(2).key});
    const SshIdentity ssh{Ed25519KeyPair{Secret::copy(noise(32, 3))}};
    recipients.emplace_back(SshRecipient{ssh.pair.public_key()});
    const Bytes file = encrypt(bytes_of("text"), {}, recipients);

    CHECK(decrypt(file, 1, only(identity_of(1))).released == bytes_of("text"));
    CHECK(decrypt(file, 1, only(identity_of(2))).released == bytes_of("text"));
    CHECK(decrypt(file, 1, only(SshIdentity{ssh.pair.clone()})).released == bytes_of("text"));
    std::vector<AgeIdentity> many = only(identity_of(9));
    many.emplace_back(identity_of(2));
    CHECK(decrypt(file, 1, many).released == bytes_of("text"));
    for (const Outcome& outcome : {decrypt(file, 1, only(identity_of(9))), decrypt(file, 1, {})}) {
        CHECK(outcome.code == Exit::noperm);
        CHECK(outcome.released.empty());
    }
}

TEST_CASE("a passphrase is asked for only when the file needs it")
{
    const auto passphrase = [](std::string_view text) { return Secret::copy(as_bytes(text)); };
    const Bytes file =
        encrypt(bytes_of("text"), {}, only(PassphraseRecipient{passphrase("geheim"), log_n}));
    int asked = 0;
    const auto answer = [&](std::string_view text) {
        return [&asked, text, passphrase] {
            ++asked;
            return passphrase(text);
        };
    };
    CHECK(decrypt(file, 1, {}, answer("geheim")).released == bytes_of("text"));
    CHECK(decrypt(file, 1, only(identity_of(1)), answer("geheim")).code == Exit::ok);
    CHECK(decrypt(file, 1, {}, answer("Geheim")).code == Exit::noperm);
    CHECK(decrypt(file, 1, {}, answer("")).code == Exit::noperm);
    CHECK(asked == 4);
    CHECK(decrypt(file, 1, only(PassphraseIdentity{passphrase("geheim")})).code == Exit::ok);
    CHECK(decrypt(file, 1, only(identity_of(1))).code == Exit::noperm);

    CHECK(decrypt(encrypt({}), 1, only(identity_of(1)), answer("geheim")).code == Exit::ok);
    CHECK(decrypt(encrypt({}), 1, {}, answer("geheim")).code == Exit::noperm);
    CHECK(asked == 4);
}

TEST_CASE("a passphrase beside other recipients is refused, however the file is opened")
{
    const auto passphrase = [] { return Secret::copy(as_bytes("geheim")); };
    for (const bool is_first : {false, true}) {
        std::vector<Recipient> recipients = only(X25519Recipient{identity_of(1).key});
        recipients.insert(is_first ? recipients.begin() : recipients.end(),
                          PassphraseRecipient{passphrase(), log_n});
        const Bytes file = encrypt(bytes_of("text"), {}, recipients);
        CAPTURE(is_first);
        CHECK(decrypt(file, 1, only(identity_of(1))).code == Exit::data);
        CHECK(decrypt(file, 1, {}, passphrase).code == Exit::data);
        CHECK(decrypt(file, 1, only(identity_of(1)), passphrase).code == Exit::data);
    }
}

TEST_CASE("a change of any byte of a file is noticed")
{
    const Bytes plain = noise(100);
    const Bytes file = encrypt(plain);
    for (std::size_t at = 0; at < file.size(); ++at)
        for (const unsigned change : {1U, 0x20U, 0x80U}) {
            Bytes changed = file;
            changed[at] ^= std::byte(change);
            CAPTURE(at);
            const Outcome outcome = decrypt(changed);
            CHECK((outcome.code == Exit::data || outcome.code == Exit::noperm));
            CHECK(outcome.released.empty());
        }
}

TEST_CASE("a file that is cut anywhere, or has bytes behind it, is refused")
{
    const Bytes file = encrypt(noise(100));
    for (std::size_t size = 0; size < file.size(); ++size) {
        CAPTURE(size);
        const Outcome outcome = decrypt(ByteView{file}.first(size));
        CHECK(outcome.code == Exit::data);
        CHECK(outcome.released.empty());
    }
    Bytes longer = file;
    longer.push_back(std::byte{0});
    CHECK(decrypt(longer).code == Exit::data);
    CHECK(decrypt(bytes_of("hello, this is text")).code == Exit::data);
}

TEST_CASE("of a long file that is damaged, all chunks before the damage and none after come out")
{
    constexpr std::uint64_t seed = 3;
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    const Bytes plain = noise(20 * chunk_size + 1000);
    const Bytes file = encrypt(plain, {.workers = 2});
    const std::size_t begin = find_age_header_size(file).value() + payload_nonce_size;
    for (int round = 0; round < 40; ++round) {
        const std::size_t at = begin + random() % (file.size() - begin);
        const std::size_t chunk = (at - begin) / sealed_chunk_size;
        Bytes changed = file;
        if (round % 2 == 0)
            changed[at] ^= std::byte{4};
        else
            changed.resize(at);
        CAPTURE(round);
        const Outcome outcome = decrypt(changed, 1 + static_cast<unsigned>(round) % 4);
        CHECK(outcome.code == Exit::data);
        CHECK(outcome.released.size() == chunk * chunk_size);
        CHECK(std::equal(outcome.released.begin(), outcome.released.end(), plain.begin()));
    }
}

TEST_CASE("chunks that are swapped, repeated, dropped or of another file are refused")
{
    const Bytes file = encrypt(noise(6 * chunk_size));
    const std::size_t begin = find_age_header_size(file).value() + payload_nonce_size;
    const auto chunk = [&](std::size_t index) { return begin + index * sealed_chunk_size; };
    const auto at = [](Bytes& bytes, std::size_t place) {
        return bytes.begin() + static_cast<std::ptrdiff_t>(place);
    };
    Bytes swapped = file;
    std::swap_ranges(at(swapped, chunk(1)), at(swapped, chunk(2)), at(swapped, chunk(2)));
    Bytes dropped = file;
    dropped.erase(at(dropped, chunk(1)), at(dropped, chunk(2)));
    Bytes repeated = file;
    std::copy_n(at(repeated, chunk(0)), sealed_chunk_size, at(repeated, chunk(1)));
    Bytes no_last = file;
    no_last.resize(chunk(5));
    for (const auto& [changed, good] : {std::pair{swapped, 1}, std::pair{dropped, 1},
                                        std::pair{repeated, 1}, std::pair{no_last, 5}})
        for (unsigned workers = 1; workers <= 4; ++workers) {
            const Outcome outcome = decrypt(changed, workers);
            CHECK(outcome.code == Exit::data);
            CHECK(outcome.released.size() == static_cast<std::size_t>(good) * chunk_size);
        }
}

TEST_CASE("errors of source and sink come out of both directions")
{
    const auto broken_source = [](MutableByteView) -> std::size_t {
        throw Error{Exit::ioerr, "source"};
    };
    const auto broken_sink = [](ByteView) { throw Error{Exit::tempfail, "sink"}; };
    const Bytes plain = noise(1'000'000);
    const Bytes file = encrypt(plain);
    FixedEntropy entropy;
    const auto recipients = only(X25519Recipient{identity_of(1).key});
    const auto keys = only(identity_of(1));
    for (unsigned workers = 1; workers <= 4; ++workers) {
        const EncryptOptions options{.workers = workers};
        CHECK(exit_of([&] {
                  encrypt_stream(
                      broken_source, [](ByteView) {}, recipients, entropy, options);
              }) == Exit::ioerr);
        CHECK(exit_of([&] {
                  encrypt_stream(source_of(plain), broken_sink, recipients, entropy, options);
              }) == Exit::tempfail);
        CHECK(exit_of([&] {
                  decrypt_stream(broken_source, [](ByteView) {}, keys, {}, {.workers = workers});
              }) == Exit::ioerr);
        CHECK(exit_of([&] {
                  decrypt_stream(source_of(file), broken_sink, keys, {}, {.workers = workers});
              }) == Exit::tempfail);
    }
}

TEST_CASE("a header longer than what is read at first is found, one too long is refused")
{
    std::vector<Recipient> recipients;
    for (std::uint64_t seed = 1; seed <= 100; ++seed)
        recipients.emplace_back(X25519Recipient{identity_of(seed).key});
    for (const bool is_armored : {false, true}) {
        const Bytes file = encrypt(bytes_of("text"), {.is_armored = is_armored}, recipients);
        CHECK(decrypt(file, 1, only(identity_of(77))).released == bytes_of("text"));
        OpenedAge opened = open_age(source_of(file));
        CHECK(opened.is_armored == is_armored);
        CHECK(opened.header.stanzas.size() == 100);
        Bytes payload(1000);
        CHECK(opened.payload(payload) == sealed_payload_size(4));
    }
    Bytes endless = bytes_of("age-encryption.org/v1\n-> ");
    endless.resize(4 * age_header_size_max, std::byte{'a'});
    CHECK(decrypt(endless).code == Exit::data);
}

TEST_CASE("a file with more recipients than can be read is not written")
{
    const X25519Recipient recipient{identity_of(1).key};
    std::vector<Recipient> recipients;
    while (recipients.size() <= age_stanzas_max) recipients.emplace_back(recipient);
    CHECK(exit_of([&] { encrypt({}, {}, recipients); }) == Exit::usage);
}

TEST_CASE("what OpenSSH's key opens, made by Debian's age, is opened")
{
    const std::string key = test_data("ssh-key/plain");
    const auto keys = only(SshIdentity{parse_ssh_private(as_bytes(key))});
    const Bytes file = bytes_of(test_data("ssh-key/plain.age"));
    CHECK(decrypt(file, 1, keys).released == bytes_of("cairn interop test\n"));
    CHECK(decrypt(file).code == Exit::noperm);
}
