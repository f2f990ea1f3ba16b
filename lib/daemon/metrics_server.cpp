#include "daemon/metrics_server.hpp"

#include "base/error.hpp"
#include "os/clock.hpp"
#include "os/poll.hpp"
#include "os/socket.hpp"
#include "os/wake.hpp"

#include <array>
#include <atomic>
#include <optional>
#include <thread>
#include <utility>

namespace cairn {
namespace {

constexpr std::size_t request_head_max = 4 * 1024; // bytes
constexpr std::uint64_t time_limit_ms = 2'000;     // for one request, its answer included

/// What is answered to the head of a request.
std::string answer_to(std::string_view head, const std::function<std::string()>& text)
{
    const bool is_get = head.starts_with("GET / ") || head.starts_with("GET /metrics ");
    const std::string body = is_get ? text() : "not found\n";
    return std::string{"HTTP/1.1 "} + (is_get ? "200 OK" : "404 Not Found") +
           "\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" + body;
}

} // namespace

struct MetricsServer::Impl {
    std::function<std::string()> text;
    Fd listener;
    std::string listening;
    WakeUp wake;
    std::atomic<bool> is_ending = false;
    std::thread thread;

    bool wait(const Fd& socket, bool wants_write, std::optional<std::uint64_t> deadline_ms);
    void answer(const Fd& socket);
    void run();
};

/// False when the time is over, or the server is to end.
bool MetricsServer::Impl::wait(const Fd& socket, bool wants_write,
                               std::optional<std::uint64_t> deadline_ms)
{
    std::array<Watch, 2> watches{};
    watches[0].descriptor = socket.number();
    watches[0].wants_read = !wants_write;
    watches[0].wants_write = wants_write;
    watches[1].descriptor = wake.descriptor();
    watches[1].wants_read = true;
    wait_for(watches, deadline_ms);
    return !is_ending && (!deadline_ms || monotonic_ms() < *deadline_ms);
}

void MetricsServer::Impl::answer(const Fd& socket)
{
    const std::uint64_t deadline_ms = monotonic_ms() + time_limit_ms;
    std::string head;
    while (head.find("\r\n\r\n") == head.npos) {
        if (head.size() > request_head_max || !wait(socket, false, deadline_ms)) return;
        std::array<std::byte, 1024> buffer{};
        const Transfer transfer = receive(socket, buffer);
        head += as_text(ByteView{buffer}.first(transfer.size));
        if (transfer.state == Transfer::State::ended || transfer.state == Transfer::State::broken)
            return;
    }
    const std::string reply = answer_to(head, text);
    for (ByteView rest = as_bytes(reply); !rest.empty();) {
        const Transfer transfer = send(socket, rest);
        rest = rest.subspan(transfer.size);
        if (transfer.state == Transfer::State::broken) return;
        if (!rest.empty() && !wait(socket, true, deadline_ms)) return;
    }
    end_sending(socket);
}

void MetricsServer::Impl::run()
{
    while (wait(listener, false, std::nullopt)) {
        try {
            while (const auto accepted = accept_from(listener)) answer(accepted->socket);
        } catch (const Error&) { // no descriptors left: it tries again
            std::array<Watch, 1> watches{};
            watches[0].descriptor = wake.descriptor();
            watches[0].wants_read = true;
            wait_for(watches, monotonic_ms() + time_limit_ms);
        }
    }
}

MetricsServer::MetricsServer(const std::string& address, std::function<std::string()> text)
    : impl_{std::make_unique<Impl>()}
{
    impl_->text = std::move(text);
    impl_->listener = listen_at(resolve(address).front());
    impl_->listening = to_text(local_address(impl_->listener));
    impl_->thread = std::thread{[this] { impl_->run(); }};
}

MetricsServer::~MetricsServer()
{
    impl_->is_ending = true;
    impl_->wake.signal();
    impl_->thread.join();
}

const std::string& MetricsServer::listening() const noexcept
{
    return impl_->listening;
}

} // namespace cairn
