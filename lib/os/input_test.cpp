#include "os/input.hpp"

#include "base/testing.hpp"
#include "os/testing.hpp"

#include <array>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace cairn;

namespace {

std::string small_text(const std::string& path, std::size_t size_max)
{
    return std::string{as_text(read_small_file(path, size_max))};
}

} // namespace

TEST_CASE("a file tells its size and is read from front to back or at any place")
{
    const TestDirectory directory;
    put_file(directory / "a", "0123456789");
    Input input = Input::open(directory / "a");
    CHECK(input.size() == 10);
    CHECK(input.name() == directory / "a");
    Bytes part(4);
    CHECK(input.read(part) == 4);
    CHECK(input.read_at(8, part) == 2);
    CHECK(input.read(part) == 4);
    CHECK(as_text(part) == "4567");
    CHECK(input.read(part) == 2);
    CHECK(input.read(part) == 0);
}

TEST_CASE("a file tells who it is and when it was changed")
{
    const TestDirectory directory;
    put_file(directory / "a", "text");
    put_file(directory / "b", "text");
    const Input a = Input::open(directory / "a");
    const auto state = a.state();
    REQUIRE(state.has_value());
    CHECK(state->size == 4);
    CHECK(state == Input::open(directory / "a").state());
    CHECK(state != Input::open(directory / "b").state());
    put_file(directory / "a", "longer");
    CHECK(state != a.state());
    CHECK(!Input::open("/dev/null").state().has_value());
}

TEST_CASE("pipes and devices have no size")
{
    const TestDirectory directory;
    REQUIRE(::mkfifo((directory / "pipe").c_str(), 0600) == 0);
    const Fd writer{::open((directory / "pipe").c_str(), O_RDWR)};
    CHECK_FALSE(Input::open(directory / "pipe").size());
    CHECK_FALSE(Input::open("/dev/null").size());
}

TEST_CASE("what cannot be read is no input")
{
    const TestDirectory directory;
    put_file(directory / "a", "");
    for (const std::string& path :
         {directory.path(), directory / "no", directory / "a/b", std::string{}}) {
        CAPTURE(path);
        CHECK(exit_of([&] { Input::open(path); }) == Exit::noinput);
        CHECK(exit_of([&] { read_small_file(path, 10); }) == Exit::noinput);
        std::array<std::byte, 10> buffer{};
        CHECK(exit_of([&] { read_secret_file(path, buffer); }) == Exit::noinput);
    }
}

TEST_CASE("no operand is standard input, unless that is a terminal")
{
    const Fd saved{::dup(STDIN_FILENO)};
    const Fd null{::open("/dev/null", O_RDONLY)};
    ::dup2(null.number(), STDIN_FILENO);
    CHECK(Input::open_operand(std::nullopt).name() == "standard input");
    CHECK(Input::open_operand("-").name() == "standard input");
    CHECK(Input::open_operand("/dev/null").name() == "/dev/null");

    const Fd master{::posix_openpt(O_RDWR | O_NOCTTY)};
    if (master && ::grantpt(master.number()) == 0 && ::unlockpt(master.number()) == 0) {
        const Fd terminal{::open(::ptsname(master.number()), O_RDWR | O_NOCTTY)};
        ::dup2(terminal.number(), STDIN_FILENO);
        CHECK(exit_of([] { Input::open_operand(std::nullopt); }) == Exit::usage);
        CHECK(exit_of([] { Input::open_operand("-"); }) == Exit::ok);
        CHECK(exit_of([] { Input::open_operand("/dev/null"); }) == Exit::ok);
    }
    ::dup2(saved.number(), STDIN_FILENO);
}

TEST_CASE("a small file is read whole up to its limit")
{
    const TestDirectory directory;
    put_file(directory / "a", "0123456789");
    put_file(directory / "empty", "");
    CHECK(small_text(directory / "a", 10) == "0123456789");
    CHECK(small_text(directory / "a", 1000) == "0123456789");
    CHECK(small_text(directory / "empty", 0).empty());
    CHECK(exit_of([&] { read_small_file(directory / "a", 9); }) == Exit::data);
    CHECK(exit_of([&] { read_small_file(directory / "a", 0); }) == Exit::data);
}

TEST_CASE("a file that does not know its size is read whole too")
{
    const std::string path = "/proc/self/limits"; // says 0
    const std::string text = file_text(path);
    REQUIRE(text.size() > 100);
    CHECK(small_text(path, 100'000) == text);
    CHECK(small_text(path, text.size()) == text);
    CHECK(exit_of([&] { read_small_file(path, text.size() - 1); }) == Exit::data);
}

TEST_CASE("a secret file is refused when anyone but its owner has any right to it")
{
    const TestDirectory directory;
    const std::string path = directory / "key";
    put_file(path, "geheim");
    REQUIRE(::symlink("key", (directory / "link").c_str()) == 0);
    std::array<std::byte, 6> buffer{};
    for (unsigned mode = 0400; mode <= 0777; ++mode) {
        REQUIRE(::chmod(path.c_str(), mode) == 0);
        const Exit expected = (mode & 077U) == 0 ? Exit::ok : Exit::noperm;
        CAPTURE(mode);
        CHECK(exit_of([&] { read_secret_file(path, buffer); }) == expected);
        CHECK(exit_of([&] { read_secret_file(directory / "link", buffer); }) == expected);
    }
}

TEST_CASE("a secret fits its buffer or is refused, and is never in the message")
{
    const TestDirectory directory;
    put_file(directory / "key", "geheim");
    REQUIRE(::chmod((directory / "key").c_str(), 0600) == 0);
    std::array<std::byte, 6> exact{};
    CHECK(read_secret_file(directory / "key", exact) == 6);
    CHECK(as_text(exact) == "geheim");
    std::array<std::byte, 7> larger{};
    CHECK(read_secret_file(directory / "key", larger) == 6);
    std::array<std::byte, 5> smaller{};
    try {
        read_secret_file(directory / "key", smaller);
        FAIL("accepted");
    } catch (const Error& error) {
        CHECK(error.code() == Exit::data);
        CHECK(std::string_view{error.what()}.find("gehei") == std::string_view::npos);
    }
}

TEST_CASE("fd:N is a descriptor, whatever may be read there")
{
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    const Fd out{ends[0]};
    {
        const Fd in{ends[1]};
        write_all(in.number(), as_bytes("secret"), "pipe");
    }
    const std::string name = "fd:" + std::to_string(out.number());
    std::array<std::byte, 16> buffer{};
    CHECK(read_secret_file(name, buffer) == 6);
    CHECK(as_text(ByteView{buffer}.first(6)) == "secret");
    CHECK(read_secret_file(name, buffer) == 0);

    CHECK(exit_of([&] { read_secret_file("fd:1000000", buffer); }) == Exit::noinput);
    for (const char* const near : {"fd:", "fd:-1", "fd:+3", "fd:03", "fd: 3", "fd:3 ", "fd:0x3",
                                   "fd:2147483648", "fd:18446744073709551619"}) {
        CAPTURE(near);
        CHECK(exit_of([&] { read_secret_file(near, buffer); }) == Exit::usage);
    }
}
