#include "pairing/pairing.hpp"

#include "pairing/bls_signature.hpp"
#include "pairing/msm.hpp"
#include "pairing/testing.hpp"

#include <sstream>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

/// x and y of a published point, each of one part or of two, the real one first.
template <class Point>
Bytes coordinates(const nlohmann::json& vector)
{
    Bytes bytes;
    for (const char* const name : {"x", "y"}) {
        const auto& parts = vector[name];
        for (std::size_t i = parts.size(); i-- > 0;) {
            const Bytes part = hex_of(parts[i]);
            bytes.insert(bytes.end(), part.begin(), part.end());
        }
    }
    REQUIRE(bytes.size() == Point::uncompressed_size);
    return bytes;
}

template <class Point, class Hash>
void check_suite(const nlohmann::json& suite, const Hash& hash)
{
    const std::string tag = suite["dst"].get<std::string>();
    for (const auto& vector : suite["vectors"]) {
        const std::string message = vector["msg"].get<std::string>();
        Bytes found(Point::uncompressed_size);
        hash(as_bytes(message), tag).encode_uncompressed(found);
        CHECK(found == coordinates<Point>(vector));
    }
}

} // namespace

TEST_CASE("messages hash to the points of RFC 9380")
{
    on_each_kernel([] {
        const nlohmann::json suites = vector_json("hash_to_curve.json");
        check_suite<G1>(suites["G1RO"], hash_to_g1);
        check_suite<G1>(suites["G1NU"], encode_to_g1);
        check_suite<G2>(suites["G2RO"], hash_to_g2);
        check_suite<G2>(suites["G2NU"], encode_to_g2);
        std::size_t long_tags = 0;
        for (const auto& vector : suites["expand"]) {
            const std::string message = vector["msg"].get<std::string>();
            const std::string tag = vector["dst"].get<std::string>();
            long_tags += tag.size() > 255 ? 1 : 0;
            CHECK(expand_message(as_bytes(message), tag, vector["size"].get<std::size_t>()) ==
                  hex_of(vector["bytes"]));
        }
        CHECK(long_tags > 0);
    });
}

TEST_CASE("a sum of hashes is that of the points")
{
    on_each_kernel([] {
        std::vector<Scalar> scalars;
        std::vector<Bytes> messages;
        G1 sum;
        for (std::uint64_t i = 0; i < 140; ++i) {
            if (i % 10 == 0 || i > 125)
                CHECK(sum_of_hashes(scalars, messages, "a tag for sums") == sum);
            scalars.push_back(i % 5 == 0 ? -Scalar{i} : drawn_scalar(i));
            messages.push_back(noise(40, i / 2));
            sum += scalars.back() * hash_to_g1(messages.back(), "a tag for sums");
        }
    });
}

TEST_CASE("field elements map to the points of EIP-2537")
{
    on_each_kernel([] {
        constexpr std::size_t padding = 16; // of each element, to 64 bytes
        const nlohmann::json maps = vector_json("hash_to_curve.json")["map"];
        const auto without_padding = [](const Bytes& padded) {
            Bytes bytes;
            for (std::size_t i = 0; i < padded.size(); i += 64)
                bytes.insert(bytes.end(), padded.begin() + static_cast<std::ptrdiff_t>(i + padding),
                             padded.begin() + static_cast<std::ptrdiff_t>(i + 64));
            return bytes;
        };
        for (const auto& vector : maps["G1"]) {
            Bytes found(G1::uncompressed_size);
            const auto point = map_to_g1(without_padding(hex_of(vector["in"])));
            REQUIRE(point);
            point->encode_uncompressed(found);
            CHECK(found == without_padding(hex_of(vector["out"])));
        }
        for (const auto& vector : maps["G2"]) {
            Bytes found(G2::uncompressed_size);
            const auto point = map_to_g2(without_padding(hex_of(vector["in"])));
            REQUIRE(point);
            point->encode_uncompressed(found);
            // There the real part comes first.
            const Bytes expected = without_padding(hex_of(vector["out"]));
            for (const std::size_t half : {0U, 96U}) {
                CHECK(std::ranges::equal(ByteView{found}.subspan(half, 48),
                                         ByteView{expected}.subspan(half + 48, 48)));
                CHECK(std::ranges::equal(ByteView{found}.subspan(half + 48, 48),
                                         ByteView{expected}.subspan(half, 48)));
            }
        }
        CHECK_FALSE(map_to_g1(Bytes(48, std::byte{0xff})));
        CHECK_FALSE(map_to_g2(Bytes(96, std::byte{0xff})));
    });
}

TEST_CASE("pairings have the values that another library gives" * doctest::test_suite("answers"))
{
    on_each_kernel([] {
        std::istringstream lines{vector_text("pairing.txt")};
        G1 first = G1::generator();
        G2 second = G2::generator();
        std::size_t count = 0;
        for (std::string line; std::getline(lines, line); ++count) {
            Bytes found(Gt::size);
            pairing(first, second).encode(found);
            CHECK(found == hex_bytes(line));
            first += G1::generator();
            second += G2::generator();
        }
        CHECK(count == 200);
    });
}

TEST_CASE("the pairing is bilinear, and not degenerate")
{
    on_each_kernel([] {
        const Scalar a = drawn_scalar(1);
        const Scalar b = drawn_scalar(2);
        const G1 g1 = G1::generator();
        const G2 g2 = G2::generator();
        CHECK(pairing(a * g1, b * g2) == pairing((a * b) * g1, g2));
        CHECK(pairing(a * g1, b * g2) == pairing(g1, (a * b) * g2));
        CHECK(pairing(a * g1, g2) * pairing(b * g1, g2) == pairing((a + b) * g1, g2));
        CHECK_FALSE(pairing(g1, g2).is_one());
        CHECK(pairing(G1{}, g2).is_one());
        CHECK(pairing(g1, G2{}).is_one());
        CHECK(product_of_pairings({}).is_one());
        const PreparedG2 one{g2};
        const PreparedG2 other{a * g2};
        const PreparedG2 none{G2{}};
        CHECK(product_of_pairings(std::array{PairingTerm{a * g1, &one}, PairingTerm{-g1, &other},
                                             PairingTerm{b * g1, &none}, PairingTerm{G1{}, &one}})
                  .is_one());
    });
}

TEST_CASE("keys and signatures are those that another library makes" *
          doctest::test_suite("answers"))
{
    on_each_kernel([] {
        for (const bool is_g1 : {true, false}) {
            std::istringstream lines{
                vector_text(is_g1 ? "signatures_g1.txt" : "signatures_g2.txt")};
            std::size_t count = 0;
            for (std::string line; std::getline(lines, line); ++count) {
                const std::size_t colon = line.find(':');
                const std::size_t second = line.find(':', colon + 1);
                const Scalar secret =
                    Scalar::reduce(hex_bytes(line.substr(0, colon))); // some are above r
                const Bytes message = hex_bytes(line.substr(colon + 1, second - colon - 1));
                const std::string signature = line.substr(second + 1);
                if (is_g1) {
                    const G1 made = bls_sign_g1(secret, message, bls_g1_basic);
                    CHECK(encoded(made) == hex_bytes(signature));
                    if (count % 16 == 0)
                        CHECK(bls_verify(bls_public_key_g2(secret), message, made, bls_g1_basic));
                } else {
                    const G2 made = bls_sign_g2(secret, message, bls_g2_basic);
                    CHECK(encoded(made) == hex_bytes(signature));
                    if (count % 16 == 0)
                        CHECK(bls_verify(bls_public_key_g1(secret), message, made, bls_g2_basic));
                }
            }
            CHECK(count > 50);
        }
    });
}

TEST_CASE("signatures are taken and refused as Wycheproof says")
{
    on_each_kernel([] {
        const nlohmann::json all = vector_json("wycheproof.json");
        std::size_t valid = 0;
        std::size_t invalid = 0;
        const auto judge = [&](bool is_good, const nlohmann::json& test) {
            CAPTURE(test["comment"].get<std::string>());
            CHECK(is_good == (test["result"] == "valid"));
            ++(is_good ? valid : invalid);
        };
        for (const char* const name :
             {"bls_sig_g2_basic_verify_test", "bls_sig_g2_pop_verify_test"})
            for (const auto& group : all[name]) {
                const auto key = G1::decode(hex_of(group["publicKey"]["pk"]));
                const std::string suite = group["ciphersuite"].get<std::string>();
                CHECK((suite == bls_g2_basic || suite == bls_g2_pop));
                for (const auto& test : group["tests"]) {
                    const auto signature = G2::decode(hex_of(test["sig"]));
                    judge(key && signature && hex_of(test["sig"]).size() == G2::size &&
                              bls_verify(*key, hex_of(test["msg"]), *signature, suite),
                          test);
                }
            }
        for (const auto& group : all["bls_sig_g2_aggregate_verify_test"])
            for (const auto& test : group["tests"]) {
                std::vector<G1> keys;
                std::vector<Bytes> messages;
                bool is_read = true;
                for (const auto& text : test["pubkeys"]) {
                    const auto key = G1::decode(hex_of(text));
                    is_read = is_read && key;
                    if (key) keys.push_back(*key);
                }
                for (const auto& text : test["messages"]) messages.push_back(hex_of(text));
                const std::vector<ByteView> views{messages.begin(), messages.end()};
                const auto signature = G2::decode(hex_of(test["sig"]));
                judge(is_read && signature && bls_verify_all(keys, views, *signature, bls_g2_basic),
                      test);
            }
        CHECK(valid > 10);
        CHECK(invalid > 30);
        for (const auto& group : all["bls_hash_to_g2_test"])
            for (const auto& test : group["tests"]) {
                const G2 point = hash_to_g2(hex_of(test["msg"]), group["dst"].get<std::string>());
                const Bytes expected = hex_of(test["expected"]);
                Bytes found(expected.size());
                if (found.size() == G2::size)
                    point.encode(found);
                else
                    point.encode_uncompressed(found);
                CHECK((found == expected) == (test["result"] == "valid"));
            }
    });
}

TEST_CASE("votes are aggregated, and whoever has not signed is missed")
{
    on_each_kernel([] {
        const Bytes message = noise(100, 1);
        std::vector<G1> keys;
        G2 sum;
        for (std::uint64_t i = 0; i < 5; ++i) {
            const Scalar secret = drawn_scalar(i);
            keys.push_back(bls_public_key_g1(secret));
            const G2 proof = bls_prove_possession(secret);
            CHECK(bls_verify_possession(keys.back(), proof));
            CHECK_FALSE(bls_verify_possession(keys.front() + keys.back(), proof));
            sum += bls_sign_g2(secret, message, bls_g2_pop);
        }
        CHECK(bls_verify_common(keys, message, sum));
        CHECK_FALSE(bls_verify_common(std::span{keys}.first(4), message, sum));
        CHECK_FALSE(bls_verify_common(keys, noise(100, 2), sum));
        CHECK_FALSE(bls_verify_common({}, message, G2{}));
        keys.push_back(G1{});
        CHECK_FALSE(bls_verify_common(keys, message, sum));
        CHECK_FALSE(bls_verify(G1{}, message, G2{}, bls_g2_pop));
        CHECK_FALSE(bls_verify(G2{}, message, G1{}, bls_g1_basic));
        CHECK_FALSE(bls_verify_possession(G1{}, G2{}));
    });
}

TEST_CASE("openings of polynomials are taken and refused as the ceremony's users do")
{
    on_each_kernel([] {
        const nlohmann::json all = vector_json("kzg.json");
        const auto tau = G2::decode(hex_of(all["tau_g2"]));
        REQUIRE(tau);
        std::size_t good = 0;
        for (const auto& test : all["cases"]) {
            CAPTURE(test["name"].get<std::string>());
            const auto part = [&](const char* name) { return hex_of(test[name]); };
            const auto commitment = G1::decode(part("commitment"));
            const auto proof = G1::decode(part("proof"));
            const auto z = part("z").size() == 32 ? Scalar::decode(part("z")) : std::nullopt;
            const auto y = part("y").size() == 32 ? Scalar::decode(part("y")) : std::nullopt;
            const bool is_read = commitment && proof && z && y &&
                                 part("proof").size() == G1::size &&
                                 part("commitment").size() == G1::size;
            CHECK(is_read == (test["output"] != "null"));
            if (!is_read) continue;
            // e(C - y g1, -g2) e(proof, (tau - z) g2) = 1
            const PreparedG2 minus_g2{-G2::generator()};
            const PreparedG2 shifted{*tau - *z * G2::generator()};
            const bool is_good =
                product_of_pairings(
                    std::array{PairingTerm{*commitment - *y * G1::generator(), &minus_g2},
                               PairingTerm{*proof, &shifted}})
                    .is_one();
            CHECK(is_good == (test["output"] == "true"));
            good += is_good ? 1 : 0;
        }
        CHECK(good > 20);
    });
}

TEST_CASE("a sum of 4096 products is what the ceremony says" * doctest::test_suite("answers"))
{
    on_each_kernel([] {
        const std::string text = vector_text("kzg_lagrange.dat");
        REQUIRE(text.size() == 4096 * G1::size);
        std::vector<G1> points;
        for (std::size_t i = 0; i < 4096; ++i) {
            const auto point = G1::decode(as_bytes(text).subspan(i * G1::size, G1::size));
            REQUIRE(point);
            points.push_back(*point);
        }
        // The polynomials of Lagrange sum to 1, and weighted with where they are 1, to x.
        const std::vector<Scalar> ones(4096, Scalar{1});
        CHECK(multi_scalar_product(ones, std::span<const G1>{points}) == G1::generator());
        Scalar root{7}; // a primitive root modulo r, to the power of (r - 1) / 4096
        {
            const detail::Limbs<4> r = detail::Fr::modulus;
            Scalar power{1};
            for (std::size_t bit = 256; bit-- > 12;) { // (r - 1) >> 12: r - 1 ends in 32 zeros
                power *= power;
                if ((r[bit / 64] >> (bit % 64) & 1U) != 0) power *= root;
            }
            root = power;
        }
        std::vector<Scalar> roots(4096);
        Scalar power{1};
        for (std::size_t i = 0; i < 4096; ++i) {
            roots[i] = power;
            power *= root;
        }
        CHECK(power == Scalar{1});
        const auto tau = G1::decode(hex_of(vector_json("kzg.json")["tau_g1"]));
        REQUIRE(tau);
        const G1 in_order = multi_scalar_product(roots, std::span<const G1>{points});
        std::vector<Scalar> reversed(4096); // where points are kept by their reversed bits
        for (std::size_t i = 0; i < 4096; ++i) {
            std::size_t other = 0;
            for (std::size_t bit = 0; bit < 12; ++bit) other |= (i >> bit & 1U) << (11 - bit);
            reversed[i] = roots[other];
        }
        const G1 by_bits = multi_scalar_product(reversed, std::span<const G1>{points});
        CHECK((in_order == *tau || by_bits == *tau));
    });
}
