#pragma once

#include "crypto/secret.hpp"
#include "format/address.hpp"
#include "format/manifest.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn {

// The capability that finds and reads an object, cairn-link(5).

/// The genesis hash of a chain; zeros where there is none.
using NetworkId = Fixed<struct NetworkIdTag, 32>;

/// What the object id is the hash of.
enum class LinkKind : std::uint8_t {
    object = 1, ///< a kind-1 manifest
    nested = 2, ///< a kind-2 manifest
    whole = 3,  ///< the object itself, stored in whole copies
};

/// Where a provider was last: its address and "host:port".
struct ProviderHint {
    Address peer;
    std::string endpoint;
};

/// "host:port" as cairn-link(5) says: a name or an address, an IPv6 address in brackets.
[[nodiscard]] bool is_endpoint(std::string_view text);

struct Link {
    LinkKind kind = LinkKind::object;
    NetworkId network;
    ObjectId id;
    std::vector<ProviderHint> hints;
    std::optional<Secret> key; ///< the 16-byte file key; none in a locator and for public objects
};

inline constexpr std::size_t link_size_max = 1536; // characters
inline constexpr std::size_t link_hints_max = 3;
inline constexpr std::size_t endpoint_size_max = 260; // characters

/// The link as text, in guarded memory because it may hold the key.
Secret to_link_text(const Link& link);

/// The part of a link's text before '#', which may be shown and logged.
std::string to_locator_text(const Link& link);

/// True when a text begins as a link does.
bool is_link(std::string_view text);

/// Throws Error{data} unless `bytes` are what to_link_text writes. The key is never in the message.
Link parse_link(ByteView bytes);

} // namespace cairn
