#include "node.hpp"

using namespace cairn;

namespace {

[[noreturn]] void refuse(const std::string& name)
{
    throw Error{Exit::protocol, "the node's reply lacks '" + name + "'"};
}

} // namespace

void NodeOptions::declare(Cli& cli)
{
    constexpr std::uint64_t day_ms = 86'400'000;
    cli.group("The node");
    cli.option("--node", "ENDPOINT", node, "Ask the node at ipc://PATH");
    cli.option("--dir", "DIR", directory, "Ask the node whose directory is DIR");
    cli.duration_ms("--timeout", "DURATION", timeout_ms, {1, day_ms}, "Wait so long; 30s");
}

LocalClient NodeOptions::client() const
{
    return client(timeout_ms);
}

LocalClient NodeOptions::client(std::uint64_t reply_ms) const
{
    if (node) return {*node, reply_ms};
    if (directory) return {local_api_endpoint(*directory), reply_ms};
    throw Error{Exit::usage, "no node is named", "name it by --dir DIR, --node or CAIRN_NODE"};
}

bool is_passing(const Error& error)
{
    return error.code() == Exit::unavail || error.code() == Exit::tempfail;
}

std::string text_in(const Json& json, const std::string& name)
{
    const auto text = json.member(name).text();
    if (!text) refuse(name);
    return *text;
}

std::uint64_t number_in(const Json& json, const std::string& name)
{
    const auto number = json.member(name).number();
    if (!number) refuse(name);
    return *number;
}

bool is_true(const Json& json, const std::string& name)
{
    const auto value = json.member(name).boolean();
    if (!value) refuse(name);
    return *value;
}
