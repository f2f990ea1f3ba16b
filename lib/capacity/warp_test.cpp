#include "capacity/claim.hpp"
#include "capacity/drawn_nonces_testing.hpp"
#include "capacity/testing.hpp"
#include "hash/digest.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

PlotOwner owner_of(std::uint64_t seed)
{
    PlotOwner owner;
    std::ranges::copy(noise(32, seed), owner.chain.begin());
    std::ranges::copy(noise(32, seed + 1), owner.account.begin());
    owner.salt = static_cast<std::uint32_t>(seed);
    return owner;
}

Bytes nonce_of(const NonceSeed& seed)
{
    NonceGroup group;
    group.make(std::array{seed});
    Bytes nonce(nonce_size);
    group.copy_scoops(0, scoops - 1, nonce.data(), {.scoop = scoop_size, .nonce = nonce_size});
    return nonce;
}

Hit hit_in(const Challenge& challenge, ByteView nonce, std::size_t scoop)
{
    return hit_of(challenge, nonce.subspan(scoop * scoop_size, scoop_size));
}

} // namespace

TEST_CASE("a plot id is a digest of all that it depends on")
{
    const PlotOwner owner = owner_of(1);
    Bytes message;
    for (const char c : std::string_view{"cairn/plot/v1"}) message.push_back(std::byte(c));
    message.insert(message.end(), owner.chain.begin(), owner.chain.end());
    message.insert(message.end(), owner.account.begin(), owner.account.end());
    for (const int byte : {1, 0, 0, 0}) message.push_back(std::byte(byte));
    CHECK(plot_id(owner).bytes == sha256(message).bytes);
    PlotOwner other = owner;
    other.salt = 256;
    CHECK(plot_id(other) != plot_id(owner));
    CHECK(numeric_account(other) == numeric_account(owner));
    other.account[31] ^= std::byte{1};
    CHECK(numeric_account(other) != numeric_account(owner));
}

TEST_CASE("a warp is the sum of its terms, whichever parts are made first")
{
    for (const unsigned scale : {0U, 1U, 2U, 3U}) {
        CAPTURE(scale);
        const WarpShape shape{.side = 64, .scale = scale};
        const std::uint64_t number = 5;
        Bytes warp(shape.size(), std::byte{0xaa});
        for (std::size_t term = 0; term < shape.terms(); ++term) {
            DrawnNonces maker{5};
            for (std::size_t first = 60; first < 64; first += 5)
                add_nonces({shape, number, term, first, 4, shape.row_size()}, maker, warp.data());
            for (std::size_t first = 0; first < 60; first += 5)
                add_nonces({shape, number, term, first, 5, shape.row_size()}, maker, warp.data());
        }
        for (std::size_t s = 0; s < 64; ++s)
            for (std::size_t x = 0; x < 64; ++x) {
                Bytes sum(scoop_size);
                for (std::size_t term = 0; term < shape.terms(); ++term) {
                    const std::uint64_t base = ((number << scale) + term) * 64;
                    const Bytes part = term % 2 == 0 ? DrawnNonces::scoop({base + x}, s)
                                                     : DrawnNonces::scoop({base + s}, x);
                    for (std::size_t k = 0; k < scoop_size; ++k) sum[k] ^= part[k];
                }
                REQUIRE(std::ranges::equal(
                    sum, ByteView{warp}.subspan((s * 64 + x) * scoop_size, scoop_size)));
            }
    }
}

TEST_CASE("hashed nonces are those of their numbers")
{
    const PlotId plot = plot_id(owner_of(3));
    HashedNonces maker{plot};
    const std::size_t count = std::min<std::size_t>(3, maker.size());
    maker.make({(1ULL << 32U) - 2}, count); // a carry
    Bytes out(count * scoop_size);
    maker.copy_scoops(17, 17, out.data(), {.scoop = 0, .nonce = scoop_size});
    for (std::size_t i = 0; i < count; ++i) {
        const Bytes nonce = nonce_of(to_seed(plot, {(1ULL << 32U) - 2 + i}));
        CHECK(std::ranges::equal(ByteView{nonce}.subspan(17 * scoop_size, scoop_size),
                                 ByteView{out}.subspan(i * scoop_size, scoop_size)));
    }
}

TEST_CASE("claims are checked without the plot, many at a time, of both forms")
{
    const Challenge challenge{
        hex<32>("6ec823b5fd86c4aee9f7c3453cacaf4a43296f48ede77e70060ca8225c2855d0")};
    const PlotOwner owner = owner_of(11);
    std::vector<Claim> claims;
    std::vector<Hit> expected;
    for (std::uint64_t i = 0; i < 3; ++i) {
        const auto scoop = static_cast<std::uint16_t>(4095 - 7 * i);
        claims.push_back({NonceClaim{{5}, {i}}, challenge, {scoop}});
        expected.push_back(hit_in(challenge, nonce_of(to_seed(NumericAccount{5}, {i})), scoop));
    }
    // Warp 2 of scale 1 has nonces 16384 to 20479 as term 0, and 20480 to 24575 as term 1.
    const PlotId plot = plot_id(owner);
    const Bytes a = nonce_of(to_seed(plot, {16'384 + 9}));
    const Bytes b = nonce_of(to_seed(plot, {20'480 + 100}));
    Bytes sum(scoop_size);
    for (std::size_t k = 0; k < scoop_size; ++k)
        sum[k] = a[100 * scoop_size + k] ^ b[9 * scoop_size + k];
    claims.insert(claims.begin() + 1,
                  {WarpClaim{.owner = owner, .scale = 1, .warp = 2, .place = 9}, challenge, {100}});
    expected.insert(expected.begin() + 1, hit_of(challenge, sum));
    // Of scale 0, the one nonce alone.
    const Bytes c = nonce_of(to_seed(plot, {2 * 4096 + 9}));
    claims.push_back(
        {WarpClaim{.owner = owner, .scale = 0, .warp = 2, .place = 9}, challenge, {100}});
    expected.push_back(hit_in(challenge, c, 100));

    CHECK(hits_of(claims) == expected);
    CHECK(hits_of(claims, ShabalKernel::simd128) == expected);
    CHECK(hits_of({}).empty());
    std::get<WarpClaim>(claims[1].where).owner.salt += 1;
    CHECK(hits_of(std::span{claims}.subspan(1, 1)).front() != expected[1]);
}
