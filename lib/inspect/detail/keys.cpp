#include "base/error.hpp"
#include "base/hex.hpp"
#include "format/age_payload.hpp"
#include "format/identity.hpp"
#include "format/link.hpp"
#include "format/signature.hpp"
#include "format/ssh_key.hpp"
#include "format/words.hpp"
#include "inspect/detail/objects.hpp"

#include <algorithm>

namespace cairn::detail {
namespace {

Json to_json(const PublicForms& forms)
{
    return Json::object()
        .set("address", forms.address)
        .set("recipient", forms.recipient)
        .set("did", forms.did)
        .set("minisign", forms.minisign);
}

Json secret_json(const char* kind)
{
    return Json::object().set("kind", kind).set("secret", true);
}

std::string_view without_line_end(std::string_view text)
{
    if (text.ends_with('\n')) text.remove_suffix(1);
    return text;
}

std::optional<Json> inspect_signature(std::string_view text)
{
    if (!text.starts_with("untrusted comment: ")) return std::nullopt;
    const SignatureFile file = parse_signature(text);
    Json json = Json::object().set("kind", "signature");
    switch (file.kind) {
    case SignatureKind::prehashed:
        json.set("form", "minisign");
        break;
    case SignatureKind::legacy:
        json.set("form", "minisign-legacy");
        break;
    case SignatureKind::signify:
        json.set("form", "signify");
        break;
    }
    json.set("key_number", to_hex_text(file.number.bytes));
    json.set("untrusted_comment", file.untrusted_comment);
    if (file.kind != SignatureKind::signify) json.set("trusted_comment", file.trusted_comment);
    return json;
}

Json inspect_link(ByteView text)
{
    const Link link = parse_link(text);
    Json json = Json::object().set("kind", "link").set("locator", to_locator_text(link));
    switch (link.kind) {
    case LinkKind::object:
        json.set("describes", "object");
        break;
    case LinkKind::nested:
        json.set("describes", "manifest");
        break;
    case LinkKind::whole:
        json.set("describes", "whole");
        break;
    }
    json.set("id", to_hex_text(link.id.bytes));
    if (link.network != NetworkId{}) json.set("network", to_hex_text(link.network.bytes));
    Json hints = Json::array();
    for (const ProviderHint& hint : link.hints)
        hints.push(Json::object()
                       .set("peer", to_address(hint.peer.key, hint.peer.network))
                       .set("endpoint", hint.endpoint));
    return json.set("hints", hints).set("has_key", link.key.has_value());
}

Json inspect_address(const Address& address)
{
    Json json = Json::object().set("kind", "address");
    json.set("network", address.network == Network::main ? "main" : "test");
    return json.set("public_key", to_hex_text(address.key.bytes))
        .merge(to_json(public_forms(address.key)));
}

} // namespace

std::optional<Json> inspect_age(const Peeked& peeked)
{
    if (!is_age(peeked.front) && !is_armored(peeked.front)) return std::nullopt;
    const OpenedAge file = open_age(peeked.source);
    Json json = Json::object().set("kind", "age").set("version", 1);
    json.set("armored", file.is_armored).set("header_bytes", file.header_bytes.size());
    Json recipients = Json::array();
    for (const Stanza& stanza : file.header.stanzas) {
        Json arguments = Json::array();
        for (const std::string& argument : stanza.arguments) arguments.push(argument);
        recipients.push(Json::object()
                            .set("type", stanza.arguments.front())
                            .set("arguments", arguments)
                            .set("body_bytes", stanza.body.size()));
    }
    json.set("recipients", recipients);
    const auto size = peeked.input->size();
    if (size && !file.is_armored) {
        const auto plain = plain_payload_size(*size - file.header_bytes.size());
        if (!plain) throw Error{Exit::data, "the age file is truncated: no payload has this size"};
        json.set("plain_bytes", *plain);
    }
    return json;
}

std::optional<Json> inspect_secret(const Peeked& peeked)
{
    if (!peeked.is_whole) return std::nullopt;
    const ByteView front = peeked.front;
    const std::string_view text = as_text(front);
    if (is_identity_file(front)) {
        const Identity identity = Identity::parse(front);
        return secret_json("identity")
            .set("version", 1)
            .merge(to_json(public_forms(identity.signing().public_key())));
    }
    if (is_ssh_private(front)) {
        const Ed25519KeyPair pair = parse_ssh_private(front);
        return secret_json("ssh-private").merge(to_json(public_forms(pair.public_key())));
    }
    if (const auto secret = parse_minisign_secret(front))
        return secret_json("minisign-secret")
            .set("key_number", to_hex_text(secret->number.bytes))
            .set("minisign", to_minisign({secret->number, secret->pair.public_key()}));
    if (const auto entropy = parse_words(front); entropy && entropy->size() == entropy_size)
        return secret_json("words").merge(
            to_json(public_forms(Identity::recover(front).signing().public_key())));
    if (text.find("AGE-SECRET-KEY-1") == text.npos) return std::nullopt;
    Json recipients = Json::array();
    for (const AgeIdentity& identity : parse_age_identities(front))
        recipients.push(to_age_recipient(std::get<X25519Identity>(identity).key));
    return secret_json("age-identity").set("recipients", recipients);
}

std::optional<Json> inspect_public(const Peeked& peeked)
{
    if (!peeked.is_whole) return std::nullopt;
    const std::string_view line = without_line_end(as_text(peeked.front));
    if (is_link(line)) return inspect_link(as_bytes(line));
    if (const auto address = parse_address(line)) return inspect_address(*address);
    if (const auto key = parse_did(line))
        return inspect_address({*key, Network::main}).set("kind", "did");
    if (const auto key = parse_age_recipient(line))
        return Json::object()
            .set("kind", "age-recipient")
            .set("public_key", to_hex_text(key->bytes));
    if (const auto key = parse_ssh_public(line))
        return Json::object()
            .set("kind", "ssh-public")
            .set("public_key", to_hex_text(key->bytes))
            .merge(to_json(public_forms(*key)));
    if (const auto key = parse_signer_key(as_text(peeked.front)))
        return Json::object()
            .set("kind", "signer-key")
            .set("key_number", to_hex_text(key->number.bytes))
            .set("public_key", to_hex_text(key->key.bytes))
            .merge(to_json(public_forms(key->key)))
            .set("minisign", to_minisign(*key));
    return inspect_signature(as_text(peeked.front));
}

} // namespace cairn::detail
