#include "keyring/identities.hpp"

#include "base/error.hpp"
#include "cli/environment.hpp"
#include "format/ssh_key.hpp"
#include "keyring/passphrase.hpp"
#include "os/input.hpp"

#include <algorithm>
#include <type_traits>

namespace cairn {
namespace {

constexpr std::size_t key_file_size_max = 64 * 1024;         // bytes
constexpr std::size_t recipient_file_size_max = 1024 * 1024; // bytes

/// Adds the file's name to what is wrong in it.
template <class Call>
auto naming(const std::string& path, Call call) -> decltype(call())
{
    try {
        return call();
    } catch (const Error& error) {
        throw Error{error.code(), "'" + path + "': " + error.what(), error.hint()};
    }
}

/// A secret file, decrypted if it is an age file.
Secret load_secret(const std::string& path, const AskPassphrase& ask)
{
    Secret text{key_file_size_max};
    refuse_secret_as_path(path);
    text.shrink(read_secret_file(credential_path(path), text.bytes(), readers_of(path)));
    if (text.size() == 0) throw Error{Exit::data, "'" + path + "' is empty"};
    if (!is_age(text.bytes()) && !is_armored(text.bytes())) return text;

    Secret plain{key_file_size_max};
    std::size_t size = 0;
    const Source source = [&text, at = std::size_t{0}](MutableByteView buffer) mutable {
        const ByteView rest = ByteView{text.bytes()}.subspan(at);
        const std::size_t count = std::min(rest.size(), buffer.size());
        std::copy_n(rest.begin(), count, buffer.begin());
        at += count;
        return count;
    };
    const Sink sink = [&](ByteView bytes) {
        if (bytes.size() > plain.size() - size) throw Error{Exit::data, "it is too large"};
        std::ranges::copy(bytes, plain.bytes().subspan(size).begin());
        size += bytes.size();
    };
    naming(path, [&] { decrypt_stream(source, sink, {}, ask, {.workers = 1}); });
    plain.shrink(size);
    return plain;
}

} // namespace

Identity load_identity(const std::string& path, const AskPassphrase& ask)
{
    const Secret text = load_secret(path, ask);
    return naming(path, [&] { return Identity::parse(text.bytes()); });
}

Ed25519KeyPair load_service_key(const std::string& path)
{
    const AskPassphrase ask = []() -> Secret {
        throw Error{Exit::noperm, "the key of a service must not have a passphrase",
                    "protect the file, or name credential:NAME"};
    };
    return load_identity(path, ask).signing().clone();
}

std::vector<AgeIdentity> load_age_identities(const std::string& path, const AskPassphrase& ask)
{
    const Secret text = load_secret(path, ask);
    return naming(path, [&] {
        std::vector<AgeIdentity> identities;
        if (is_identity_file(text.bytes()))
            identities.emplace_back(Identity::parse(text.bytes()).decryption());
        else if (is_ssh_private(text.bytes()))
            identities.emplace_back(SshIdentity{parse_ssh_private(text.bytes())});
        else
            identities = parse_age_identities(text.bytes());
        return identities;
    });
}

MinisignSecret load_signer(const std::string& path, const AskPassphrase& ask)
{
    const Secret text = load_secret(path, ask);
    return naming(path, [&] {
        if (auto secret = parse_minisign_secret(text.bytes())) return std::move(*secret);
        Ed25519KeyPair pair = Identity::parse(text.bytes()).signing().clone();
        const KeyNumber number = key_number(pair.public_key());
        return MinisignSecret{number, std::move(pair)};
    });
}

std::vector<Recipient> load_recipients(const std::string& path)
{
    refuse_secret_as_path(path);
    const Bytes text = read_small_file(path, recipient_file_size_max);
    return naming(path, [&] { return parse_recipient_file(as_text(text)); });
}

SignerKey load_signer_key(const std::string& text)
{
    const auto parse = [](std::string_view words) -> std::optional<SignerKey> {
        if (const auto key = parse_signer_key(words)) return key;
        auto key = parse_did(words);
        if (const auto address = parse_address(words)) key = address->key;
        if (!key) return std::nullopt;
        return SignerKey{key_number(*key), *key};
    };
    if (const auto key = parse(text)) return *key;
    if (looks_secret(text))
        throw Error{Exit::usage, "a secret key was given where a public one belongs"};
    const Bytes content = read_small_file(text, key_file_size_max);
    std::string_view line = as_text(content);
    // The public forms as cairn-keygen shows them: the line that is meant for this.
    constexpr std::string_view label = "\nminisign: ";
    if (const std::size_t found = line.find(label); found != line.npos)
        line = line.substr(found + label.size(), line.find('\n', found + 1) - found - label.size());
    if (line.ends_with('\n')) line.remove_suffix(1);
    if (const auto key = parse(line)) return *key;
    throw Error{Exit::data, "'" + text + "' holds no public key to verify with"};
}

} // namespace cairn
