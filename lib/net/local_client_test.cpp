#include "net/local_client.hpp"

#include "base/testing.hpp"
#include "net/testing.hpp"
#include "os/testing.hpp"

#include <thread>

#include <doctest/doctest.h>

using namespace cairn;

TEST_CASE("an answer is its JSON and its body")
{
    const TestDirectory directory;
    const std::string endpoint = "ipc://" + (directory / "api.sock");
    const EchoServer server{endpoint};
    const LocalClient client{endpoint, 5'000};
    const auto answer = client.ask("ok", Json::object().set("a", 1), noise(10));
    CHECK(answer.json.member("a").number() == 1);
    CHECK(answer.body == noise(10));
    CHECK(client.ask("ok").json.names().empty());
    CHECK(client.find("ok", Json::object()).has_value());
}

TEST_CASE("what is not ok is an error with the daemon's words")
{
    const TestDirectory directory;
    const std::string endpoint = "ipc://" + (directory / "api.sock");
    const EchoServer server{endpoint};
    const LocalClient client{endpoint, 5'000};
    const Json why = Json::object().set("message", "no such block");
    CHECK_THROWS_WITH_AS((void)client.ask("no", why), "no such block", Error);
    CHECK_THROWS_WITH_AS((void)client.ask("busy"), "the answer is busy", Error);
    CHECK(exit_of([&] { (void)client.ask("no", why); }) == Exit::no);
    CHECK(exit_of([&] { (void)client.ask("busy"); }) == Exit::tempfail);
    CHECK(exit_of([&] { (void)client.ask("malformed"); }) == Exit::data);
    CHECK(exit_of([&] { (void)client.ask("unsupported"); }) == Exit::usage);
    CHECK(exit_of([&] { (void)client.ask("hello"); }) == Exit::protocol);
    CHECK_FALSE(client.find("no", why).has_value());
    CHECK(exit_of([&] { (void)client.find("failed", why); }) == Exit::unavail);
}

TEST_CASE("nobody there, and no endpoint, are told apart")
{
    const TestDirectory directory;
    const LocalClient client{"ipc://" + (directory / "api.sock"), 1};
    CHECK(exit_of([&] { (void)client.ask("ok"); }) == Exit::unavail);
    CHECK(exit_of([] { LocalClient{"tcp://127.0.0.1:1", 1}; }) == Exit::config);
}
