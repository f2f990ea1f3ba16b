#include "hash/blake3.hpp"

#include "base/hex.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

// Without operands: the speed of each kernel on one core, in memory. With a FILE: its digest, as
// `b3sum --num-threads 1` prints it, to be timed from outside; a second operand is the number of
// threads.

using namespace cairn;

namespace {

double seconds_of(auto&& work)
{
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

const char* to_text(Blake3Kernel kernel)
{
    switch (kernel) {
    case Blake3Kernel::portable:
        return "portable";
    case Blake3Kernel::sse41:
        return "sse41";
    case Blake3Kernel::avx2:
        return "avx2";
    case Blake3Kernel::avx512:
        return "avx512";
    }
    std::abort();
}

// GB/s of the best of several passes over `total` bytes, hashed `size` bytes at a time.
double speed(Blake3Kernel kernel, ByteView data, std::size_t size, std::size_t total)
{
    double best = 1e9;
    Blake3Digest sink;
    for (int pass = 0; pass < 5; ++pass) {
        const double seconds = seconds_of([&] {
            for (std::size_t done = 0; done < total; done += size) {
                Blake3 hasher;
                hasher.use(kernel);
                hasher.update(data.subspan(done % (data.size() - size + 1), size));
                sink = hasher.digest();
            }
        });
        best = seconds < best ? seconds : best;
    }
    return double(total) / best / 1e9;
}

void print_speeds()
{
    constexpr std::size_t buffer_size = std::size_t{256} << 20U; // bytes
    const Bytes buffer(buffer_size, std::byte{0x5a});
    std::printf("%-10s %8s %8s %8s %8s   (GB/s, one core)\n", "kernel", "256 MiB", "256 KiB",
                "16 KiB", "1 KiB");
    for (const Blake3Kernel kernel : blake3_kernels()) {
        std::printf("%-10s", to_text(kernel));
        for (const std::size_t size :
             {buffer_size, std::size_t{262144}, std::size_t{16384}, std::size_t{1024}}) {
            const std::size_t total = size == buffer_size ? size : std::size_t{32} << 20U;
            const ByteView data =
                size == buffer_size ? ByteView{buffer} : ByteView{buffer}.first(size);
            std::printf(" %8.2f", speed(kernel, data, size, total));
        }
        std::printf("\n");
    }
}

int print_digest(const char* path, unsigned threads)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status {};
    if (fd < 0 || fstat(fd, &status) != 0) {
        std::perror(path);
        return EXIT_FAILURE;
    }
    const auto size = static_cast<std::size_t>(status.st_size);
    Blake3Digest digest = blake3({});
    if (size > 0) {
        void* address = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (address == MAP_FAILED) {
            std::perror(path);
            return EXIT_FAILURE;
        }
        digest = blake3({static_cast<const std::byte*>(address), size}, threads);
        munmap(address, size);
    }
    close(fd);
    std::string text(2 * Blake3Digest::size, '\0');
    to_hex(digest.bytes, std::as_writable_bytes(std::span{text}));
    std::printf("%s  %s\n", text.c_str(), path);
    return EXIT_SUCCESS;
}

} // namespace

int main(int argc, char** argv)
{
    if (argc < 2) {
        print_speeds();
        return EXIT_SUCCESS;
    }
    const unsigned long threads = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 1;
    return print_digest(argv[1], static_cast<unsigned>(threads));
}
