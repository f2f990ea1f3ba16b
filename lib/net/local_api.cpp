#include "net/local_api.hpp"

#include "base/error.hpp"
#include "os/wake.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <vector>

#include <zmq.h>

namespace cairn {
namespace {

constexpr std::string_view scheme = "ipc://";
constexpr std::size_t path_size_max = 107; // characters, of a socket's address in the kernel
constexpr std::size_t frames_max = 8;      // of one message, the addresses included
constexpr int queue_max = 16;              // messages

struct EndContext {
    void operator()(void* context) const noexcept { ::zmq_ctx_term(context); }
};
struct CloseSocket {
    void operator()(void* socket) const noexcept { ::zmq_close(socket); }
};
using Context = std::unique_ptr<void, EndContext>;
using Socket = std::unique_ptr<void, CloseSocket>;

void set(void* socket, int option, int value)
{
    ::zmq_setsockopt(socket, option, &value, sizeof value);
}

Socket make_socket(void* context, int type)
{
    Socket socket{::zmq_socket(context, type)};
    if (!socket)
        throw Error{Exit::oserr, std::string{"cannot make a socket: "} + ::zmq_strerror(errno)};
    set(socket.get(), ZMQ_LINGER, 0);
    set(socket.get(), ZMQ_SNDHWM, queue_max);
    set(socket.get(), ZMQ_RCVHWM, queue_max);
    set(socket.get(), ZMQ_HANDSHAKE_IVL, 3'000);
    const std::int64_t size_max = local_body_size_max;
    ::zmq_setsockopt(socket.get(), ZMQ_MAXMSGSIZE, &size_max, sizeof size_max);
    return socket;
}

/// All frames of a message, of which the surplus is dropped; none when there is no message.
std::vector<Bytes> receive(void* socket, int flags)
{
    std::vector<Bytes> frames;
    for (int has_more = 1; has_more != 0;) {
        zmq_msg_t message;
        ::zmq_msg_init(&message);
        if (::zmq_msg_recv(&message, socket, flags) == -1) {
            ::zmq_msg_close(&message);
            return {};
        }
        const auto* const data = static_cast<const std::byte*>(::zmq_msg_data(&message));
        if (frames.size() < frames_max) frames.emplace_back(data, data + ::zmq_msg_size(&message));
        has_more = ::zmq_msg_more(&message);
        ::zmq_msg_close(&message);
    }
    return frames;
}

/// False when the other side is gone or takes nothing.
bool send(void* socket, const std::vector<ByteView>& frames)
{
    for (std::size_t i = 0; i < frames.size(); ++i) {
        const int more = i + 1 < frames.size() ? ZMQ_SNDMORE : 0;
        if (::zmq_send(socket, frames[i].data(), frames[i].size(), ZMQ_DONTWAIT | more) == -1)
            return false;
    }
    return true;
}

std::string text_of(const Bytes& bytes)
{
    return std::string{as_text(bytes)};
}

} // namespace

void check_local_endpoint(const std::string& endpoint)
{
    if (!endpoint.starts_with(scheme) || endpoint.size() == scheme.size())
        throw Error{Exit::config, "'" + endpoint + "' is no local endpoint",
                    "write ipc:// and a path"};
    if (endpoint.size() - scheme.size() > path_size_max)
        throw Error{Exit::config, "the path of '" + endpoint + "' is too long for a socket",
                    "it may have " + std::to_string(path_size_max) + " characters"};
}

struct LocalServer::State {
    Context context{::zmq_ctx_new()};
    Socket socket;
    WakeUp wake;
    std::atomic<bool> is_stopped = false;

    void answer_one(const std::function<LocalReply(const LocalRequest&)>& answer);
};

LocalServer::LocalServer(const std::string& endpoint) : state_{std::make_unique<State>()}
{
    check_local_endpoint(endpoint);
    state_->socket = make_socket(state_->context.get(), ZMQ_ROUTER);
    set(state_->socket.get(), ZMQ_ROUTER_MANDATORY, 1);
    if (::zmq_bind(state_->socket.get(), endpoint.c_str()) != 0)
        throw Error{Exit::cantcreat,
                    "cannot make '" + endpoint + "': " + std::string{::zmq_strerror(errno)}};
}

LocalServer::~LocalServer() = default;

/// A REQ socket sends its address, an empty frame, and what follows is ours.
void LocalServer::State::answer_one(const std::function<LocalReply(const LocalRequest&)>& answer)
{
    const std::vector<Bytes> frames = receive(socket.get(), ZMQ_DONTWAIT);
    if (frames.size() < 2 || !frames[1].empty()) return; // of no REQ socket: nobody waits for it
    LocalReply reply{"malformed", R"({"message":"frames are missing"})", {}};
    const bool is_whole = frames.size() >= 4 && frames.size() <= 5;
    if (is_whole && frames[3].size() <= local_json_size_max) {
        LocalRequest request{text_of(frames[2]), text_of(frames[3]), {}};
        if (frames.size() == 5) request.body = frames[4];
        reply = answer(request);
    }
    std::vector<ByteView> parts{frames[0], {}, as_bytes(reply.status), as_bytes(reply.json)};
    if (!reply.body.empty()) parts.emplace_back(reply.body);
    send(socket.get(), parts); // who has left gets none
}

void LocalServer::run(const std::function<LocalReply(const LocalRequest&)>& answer)
{
    State& state = *state_;
    while (!state.is_stopped) {
        std::array<zmq_pollitem_t, 2> items{{{state.socket.get(), 0, ZMQ_POLLIN, 0},
                                             {nullptr, state.wake.descriptor(), ZMQ_POLLIN, 0}}};
        if (::zmq_poll(items.data(), static_cast<int>(items.size()), -1) == -1 && errno != EINTR)
            return;
        if ((static_cast<unsigned>(items[0].revents) & ZMQ_POLLIN) != 0) state.answer_one(answer);
    }
}

void LocalServer::stop() noexcept
{
    state_->is_stopped = true;
    state_->wake.signal();
}

LocalReply call_local(const std::string& endpoint, const LocalRequest& request,
                      std::uint64_t timeout_ms)
{
    check_local_endpoint(endpoint);
    const Context context{::zmq_ctx_new()};
    const Socket socket = make_socket(context.get(), ZMQ_REQ);
    const auto limit_ms =
        static_cast<int>(std::min<std::uint64_t>(timeout_ms, std::uint64_t{24} * 3'600'000));
    set(socket.get(), ZMQ_RCVTIMEO, limit_ms);
    const auto connected = ::zmq_connect(socket.get(), endpoint.c_str());
    std::vector<ByteView> parts{as_bytes(request.method), as_bytes(request.json)};
    if (!request.body.empty()) parts.emplace_back(request.body);
    std::vector<Bytes> frames;
    if (connected == 0 && send(socket.get(), parts)) frames = receive(socket.get(), 0);
    if (frames.empty()) throw Error{Exit::unavail, "nobody answers at '" + endpoint + "'"};
    if (frames.size() < 2 || frames.size() > 3)
        throw Error{Exit::protocol, "the reply has " + std::to_string(frames.size()) + " frames"};
    LocalReply reply{text_of(frames[0]), text_of(frames[1]), {}};
    if (frames.size() == 3) reply.body = frames[2];
    return reply;
}

} // namespace cairn
