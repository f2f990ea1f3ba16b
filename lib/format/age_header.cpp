#include "format/age_header.hpp"

#include "base/base64.hpp"
#include "base/error.hpp"
#include "crypto/kdf.hpp"

#include <algorithm>
#include <cassert>

namespace cairn {
namespace {

constexpr std::string_view version_line = "age-encryption.org/v1\n";
constexpr std::string_view stanza_mark = "-> ";
constexpr std::string_view mac_mark = "---";
constexpr std::size_t line_size = 64; // columns of a body

[[noreturn]] void refuse(const char* why)
{
    throw Error{Exit::data, std::string{"not a valid age file: "} + why};
}

/// Takes lines off the front of a header.
class Lines {
public:
    explicit Lines(std::string_view text) : rest_{text} {}

    std::string_view next()
    {
        const std::size_t end = rest_.find('\n');
        if (end == std::string_view::npos) refuse("the header is truncated");
        const std::string_view line = rest_.substr(0, end);
        rest_.remove_prefix(end + 1);
        return line;
    }

    [[nodiscard]] bool begins_with(std::string_view mark) const { return rest_.starts_with(mark); }
    [[nodiscard]] bool is_empty() const { return rest_.empty(); }

private:
    std::string_view rest_;
};

Bytes decode(std::string_view text)
{
    auto bytes = from_base64(text, Padding::unpadded);
    if (!bytes) refuse("a line is not canonical base64");
    return std::move(*bytes);
}

std::vector<std::string> parse_arguments(std::string_view line)
{
    std::vector<std::string> arguments;
    for (;;) {
        const std::size_t space = line.find(' ');
        const std::string_view argument = line.substr(0, space);
        const auto is_visible = [](char c) { return c > ' ' && c < '\x7f'; };
        if (argument.empty() || !std::ranges::all_of(argument, is_visible))
            refuse("a stanza has a bad argument");
        arguments.emplace_back(argument);
        if (space == std::string_view::npos) return arguments;
        line.remove_prefix(space + 1);
    }
}

Stanza parse_stanza(Lines& lines)
{
    Stanza stanza;
    stanza.arguments = parse_arguments(lines.next().substr(stanza_mark.size()));
    for (;;) {
        const std::string_view line = lines.next();
        if (line.size() > line_size) refuse("a line is too long");
        const Bytes part = decode(line);
        stanza.body.insert(stanza.body.end(), part.begin(), part.end());
        if (line.size() < line_size) return stanza;
    }
}

HmacTag header_mac(std::string_view header, const Secret& file_key)
{
    Secret key{HmacTag::size};
    hkdf_sha256(file_key.bytes(), {}, as_bytes("header"), key.bytes());
    const std::size_t end = header.find("\n---");
    assert(end != std::string_view::npos);
    return hmac_sha256(key.bytes(), {as_bytes(header.substr(0, end + 4))});
}

void append_stanza(std::string& text, const Stanza& stanza)
{
    text += "->";
    for (const std::string& argument : stanza.arguments) text += ' ' + argument;
    text += '\n';
    const std::string body = to_base64(stanza.body, Padding::unpadded);
    for (std::size_t at = 0; at <= body.size(); at += line_size)
        text += body.substr(at, line_size) + '\n';
}

} // namespace

bool is_age(ByteView prefix)
{
    return as_text(prefix).starts_with("age-encryption.org/");
}

std::optional<std::size_t> find_age_header_size(ByteView prefix)
{
    const std::string_view text = as_text(prefix);
    if (text.substr(0, version_line.size()) != version_line.substr(0, text.size())) {
        if (is_age(prefix)) refuse("its version is not v1");
        throw Error{Exit::data, "not an age file"};
    }
    const std::size_t mac = text.find("\n---");
    if (mac != std::string_view::npos) {
        const std::size_t end = text.find('\n', mac + 1);
        if (end < age_header_size_max) return end + 1; // npos is larger
    }
    if (text.size() >= age_header_size_max) refuse("the header is too large");
    return std::nullopt;
}

AgeHeader parse_age_header(ByteView header)
{
    Lines lines{as_text(header)};
    if (lines.next() != version_line.substr(0, version_line.size() - 1))
        refuse("its version is not v1");

    AgeHeader result;
    while (lines.begins_with(stanza_mark)) {
        result.stanzas.push_back(parse_stanza(lines));
        if (result.stanzas.size() > age_stanzas_max) refuse("too many recipients");
    }
    if (result.stanzas.empty()) refuse("no recipient");
    const auto is_scrypt = [](const Stanza& stanza) { return stanza.arguments[0] == "scrypt"; };
    if (result.stanzas.size() > 1 && std::ranges::any_of(result.stanzas, is_scrypt))
        refuse("a passphrase beside other recipients");
    const std::string_view last = lines.next();
    if (!last.starts_with("--- ")) refuse("a line of the header is malformed");
    const Bytes mac = decode(last.substr(mac_mark.size() + 1));
    if (mac.size() != age_mac_size || !lines.is_empty()) refuse("the header's MAC is malformed");
    std::ranges::copy(mac, result.mac.begin());
    return result;
}

std::string to_text(const std::vector<Stanza>& stanzas, const Secret& file_key)
{
    std::string text{version_line};
    for (const Stanza& stanza : stanzas) append_stanza(text, stanza);
    text += mac_mark;
    const HmacTag mac = header_mac(text, file_key);
    return text + ' ' + to_base64(mac.bytes, Padding::unpadded) + '\n';
}

bool is_authentic(const AgeHeader& header, ByteView header_bytes, const Secret& file_key)
{
    return constant_time_equal(header_mac(as_text(header_bytes), file_key).bytes, header.mac);
}

} // namespace cairn
