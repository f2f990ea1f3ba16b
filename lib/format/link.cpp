#include "format/link.hpp"

#include "base/bech32.hpp"
#include "base/cursor.hpp"
#include "base/number.hpp"
#include "format/age_header.hpp"

#include <algorithm>

namespace cairn {
namespace {

constexpr std::string_view scheme = "cairn:";
constexpr std::string_view locator_hrp = "co";
constexpr std::string_view key_hrp = "ck";
constexpr std::string_view hints_mark = "?at=";
constexpr std::byte file_key_kind{1};
constexpr std::size_t key_payload_size = 1 + file_key_size;
constexpr std::size_t key_text_size = bech32_size(key_hrp.size(), key_payload_size);
constexpr std::uint64_t port_max = 65535;

[[noreturn]] void refuse(const char* why)
{
    throw Error{Exit::data, std::string{"not a valid link: "} + why};
}

bool is_host(std::string_view host)
{
    const bool is_ipv6 = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (is_ipv6) host = host.substr(1, host.size() - 2);
    const auto is_allowed = [&](char c) {
        if (is_ipv6)
            return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == ':' || c == '.';
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '.';
    };
    return !host.empty() && std::ranges::all_of(host, is_allowed);
}

ProviderHint parse_hint(std::string_view text)
{
    const std::size_t at = text.find('@');
    if (at == text.npos) refuse("a provider hint has no '@'");
    const auto peer = parse_address(text.substr(0, at));
    if (!peer || to_address(peer->key, peer->network) != text.substr(0, at))
        refuse("a provider hint has no address");
    if (!is_endpoint(text.substr(at + 1))) refuse("a provider hint has a bad host or port");
    return {*peer, std::string{text.substr(at + 1)}};
}

std::vector<ProviderHint> parse_hints(std::string_view text)
{
    std::vector<ProviderHint> hints;
    for (;;) {
        if (hints.size() == link_hints_max) refuse("too many provider hints");
        const std::size_t comma = text.find(',');
        hints.push_back(parse_hint(text.substr(0, comma)));
        if (comma == text.npos) return hints;
        text.remove_prefix(comma + 1);
    }
}

void parse_locator(std::string_view text, Link& link)
{
    const auto parsed = parse_bech32(text, Checksum::bech32m);
    if (!parsed || parsed->hrp != locator_hrp || parsed->letters != LetterCase::lower)
        refuse("its first part is mistyped or incomplete");
    Reader reader{parsed->payload, "the link"};
    const auto kind = reader.integer<std::uint8_t>();
    if (kind < 1 || kind > 3) refuse("its kind is unknown");
    link.kind = static_cast<LinkKind>(kind);
    if (reader.left() > ObjectId::size) {
        link.network = reader.fixed<NetworkId>();
        if (link.network == NetworkId{}) refuse("it names no network twice");
    }
    link.id = reader.fixed<ObjectId>();
    reader.finish();
}

} // namespace

bool is_endpoint(std::string_view text)
{
    const std::size_t colon = text.rfind(':');
    if (text.size() > endpoint_size_max || colon == text.npos) return false;
    const auto port = parse_number(text.substr(colon + 1));
    return port && *port >= 1 && *port <= port_max && is_host(text.substr(0, colon));
}

std::string to_locator_text(const Link& link)
{
    Bytes payload;
    Writer writer{payload};
    writer.integer(static_cast<std::uint8_t>(link.kind));
    if (link.network != NetworkId{}) writer.put(link.network.bytes);
    writer.put(link.id.bytes);
    std::string text{scheme};
    text += to_bech32(locator_hrp, payload, Checksum::bech32m);
    for (std::size_t i = 0; i < link.hints.size(); ++i) {
        const ProviderHint& hint = link.hints[i];
        text += i == 0 ? hints_mark : std::string_view{","};
        text += to_address(hint.peer.key, hint.peer.network) + '@' + hint.endpoint;
    }
    return text;
}

Secret to_link_text(const Link& link)
{
    const std::string locator = to_locator_text(link);
    if (!link.key) return Secret::copy(as_bytes(locator));
    Secret text{locator.size() + 1 + key_text_size};
    std::ranges::copy(as_bytes(locator + '#'), text.bytes().begin());
    Secret payload{key_payload_size};
    payload.bytes()[0] = file_key_kind;
    std::ranges::copy(link.key->bytes(), payload.bytes().begin() + 1);
    to_bech32_text(key_hrp, payload.bytes(), Checksum::bech32m,
                   text.bytes().subspan(locator.size() + 1));
    return text;
}

bool is_link(std::string_view text)
{
    return text.starts_with(scheme);
}

Link parse_link(ByteView bytes)
{
    std::string_view text = as_text(bytes);
    if (!is_link(text)) refuse("it does not begin with cairn:");
    if (text.size() > link_size_max) refuse("it is too long");
    text.remove_prefix(scheme.size());

    Link link;
    const std::size_t hash = text.find('#');
    if (hash != text.npos) {
        Secret payload{key_payload_size};
        if (!parse_bech32_into(text.substr(hash + 1), key_hrp, Checksum::bech32m,
                               payload.bytes()) ||
            payload.bytes()[0] != file_key_kind)
            refuse("its key is mistyped or incomplete");
        link.key = Secret::copy(payload.bytes().subspan(1));
        text = text.substr(0, hash);
    }
    const std::size_t mark = text.find('?');
    if (mark != text.npos) {
        if (!text.substr(mark).starts_with(hints_mark)) refuse("an unknown part follows '?'");
        link.hints = parse_hints(text.substr(mark + hints_mark.size()));
    }
    parse_locator(text.substr(0, mark), link);
    return link;
}

} // namespace cairn
