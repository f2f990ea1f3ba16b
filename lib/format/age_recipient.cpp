#include "format/age_recipient.hpp"

#include "base/base64.hpp"
#include "base/error.hpp"
#include "base/number.hpp"
#include "crypto/aead.hpp"
#include "crypto/kdf.hpp"
#include "format/ssh_key.hpp"
#include "hash/digest.hpp"

#include <algorithm>
#include <cassert>

namespace cairn {
namespace {

constexpr const char* x25519_type = "X25519";
constexpr const char* ssh_type = "ssh-ed25519";
constexpr const char* scrypt_type = "scrypt";
constexpr const char* x25519_info = "age-encryption.org/v1/X25519";
constexpr const char* ssh_info = "age-encryption.org/v1/ssh-ed25519";
constexpr std::string_view scrypt_info = "age-encryption.org/v1/scrypt";
constexpr std::size_t wrapped_size = file_key_size + Aead::tag_size; // bytes
constexpr std::size_t scrypt_salt_size = 16;                         // bytes
constexpr std::size_t ssh_tag_size = 4;                              // bytes
constexpr std::array<std::byte, 12> zero_nonce{};                    // each key is used once

[[noreturn]] void refuse_stanza(const char* type)
{
    throw Error{Exit::data, std::string{"not a valid age file: malformed "} + type + " recipient"};
}

std::string to_argument(ByteView bytes)
{
    return to_base64(bytes, Padding::unpadded);
}

/// An argument that must be so many bytes.
Bytes parse_argument(const Stanza& stanza, std::size_t index, std::size_t size)
{
    auto bytes = from_base64(stanza.arguments[index], Padding::unpadded);
    if (!bytes || bytes->size() != size) refuse_stanza(stanza.arguments[0].c_str());
    return std::move(*bytes);
}

void check_shape(const Stanza& stanza, std::size_t arguments)
{
    if (stanza.arguments.size() != arguments || stanza.body.size() != wrapped_size)
        refuse_stanza(stanza.arguments[0].c_str());
}

Bytes seal_file_key(const Secret& wrap_key, const Secret& file_key)
{
    assert(file_key.size() == file_key_size);
    Bytes body(wrapped_size);
    Aead{Cipher::chacha20_poly1305, wrap_key.bytes()}.seal(zero_nonce, {}, file_key.bytes(), body);
    return body;
}

std::optional<Secret> open_file_key(const Secret& wrap_key, const Stanza& stanza)
{
    Secret file_key{file_key_size};
    Aead aead{Cipher::chacha20_poly1305, wrap_key.bytes()};
    if (!aead.open(zero_nonce, {}, stanza.body, file_key.bytes())) return std::nullopt;
    return file_key;
}

Secret exchange_key(const Secret& shared, ByteView ephemeral, const X25519PublicKey& recipient,
                    const char* info)
{
    Bytes salt{ephemeral.begin(), ephemeral.end()};
    salt.insert(salt.end(), recipient.bytes.begin(), recipient.bytes.end());
    Secret key{32};
    hkdf_sha256(shared.bytes(), salt, as_bytes(info), key.bytes());
    return key;
}

/// The scalar that binds an exchange to an SSH key.
Secret ssh_tweak(const Ed25519PublicKey& key)
{
    Secret tweak{32};
    hkdf_sha256({}, to_ssh_wire(key), as_bytes(ssh_info), tweak.bytes());
    return tweak;
}

X25519PublicKey to_point(ByteView bytes)
{
    X25519PublicKey point;
    std::ranges::copy(bytes, point.bytes.begin());
    return point;
}

/// SSH: X25519(tweak, shared).
std::optional<Secret> tweaked(const Ed25519PublicKey& key, const std::optional<Secret>& shared)
{
    if (!shared) return std::nullopt;
    return x25519(ssh_tweak(key).bytes(), to_point(shared->bytes()));
}

ByteView ssh_tag(const Sha256Digest& digest)
{
    return ByteView{digest.bytes}.first(ssh_tag_size);
}

struct Wrapper {
    const Secret& file_key;
    Entropy& entropy;

    Stanza operator()(const X25519Recipient& recipient) const
    {
        const Secret secret = random_secret(entropy, 32);
        const X25519PublicKey share = x25519_public(secret.bytes());
        const auto shared = x25519(secret.bytes(), recipient.key);
        if (!shared) throw Error{Exit::data, "the recipient's key is of low order"};
        const Secret key = exchange_key(*shared, share.bytes, recipient.key, x25519_info);
        return {{x25519_type, to_argument(share.bytes)}, seal_file_key(key, file_key)};
    }

    Stanza operator()(const SshRecipient& recipient) const
    {
        const Secret secret = random_secret(entropy, 32);
        const X25519PublicKey share = x25519_public(secret.bytes());
        const auto point = x25519_image(recipient.key);
        const auto shared =
            point ? tweaked(recipient.key, x25519(secret.bytes(), *point)) : std::nullopt;
        if (!shared) throw Error{Exit::data, "the recipient's SSH key is not a usable point"};
        const Secret key = exchange_key(*shared, share.bytes, *point, ssh_info);
        const Sha256Digest digest = sha256(to_ssh_wire(recipient.key));
        return {{ssh_type, to_argument(ssh_tag(digest)), to_argument(share.bytes)},
                seal_file_key(key, file_key)};
    }

    Stanza operator()(const PassphraseRecipient& recipient) const
    {
        Bytes salt(scrypt_salt_size);
        entropy.fill(salt);
        Secret key{32};
        Bytes full_salt{as_bytes(scrypt_info).begin(), as_bytes(scrypt_info).end()};
        full_salt.insert(full_salt.end(), salt.begin(), salt.end());
        scrypt(recipient.passphrase.bytes(), full_salt, recipient.log_n, key.bytes());
        return {{scrypt_type, to_argument(salt), std::to_string(recipient.log_n)},
                seal_file_key(key, file_key)};
    }
};

/// Tries one stanza; checks the form of every stanza of a type it knows.
struct Unwrapper {
    const Stanza& stanza;

    std::optional<Secret> operator()(const X25519Identity& identity) const
    {
        if (stanza.arguments[0] != x25519_type) return std::nullopt;
        check_shape(stanza, 2);
        const Bytes share = parse_argument(stanza, 1, X25519PublicKey::size);
        const auto shared = x25519(identity.secret.bytes(), to_point(share));
        if (!shared) refuse_stanza(x25519_type);
        return open_file_key(exchange_key(*shared, share, identity.key, x25519_info), stanza);
    }

    std::optional<Secret> operator()(const SshIdentity& identity) const
    {
        if (stanza.arguments[0] != ssh_type) return std::nullopt;
        check_shape(stanza, 3);
        const Bytes tag = parse_argument(stanza, 1, ssh_tag_size);
        const Bytes share = parse_argument(stanza, 2, X25519PublicKey::size);
        const Ed25519PublicKey public_key = identity.pair.public_key();
        const Sha256Digest digest = sha256(to_ssh_wire(public_key));
        if (!std::ranges::equal(ssh_tag(digest), tag)) return std::nullopt;
        const Secret secret = identity.pair.x25519_secret();
        const auto shared = tweaked(public_key, x25519(secret.bytes(), to_point(share)));
        if (!shared) refuse_stanza(ssh_type);
        const X25519PublicKey point = x25519_public(secret.bytes());
        return open_file_key(exchange_key(*shared, share, point, ssh_info), stanza);
    }

    std::optional<Secret> operator()(const PassphraseIdentity& identity) const
    {
        if (stanza.arguments[0] != scrypt_type) return std::nullopt;
        check_shape(stanza, 3);
        const Bytes salt = parse_argument(stanza, 1, scrypt_salt_size);
        const auto log_n = parse_number(stanza.arguments[2]);
        if (!log_n || *log_n == 0) refuse_stanza(scrypt_type);
        if (*log_n > scrypt_log_n_max)
            throw Error{Exit::data,
                        "the file asks for more work on its passphrase than is allowed"};
        Bytes full_salt{as_bytes(scrypt_info).begin(), as_bytes(scrypt_info).end()};
        full_salt.insert(full_salt.end(), salt.begin(), salt.end());
        Secret key{32};
        scrypt(identity.passphrase.bytes(), full_salt, static_cast<unsigned>(*log_n), key.bytes());
        return open_file_key(key, stanza);
    }
};

} // namespace

X25519Identity to_identity(Secret secret)
{
    const X25519PublicKey key = x25519_public(secret.bytes());
    return {std::move(secret), key};
}

Stanza wrap(const Recipient& recipient, const Secret& file_key, Entropy& entropy)
{
    return std::visit(Wrapper{file_key, entropy}, recipient);
}

std::optional<Secret> unwrap(const AgeIdentity& identity, const AgeHeader& header)
{
    std::optional<Secret> file_key;
    for (const Stanza& stanza : header.stanzas) {
        auto opened = std::visit(Unwrapper{stanza}, identity);
        if (opened && !file_key) file_key = std::move(opened);
    }
    return file_key;
}

} // namespace cairn
