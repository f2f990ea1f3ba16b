#include "format/signature.hpp"

#include "base/base64.hpp"
#include "crypto/testing.hpp"
#include "hash/digest.hpp"

#include <algorithm>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

std::string data(const std::string& name)
{
    return test_data("signature-files/" + name);
}

Bytes digest_of(std::string_view text)
{
    Blake2b hash;
    hash.update(as_bytes(text));
    const Blake2bDigest digest = hash.finish();
    return {digest.bytes.begin(), digest.bytes.end()};
}

SignerKey key_in(const std::string& name)
{
    return parse_signer_key(data(name)).value();
}

MinisignSecret sample_secret()
{
    return std::move(*parse_minisign_secret(as_bytes(data("m.key"))));
}

/// Whether a signature file is well formed and the text is signed.
bool is_good(std::string_view file, const SignerKey& key, std::string_view text)
{
    const SignatureFile signature = parse_signature(file);
    const Bytes digest = digest_of(text);
    return is_signed(signature, key,
                     signature.kind == SignatureKind::prehashed ? digest : as_bytes(text));
}

std::vector<std::string> lines_of(std::string_view text)
{
    std::vector<std::string> lines;
    for (; !text.empty(); text.remove_prefix(text.find('\n') + 1))
        lines.emplace_back(text.substr(0, text.find('\n')));
    return lines;
}

std::string join(const std::vector<std::string>& lines)
{
    std::string text;
    for (const std::string& line : lines) text += line + '\n';
    return text;
}

Exit exit_of_parse(std::string_view text)
{
    return exit_of([&] { parse_signature(text); });
}

} // namespace

TEST_CASE("signatures of minisign, of both kinds, and of signify are good")
{
    const std::string text = data("pt");
    for (const auto& [file, key, kind, trusted] :
         {std::tuple{"pt.minisig", "m.pub", SignatureKind::prehashed, "trusted"},
          std::tuple{"pt.legacy.minisig", "m.pub", SignatureKind::legacy, "trusted legacy"},
          std::tuple{"pt.sig", "s.pub", SignatureKind::signify, ""}}) {
        CAPTURE(file);
        const SignatureFile signature = parse_signature(data(file));
        CHECK(signature.kind == kind);
        CHECK(signature.trusted_comment == trusted);
        CHECK(signature.number == key_in(key).number);
        CHECK(is_good(data(file), key_in(key), text));
        CHECK_FALSE(is_good(data(file), key_in(key), text + "x"));
        CHECK_FALSE(is_good(data(file), key_in(key), ""));
        const bool is_signify = kind == SignatureKind::signify;
        CHECK_FALSE(is_good(data(file), key_in(is_signify ? "m.pub" : "s.pub"), text));
    }
}

TEST_CASE("signing with minisign's key gives the very file that minisign wrote")
{
    const MinisignSecret secret = sample_secret();
    CHECK(secret.pair.public_key() == key_in("m.pub").key);
    CHECK(secret.number == key_in("m.pub").number);
    const SignatureFile signature = sign_digest(secret.pair, secret.number, digest_of(data("pt")),
                                                "signature from minisign secret key", "trusted");
    CHECK(to_text(signature) == data("pt.minisig"));
    CHECK(to_text(parse_signature(data("pt.minisig"))) == data("pt.minisig"));
}

TEST_CASE("what is signed is good, and is read back as it was written")
{
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        CAPTURE(seed);
        const Ed25519KeyPair pair{Secret::copy(noise(32, seed))};
        const SignerKey key{key_number(pair.public_key()), pair.public_key()};
        const std::string text = to_text(sign_digest(pair, key.number, digest_of("text"),
                                                     std::string(seed, 'x'), "\t\xc3\xa9 ~"));
        CHECK(to_text(parse_signature(text)) == text);
        CHECK(is_good(text, key, "text"));
    }
}

TEST_CASE("a change of any byte of a signature file is noticed, but for the untrusted comment")
{
    const SignerKey key = key_in("m.pub");
    for (const char* const name : {"pt.minisig", "pt.legacy.minisig"}) {
        const std::string file = data(name);
        const std::size_t signed_from = file.find('\n') + 1;
        for (std::size_t at = 0; at < file.size(); ++at)
            for (const unsigned change : {1U, 0x20U, 0x80U}) {
                std::string changed = file;
                changed[at] = static_cast<char>(static_cast<unsigned char>(changed[at]) ^ change);
                CAPTURE(at);
                bool is_accepted = false;
                const Exit code = exit_of([&] { is_accepted = is_good(changed, key, data("pt")); });
                CHECK((code == Exit::ok || code == Exit::data));
                if (at >= signed_from) CHECK_FALSE(is_accepted);
            }
    }
}

TEST_CASE("each line of a signature is bound to the others")
{
    const SignerKey key = key_in("m.pub");
    const MinisignSecret secret = sample_secret();
    const std::string ours = to_text(
        sign_digest(secret.pair, secret.number, digest_of("other"), "untrusted", "of other"));
    const std::vector<std::string> theirs = lines_of(data("pt.minisig"));
    REQUIRE(is_good(ours, key, "other"));
    for (std::size_t line = 1; line < 4; ++line) {
        std::vector<std::string> mixed = theirs;
        mixed[line] = lines_of(ours)[line];
        CAPTURE(line);
        CHECK_FALSE(is_good(join(mixed), key, data("pt")));
        CHECK_FALSE(is_good(join(mixed), key, "other"));
    }
    std::vector<std::string> other_comment = theirs;
    other_comment[0] = "untrusted comment: anything";
    CHECK(is_good(join(other_comment), key, data("pt")));
}

TEST_CASE("a signature of one kind is not taken for another")
{
    const std::string text = data("pt");
    SignatureFile signature = parse_signature(data("pt.minisig"));
    signature.kind = SignatureKind::legacy;
    CHECK_FALSE(is_signed(signature, key_in("m.pub"), as_bytes(text)));
    signature = parse_signature(data("pt.legacy.minisig"));
    signature.kind = SignatureKind::prehashed;
    CHECK_FALSE(is_signed(signature, key_in("m.pub"), digest_of(text)));
    // A prehashed one without its trusted comment is no signature of signify.
    const std::vector<std::string> lines = lines_of(data("pt.minisig"));
    CHECK(exit_of_parse(join({lines[0], lines[1]})) == Exit::data);
}

TEST_CASE("a signature is good only for the key whose number it has")
{
    SignerKey key = key_in("m.pub");
    REQUIRE(is_good(data("pt.minisig"), key, data("pt")));
    key.number.bytes[0] ^= std::byte{1};
    CHECK_FALSE(is_good(data("pt.minisig"), key, data("pt")));
}

TEST_CASE("files that are nearly signatures are refused")
{
    const std::string file = data("pt.minisig");
    const std::vector<std::string> lines = lines_of(file);
    const Bytes line = from_base64(lines[1], Padding::padded).value();
    Bytes algorithm = line;
    algorithm[1] = std::byte{'e'};
    std::string crlf;
    for (const char c : file) crlf += c == '\n' ? "\r\n" : std::string{c};
    const std::string near_misses[] = {
        "",
        "\n" + file,
        file + "\n",
        file + "x",
        file + file,
        crlf,
        file.substr(0, file.size() - 1),
        join({lines[0]}),
        join({lines[1]}),
        join({lines[0], lines[1], lines[2]}),
        join({lines[0], lines[1], lines[3]}),
        join({lines[1], lines[2], lines[3]}),
        join({"trusted comment: x", lines[1], lines[2], lines[3]}),
        join({"untrusted comment:x", lines[1], lines[2], lines[3]}),
        join({"Untrusted comment: x", lines[1], lines[2], lines[3]}),
        join({lines[0], lines[1], lines[0], lines[3]}),
        join({lines[0], lines[1] + "=", lines[2], lines[3]}),
        join({lines[0], " " + lines[1], lines[2], lines[3]}),
        join({lines[0], lines[1], lines[2], lines[3] + " "}),
        join({lines[0], lines[1].substr(4), lines[2], lines[3]}),
        join({lines[0], lines[1], lines[2], lines[3].substr(4)}),
        join({lines[0], lines[3], lines[2], lines[3]}),
        join({lines[0], to_base64(algorithm, Padding::padded), lines[2], lines[3]}),
        join({lines[0] + "\x1b[2J", lines[1], lines[2], lines[3]}),
        join({lines[0], lines[1], lines[2] + std::string(1, '\0'), lines[3]}),
        join({lines[0] + std::string(signature_file_size_max, 'x'), lines[1], lines[2], lines[3]}),
    };
    for (const std::string& near : near_misses) {
        CAPTURE(near);
        CHECK(exit_of_parse(near) == Exit::data);
    }
    for (std::size_t size = 0; size < file.size(); ++size)
        CHECK(exit_of_parse(file.substr(0, size)) == Exit::data);
}

TEST_CASE("a comment is one line, and the longest that is signed can be read")
{
    const MinisignSecret secret = sample_secret();
    const auto sign = [&](const std::string& untrusted, const std::string& trusted) {
        return to_text(sign_digest(secret.pair, secret.number, digest_of("a"), untrusted, trusted));
    };
    for (const std::string& bad : {std::string{"a\nb"}, std::string{"a\r"}, std::string{"\x1b"},
                                   std::string{"\x7f"}, std::string(1, '\0')}) {
        CHECK(exit_of([&] { sign(bad, ""); }) == Exit::usage);
        CHECK(exit_of([&] { sign("", bad); }) == Exit::usage);
    }
    const std::string long_comment(10'000, 'x');
    CHECK(exit_of([&] { sign("", long_comment); }) == Exit::usage);
    std::size_t longest = 0;
    for (std::size_t size = 8000; size < 8300; ++size) {
        const std::string comment(size, 'x');
        if (exit_of([&] { sign(comment, comment); }) != Exit::ok) continue;
        longest = size;
        CAPTURE(size);
        CHECK(is_good(sign(comment, comment), key_in("m.pub"), "a"));
    }
    CHECK(longest >= 8000);
}

TEST_CASE("a public key is a line, alone or below its comment")
{
    const std::string file = data("m.pub");
    const std::string line = lines_of(file)[1];
    const SignerKey key = parse_signer_key(line).value();
    CHECK(to_minisign(key) == line);
    CHECK(parse_signer_key(line + "\n")->key == key.key);
    CHECK(parse_signer_key(file)->key == key.key);
    CHECK(parse_signer_key(file.substr(0, file.size() - 1))->key == key.key);
    Bytes other = from_base64(line, Padding::padded).value();
    other[1] = std::byte{'D'};
    for (const std::string& near :
         {std::string{}, " " + line, line + " ", line + "\n\n", line + "\r\n", line + "=",
          line.substr(1), line.substr(0, 55), line + line, "x\n" + line, file + file,
          std::string{"untrusted comment: x"}, std::string{"untrusted comment: x\n"},
          to_base64(other, Padding::padded), data("m.key"), data("s.sec"), data("pt.minisig")}) {
        CAPTURE(near);
        CHECK_FALSE(parse_signer_key(near));
    }
}

TEST_CASE("files that are nearly minisign's secret keys are told apart, without a word of them")
{
    const std::string file = data("m.key");
    const Bytes bytes = from_base64(lines_of(file)[1], Padding::padded).value();
    const auto with = [&](std::size_t at, std::string_view text) {
        Bytes changed = bytes;
        std::ranges::copy(as_bytes(text), changed.begin() + std::ptrdiff_t(at));
        return join({lines_of(file)[0], to_base64(changed, Padding::padded)});
    };
    const auto exit_code = [](const std::string& text) {
        return exit_of([&] {
            if (!parse_minisign_secret(as_bytes(text))) throw Error{Exit::no, "none"};
        });
    };
    CHECK(exit_code(with(0, "Ed")) == Exit::ok);
    CHECK(exit_code(with(2, "Sc")) == Exit::noperm);
    for (const std::string& near : {std::string{}, file + "\n", lines_of(file)[1],
                                    file.substr(0, file.size() - 2), with(0, "ED"), with(2, "Xx"),
                                    with(4, "B3"), data("m.pub"), data("s.sec"), data("s.pub")}) {
        CAPTURE(near);
        CHECK(exit_code(near) == Exit::no);
    }
    const std::size_t seed_at = bytes.size() - 32 - 64;
    for (std::size_t at = seed_at; at < seed_at + 64; ++at) { // seed and public key
        const std::string other(1, static_cast<char>(std::to_integer<int>(bytes[at]) ^ 1));
        CHECK(exit_code(with(at, other)) == Exit::data);
    }
}
