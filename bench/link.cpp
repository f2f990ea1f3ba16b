// Bulk of one stream between two processes on this machine, over a link and over a plain
// ZMQ_STREAM socket, in turns within one run:
//     link [MIB [ROUNDS]]
// MB (10^6 bytes) per second of wall time and CPU seconds of both processes per GB, medians of the
// rounds; the ratio is the median of the rounds' ratios.

#include "base/error.hpp"
#include "net/zmq_hub.hpp"
#include "os/clock.hpp"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

using namespace cairn;

namespace {

constexpr std::size_t message_size = 128 * 1024;    // bytes of what the plain side sends at once
constexpr std::size_t flight_max = 4 * 1024 * 1024; // bytes that it has on the way

void require(bool good, const char* what)
{
    if (good) return;
    std::fprintf(stderr, "link: error: cannot %s\n", what);
    std::_Exit(EXIT_FAILURE);
}

struct Speed {
    double mbps = 0;
    double cpu_s_per_gb = 0;
};

double now_s()
{
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double cpu_s(int who)
{
    rusage used{};
    getrusage(who, &used);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

/// A pipe through which the receiving process says where it listens.
struct Channel {
    Channel() { require(pipe(ends) == 0, "make a pipe"); }

    void tell(const std::string& address) const
    {
        require(write(ends[1], address.c_str(), address.size() + 1) > 0, "write to a pipe");
    }
    [[nodiscard]] std::string ask() const
    {
        char text[100] = {};
        require(read(ends[0], text, sizeof text - 1) > 0, "read from a pipe");
        return text;
    }

    int ends[2] = {};
};

/// Runs `receive` in a process of its own and `send` in this one.
Speed transfer(std::size_t size, auto&& receive, auto&& send)
{
    const Channel channel;
    const double own_s = cpu_s(RUSAGE_SELF);
    const double others_s = cpu_s(RUSAGE_CHILDREN);
    const pid_t child = fork();
    if (child == 0) {
        receive(channel, size);
        std::_Exit(EXIT_SUCCESS);
    }
    const double wall_s = send(channel.ask(), size);
    int status = 0;
    require(waitpid(child, &status, 0) == child && status == 0, "receive");
    close(channel.ends[0]);
    close(channel.ends[1]);
    const double used_s = cpu_s(RUSAGE_SELF) - own_s + cpu_s(RUSAGE_CHILDREN) - others_s;
    const auto bytes = static_cast<double>(size);
    return {bytes / 1e6 / wall_s, used_s / (bytes / 1e9)};
}

// ---- A link.

Ed25519KeyPair key_pair(unsigned char number)
{
    Secret seed{Ed25519KeyPair::seed_size};
    seed.bytes()[0] = std::byte{number};
    return Ed25519KeyPair{std::move(seed)};
}

HubEvent next(Hub& hub)
{
    const auto event = hub.next(hub.now_ms() + 10'000);
    require(event && event->kind != HubEvent::Kind::unlinked, "keep a link");
    return *event;
}

void receive_by_link(const Channel& channel, std::size_t size)
{
    const Ed25519KeyPair key = key_pair(1);
    const auto hub = make_zmq_hub({.link_key = &key, .listen = "127.0.0.1:0"});
    channel.tell(hub->listening());
    std::size_t received = 0;
    for (;;) {
        const auto event = hub->next(hub->now_ms() + 10'000);
        require(event.has_value(), "go on");
        if (event->kind == HubEvent::Kind::unlinked) break;
        if (event->kind == HubEvent::Kind::data) {
            received += event->data.size();
            hub->consumed(event->stream, event->data.size());
        }
        if (event->kind == HubEvent::Kind::half_end)
            hub->end(event->stream, received == size ? CallStatus::ok : CallStatus::failed, {});
    }
}

double send_by_link(const std::string& address, std::size_t size)
{
    const Ed25519KeyPair key = key_pair(2);
    const auto hub = make_zmq_hub({.link_key = &key});
    const LinkId link = hub->connect({address, key_pair(1).public_key()});
    while (next(*hub).kind != HubEvent::Kind::linked) {
    }
    const Bytes data(1024 * 1024, std::byte{0x5a});
    const double start = now_s();
    const auto stream = hub->open(link, "put", {});
    require(stream.has_value(), "open a stream");
    std::size_t sent = 0;
    for (;;) {
        while (const std::size_t room = std::min(hub->writable(*stream), size - sent)) {
            const std::size_t part = std::min(room, data.size());
            hub->send(*stream, ByteView{data}.first(part));
            sent += part;
            if (sent == size) hub->half_end(*stream);
        }
        const HubEvent event = next(*hub);
        if (event.kind != HubEvent::Kind::ended) continue;
        require(event.status == CallStatus::ok, "send all");
        break;
    }
    const double took = now_s() - start;
    hub->close(link, "done");
    while (hub->next(hub->now_ms() + 5'000)->kind != HubEvent::Kind::unlinked) {
    }
    return took;
}

// ---- A plain socket.

struct Plain {
    void* context = zmq_ctx_new();
    void* socket = zmq_socket(context, ZMQ_STREAM);

    Plain() { set(ZMQ_LINGER, 0); }
    Plain(const Plain&) = delete;
    Plain& operator=(const Plain&) = delete;
    ~Plain()
    {
        zmq_close(socket);
        zmq_ctx_term(context);
    }

    void set(int option, int value) const
    {
        require(zmq_setsockopt(socket, option, &value, sizeof value) == 0, "set an option");
    }

    /// The size of the next data, and in `route` where it comes from.
    std::size_t receive(std::vector<char>& route) const
    {
        zmq_msg_t message;
        zmq_msg_init(&message);
        require(zmq_msg_recv(&message, socket, 0) >= 0, "receive");
        const auto* const id = static_cast<const char*>(zmq_msg_data(&message));
        route.assign(id, id + zmq_msg_size(&message));
        require(zmq_msg_recv(&message, socket, 0) >= 0, "receive");
        const std::size_t size = zmq_msg_size(&message);
        zmq_msg_close(&message);
        return size;
    }
};

void receive_plainly(const Channel& channel, std::size_t size)
{
    const Plain plain;
    plain.set(ZMQ_RCVHWM, 64);
    require(zmq_bind(plain.socket, "tcp://127.0.0.1:*") == 0, "listen");
    char endpoint[100] = {};
    std::size_t length = sizeof endpoint;
    zmq_getsockopt(plain.socket, ZMQ_LAST_ENDPOINT, endpoint, &length);
    channel.tell(endpoint);
    std::vector<char> route;
    while (size > 0) size -= std::min(size, plain.receive(route));
    zmq_send(plain.socket, route.data(), route.size(), ZMQ_SNDMORE);
    zmq_send(plain.socket, "ok", 2, 0);
    plain.receive(route); // the other side is gone
}

double send_plainly(const std::string& endpoint, std::size_t size)
{
    const Plain plain;
    plain.set(ZMQ_SNDHWM, 0);
    require(zmq_connect(plain.socket, endpoint.c_str()) == 0, "connect");
    std::vector<char> route;
    plain.receive(route);
    const std::vector<char> data(message_size, 0x5a);
    std::atomic<std::size_t> flight{0};
    const auto count_down = [](void* buffer, void* counter) {
        std::free(buffer);
        *static_cast<std::atomic<std::size_t>*>(counter) -= message_size;
    };
    const double start = now_s();
    for (std::size_t sent = 0; sent < size; sent += message_size) {
        while (flight > flight_max) usleep(200);
        void* const copy = std::malloc(message_size);
        std::memcpy(copy, data.data(), message_size);
        flight += message_size;
        zmq_msg_t message;
        zmq_msg_init_data(&message, copy, message_size, count_down, &flight);
        zmq_send(plain.socket, route.data(), route.size(), ZMQ_SNDMORE);
        require(zmq_msg_send(&message, plain.socket, 0) >= 0, "send");
    }
    plain.receive(route);
    return now_s() - start;
}

double median(std::vector<double> values)
{
    std::ranges::sort(values);
    return values[values.size() / 2];
}

} // namespace

int main(int argc, char** argv)
{
    const std::size_t size = (argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1024) << 20U;
    const unsigned long rounds = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 5;
    std::vector<double> plain_mbps;
    std::vector<double> plain_cpu;
    std::vector<double> link_mbps;
    std::vector<double> link_cpu;
    std::vector<double> ratios;
    for (unsigned long round = 0; round <= rounds; ++round) {
        const Speed plain = transfer(size, receive_plainly, send_plainly);
        const Speed link = transfer(size, receive_by_link, send_by_link);
        if (round == 0) continue; // it warms up
        plain_mbps.push_back(plain.mbps);
        plain_cpu.push_back(plain.cpu_s_per_gb);
        link_mbps.push_back(link.mbps);
        link_cpu.push_back(link.cpu_s_per_gb);
        ratios.push_back(link.mbps / plain.mbps);
    }
    std::printf("plain %6.0f MB/s %5.2f CPU s/GB  link %6.0f MB/s %5.2f CPU s/GB  ratio %5.2f\n",
                median(plain_mbps), median(plain_cpu), median(link_mbps), median(link_cpu),
                median(ratios));
}
