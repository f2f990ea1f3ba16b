#include "net/local_events.hpp"

#include "base/error.hpp"
#include "net/detail/local_socket.hpp"
#include "net/local_api.hpp"

#include <algorithm>

namespace cairn {

using detail::LocalContext;
using detail::LocalSocket;
using detail::make_local_socket;
using detail::receive_frames;
using detail::set_option;

struct LocalEvents::State {
    LocalContext context{::zmq_ctx_new()};
    LocalSocket socket = make_local_socket(context.get(), ZMQ_SUB);
    std::string name;
};

LocalEvents::LocalEvents(const std::string& endpoint, const std::string& name)
    : state_{std::make_unique<State>()}
{
    check_local_endpoint(endpoint);
    state_->name = name;
    void* const socket = state_->socket.get();
    ::zmq_setsockopt(socket, ZMQ_SUBSCRIBE, name.data(), name.size());
    if (::zmq_connect(socket, endpoint.c_str()) != 0)
        throw Error{Exit::config, "cannot listen at '" + endpoint + "'"};
}

LocalEvents::~LocalEvents() = default;

std::optional<std::string> LocalEvents::next(std::uint64_t timeout_ms)
{
    constexpr std::uint64_t day_ms = 86'400'000;
    set_option(state_->socket.get(), ZMQ_RCVTIMEO, static_cast<int>(std::min(timeout_ms, day_ms)));
    const std::vector<Bytes> frames = receive_frames(state_->socket.get(), 0);
    // What is subscribed is the begin of names.
    if (frames.size() != 2 || as_text(frames[0]) != state_->name) return std::nullopt;
    return std::string{as_text(frames[1])};
}

} // namespace cairn
