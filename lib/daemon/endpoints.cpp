#include "daemon/endpoints.hpp"

#include "base/number.hpp"

namespace cairn {

std::uint16_t port_of(const std::string& address)
{
    const auto port = parse_number(address.substr(address.rfind(':') + 1));
    return port && *port <= UINT16_MAX ? static_cast<std::uint16_t>(*port) : std::uint16_t{0};
}

bool is_wildcard(const std::string& address)
{
    return address.starts_with("0.0.0.0:") || address.starts_with("[::]:") ||
           address.starts_with("*:");
}

bool has_port(const std::string& address)
{
    const std::size_t colon = address.rfind(':');
    return colon != std::string::npos && address.find('/') == std::string::npos &&
           parse_number(address.substr(colon + 1)).has_value();
}

} // namespace cairn
