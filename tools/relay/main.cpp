// cairn-relay: pass TCP connections on, impaired as one likes. See cairn-relay(1).

#include "base/error.hpp"
#include "base/number.hpp"
#include "cli/cli.hpp"
#include "cli/readiness.hpp"
#include "os/input.hpp"
#include "os/process.hpp"
#include "relaying/relay.hpp"

#include <algorithm>

using namespace cairn;

namespace {

constexpr std::size_t file_size_max = 64 * 1024; // bytes of impairments

struct Options {
    std::string listen = "127.0.0.1:0";
    std::optional<std::string> to;
    std::string impair;
    std::uint64_t connections = 1024;
    std::optional<std::uint64_t> ready_fd;
};

/// What --impair says, or the file behind '@'.
Impairments load_impairments(const std::string& text)
{
    if (!text.starts_with('@')) return parse_impairments(text);
    const Bytes file = read_small_file(text.substr(1), file_size_max);
    return parse_impairments(as_text(file));
}

/// Counts what passed, and tells of each connection.
class Reporter {
public:
    explicit Reporter(Console& console) : console_{console} {}

    void opened(std::uint64_t number, const std::string& peer)
    {
        ++connections_;
        console_.event("opened", Json::object().set("connection", number).set("peer", peer));
        if (!console_.json())
            console_.info("connection " + std::to_string(number) + " from " + peer);
    }

    void closed(const ConnectionReport& report)
    {
        up_size_ += report.up_size;
        down_size_ += report.down_size;
        console_.event("closed", Json::object()
                                     .set("connection", report.number)
                                     .set("up_bytes", report.up_size)
                                     .set("down_bytes", report.down_size)
                                     .set("corrupted_bytes", report.corrupted_size)
                                     .set("duration_ms", report.duration_ms)
                                     .set("reason", report.reason));
        if (!console_.json())
            console_.info("connection " + std::to_string(report.number) + ": " + report.reason +
                          ", " + format_size(report.up_size) + " up, " +
                          format_size(report.down_size) + " down");
    }

    void summarize()
    {
        console_.event("summary", Json::object()
                                      .set("connections", connections_)
                                      .set("up_bytes", up_size_)
                                      .set("down_bytes", down_size_));
        if (!console_.json())
            console_.info("connections: " + std::to_string(connections_) + ", " +
                          format_size(up_size_) + " up, " + format_size(down_size_) + " down");
    }

private:
    Console& console_;
    std::uint64_t connections_ = 0;
    std::uint64_t up_size_ = 0;
    std::uint64_t down_size_ = 0;
};

Exit relay(const Options& options, Console& console)
{
    if (!options.to) throw Error{Exit::usage, "no server is named", "name it with --to HOST:PORT"};
    Reporter reporter{console};
    SignalEvents signals;
    raise_open_files_limit();
    Relay relay{{.listen = resolve(options.listen).front(),
                 .to = resolve(*options.to),
                 .impairments = load_impairments(options.impair),
                 .connections_max = options.connections,
                 .opened = [&](std::uint64_t number,
                               const std::string& peer) { reporter.opened(number, peer); },
                 .closed = [&](const ConnectionReport& report) { reporter.closed(report); }}};
    if (console.json())
        console.result(Json::object().set("address", relay.address()));
    else
        console.print(relay.address() + '\n');
    tell_ready(options.ready_fd, relay.address());
    relay.serve(signals, [&] {
        try {
            relay.set(load_impairments(options.impair));
            console.info("impairments are read again");
        } catch (const Error& error) {
            console.warning(std::string{"impairments stay as they are: "} + error.what());
        }
    });
    tell_stopping();
    reporter.summarize();
    signals.end_by_signal();
    return Exit::ok;
}

} // namespace

int main(int argc, char** argv)
{
    Options options;
    Cli cli{"relay", "Pass TCP connections on to a server, with faults on purpose"};
    cli.environment();
    cli.usage("[--listen ADDRESS] --to ADDRESS [--impair LIST | --impair @FILE]");
    cli.option("--listen", "ADDRESS", options.listen,
               "Take connections at HOST:PORT; port 0 is a free one. 127.0.0.1:0 if not given");
    cli.option("--to", "ADDRESS", options.to, "Pass them on to HOST:PORT");
    cli.option("--impair", "LIST", options.impair,
               "What goes wrong, with commas between: loss=P, corrupt=P, delay=TIME, jitter=TIME, "
               "rate=SIZE, slice=SIZE, stall=SIZE[:TIME], close=SIZE, reset=SIZE, blackhole, each "
               "also for one direction (up.loss=P, down.loss=P); refuse=P, seed=N. @FILE has it in "
               "a file, which is read again at the signal HUP");
    cli.number("--connections", "N", options.connections, {1, 100'000},
               "Have at most N connections at a time");
    cli.number("--ready-fd", "N", options.ready_fd, {1, 1'000'000},
               "Write the address to descriptor N when connections are taken");
    cli.example("cairn-relay --to 127.0.0.1:4100 --impair delay=50ms,jitter=10ms,rate=1MiB",
                "a server that is far away");
    cli.example("cairn-relay --to 127.0.0.1:4100 --impair loss=0.01,down.corrupt=1e-6,seed=7",
                "resets and flipped bits, the same in every run");
    return cli.run(argc, argv, [&](Console& console) { return relay(options, console); });
}
