#include "capacity/detail/shabal_kernel.hpp"
#include "capacity/testing.hpp"
#include "hash/digest.hpp"

#include <array>
#include <cstring>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

/// The messages of the vectors: "zero", "ff", "inc<k>", "ctr<X>".
Bytes message_of(const std::string& kind, std::size_t size)
{
    Bytes message(size);
    if (kind == "ff") std::fill(message.begin(), message.end(), std::byte{0xff});
    if (kind.starts_with("inc"))
        for (std::size_t i = 0; i < size; ++i)
            message[i] = static_cast<std::byte>(131 * i + 17 * size + std::stoul(kind.substr(3)));
    if (!kind.starts_with("ctr")) return message;
    for (std::size_t at = 0, counter = 0; at < size; at += 32, ++counter) {
        const auto digest = sha256(as_bytes(kind + ":" + std::to_string(counter)));
        std::copy_n(digest.bytes.begin(), std::min<std::size_t>(32, size - at),
                    message.begin() + static_cast<std::ptrdiff_t>(at));
    }
    return message;
}

std::uint32_t rotate_left(std::uint32_t word, unsigned bits)
{
    return word << bits | word >> (32 - bits);
}

/// The permutation and what is around it in a block, as the submission writes them.
void process(detail::ShabalStart& state, const std::array<std::uint32_t, 16>& m,
             std::uint64_t number)
{
    auto& [a, b, c] = state;
    for (std::size_t i = 0; i < 16; ++i) b[i] = rotate_left(b[i] + m[i], 17);
    a[0] ^= static_cast<std::uint32_t>(number);
    a[1] ^= static_cast<std::uint32_t>(number >> 32U);
    for (std::size_t j = 0; j < 3; ++j)
        for (std::size_t i = 0; i < 16; ++i) {
            std::uint32_t& word = a[(i + 16 * j) % 12];
            word = (word ^ rotate_left(a[(i + 16 * j + 11) % 12], 15) * 5 ^ c[(24 - i) % 16]) * 3;
            word ^= b[(i + 13) % 16] ^ (b[(i + 9) % 16] & ~b[(i + 6) % 16]) ^ m[i];
            b[i] = ~(rotate_left(b[i], 1) ^ word);
        }
    for (std::size_t j = 0; j < 36; ++j) a[(47 - j) % 12] += c[(54 - j) % 16];
    for (std::size_t i = 0; i < 16; ++i) c[i] -= m[i];
    std::swap(b, c);
}

} // namespace

TEST_CASE("the start is what two blocks make of nothing")
{
    detail::ShabalStart state{};
    std::uint64_t number = UINT64_MAX;
    for (std::uint32_t first : {256U, 272U}) {
        std::array<std::uint32_t, 16> m{};
        for (std::uint32_t& word : m) word = first++;
        process(state, m, number++);
    }
    CHECK(std::memcmp(&state, &detail::shabal_start, sizeof(state)) == 0);
}

TEST_CASE("digests are those of the submission and of the family's programs")
{
    for (const auto& vector : poc2_vectors("shabal256_official")) {
        const std::string text = vector.value("msg_ascii", "");
        const Bytes message = hex_bytes(vector.value("msg_hex", ""));
        CHECK(shabal256(text.empty() ? ByteView{message} : as_bytes(text)) ==
              fixed_of<ShabalDigest>(vector["digest"]));
    }
    const auto& vectors = poc2_vectors("shabal256");
    CHECK(vectors.size() == 214);
    for (const auto& vector : vectors) {
        CAPTURE(vector.dump());
        const Bytes message = message_of(vector["kind"], vector["len"].get<std::size_t>());
        CHECK(shabal256(message) == fixed_of<ShabalDigest>(vector["digest"]));
    }
}

TEST_CASE("each lane of each kernel hashes as one alone does")
{
    for (const ShabalKernel kernel : shabal_kernels()) {
        const detail::ShabalCode& code = detail::shabal_code(kernel);
        const std::size_t group = code.group;
        for (const std::size_t blocks : {0U, 1U, 2U, 3U, 64U, 65U}) {
            CAPTURE(to_text(kernel));
            CAPTURE(blocks);
            std::vector<std::uint32_t> words((blocks + 1) * 16 * group);
            std::vector<Bytes> messages;
            for (std::size_t l = 0; l < group; ++l) {
                Bytes message = noise(blocks * 64 + 8, blocks + 100 * l);
                messages.push_back(message);
                message.push_back(std::byte{0x80});
                message.resize((blocks + 1) * 64);
                for (std::size_t w = 0; w < message.size() / 4; ++w)
                    std::memcpy(&words[w * group + l], &message[4 * w], 4); // little-endian here
            }
            std::vector<std::uint32_t> digest(8 * group);
            code.hash(words.data(), blocks, words.data() + blocks * 16 * group, digest.data());
            for (std::size_t l = 0; l < group; ++l) {
                ShabalDigest lane;
                for (std::size_t w = 0; w < 8; ++w)
                    std::memcpy(&lane.bytes[4 * w], &digest[w * group + l], 4);
                CHECK(lane == shabal256(messages[l]));
            }
        }
    }
}

TEST_CASE("there is a kernel for plain words and one for each vector size, the widest last")
{
    const auto kernels = shabal_kernels();
    REQUIRE(kernels.size() >= 2);
    CHECK(detail::shabal_code(kernels[0]).group == 1);
    for (std::size_t i = 1; i < kernels.size(); ++i)
        CHECK(detail::shabal_code(kernels[i]).group > detail::shabal_code(kernels[i - 1]).group);
    CHECK(std::string{to_text(kernels[0])} == "scalar");
    CHECK(std::string{to_text(kernels[1])} == "simd128");
}
