#include "audit/signed_key.hpp"

#include "audit/testing.hpp"
#include "codec/cbor.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

bool is_key_refused(ByteView bytes)
{
    return exit_of([&] { (void)parse_audit_key(bytes); }) == Exit::data;
}

bool is_prover_refused(ByteView bytes)
{
    return exit_of([&] { (void)parse_prover_key(bytes); }) == Exit::data;
}

bool is_text_refused(const std::string& text)
{
    return exit_of([&] { (void)parse_audit_key_text(text); }) == Exit::data;
}

/// The golden audit key with bytes of its encoding replaced.
Bytes key_with(std::size_t at, ByteView bytes)
{
    Bytes key = golden_record("audit_key");
    std::ranges::copy(bytes, key.begin() + static_cast<std::ptrdiff_t>(at));
    return key;
}

constexpr std::size_t points_at = 6; // in an audit key of 16 sectors

} // namespace

TEST_CASE("an audit key is written and signed as another implementation does")
{
    const SignedAuditKey key = golden_audit_key();
    CHECK(to_bytes(key) == golden_record("audit_key"));
    CHECK(to_text(key) == as_text(golden_record("audit_key_text")));
    CHECK(is_signed(key));
    CHECK(to_bytes(key).size() <= audit_key_size_max);

    const SignedAuditKey read = parse_audit_key(golden_record("audit_key"));
    CHECK(read.key == key.key);
    CHECK(read.key.sectors() == 16);
    CHECK(read.owner == golden_owner().public_key());
    CHECK(to_bytes(read) == golden_record("audit_key"));
}

TEST_CASE("an audit key with any byte changed is refused or not signed" *
          doctest::test_suite("answers"))
{
    const Bytes good = golden_record("audit_key");
    const auto is_noticed = [&](std::size_t bit) {
        const Bytes bad = with_bit_changed(good, bit);
        return is_key_refused(bad) || !is_signed(parse_audit_key(bad));
    };
    for (std::size_t at = 0; at < good.size(); ++at) CHECK_MESSAGE(is_noticed(8 * at + at % 8), at);
    for (std::size_t flag = 5; flag < 8; ++flag) { // compressed, at infinity, of the larger y
        CHECK(is_noticed(8 * points_at + flag));
        CHECK(is_noticed(8 * (points_at + G2::size) + flag));
    }
}

TEST_CASE("near misses of an audit key are refused")
{
    const Bytes good = golden_record("audit_key");
    for (const Bytes& bad : near_misses_of(good)) CHECK(is_key_refused(bad));
    for (const char* const name : {"prover_key", "challenge", "storage_proof", "transcript",
                                   "prove_request", "prove_reply", "tags_request", "tags_reply"})
        CHECK_MESSAGE(is_key_refused(golden_record(name)), name);

    // Points at infinity, of the other group, not below the field's order, uncompressed.
    Bytes infinity(G2::size);
    infinity[0] = std::byte{0xc0};
    CHECK(is_key_refused(key_with(points_at, infinity)));
    CHECK(is_key_refused(key_with(points_at + G2::size, infinity)));
    CHECK(is_key_refused(key_with(points_at, Bytes(G2::size))));
    CHECK(is_key_refused(key_with(points_at, Bytes(G2::size, std::byte{0x9f}))));
    CHECK(is_key_refused(key_with(points_at, Bytes(G2::size, std::byte{0xff}))));
    for (std::uint64_t seed = 0; seed < 32;
         ++seed) { // on the curve half of them, in the group none
        Bytes x = noise(G2::size, seed);
        x[0] = std::byte{0x80};
        x[G2::size / 2] = std::byte{0};
        CHECK(is_key_refused(key_with(points_at, x)));
    }
}

TEST_CASE("an audit key has 1 to 65 536 sectors")
{
    const AuditSecret secret = golden_secret();
    const auto bytes_with = [&](std::uint32_t sectors) {
        return to_bytes(sign(secret.audit_key(sectors), golden_owner()));
    };
    for (const std::uint32_t sectors :
         {1U, 2U, 23U, 24U, 255U, 256U, sectors_max - 1, sectors_max}) {
        CHECK(parse_audit_key(bytes_with(sectors)).key == secret.audit_key(sectors));
        CHECK(is_signed(parse_audit_key(bytes_with(sectors))));
    }
    Bytes none = bytes_with(1);
    REQUIRE(none[3] == std::byte{1});
    none[3] = std::byte{0};
    CHECK(is_key_refused(none));
    Bytes many = bytes_with(sectors_max);
    REQUIRE(many[7] == std::byte{0}); // 1a00010000
    many[7] = std::byte{1};
    CHECK(is_key_refused(many));
    many[4] = std::byte{1}; // and 2^24 + 65 537, of which 32 bits fit
    CHECK(is_key_refused(many));

    // A signature is for as many sectors as there are.
    Bytes other = bytes_with(16);
    other[3] = std::byte{17};
    CHECK_FALSE(is_signed(parse_audit_key(other)));
}

TEST_CASE("whoever signs an audit key is its owner, and nobody else")
{
    const SignedAuditKey good = golden_audit_key();
    SignedAuditKey claimed = good;
    claimed.owner = golden_node().public_key();
    CHECK_FALSE(is_signed(claimed));
    SignedAuditKey forged = sign(golden_secret().audit_key(16), golden_node());
    CHECK(is_signed(forged));
    forged.owner = golden_owner().public_key();
    CHECK_FALSE(is_signed(forged));
    SignedAuditKey moved = good;
    moved.key = AuditSecret{noise(32)}.audit_key(16);
    CHECK_FALSE(is_signed(moved));
}

TEST_CASE("an audit key's text is one line, behind comments, and in one way")
{
    const std::string good = to_text(golden_audit_key());
    const auto read = [](const std::string& text) {
        return to_bytes(parse_audit_key_text(text)) == golden_record("audit_key");
    };
    CHECK(read(good));
    CHECK(read(good + '\n'));
    CHECK(read(good + "\r\n"));
    CHECK(read("# a comment\n\n#another\r\n" + good + "\nwhatever follows\n"));
    CHECK(read(good + '\n' + to_text(sign(golden_secret().audit_key(4), golden_node()))));

    for (const char* const text : {"", "\n", "#", "# cairn-audit-key:", "cairn-audit-key:",
                                   "cairn-audit-key:AA", "cairn-audit-key", "word"})
        CHECK_MESSAGE(is_text_refused(text), text);
    CHECK(is_text_refused("word\n" + good));
    CHECK(is_text_refused(' ' + good));
    CHECK(is_text_refused('#' + good));
    CHECK(is_text_refused("Cairn" + good.substr(5)));
    for (const char* const behind : {" ", "=", "==", "A", "\r", "\r\r\n", "\t"})
        CHECK_MESSAGE((is_text_refused(good + behind) == (std::string_view{behind} != "\r")),
                      behind);
    CHECK(is_text_refused(good + '\0'));
    for (std::size_t size = 0; size < good.size(); ++size)
        CHECK_MESSAGE(is_text_refused(good.substr(0, size)), size);

    // The last character carries four bits that no byte has.
    REQUIRE(golden_record("audit_key").size() % 3 == 1);
    for (const char last : std::string_view{"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                            "0123456789-_+/"}) {
        const bool has_none = std::string_view{"AQgw"}.find(last) != std::string_view::npos;
        CHECK_MESSAGE(is_text_refused(good.substr(0, good.size() - 1) + last) != has_none, last);
    }
}

TEST_CASE("a prover key is written as another implementation does")
{
    FixedEntropy entropy;
    const SignedProverKey key{golden_audit_key(), golden_secret().prover_key(16)};
    CHECK(to_bytes(key) == golden_record("prover_key"));
    const SignedProverKey read = parse_prover_key(golden_record("prover_key"));
    CHECK(to_bytes(read) == golden_record("prover_key"));
    CHECK(is_signed(read.audit));
    CHECK(read.powers.belongs_to(read.audit.key, entropy));
}

TEST_CASE("a prover key with any byte changed is refused, not signed or does not belong" *
          doctest::test_suite("answers"))
{
    FixedEntropy entropy;
    const Bytes good = golden_record("prover_key");
    for (std::size_t at = 0; at < good.size(); ++at) {
        const Bytes bad = with_bit_changed(good, 8 * at + at % 8);
        if (is_prover_refused(bad)) continue;
        const SignedProverKey read = parse_prover_key(bad);
        CHECK_MESSAGE((!is_signed(read.audit) || !read.powers.belongs_to(read.audit.key, entropy)),
                      at);
    }
    for (std::size_t power = 1; power < 16; ++power) { // of each point the sign
        const std::size_t at = good.size() - (16 - power) * G1::size;
        const SignedProverKey read = parse_prover_key(with_bit_changed(good, 8 * at + 5));
        CHECK_FALSE(read.powers.belongs_to(read.audit.key, entropy));
    }
}

TEST_CASE("near misses of a prover key are refused" * doctest::test_suite("answers"))
{
    const Bytes good = golden_record("prover_key");
    for (const Bytes& bad : near_misses_of(good)) CHECK(is_prover_refused(bad));
    CHECK(is_prover_refused(golden_record("audit_key")));
    CHECK(is_prover_refused(Bytes(prover_key_size_max + 1)));

    // As many powers as sectors, the generator first.
    const SignedAuditKey audit = golden_audit_key();
    for (const std::uint32_t sectors : {0U, 1U, 15U, 17U, 32U})
        CHECK(is_prover_refused(
            to_bytes(SignedProverKey{audit, golden_secret().prover_key(sectors)})));
    std::vector<G1> powers = golden_secret().prover_key(17).powers();
    powers.erase(powers.begin());
    CHECK(is_prover_refused(to_bytes(SignedProverKey{audit, ProverKey{powers}})));
    for (std::size_t power = 0; power < 16; ++power) { // none is at infinity
        powers = golden_secret().prover_key(16).powers();
        powers[power] = G1{};
        CHECK(is_prover_refused(to_bytes(SignedProverKey{audit, ProverKey{powers}})));
    }
    const SignedAuditKey single = sign(golden_secret().audit_key(1), golden_owner());
    CHECK_FALSE(
        is_prover_refused(to_bytes(SignedProverKey{single, golden_secret().prover_key(1)})));

    // What another has in it is read, and does not belong.
    FixedEntropy entropy;
    const Bytes other = to_bytes(SignedProverKey{audit, AuditSecret{noise(32)}.prover_key(16)});
    CHECK_FALSE(parse_prover_key(other).powers.belongs_to(audit.key, entropy));
}

TEST_CASE("the largest prover key fits")
{
    const std::size_t powers = sectors_max * G1::size;
    const SignedAuditKey audit = sign(golden_secret().audit_key(sectors_max), golden_owner());
    CHECK(3 + to_bytes(audit).size() + cbor_head_size(powers) + powers <= prover_key_size_max);
    CHECK(to_bytes(audit).size() <= audit_key_size_max);
}
