#pragma once

#include "base/bytes.hpp"

#include <memory>
#include <string>
#include <vector>

#include <zmq.h>

// Sockets of ZeroMQ between processes of this machine.

namespace cairn::detail {

struct EndContext {
    void operator()(void* context) const noexcept { ::zmq_ctx_term(context); }
};
struct CloseSocket {
    void operator()(void* socket) const noexcept { ::zmq_close(socket); }
};
using LocalContext = std::unique_ptr<void, EndContext>;
using LocalSocket = std::unique_ptr<void, CloseSocket>;

void set_option(void* socket, int option, int value);

/// A socket of a ZMQ_ type, with the limits that all of ours have. Throws Error{oserr}.
LocalSocket make_local_socket(void* context, int type);

/// All frames of a message, of which the surplus is dropped; none when there is no message.
std::vector<Bytes> receive_frames(void* socket, int flags);

} // namespace cairn::detail
