#include "net/detail/local_socket.hpp"

#include "base/error.hpp"
#include "net/local_api.hpp"

#include <cerrno>

namespace cairn::detail {
namespace {

constexpr std::size_t frames_max = 8; // of one message, the addresses included
constexpr int queue_max = 16;         // messages

} // namespace

void set_option(void* socket, int option, int value)
{
    ::zmq_setsockopt(socket, option, &value, sizeof value);
}

LocalSocket make_local_socket(void* context, int type)
{
    LocalSocket socket{::zmq_socket(context, type)};
    if (!socket)
        throw Error{Exit::oserr, std::string{"cannot make a socket: "} + ::zmq_strerror(errno)};
    set_option(socket.get(), ZMQ_LINGER, 0);
    set_option(socket.get(), ZMQ_SNDHWM, queue_max);
    set_option(socket.get(), ZMQ_RCVHWM, queue_max);
    set_option(socket.get(), ZMQ_HANDSHAKE_IVL, 3'000);
    const std::int64_t size_max = local_body_size_max;
    ::zmq_setsockopt(socket.get(), ZMQ_MAXMSGSIZE, &size_max, sizeof size_max);
    return socket;
}

std::vector<Bytes> receive_frames(void* socket, int flags)
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

} // namespace cairn::detail
