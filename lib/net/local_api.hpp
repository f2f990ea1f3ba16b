#pragma once

#include "json/json.hpp"
#include "net/hub.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

// Requests between processes of one machine and one user, cairn-api(7): ZeroMQ over ipc. A request
// is the frames method, JSON and, for some methods, a body; a reply is status, JSON and body.

namespace cairn {

inline constexpr std::size_t local_json_size_max = 256 * 1024;             // bytes
inline constexpr std::size_t local_body_size_max = std::size_t{65} << 20U; // bytes

struct LocalRequest {
    std::string method;
    std::string json; ///< an object, as text
    Bytes body;
};

struct LocalReply {
    std::string status; ///< "ok", "no", ...: the words of CallStatus
    std::string json;
    Bytes body;
};

[[nodiscard]] LocalReply local_reply(CallStatus status, const Json& json, Bytes body = {});

/// A reply with a message for people.
[[nodiscard]] LocalReply local_refusal(CallStatus status, std::string_view message);

/// Where the daemon of a directory answers, unless it is told otherwise: "ipc://PATH".
[[nodiscard]] std::string local_api_endpoint(const std::string& directory);

/// The same endpoint for processes in other directories, too; as it is where its path from the root
/// is too long for a socket. Needs an endpoint that check_local_endpoint() takes.
[[nodiscard]] std::string absolute_endpoint(const std::string& endpoint);

/// Throws Error{config} unless it is "ipc://PATH", and short enough for a socket.
void check_local_endpoint(const std::string& endpoint);

/// Answers requests on a socket, one after another. Who may connect is a matter of the directory's
/// mode.
class LocalServer {
public:
    /// "ipc://PATH". Throws Error{config} when it is no such endpoint or too long, Error{cantcreat}
    /// when it cannot be made.
    explicit LocalServer(const std::string& endpoint);
    LocalServer(const LocalServer&) = delete;
    LocalServer& operator=(const LocalServer&) = delete;
    ~LocalServer();

    /// Answers what comes until stop() is called.
    void run(const std::function<LocalReply(const LocalRequest&)>& answer);

    /// Makes run() return. From any thread.
    void stop() noexcept;

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Sends one request and waits for the reply. Throws Error{config} when `endpoint` is none,
/// Error{unavail} when nobody answers in time, Error{protocol} when what comes is no reply.
LocalReply call_local(const std::string& endpoint, const LocalRequest& request,
                      std::uint64_t timeout_ms);

} // namespace cairn
