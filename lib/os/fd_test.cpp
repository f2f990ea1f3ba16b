#include "os/fd.hpp"

#include "base/testing.hpp"
#include "os/random.hpp"
#include "os/testing.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <thread>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

using namespace cairn;

namespace {

struct Pipe {
    Pipe()
    {
        std::array<int, 2> ends{};
        if (::pipe(ends.data()) != 0) std::abort();
        out = Fd{ends[0]};
        in = Fd{ends[1]};
    }
    Fd out;
    Fd in;
};

} // namespace

TEST_CASE("a descriptor is closed with its last owner, a standard one never")
{
    int number = -1;
    {
        Fd first{::open("/dev/null", O_RDONLY)};
        number = first.number();
        Fd second{std::move(first)};
        Fd third;
        third = std::move(second);
        CHECK(third.number() == number);
        CHECK(is_open(number));
    }
    CHECK_FALSE(is_open(number));
    CHECK_FALSE(Fd{});
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        const bool was_open = is_open(standard);
        CHECK(Fd{standard});
        CHECK(is_open(standard) == was_open);
    }
}

TEST_CASE("a read goes on until the buffer is full or the input ends")
{
    const Bytes data = noise(1'000'003);
    Pipe pipe;
    std::jthread writer{[&, in = std::move(pipe.in)] {
        for (std::size_t at = 0; at < data.size(); at += 999)
            write_all(in.number(),
                      ByteView{data}.subspan(at, std::min<std::size_t>(999, data.size() - at)),
                      "pipe");
    }};
    Bytes first(600'000);
    Bytes second(600'000);
    CHECK(read_full(pipe.out.number(), first, "pipe") == first.size());
    CHECK(read_full(pipe.out.number(), second, "pipe") == data.size() - first.size());
    CHECK(read_full(pipe.out.number(), second, "pipe") == 0);
    CHECK(std::equal(first.begin(), first.end(), data.begin()));
}

TEST_CASE("many parts are written in order, empty ones and partial writes included")
{
    const Bytes data = noise(3'000'000, 2);
    Pipe pipe;
    std::jthread writer{[&, in = std::move(pipe.in)] {
        std::vector<ByteView> parts(1);
        for (std::size_t at = 0, size = 1; at < data.size(); size = size * 5 % 100'003) {
            parts.push_back(ByteView{data}.subspan(at, std::min(size, data.size() - at)));
            at += parts.back().size();
            if (size % 3 == 0) parts.emplace_back();
        }
        writev_all(in.number(), parts, "pipe");
        writev_all(in.number(), {}, "pipe");
    }};
    Bytes back(data.size() + 1);
    CHECK(read_full(pipe.out.number(), back, "pipe") == data.size());
    back.pop_back();
    CHECK(back == data);
}

TEST_CASE("reading at a place reaches to the end of the file and no further")
{
    const TestDirectory directory;
    put_file(directory / "a", "0123456789");
    const Fd file{::open((directory / "a").c_str(), O_RDWR)};
    Bytes part(4);
    CHECK(pread_full(file.number(), part, 3, "a") == 4);
    CHECK(as_text(part) == "3456");
    CHECK(pread_full(file.number(), part, 8, "a") == 2);
    CHECK(pread_full(file.number(), part, 10, "a") == 0);
    CHECK(pread_full(file.number(), part, 1'000'000, "a") == 0);
    pwrite_all(file.number(), as_bytes("xy"), 9, "a");
    CHECK(file_text(directory / "a") == "012345678xy");
}

TEST_CASE("the input's fault and the device's are told apart")
{
    Bytes buffer(8);
    const Fd directory{::open("/tmp", O_RDONLY)};
    CHECK(exit_of([&] { read_full(directory.number(), buffer, "d"); }) == Exit::noinput);
    CHECK(exit_of([&] { read_full(1'000'000, buffer, "fd"); }) == Exit::noinput);
    CHECK(exit_of([&] { pread_full(1'000'000, buffer, 0, "fd"); }) == Exit::noinput);
    CHECK(exit_of([&] { pread_full(Pipe{}.out.number(), buffer, 0, "p"); }) == Exit::ioerr);

    const Fd full{::open("/dev/full", O_WRONLY)};
    const std::array<ByteView, 1> parts{buffer};
    CHECK(exit_of([&] { write_all(full.number(), buffer, "full"); }) == Exit::ioerr);
    CHECK(exit_of([&] { writev_all(full.number(), parts, "full"); }) == Exit::ioerr);
    CHECK(exit_of([&] { pwrite_all(full.number(), buffer, 0, "full"); }) == Exit::ioerr);

    const auto before = std::signal(SIGPIPE, SIG_IGN);
    Pipe pipe;
    pipe.out = Fd{};
    CHECK(exit_of([&] { write_all(pipe.in.number(), buffer, "pipe"); }) == Exit::ioerr);
    std::signal(SIGPIPE, before);
}

TEST_CASE("a message names the action, the object and the cause")
{
    Bytes buffer(1);
    CHECK_THROWS_WITH(read_full(1'000'000, buffer, "me.key"),
                      "cannot read 'me.key': Bad file descriptor");
}

TEST_CASE("enlarging what is no pipe changes nothing, not even errno")
{
    errno = ENOENT;
    enlarge_pipe(1'000'000);
    CHECK(errno == ENOENT);
    const Pipe pipe;
    enlarge_pipe(pipe.in.number());
    CHECK(::fcntl(pipe.in.number(), F_GETPIPE_SZ) >= 65'536);
}

TEST_CASE("the system's random source fills every byte of any size")
{
    SystemEntropy entropy;
    for (const std::size_t size : {0, 1, 255, 256, 257, 100'000}) {
        Bytes seen(size);
        for (int round = 0; round < 32; ++round) {
            Bytes bytes(size);
            entropy.fill(bytes);
            for (std::size_t i = 0; i < size; ++i) seen[i] |= bytes[i];
        }
        CAPTURE(size);
        CHECK(std::ranges::none_of(seen, [](std::byte byte) { return byte == std::byte{0}; }));
    }
}
