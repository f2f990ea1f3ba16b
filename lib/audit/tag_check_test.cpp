#include "audit/tag_check.hpp"

#include "audit/testing.hpp"
#include "pairing/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

/// Whether the tags of a file are right, block by block in so many checks.
bool is_right(const Tagged& tagged, const ProverKey& key, std::size_t checks = 1)
{
    FixedEntropy entropy;
    std::vector<TagCheck> parts(checks, TagCheck{key, tagged.file.id});
    for (std::uint64_t i = 0; i < tagged.file.blocks; ++i) {
        std::array<std::byte, 16> factor{};
        entropy.fill(factor);
        parts[i % checks].add(i, tagged.block(i), tagged.tags[i], factor);
    }
    TagCheck whole = parts[0];
    for (std::size_t i = 1; i < checks; ++i) whole.add(parts[i]);
    return whole.is_right(tagged.key);
}

} // namespace

TEST_CASE("right tags pass, however they are split over checks")
{
    const AuditSecret secret{noise(32, 1)};
    const ProverKey key = secret.prover_key(4);
    for (const std::size_t size : {0U, 1U, 30U, 31U, 32U, 123U, 124U, 125U, 248U, 1200U}) {
        const Tagged tagged = tag_file(secret, 4, noise(size, size));
        for (const std::size_t checks : {1U, 2U, 3U, 20U})
            CHECK_MESSAGE(is_right(tagged, key, checks), size, ' ', checks);
    }
    const Tagged single = tag_file(secret, 1, noise(100));
    CHECK(is_right(single, secret.prover_key(1)));
    CHECK(is_right(tag_file(secret, 4, Bytes(500)), key)); // nothing but zeros
    CHECK(TagCheck(key, {}).is_right(single.key));         // nothing at all
}

TEST_CASE("each single wrong tag is noticed" * doctest::test_suite("answers"))
{
    const AuditSecret secret{noise(32, 1)};
    const ProverKey key = secret.prover_key(4);
    const Tagged good = tag_file(secret, 4, noise(12 * 124 - 50));
    for (std::size_t i = 0; i < good.tags.size(); ++i) {
        Tagged bad = good;
        bad.tags[i] += G1::generator();
        CHECK_FALSE(is_right(bad, key));
        CHECK_FALSE(is_right(bad, key, 3));
        bad.tags[i] = -good.tags[i];
        CHECK_FALSE(is_right(bad, key));
        bad.tags[i] = G1{};
        CHECK_FALSE(is_right(bad, key));
        bad.tags[i] = good.tags[(i + 1) % good.tags.size()];
        CHECK_FALSE(is_right(bad, key));
        std::swap(bad.tags[i], bad.tags[(i + 1) % good.tags.size()]);
    }
}

TEST_CASE("tags that are swapped, with their blocks or without, are noticed")
{
    const AuditSecret secret{noise(32, 1)};
    const ProverKey key = secret.prover_key(4);
    const Tagged good = tag_file(secret, 4, noise(4 * 124));
    Tagged swapped = good;
    std::swap(swapped.tags[1], swapped.tags[2]);
    CHECK_FALSE(is_right(swapped, key));
    std::swap_ranges(swapped.data.begin() + 124, swapped.data.begin() + 248,
                     swapped.data.begin() + 248);
    CHECK_FALSE(is_right(swapped, key));
    // Errors that would cancel out if all factors were the same.
    Tagged balanced = good;
    balanced.tags[0] += G1::generator();
    balanced.tags[3] -= G1::generator();
    CHECK_FALSE(is_right(balanced, key));
    CHECK_FALSE(is_right(balanced, key, 2));
}

TEST_CASE("a changed bit in any sector of any block is noticed")
{
    const AuditSecret secret{noise(32, 1)};
    const ProverKey key = secret.prover_key(4);
    const Tagged good = tag_file(secret, 4, noise(3 * 124 + 70)); // 15 sectors and 8 bytes
    for (std::size_t at = 0; at < good.data.size(); at += 23) {
        Tagged bad = good;
        bad.data = with_bit_changed(good.data, 8 * at + at % 8);
        CHECK_MESSAGE(!is_right(bad, key), at);
    }
    Tagged bad = good;
    bad.data = with_bit_changed(good.data, 8 * good.data.size() - 1);
    CHECK_FALSE(is_right(bad, key));
    // Zeros behind the end are no change: the size is in the id.
    Tagged padded = good;
    padded.data.resize(4 * 124);
    CHECK(is_right(padded, key));
    CHECK_FALSE(audit_file_id(good.key, padded.data.size(), good.root.bytes) == good.file.id);
}

TEST_CASE("tags of another file, another key and other sectors are noticed")
{
    const AuditSecret secret{noise(32, 1)};
    const AuditSecret other{noise(32, 2)};
    const ProverKey key = secret.prover_key(4);
    const Tagged good = tag_file(secret, 4, noise(500, 1));
    const Tagged another = tag_file(secret, 4, noise(500, 2));
    Tagged mixed = good;
    mixed.tags = another.tags;
    CHECK_FALSE(is_right(mixed, key));
    mixed.file = another.file;
    CHECK_FALSE(is_right(mixed, key)); // their id too
    mixed.data = another.data;
    CHECK(is_right(mixed, key));

    const Tagged others = tag_file(other, 4, noise(500, 1));
    CHECK(is_right(others, other.prover_key(4)));
    CHECK_FALSE(is_right(others, key));
    Tagged claimed = good;
    claimed.key = others.key;
    CHECK_FALSE(is_right(claimed, key));
    CHECK_FALSE(is_right(claimed, other.prover_key(4)));

    // The same bytes in blocks of three sectors, of which there are more.
    Tagged narrow = tag_file(secret, 3, good.data);
    CHECK(narrow.file.blocks == good.file.blocks + 1);
    CHECK(is_right(narrow, secret.prover_key(3)));
    narrow.file.id = good.file.id;
    CHECK_FALSE(is_right(narrow, secret.prover_key(3)));
}

TEST_CASE("one wrong tag among more than a thousand is noticed" * doctest::test_suite("answers"))
{
    const AuditSecret secret{noise(32, 1)};
    const ProverKey key = secret.prover_key(1);
    const Tagged good = tag_file(secret, 1, noise(1030 * sector_size));
    CHECK(is_right(good, key));
    CHECK(is_right(good, key, 2));
    for (const std::size_t at : {0U, 1023U, 1024U, 1029U}) {
        Tagged bad = good;
        bad.tags[at] += G1::generator();
        CHECK_FALSE(is_right(bad, key));
    }
}

TEST_CASE("points of small order pass no check because they are never read")
{
    // Pairings do not see (0, 2), of order 3, so a tag that it is added to seems to be right.
    const G1 small{G1Affine{{}, detail::Fp::from_number(2)}};
    const AuditSecret secret{noise(32, 1)};
    Tagged tagged = tag_file(secret, 4, noise(200));
    tagged.tags[0] += small;
    CHECK(is_right(tagged, secret.prover_key(4)));
    CHECK_FALSE(G1::decode(encoded(tagged.tags[0])));
    CHECK_FALSE(G1::decode(encoded(small)));
    Bytes whole(G1::uncompressed_size);
    tagged.tags[0].encode_uncompressed(whole);
    CHECK_FALSE(G1::decode(whole));
}

TEST_CASE("no point of the curve that is outside of the group is read")
{
    std::size_t found = 0;
    for (std::uint64_t x = 0; x < 100; ++x) {
        const detail::Fp field = detail::Fp::from_number(x);
        const auto y = detail::square_root(field.squared() * field + G1Curve::b());
        if (!y) continue;
        ++found;
        const G1 point{G1Affine{field, *y}};
        CHECK_FALSE(point.is_in_group());
        CHECK_FALSE(G1::decode(encoded(point)));
        CHECK_FALSE(G1::decode(encoded(-point)));
        CHECK_FALSE(G1::decode(encoded(point + G1::generator())));
        const G1 cleared = G1Curve::clear_cofactor(point);
        CHECK(G1::decode(encoded(cleared)) == cleared);
    }
    CHECK(found > 30);
}
