#include "net/local_publisher.hpp"

#include "base/error.hpp"
#include "net/detail/local_socket.hpp"
#include "net/local_api.hpp"

#include <cerrno>

namespace cairn {

struct LocalPublisher::State {
    detail::LocalContext context{::zmq_ctx_new()};
    detail::LocalSocket socket = detail::make_local_socket(context.get(), ZMQ_PUB);
};

LocalPublisher::LocalPublisher(const std::string& endpoint) : state_{std::make_unique<State>()}
{
    check_local_endpoint(endpoint);
    if (::zmq_bind(state_->socket.get(), endpoint.c_str()) != 0)
        throw Error{Exit::cantcreat,
                    "cannot make '" + endpoint + "': " + std::string{::zmq_strerror(errno)}};
}

LocalPublisher::~LocalPublisher() = default;

void LocalPublisher::publish(const std::string& name, const std::string& json) noexcept
{
    void* const socket = state_->socket.get();
    if (::zmq_send(socket, name.data(), name.size(), ZMQ_DONTWAIT | ZMQ_SNDMORE) == -1) return;
    ::zmq_send(socket, json.data(), json.size(), ZMQ_DONTWAIT);
}

} // namespace cairn
