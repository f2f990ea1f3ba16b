#include "os/process.hpp"

#include "base/testing.hpp"
#include "os/testing.hpp"

#include <array>
#include <csignal>
#include <functional>
#include <vector>

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace cairn;

namespace {

/// The wait status of a child process that does this.
int status_of(const std::function<void()>& call)
{
    const pid_t child = ::fork();
    if (child == 0) {
        call();
        ::_exit(0);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    return status;
}

std::string output_of(const std::string& command, std::size_t size_max)
{
    Bytes buffer(size_max);
    buffer.resize(read_command(command, buffer));
    return std::string{as_text(buffer)};
}

} // namespace

TEST_CASE("a command's output is read whole, whatever its size up to the limit")
{
    CHECK(output_of("printf 'a b\\n'; printf c", 100) == "a b\nc");
    CHECK(output_of("printf 12345", 5) == "12345");
    CHECK(output_of("true", 5).empty());
    CHECK(output_of("head -c 200000 /dev/zero", 200'000).size() == 200'000);
}

TEST_CASE("a command that fails gives nothing, and its output is in no message")
{
    for (const char* const command :
         {"printf geheim; false", "exit 77", "/no/such/program 2>&-", "printf geheim; kill $$"}) {
        CAPTURE(command);
        try {
            output_of(command, 100);
            FAIL("accepted");
        } catch (const Error& error) {
            CHECK(error.code() == Exit::noperm);
            CHECK(std::string_view{error.what()}.find("geheim") == std::string_view::npos);
        }
    }
}

TEST_CASE("a command that prints too much is refused, even one that never ends")
{
    CHECK(exit_of([] { output_of("printf 123456", 5); }) == Exit::data);
    CHECK(exit_of([] { output_of("head -c 200000 /dev/zero", 5); }) == Exit::data);
    CHECK(exit_of([] { output_of("yes", 5); }) == Exit::data);
}

TEST_CASE("what is to be cleaned up goes with its owner, unless it is kept")
{
    const TestDirectory directory;
    for (const char* const name : {"gone", "kept", "moved"}) put_file(directory / name, "");
    make_directory(directory / "empty");
    make_directory(directory / "full");
    put_file(directory / "full/a", "");
    {
        const CleanUp gone{directory / "gone", CleanUp::Kind::file};
        const CleanUp empty{directory / "empty", CleanUp::Kind::directory};
        const CleanUp full{directory / "full", CleanUp::Kind::directory};
        CleanUp kept{directory / "kept", CleanUp::Kind::file};
        CHECK(kept);
        kept.keep();
        CHECK_FALSE(kept);

        CleanUp first{directory / "moved", CleanUp::Kind::file};
        {
            CleanUp second{std::move(first)};
            CleanUp third;
            third = std::move(second);
            first = std::move(third);
        }
        CHECK(exists(directory / "moved"));
    }
    CHECK(list_directory(directory.path()) == std::vector<std::string>{"full", "kept"});
}

TEST_CASE("more than a signal could remove is still removed in the usual way")
{
    const TestDirectory directory;
    for (int round = 0; round < 3; ++round) {
        std::vector<CleanUp> many;
        for (std::size_t i = 0; i < 3 * CleanUp::clean_up_max; ++i) {
            const std::string path = directory / std::to_string(i);
            put_file(path, "");
            many.emplace_back(path, CleanUp::Kind::file);
        }
    }
    CHECK(list_directory(directory.path()).empty());
}

TEST_CASE("a signal removes what is to be cleaned up, and the process dies of it")
{
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        const TestDirectory directory;
        const int status = status_of([&] {
            std::signal(signal, SIG_DFL);
            prepare_process();
            put_file(directory / "gone", "");
            put_file(directory / "kept", "");
            make_directory(directory / "empty");
            const CleanUp gone{directory / "gone", CleanUp::Kind::file};
            const CleanUp empty{directory / "empty", CleanUp::Kind::directory};
            CleanUp kept{directory / "kept", CleanUp::Kind::file};
            kept.keep();
            std::raise(signal);
        });
        CAPTURE(signal);
        CHECK(WIFSIGNALED(status));
        CHECK(WTERMSIG(status) == signal);
        CHECK(list_directory(directory.path()) == std::vector<std::string>{"kept"});
    }
}

TEST_CASE("a signal that was ignored at the start stays ignored")
{
    CHECK(status_of([] {
              std::signal(SIGHUP, SIG_IGN);
              prepare_process();
              std::raise(SIGHUP);
          }) == 0);
}

TEST_CASE("a process without standard descriptors gets some that cannot be used by mistake")
{
    CHECK(status_of([] {
              ::close(STDIN_FILENO);
              ::close(STDOUT_FILENO);
              prepare_process();
              std::array<std::byte, 1> byte{};
              const bool reads = ::read(STDIN_FILENO, byte.data(), 1) != -1;
              const bool writes = ::write(STDOUT_FILENO, byte.data(), 1) != -1;
              ::_exit(reads || writes ? 1 : 0);
          }) == 0);
}

TEST_CASE("there is a core to run on and a descriptor to open")
{
    CHECK(available_cores() >= 1);
    CHECK(raise_open_files_limit() >= 16);
}
