#include "base/bech32.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "format/address.hpp"
#include "format/age_recipient.hpp"
#include "format/ssh_key.hpp"

// How recipients and age identities are written as text.

namespace cairn {
namespace {

constexpr std::string_view recipient_label = "recipient: ";
constexpr std::string_view secret_hrp = "age-secret-key-";
constexpr std::size_t identities_max = 1024; // of one file

std::optional<Recipient> find_recipient(std::string_view text)
{
    if (const auto key = parse_age_recipient(text)) return X25519Recipient{*key};
    if (const auto key = parse_ssh_public(text)) return SshRecipient{*key};
    auto key = parse_did(text);
    if (const auto address = parse_address(text)) key = address->key;
    if (!key) return std::nullopt;
    const auto image = x25519_image(*key);
    if (!image) return std::nullopt;
    return X25519Recipient{*image};
}

std::string why_not(std::string_view text)
{
    if (looks_secret(text)) return "a secret key was given where a public one belongs";
    // Several words may be those of a seed.
    const bool has_words = text.find_first_of(" \t") != text.npos;
    if (has_words && !text.starts_with("ssh-")) return "several words are not a recipient";
    if (text.starts_with("age1pq1")) return "post-quantum recipients are not supported";
    if (text.starts_with("age1")) return "'" + std::string{text} + "' is not a valid age recipient";
    if (text.starts_with("ssh-")) return "only SSH keys of type ssh-ed25519 can be recipients";
    return "'" + std::string{text} + "' is not a recipient";
}

/// Takes the first line off `text`, without its LF or CRLF.
std::string_view take_line(std::string_view& text)
{
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

bool is_comment(std::string_view line)
{
    return line.empty() || line.front() == '#';
}

/// The lines with other uses among the public forms that cairn-keygen shows.
bool is_other_form(std::string_view line)
{
    return line.starts_with("address: ") || line.starts_with("did: ") ||
           line.starts_with("minisign: ");
}

} // namespace

Recipient parse_recipient(std::string_view text)
{
    auto recipient = find_recipient(text);
    if (!recipient)
        throw Error{Exit::usage, why_not(text),
                    "a recipient is age1..., cairn1..., did:key:... or an ssh-ed25519 line"};
    return std::move(*recipient);
}

std::vector<Recipient> parse_recipient_file(std::string_view text)
{
    std::vector<Recipient> recipients;
    for (unsigned number = 1; !text.empty(); ++number) {
        std::string_view line = take_line(text);
        if (is_comment(line) || is_other_form(line)) continue;
        if (line.starts_with(recipient_label)) line.remove_prefix(recipient_label.size());
        auto recipient = find_recipient(line);
        if (!recipient)
            throw Error{Exit::data, "line " + std::to_string(number) + ": " + why_not(line)};
        recipients.push_back(std::move(*recipient));
    }
    if (recipients.empty()) throw Error{Exit::data, "no recipients in the file"};
    return recipients;
}

std::vector<AgeIdentity> parse_age_identities(ByteView file)
{
    std::vector<AgeIdentity> identities;
    std::string_view text = as_text(file);
    for (unsigned number = 1; !text.empty(); ++number) {
        const std::string_view line = take_line(text);
        if (is_comment(line)) continue;
        Secret secret{32};
        if (!parse_bech32_into(line, secret_hrp, Checksum::bech32, secret.bytes(),
                               LetterCase::upper))
            throw Error{Exit::data, "line " + std::to_string(number) + ": not an age secret key"};
        if (identities.size() == identities_max) throw Error{Exit::data, "too many secret keys"};
        identities.emplace_back(to_identity(std::move(secret)));
    }
    if (identities.empty()) throw Error{Exit::data, "no secret key in the file"};
    return identities;
}

} // namespace cairn
