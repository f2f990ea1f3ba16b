// How fast one thread can seal and open the chunks of an age file, without reading or writing:
//     primitive [MIB]
// MB (10^6 bytes) per second of CPU time, medians of the rounds, each over MIB (default 256):
// ChaCha20-Poly1305 by OpenSSL alone, and the same through ChunkCipher; from one unit of four
// chunks, which stays in the cache, and from a buffer that does not.

#include "crypto/secret.hpp"
#include "format/age_payload.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <vector>

#include <openssl/evp.h>

using namespace cairn;

namespace {

constexpr int rounds = 7;
constexpr std::size_t cached_chunks = 4;    // 256 KiB
constexpr std::size_t memory_chunks = 4096; // 256 MiB

double cpu_s()
{
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

void require(bool good)
{
    if (good) return;
    std::fputs("primitive: error: OpenSSL cannot encrypt\n", stderr);
    std::exit(EXIT_FAILURE);
}

/// OpenSSL and as little else as there can be.
class Direct {
public:
    explicit Direct(ByteView key) : cipher_{EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free}
    {
        require(EVP_EncryptInit_ex(cipher_.get(), EVP_chacha20_poly1305(), nullptr, uchars(key),
                                   nullptr) == 1);
    }

    void seal(std::uint64_t index, ByteView plain, MutableByteView sealed)
    {
        std::array<std::byte, 12> nonce{};
        for (std::size_t i = 0; i < sizeof index; ++i)
            nonce[10 - i] = static_cast<std::byte>(index >> (8 * i));
        int size = 0;
        EVP_CIPHER_CTX* const cipher = cipher_.get();
        require(EVP_EncryptInit_ex(cipher, nullptr, nullptr, nullptr, uchars(nonce)) == 1 &&
                EVP_EncryptUpdate(cipher, uchars(sealed), &size, uchars(plain),
                                  static_cast<int>(plain.size())) == 1 &&
                EVP_EncryptFinal_ex(cipher, uchars(sealed), &size) == 1 &&
                EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, Aead::tag_size,
                                    sealed.data() + plain.size()) == 1);
    }

private:
    std::unique_ptr<EVP_CIPHER_CTX, void (*)(EVP_CIPHER_CTX*)> cipher_;
};

/// Calls work(chunk) for as many chunks as asked, in rounds; MB per CPU second of the median one.
double speed(std::size_t chunks, auto&& work)
{
    std::vector<double> taken_s;
    for (int round = 0; round <= rounds; ++round) {
        const double start = cpu_s();
        for (std::size_t i = 0; i < chunks; ++i) work(i);
        if (round > 0) taken_s.push_back(cpu_s() - start); // the first one warms up
    }
    std::ranges::sort(taken_s);
    return static_cast<double>(chunks * chunk_size) / 1e6 / taken_s[rounds / 2];
}

void measure(const char* where, std::size_t buffer_chunks, std::size_t chunks)
{
    Bytes plain(buffer_chunks * chunk_size, std::byte{0x5a});
    Bytes sealed(buffer_chunks * sealed_chunk_size);
    const auto plain_at = [&](std::size_t i) {
        return MutableByteView{&plain[i % buffer_chunks * chunk_size], chunk_size};
    };
    const auto sealed_at = [&](std::size_t i) {
        return MutableByteView{&sealed[i % buffer_chunks * sealed_chunk_size], sealed_chunk_size};
    };

    const std::array<std::byte, 32> key{};
    Direct direct{key};
    const double direct_mbps =
        speed(chunks, [&](std::size_t i) { direct.seal(i, plain_at(i), sealed_at(i)); });

    const Secret file_key{16};
    const std::array<std::byte, payload_nonce_size> nonce{};
    ChunkCipher cipher{file_key, nonce};
    const auto seal = [&](std::size_t i) {
        cipher.seal({i % buffer_chunks, false}, plain_at(i), sealed_at(i));
    };
    const double seal_mbps = speed(chunks, seal);
    for (std::size_t i = 0; i < buffer_chunks; ++i) seal(i);
    const double open_mbps = speed(chunks, [&](std::size_t i) {
        require(cipher.open({i % buffer_chunks, false}, sealed_at(i), plain_at(i)));
    });
    std::printf("%-6s  openssl seal %6.0f  seal %6.0f  open %6.0f MB/s\n", where, direct_mbps,
                seal_mbps, open_mbps);
}

} // namespace

int main(int argc, char** argv)
{
    const unsigned long size_mib = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 256;
    const std::size_t chunks = std::max<std::size_t>(size_mib * (1024 * 1024 / chunk_size), 16);
    measure("cache", cached_chunks, chunks);
    measure("memory", std::min(memory_chunks, chunks), chunks);
}
