// What tests/rel/dos attacks:
//     rel_link serve ADDRESS     links, and calls to echo, hold and pour
//     rel_link naive ADDRESS     the canary: a ZeroMQ socket with the library's own limits
// Prints where it listens; ends when standard input does.

#include "base/error.hpp"
#include "net/zmq_hub.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include <unistd.h>
#include <zmq.h>

using namespace cairn;

namespace {

/// Echoes requests; takes data of "hold" and never lets more come; sends without end for "pour".
class Service {
public:
    explicit Service(Hub& hub) : hub_{&hub}, block_(64 * 1024, std::byte{0x5a}) {}

    void handle(const HubEvent& event)
    {
        using Kind = HubEvent::Kind;
        switch (event.kind) {
        case Kind::opened:
            if (event.method == "pour")
                pour(event.stream);
            else if (event.method == "echo" || event.method == "hello" || event.method == "peers")
                hub_->end(event.stream, CallStatus::ok, event.data);
            else if (event.method != "hold")
                hub_->end(event.stream, CallStatus::unsupported, {});
            break;
        case Kind::writable:
            pour(event.stream);
            break;
        case Kind::linked:
        case Kind::unlinked:
        case Kind::data:
        case Kind::half_end:
        case Kind::ended:
        case Kind::reset:
        case Kind::woken:
            break;
        }
    }

private:
    void pour(StreamId stream)
    {
        while (const std::size_t size = std::min(hub_->writable(stream), block_.size()))
            hub_->send(stream, ByteView{block_}.first(size));
    }

    Hub* hub_;
    Bytes block_;
};

void announce(const std::string& address)
{
    std::printf("%s\n", address.c_str());
    std::fflush(stdout);
}

/// Ends the process with its standard input.
void watch_input()
{
    std::thread{[] {
        char byte = 0;
        while (read(STDIN_FILENO, &byte, 1) > 0) {
        }
        std::_Exit(EXIT_SUCCESS);
    }}.detach();
}

void serve(const std::string& address)
{
    Secret seed{Ed25519KeyPair::seed_size};
    const Ed25519KeyPair key{std::move(seed)};
    const auto hub = make_zmq_hub({.link_key = &key, .listen = address});
    announce(hub->listening());
    Service service{*hub};
    for (;;)
        if (const auto event = hub->next(hub->now_ms() + 60'000)) service.handle(*event);
}

void serve_naively(const std::string& address)
{
    void* const context = zmq_ctx_new();
    void* const socket = zmq_socket(context, ZMQ_ROUTER);
    const int queue_max = 10;
    const std::int64_t size_max = 1 << 20;
    zmq_setsockopt(socket, ZMQ_RCVHWM, &queue_max, sizeof queue_max);
    zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &size_max, sizeof size_max);
    if (zmq_bind(socket, ("tcp://" + address).c_str()) != 0) std::exit(EXIT_FAILURE);
    char bound[100] = {};
    std::size_t size = sizeof bound;
    zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, bound, &size);
    announce(std::string{bound}.substr(6));
    char byte = 0;
    for (;;) zmq_recv(socket, &byte, 1, 0);
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 3) return EXIT_FAILURE;
    watch_input();
    try {
        if (std::string{argv[1]} == "serve")
            serve(argv[2]);
        else
            serve_naively(argv[2]);
    } catch (const Error& error) {
        std::fprintf(stderr, "rel_link: error: %s\n", error.what());
    }
    return EXIT_FAILURE;
}
