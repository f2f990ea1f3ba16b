#include "net/local_api.hpp"

#include "base/error.hpp"
#include "net/detail/local_socket.hpp"
#include "os/directory.hpp"
#include "os/wake.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <vector>

namespace cairn {

using detail::LocalContext;
using detail::LocalSocket;
using detail::make_local_socket;
using detail::receive_frames;
using detail::set_option;

namespace {

constexpr std::string_view scheme = "ipc://";
constexpr std::size_t path_size_max = 107; // characters, of a socket's address in the kernel

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

LocalReply local_reply(CallStatus status, const Json& json, Bytes body)
{
    return {to_text(status), json.dump(), std::move(body)};
}

LocalReply local_refusal(CallStatus status, std::string_view message)
{
    return local_reply(status, Json::object().set("message", message));
}

std::string local_api_endpoint(const std::string& directory)
{
    return std::string{scheme} + directory + "/api.sock";
}

void check_local_endpoint(const std::string& endpoint)
{
    if (!endpoint.starts_with(scheme) || endpoint.size() == scheme.size())
        throw Error{Exit::config, "'" + endpoint + "' is no local endpoint",
                    "write ipc:// and a path"};
    if (endpoint.size() - scheme.size() > path_size_max)
        throw Error{Exit::config, "the path of '" + endpoint + "' is too long for a socket",
                    "it may have " + std::to_string(path_size_max) + " characters"};
}

std::string absolute_endpoint(const std::string& endpoint)
{
    const std::string path = absolute_path(endpoint.substr(scheme.size()));
    const bool is_long = path.size() > path_size_max;
    return is_long ? endpoint : std::string{scheme} + path;
}

struct LocalServer::State {
    LocalContext context{::zmq_ctx_new()};
    LocalSocket socket;
    WakeUp wake;
    std::atomic<bool> is_stopped = false;

    void answer_one(const std::function<LocalReply(const LocalRequest&)>& answer);
};

LocalServer::LocalServer(const std::string& endpoint) : state_{std::make_unique<State>()}
{
    check_local_endpoint(endpoint);
    state_->socket = make_local_socket(state_->context.get(), ZMQ_ROUTER);
    set_option(state_->socket.get(), ZMQ_ROUTER_MANDATORY, 1);
    if (::zmq_bind(state_->socket.get(), endpoint.c_str()) != 0)
        throw Error{Exit::cantcreat,
                    "cannot make '" + endpoint + "': " + std::string{::zmq_strerror(errno)}};
}

LocalServer::~LocalServer() = default;

/// A REQ socket sends its address, an empty frame, and what follows is ours.
void LocalServer::State::answer_one(const std::function<LocalReply(const LocalRequest&)>& answer)
{
    const std::vector<Bytes> frames = receive_frames(socket.get(), ZMQ_DONTWAIT);
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
    const LocalContext context{::zmq_ctx_new()};
    const LocalSocket socket = make_local_socket(context.get(), ZMQ_REQ);
    const auto limit_ms =
        static_cast<int>(std::min<std::uint64_t>(timeout_ms, std::uint64_t{24} * 3'600'000));
    set_option(socket.get(), ZMQ_RCVTIMEO, limit_ms);
    const auto connected = ::zmq_connect(socket.get(), endpoint.c_str());
    std::vector<ByteView> parts{as_bytes(request.method), as_bytes(request.json)};
    if (!request.body.empty()) parts.emplace_back(request.body);
    std::vector<Bytes> frames;
    if (connected == 0 && send(socket.get(), parts)) frames = receive_frames(socket.get(), 0);
    if (frames.empty()) throw Error{Exit::unavail, "nobody answers at '" + endpoint + "'"};
    if (frames.size() < 2 || frames.size() > 3)
        throw Error{Exit::protocol, "the reply has " + std::to_string(frames.size()) + " frames"};
    LocalReply reply{text_of(frames[0]), text_of(frames[1]), {}};
    if (frames.size() == 3) reply.body = frames[2];
    return reply;
}

} // namespace cairn
