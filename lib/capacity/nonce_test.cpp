#include "capacity/nonce.hpp"

#include "capacity/hit.hpp"
#include "capacity/testing.hpp"
#include "hash/digest.hpp"

#include <map>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

/// All bytes of the nonce at a place of a group.
std::vector<Bytes> copy_all(const NonceGroup& group, std::size_t count)
{
    Bytes all(count * nonce_size);
    group.copy_scoops(0, scoops - 1, all.data(), {.scoop = scoop_size, .nonce = nonce_size});
    std::vector<Bytes> nonces;
    for (std::size_t i = 0; i < count; ++i)
        nonces.emplace_back(all.begin() + static_cast<std::ptrdiff_t>(i * nonce_size),
                            all.begin() + static_cast<std::ptrdiff_t>((i + 1) * nonce_size));
    return nonces;
}

Bytes make_one(const NonceSeed& seed)
{
    NonceGroup group{ShabalKernel::scalar};
    group.make(std::array{seed});
    return copy_all(group, 1).front();
}

ByteView scoop_in(ByteView nonce, std::size_t scoop)
{
    return nonce.subspan(scoop * scoop_size, scoop_size);
}

} // namespace

TEST_CASE("nonces are those of the family, in every kernel and lane")
{
    const auto& vectors = poc2_vectors("nonces");
    REQUIRE(vectors.size() == 28);
    std::vector<NonceSeed> seeds;
    for (const auto& vector : vectors)
        seeds.push_back(to_seed(NumericAccount{number_of(vector["account"])},
                                NonceNumber{number_of(vector["nonce"])}));
    for (const ShabalKernel kernel : shabal_kernels()) {
        CAPTURE(to_text(kernel));
        NonceGroup group{kernel};
        // With one lane a few are enough: the rest are the same code.
        const std::size_t wanted = group.size() == 1 ? 4 : seeds.size();
        for (std::size_t first = 0; first < wanted; first += group.size()) {
            const std::size_t count = std::min(group.size(), wanted - first);
            group.make(std::span{seeds}.subspan(first, count));
            std::vector<Bytes> nonces = copy_all(group, count);
            for (std::size_t i = 0; i < count; ++i) {
                const auto& vector = vectors[first + i];
                CHECK(sha256(nonces[i]) == fixed_of<Sha256Digest>(vector["sha256_poc2"]));
                for (const auto& [scoop, bytes] : vector["scoops_poc2"].items())
                    CHECK(std::ranges::equal(scoop_in(nonces[i], std::stoul(scoop)),
                                             hex_bytes(bytes.get<std::string>())));
                exchange_halves(nonces[i]);
                CHECK(sha256(nonces[i]) == fixed_of<Sha256Digest>(vector["sha256_poc1"]));
                for (const auto& [scoop, bytes] : vector["scoops_poc1"].items())
                    CHECK(std::ranges::equal(scoop_in(nonces[i], std::stoul(scoop)),
                                             hex_bytes(bytes.get<std::string>())));
            }
        }
    }
}

TEST_CASE("the chain of hashes and its end are right at the edges of what they cover")
{
    for (const auto& vector : poc2_vectors("chain_detail")) {
        const NonceSeed seed = to_seed(NumericAccount{number_of(vector["account"])},
                                       NonceNumber{number_of(vector["nonce"])});
        CHECK(Bytes(seed.bytes.begin(), seed.bytes.begin() + 16) ==
              hex_bytes(vector["seed_hex"].get<std::string>()));
        Bytes nonce = make_one(seed);
        exchange_halves(nonce);
        const Bytes final = hex_bytes(vector["final_hash"].get<std::string>());
        for (const auto& [hash, bytes] : vector["raw_hash"].items()) {
            CAPTURE(hash);
            Bytes raw{nonce.begin() + 32 * std::stol(hash),
                      nonce.begin() + 32 * std::stol(hash) + 32};
            for (std::size_t i = 0; i < 32; ++i) raw[i] ^= final[i];
            CHECK(raw == hex_bytes(bytes.get<std::string>()));
        }
    }
}

TEST_CASE("a nonce of the native form follows the definition, in every kernel")
{
    const NonceSeed seed =
        to_seed(PlotId{hex<32>("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")},
                NonceNumber{0x0123456789abcdef});
    CHECK(seed.size == 40);
    CHECK(Bytes(seed.bytes.begin() + 32, seed.bytes.end()) == hex_bytes("0123456789abcdef"));
    // As cairn-plot(5) says it, one hash after the other.
    Bytes all(nonce_size);
    all.insert(all.end(), seed.bytes.begin(), seed.bytes.end());
    for (std::size_t made = 0; made < 8192; ++made) {
        const std::size_t start = nonce_size - 32 * made;
        const std::size_t size = made < 128 ? 32 * made + 40 : 4096;
        const ShabalDigest digest = shabal256(ByteView{all}.subspan(start, size));
        std::ranges::copy(digest.bytes, all.begin() + static_cast<std::ptrdiff_t>(start - 32));
    }
    const ShabalDigest final = shabal256(all);
    all.resize(nonce_size);
    for (std::size_t i = 0; i < nonce_size; ++i) all[i] ^= final.bytes[i % 32];
    exchange_halves(all);
    for (const ShabalKernel kernel : shabal_kernels()) {
        NonceGroup group{kernel};
        group.make(std::vector(group.size(), seed));
        for (const Bytes& nonce : copy_all(group, group.size())) CHECK(nonce == all);
    }
}

TEST_CASE("scoops are copied to any places, of any number of nonces, and added")
{
    std::vector<NonceSeed> seeds;
    for (std::uint64_t i = 0; i < 16; ++i)
        seeds.push_back(to_seed(NumericAccount{7}, NonceNumber{i}));
    std::map<std::size_t, Bytes> alone; // by place in the group
    for (const ShabalKernel kernel : shabal_kernels()) {
        NonceGroup group{kernel};
        for (std::size_t count = 1; count <= std::min<std::size_t>(group.size(), 6); ++count) {
            CAPTURE(to_text(kernel));
            CAPTURE(count);
            group.make(std::span{seeds}.first(count));
            // Scoop by scoop, as plots have them, with gaps that stay as they are.
            const ScoopStrides strides{.scoop = 1024, .nonce = scoop_size};
            Bytes out(3 * 1024, std::byte{0x55});
            group.copy_scoops(4000, 4002, out.data(), strides);
            for (std::size_t i = 0; i < count; ++i) {
                if (!alone.contains(i)) alone[i] = make_one(seeds[i]);
                for (std::size_t s = 0; s < 3; ++s)
                    CHECK(std::ranges::equal(scoop_in(alone[i], 4000 + s),
                                             ByteView{out}.subspan(s * 1024 + i * 64, 64)));
            }
            CHECK(out[count * 64] == std::byte{0x55});
            CHECK(out[1023] == std::byte{0x55});
            group.add_scoops(4000, 4002, out.data(), strides);
            CHECK(ByteView{out}.first(count * 64).size() ==
                  std::size_t(std::ranges::count(ByteView{out}.first(count * 64), std::byte{0})));
        }
    }
}

TEST_CASE("hits are the same in every kernel, and the best is found wherever it is")
{
    const Challenge challenge{
        hex<32>("6ec823b5fd86c4aee9f7c3453cacaf4a43296f48ede77e70060ca8225c2855d0")};
    const Bytes scoops = noise(3001 * scoop_size, 9);
    std::vector<Hit> hits;
    for (std::size_t i = 0; i < 3001; ++i) {
        Bytes message{challenge.bytes.begin(), challenge.bytes.end()};
        const ByteView scoop = scoop_in(scoops, i);
        message.insert(message.end(), scoop.begin(), scoop.end());
        std::uint64_t value = 0;
        const ShabalDigest digest = shabal256(message);
        for (std::size_t k = 8; k-- > 0;)
            value = value << 8U | std::to_integer<std::uint64_t>(digest.bytes[k]);
        hits.push_back({value});
        if (i < 50) CHECK(hit_of(challenge, scoop) == hits.back());
    }
    for (const ShabalKernel kernel : shabal_kernels())
        for (const std::size_t count : {1, 2, 15, 16, 17, 31, 33, 1024, 1025, 3001}) {
            CAPTURE(to_text(kernel));
            CAPTURE(count);
            const auto least = std::min_element(hits.begin(), hits.begin() + std::ptrdiff_t(count));
            const RankedScoop best =
                best_scoop(challenge, ByteView{scoops}.first(count * scoop_size), kernel);
            CHECK(best.hit == *least);
            CHECK(best.index == std::size_t(least - hits.begin()));
        }
}
