#include "net/local_client.hpp"

#include "base/error.hpp"

#include <array>

namespace cairn {
namespace {

constexpr std::array statuses{CallStatus::ok,      CallStatus::no,     CallStatus::malformed,
                              CallStatus::denied,  CallStatus::full,   CallStatus::busy,
                              CallStatus::damaged, CallStatus::failed, CallStatus::unsupported};

Exit exit_of(const std::string& status)
{
    for (const CallStatus each : statuses)
        if (status == to_text(each)) return to_exit(each);
    return Exit::protocol;
}

} // namespace

LocalClient::LocalClient(std::string endpoint, std::uint64_t timeout_ms)
    : endpoint_{std::move(endpoint)},
      timeout_ms_{timeout_ms}
{
    check_local_endpoint(endpoint_);
}

LocalClient::Answer LocalClient::ask(const std::string& method, const Json& request,
                                     Bytes body) const
{
    LocalReply reply =
        call_local(endpoint_, {method, request.dump(), std::move(body)}, timeout_ms_);
    Answer answer{Json::parse(reply.json, "the reply"), std::move(reply.body)};
    const Exit exit = exit_of(reply.status);
    if (exit != Exit::ok)
        throw Error{exit,
                    answer.json.member("message").text().value_or("the answer is " + reply.status)};
    return answer;
}

std::optional<LocalClient::Answer> LocalClient::find(const std::string& method,
                                                     const Json& request) const
{
    try {
        return ask(method, request);
    } catch (const Error& error) {
        if (error.code() == Exit::no) return std::nullopt;
        throw;
    }
}

} // namespace cairn
