#include "cli/console.hpp"

#include "cli/detail/command.hpp"
#include "cli/detail/reporter.hpp"
#include "cli/progress.hpp"
#include "os/clock.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>

#include <doctest/doctest.h>
#include <unistd.h>

using namespace cairn;

namespace {

/// What `call` writes to a descriptor; little enough for a pipe to hold.
std::string written_to(int fd, const std::function<void()>& call)
{
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) std::abort();
    const int before = ::dup(fd);
    ::dup2(ends[1], fd);
    call();
    ::dup2(before, fd);
    ::close(before);
    ::close(ends[1]);

    std::string text;
    std::array<char, 4096> buffer{};
    for (ssize_t size = 0; (size = ::read(ends[0], buffer.data(), buffer.size())) > 0;)
        text.append(buffer.data(), static_cast<std::size_t>(size));
    ::close(ends[0]);
    return text;
}

/// The same with the time of events replaced.
std::string shown(const Console::Options& options, const std::function<void(Console&)>& call)
{
    Console console{"cairn-try", options};
    std::string text = written_to(STDERR_FILENO, [&] { call(console); });
    for (std::size_t at = 0; (at = text.find(R"("t":")", at)) != text.npos; at += 5)
        text.replace(at + 5, 24, "T");
    return text;
}

void say_all(Console& console)
{
    console.debug("d");
    console.info("i");
    console.warning("w");
    console.event("found", Json::object().set("shard", 3));
    console.summary("done", Json::object().set("shards", 4));
    console.error(Exit::data, "e", "h");
}

} // namespace

TEST_CASE("messages are shown as loud as asked for")
{
    const std::string error = "cairn-try: error: e\nhint: h\n";
    const std::string usual = "cairn-try: warning: w\ncairn-try: done\n" + error;
    CHECK(shown({.quiet = true}, say_all) == error);
    CHECK(shown({}, say_all) == usual);
    CHECK(shown({.verbosity = 1}, say_all) == "cairn-try: i\n" + usual);
    CHECK(shown({.verbosity = 2}, say_all) == "cairn-try: d\ncairn-try: i\n" + usual);
}

TEST_CASE("with --json each message is an object on a line")
{
    const std::string head = R"({"v":1,"tool":"cairn-try","t":"T","ev":")";
    const std::string error =
        head + R"(error","code":"data","exit":65,"msg":"e","hint":"h"})" + '\n';
    CHECK(shown({.json = true, .quiet = true}, say_all) == error);
    CHECK(shown({.json = true, .verbosity = 1}, say_all) ==
          head + R"(log","level":"info","msg":"i"})" + '\n' + //
              head + R"(warning","msg":"w"})" + '\n' +        //
              head + R"(found","shard":3})" + '\n' +          //
              head + R"(summary","shards":4})" + '\n' + error);
}

TEST_CASE("a message is one line that cannot harm a terminal")
{
    const auto say = [](Console& console) {
        console.error(Exit::noinput, "cannot open 'a\nb\x1b[2J\xff': it's\\gone", "try\r\nthis");
    };
    CHECK(shown({}, say) == "cairn-try: error: cannot open 'a\\nb\\x1b[2J\\xff': it's\\gone\n"
                            "hint: try\\x0d\\nthis\n");
    CHECK(shown({.json = true}, say) ==
          R"({"v":1,"tool":"cairn-try","t":"T","ev":"error","code":"noinput","exit":66,)"
          R"("msg":"cannot open 'a\\nb\\x1b[2J\\xff': it's\\gone","hint":"try\\x0d\\nthis"})"
          "\n");
}

TEST_CASE("a phase ends with a line, and none is shown when nobody asked")
{
    const auto work = [](Console& console) {
        Progress progress{console, "tag", 10};
        progress.add(10);
    };
    CHECK(shown({}, work).empty());
    CHECK(shown({.progress = ProgressMode::bar}, work).empty()); // too short to draw one
    CHECK(
        shown({.progress = ProgressMode::plain}, work).starts_with("cairn-try: tag 100%, 10 B of"));
    CHECK(shown({.progress = ProgressMode::json}, work).find(R"("done_bytes":10,)") !=
          std::string::npos);
}

TEST_CASE("with -v each phase ends with one line, whatever the mode")
{
    const auto work = [](Console& console) {
        Progress progress{console, "tag", 10};
        progress.add(10);
        progress.finish();
    };
    for (const ProgressMode mode : {ProgressMode::none, ProgressMode::plain}) {
        const std::string text = shown({.verbosity = 1, .progress = mode}, work);
        CHECK(text.starts_with("cairn-try: tag 100%, 10 B of"));
        CHECK(std::ranges::count(text, '\n') == 1);
        CHECK(shown({.quiet = true, .verbosity = 2}, work).empty());
    }
    for (const ProgressMode mode : {ProgressMode::none, ProgressMode::json}) {
        const std::string text = shown({.json = true, .verbosity = 1, .progress = mode}, work);
        CHECK(text.find(R"("ev":"progress","phase":"tag","done_bytes":10,)") != text.npos);
        CHECK(std::ranges::count(text, '\n') == 1);
    }
}

TEST_CASE("SIGUSR1 shows the status in every mode and disturbs nothing")
{
    for (const ProgressMode mode : {ProgressMode::none, ProgressMode::plain, ProgressMode::bar}) {
        detail::Reporter reporter{"cairn-try", {.progress = mode}};
        const detail::StatusSignal signal{reporter};
        CHECK(written_to(STDERR_FILENO, [] { std::raise(SIGUSR1); }) ==
              "cairn-try: no progress to tell yet\n");
        reporter.status.start("tag", 200, monotonic_ms());
        reporter.status.add(20);
        const std::string text = written_to(STDERR_FILENO, [] { std::raise(SIGUSR1); });
        CHECK(text.starts_with("cairn-try: tag 10%, 20 B of 200 B, "));
        CHECK(text.ends_with(" so far\n"));
    }
    CHECK(written_to(STDERR_FILENO, [] { std::raise(SIGUSR1); }).empty());
}

TEST_CASE("a system call that SIGUSR1 interrupts goes on")
{
    const detail::Reporter reporter{"cairn-try", {.json = true}};
    const detail::StatusSignal signal{reporter};
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    char byte = 0;
    ssize_t size = -1;
    const std::string text = written_to(STDERR_FILENO, [&] {
        std::thread reader{[&] { size = ::read(ends[0], &byte, 1); }};
        for (int i = 0; i < 20; ++i) ::pthread_kill(reader.native_handle(), SIGUSR1);
        CHECK(::write(ends[1], "x", 1) == 1);
        reader.join();
    });
    ::close(ends[0]);
    ::close(ends[1]);
    CHECK(size == 1);
    CHECK(byte == 'x');
    CHECK(text.find(R"("ev":"progress","phase":null})") != text.npos);
}

TEST_CASE("the result goes to standard output")
{
    Console console{"cairn-try", {}};
    const std::string text =
        written_to(STDOUT_FILENO, [&] { console.result(Json::object().set("a", "\n")); });
    CHECK(text == "{\"a\":\"\\n\"}\n");
}

TEST_CASE("help fits eighty columns")
{
    detail::Command command;
    command.name = "cairn-try";
    command.summary =
        "Do one thing, and do it so well that it takes more than a line to say it all";
    detail::Option option;
    option.long_name = "an-option-with-a-long-name";
    option.value_name = "VALUE";
    option.help = "an explanation that needs two lines because it goes on and on without any end";
    option.group = "Input";
    command.options.push_back(option);
    option.long_name = "secret";
    option.is_hidden = true;
    command.options.push_back(option);
    const std::string help = to_help(command);
    CHECK(help.find("\nUsage: cairn-try [OPTION]...\n") != help.npos);
    CHECK(help.find("\nInput:\n      --an-option-with-a-long-name VALUE\n   ") != help.npos);
    CHECK(help.find("secret") == help.npos);
    for (std::size_t at = 0; at < help.size();) {
        const std::size_t end = help.find('\n', at);
        CHECK(end - at <= 80);
        at = end + 1;
    }
    CHECK(to_option_table(command) ==
          "tool\t-\tcairn-try\t-\t-\t-\t-\t" + command.summary +
              "\noption\t-\tan-option-with-a-long-name\t-\tVALUE\tone\t-\t" + option.help + '\n');
}
