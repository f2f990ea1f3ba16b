#include "format/sealed.hpp"

#include "base/error.hpp"
#include "format/armor.hpp"

#include <algorithm>
#include <cassert>

namespace cairn {

Bytes seal_small(ByteView plain, const Recipient& recipient, Entropy& entropy)
{
    assert(plain.size() <= chunk_size);
    const Secret file_key = random_secret(entropy, file_key_size);
    std::vector<Stanza> stanzas;
    stanzas.push_back(wrap(recipient, file_key, entropy));
    const std::string header = to_text(stanzas, file_key);
    Bytes file{as_bytes(header).begin(), as_bytes(header).end()};

    file.resize(header.size() + sealed_payload_size(plain.size()));
    const MutableByteView payload = MutableByteView{file}.subspan(header.size());
    const MutableByteView nonce = payload.first(payload_nonce_size);
    entropy.fill(nonce);
    ChunkCipher{file_key, nonce}.seal({.index = 0, .is_last = true}, plain,
                                      payload.subspan(payload_nonce_size));
    return file;
}

std::optional<Secret> open_small(ByteView file, const AgeIdentity& identity)
{
    const auto header_size = find_age_header_size(file);
    if (!header_size) throw Error{Exit::data, "the age header is truncated"};
    const ByteView header_bytes = file.first(*header_size);
    const AgeHeader header = parse_age_header(header_bytes);
    const auto file_key = unwrap(identity, header);
    if (!file_key) return std::nullopt;
    if (!is_authentic(header, header_bytes, *file_key))
        throw Error{Exit::data, "the age header was changed"};

    const ByteView payload = file.subspan(*header_size);
    const auto size = plain_payload_size(payload.size());
    if (!size || *size > chunk_size) throw Error{Exit::data, "the age payload has a wrong size"};
    Secret plain{*size};
    if (!ChunkCipher{*file_key, payload.first(payload_nonce_size)}.open(
            {.index = 0, .is_last = true}, payload.subspan(payload_nonce_size), plain.bytes()))
        throw Error{Exit::data, "the age payload was changed"};
    return plain;
}

std::string to_armor(ByteView file)
{
    std::string text;
    ArmorWriter writer{[&](ByteView bytes) { text += as_text(bytes); }};
    writer.write(file);
    writer.finish();
    return text;
}

std::string seal_grant(const Secret& link_text, const Recipient& recipient, Entropy& entropy)
{
    Secret line{link_text.size() + 1};
    std::ranges::copy(link_text.bytes(), line.bytes().begin());
    line.bytes().back() = std::byte{'\n'};
    return to_armor(seal_small(line.bytes(), recipient, entropy));
}

} // namespace cairn
