#include "net/local_api.hpp"

#include "base/testing.hpp"
#include "net/testing.hpp"
#include "os/directory.hpp"
#include "os/testing.hpp"

#include <thread>

#include <doctest/doctest.h>

using namespace cairn;

TEST_CASE("a request gets its reply, with and without a body")
{
    const TestDirectory directory;
    const std::string endpoint = "ipc://" + (directory / "api.sock");
    const EchoServer echo{endpoint};
    for (const std::size_t size : {0, 1, 1'000'000}) {
        const LocalRequest request{"status", R"({"a":1})", noise(size)};
        const LocalReply reply = call_local(endpoint, request, 5'000);
        CHECK(reply.status == "status");
        CHECK(reply.json == request.json);
        CHECK(reply.body == request.body);
    }
}

TEST_CASE("requests that are too long are refused before they are answered")
{
    const TestDirectory directory;
    const std::string endpoint = "ipc://" + (directory / "api.sock");
    const EchoServer echo{endpoint};
    const LocalRequest request{"status", std::string(local_json_size_max + 1, ' '), {}};
    CHECK(call_local(endpoint, request, 5'000).status == "malformed");
}

TEST_CASE("where nobody listens the call ends in time")
{
    const TestDirectory directory;
    const std::string endpoint = "ipc://" + (directory / "api.sock");
    CHECK(exit_of([&] { call_local(endpoint, {"status", "{}", {}}, 20); }) == Exit::unavail);
}

TEST_CASE("only local endpoints are taken")
{
    for (const char* endpoint : {"", "ipc://", "tcp://127.0.0.1:1", "inproc://x"})
        CHECK(exit_of([&] { LocalServer{endpoint}; }) == Exit::config);
    CHECK(exit_of([&] { LocalServer{"ipc:///tmp/" + std::string(120, 'x')}; }) == Exit::config);
    CHECK(exit_of([&] { LocalServer{"ipc:///nowhere/api.sock"}; }) == Exit::cantcreat);
}

TEST_CASE("an endpoint is told so that other directories can use it, if it is short enough")
{
    CHECK(absolute_endpoint("ipc:///srv/api.sock") == "ipc:///srv/api.sock");
    CHECK(absolute_endpoint("ipc://a/api.sock") == "ipc://" + absolute_path("a/api.sock"));
    const std::string longest = "ipc://" + std::string(107, 'x');
    check_local_endpoint(longest);
    CHECK(absolute_endpoint(longest) == longest);
}
