#include "pairing/bls_signature.hpp"

#include <algorithm>
#include <array>
#include <cassert>

namespace cairn {
namespace {

constexpr std::string_view possession_tag = "BLS_POP_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";

const PreparedG2& prepared_generator()
{
    static const PreparedG2 prepared{G2::generator()};
    return prepared;
}

Bytes bytes_of(const G1& key)
{
    Bytes bytes(G1::size);
    key.encode(bytes);
    return bytes;
}

bool verify_point(const G1& key, const G2& point, const G2& signature)
{
    if (key.is_infinity()) return false;
    const PreparedG2 hashed{point};
    const PreparedG2 signed_point{signature};
    return product_of_pairings(
               std::array{PairingTerm{key, &hashed}, PairingTerm{-G1::generator(), &signed_point}})
        .is_one();
}

bool are_distinct(std::span<const ByteView> messages)
{
    std::vector<ByteView> sorted{messages.begin(), messages.end()};
    const auto is_less = [](ByteView a, ByteView b) {
        return std::ranges::lexicographical_compare(a, b);
    };
    std::ranges::sort(sorted, is_less);
    return std::ranges::adjacent_find(sorted, [](ByteView a, ByteView b) {
               return std::ranges::equal(a, b);
           }) == sorted.end();
}

} // namespace

G1 bls_public_key_g1(const Scalar& secret)
{
    assert(!secret.is_zero());
    return secret * G1::generator();
}

G2 bls_sign_g2(const Scalar& secret, ByteView message, std::string_view suite)
{
    return secret * hash_to_g2(message, suite);
}

bool bls_verify(const G1& key, ByteView message, const G2& signature, std::string_view suite)
{
    return verify_point(key, hash_to_g2(message, suite), signature);
}

G2 bls_prove_possession(const Scalar& secret)
{
    return secret * hash_to_g2(bytes_of(bls_public_key_g1(secret)), possession_tag);
}

bool bls_verify_possession(const G1& key, const G2& proof)
{
    return verify_point(key, hash_to_g2(bytes_of(key), possession_tag), proof);
}

bool bls_verify_common(std::span<const G1> keys, ByteView message, const G2& signature)
{
    G1 sum;
    for (const G1& key : keys) {
        if (key.is_infinity()) return false;
        sum += key;
    }
    return bls_verify(sum, message, signature, bls_g2_pop);
}

bool bls_verify_all(std::span<const G1> keys, std::span<const ByteView> messages,
                    const G2& signature, std::string_view suite)
{
    if (keys.empty() || keys.size() != messages.size()) return false;
    if (suite == bls_g2_basic && !are_distinct(messages)) return false;
    std::vector<PreparedG2> points;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (keys[i].is_infinity()) return false;
        points.emplace_back(hash_to_g2(messages[i], suite));
    }
    const PreparedG2 signed_point{signature};
    std::vector<PairingTerm> terms{{-G1::generator(), &signed_point}};
    for (std::size_t i = 0; i < keys.size(); ++i) terms.push_back({keys[i], &points[i]});
    return product_of_pairings(terms).is_one();
}

G2 bls_public_key_g2(const Scalar& secret)
{
    assert(!secret.is_zero());
    return secret * G2::generator();
}

G1 bls_sign_g1(const Scalar& secret, ByteView message, std::string_view suite)
{
    return secret * hash_to_g1(message, suite);
}

bool bls_verify(const G2& key, ByteView message, const G1& signature, std::string_view suite)
{
    if (key.is_infinity()) return false;
    const PreparedG2 prepared{key};
    return product_of_pairings(std::array{PairingTerm{hash_to_g1(message, suite), &prepared},
                                          PairingTerm{-signature, &prepared_generator()}})
        .is_one();
}

} // namespace cairn
