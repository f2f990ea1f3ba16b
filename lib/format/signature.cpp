#include "format/signature.hpp"

#include "base/base64.hpp"
#include "base/cursor.hpp"
#include "hash/digest.hpp"

#include <algorithm>

namespace cairn {
namespace {

constexpr std::string_view untrusted_label = "untrusted comment: ";
constexpr std::string_view trusted_label = "trusted comment: ";
constexpr std::string_view pure_algorithm = "Ed";
constexpr std::string_view prehashed_algorithm = "ED";
constexpr std::size_t algorithm_size = 2;                                               // bytes
constexpr std::size_t key_size = algorithm_size + KeyNumber::size + 32;                 // bytes
constexpr std::size_t signature_size = algorithm_size + KeyNumber::size + 64;           // bytes
constexpr std::size_t comment_size_max = 8192;                                          // bytes
constexpr std::size_t secret_size = 2 + 2 + 2 + 32 + 8 + 8 + KeyNumber::size + 64 + 32; // bytes

static_assert(untrusted_label.size() + trusted_label.size() + 2 * comment_size_max + 4 +
                  base64_size(signature_size, Padding::padded) +
                  base64_size(Ed25519Signature::size, Padding::padded) <=
              signature_file_size_max);

[[noreturn]] void refuse(const char* why)
{
    throw Error{Exit::data, std::string{"not a valid signature file: "} + why};
}

std::string_view take_line(std::string_view& text)
{
    const std::size_t end = text.find('\n');
    if (end == text.npos) refuse("it is truncated");
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    return line;
}

bool is_comment(std::string_view text)
{
    const auto is_control = [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == '\x7f'; };
    return text.size() <= comment_size_max && std::ranges::none_of(text, is_control);
}

std::string take_comment(std::string_view& text, std::string_view label)
{
    const std::string_view line = take_line(text);
    if (!line.starts_with(label)) refuse("a comment line is missing");
    const std::string_view comment = line.substr(label.size());
    if (!is_comment(comment)) refuse("a comment is not one line of text");
    return std::string{comment};
}

Bytes encode_signature(std::string_view algorithm, const SignatureFile& file)
{
    Bytes bytes;
    Writer writer{bytes};
    writer.put(as_bytes(algorithm));
    writer.put(file.number.bytes);
    writer.put(file.signature.bytes);
    return bytes;
}

Bytes comment_message(const SignatureFile& file)
{
    Bytes message;
    Writer writer{message};
    writer.put(file.signature.bytes);
    writer.put(as_bytes(file.trusted_comment));
    return message;
}

std::optional<SignerKey> parse_key_line(std::string_view line)
{
    const auto bytes = from_base64(line, Padding::padded);
    if (!bytes || bytes->size() != key_size) return std::nullopt;
    Reader reader{*bytes, "the public key"};
    if (as_text(reader.take(algorithm_size)) != pure_algorithm) return std::nullopt;
    SignerKey key;
    key.number = reader.fixed<KeyNumber>();
    key.key = reader.fixed<Ed25519PublicKey>();
    return key;
}

} // namespace

KeyNumber key_number(const Ed25519PublicKey& key)
{
    Blake2b hash;
    hash.update(key.bytes);
    const Blake2bDigest digest = hash.finish();
    KeyNumber number;
    std::copy_n(digest.bytes.begin(), KeyNumber::size, number.bytes.begin());
    return number;
}

std::string to_minisign(const SignerKey& key)
{
    Bytes bytes;
    Writer writer{bytes};
    writer.put(as_bytes(pure_algorithm));
    writer.put(key.number.bytes);
    writer.put(key.key.bytes);
    return to_base64(bytes, Padding::padded);
}

std::optional<SignerKey> parse_signer_key(std::string_view text)
{
    if (text.starts_with(untrusted_label)) {
        const std::size_t end = text.find('\n');
        if (end == text.npos) return std::nullopt;
        text.remove_prefix(end + 1);
    }
    if (text.ends_with('\n')) text.remove_suffix(1);
    return parse_key_line(text);
}

std::optional<MinisignSecret> parse_minisign_secret(ByteView file)
{
    std::string_view text = as_text(file);
    if (!text.starts_with(untrusted_label) || text.find('\n') == text.npos) return std::nullopt;
    take_line(text);
    if (text.ends_with('\n')) text.remove_suffix(1);
    if (text.size() != base64_size(secret_size, Padding::padded)) return std::nullopt;
    Secret bytes{text.size() / 4 * 3 + 2};
    const auto size = parse_base64_into(text, Padding::padded, bytes.bytes());
    if (size != secret_size) return std::nullopt;

    // algorithm, kdf, checksum, salt, two limits of the kdf; then what the kdf may hide
    Reader reader{bytes.bytes().first(secret_size), "the minisign secret key"};
    if (as_text(reader.take(2)) != pure_algorithm) return std::nullopt;
    const std::string_view kdf = as_text(reader.take(2));
    if (as_text(reader.take(2)) != "B2") return std::nullopt;
    if (kdf == "Sc")
        throw Error{Exit::noperm, "the minisign secret key is encrypted",
                    "remove its passphrase from a copy: minisign -C -W -s COPY"};
    if (kdf != std::string_view{"\0\0", 2}) return std::nullopt;
    reader.take(32 + 8 + 8);
    const KeyNumber number = reader.fixed<KeyNumber>();
    Ed25519KeyPair pair{Secret::copy(reader.take(Ed25519KeyPair::seed_size))};
    const auto public_key = reader.fixed<Ed25519PublicKey>();
    if (public_key != pair.public_key())
        throw Error{Exit::data, "the minisign secret key is damaged"};
    return MinisignSecret{number, std::move(pair)};
}

SignatureFile sign_digest(const Ed25519KeyPair& pair, const KeyNumber& number,
                          ByteView blake2b_digest, std::string untrusted_comment,
                          std::string trusted_comment)
{
    if (!is_comment(untrusted_comment) || !is_comment(trusted_comment))
        throw Error{Exit::usage, "a comment of a signature is one line of text"};
    SignatureFile file;
    file.number = number;
    file.signature = pair.sign(blake2b_digest);
    file.untrusted_comment = std::move(untrusted_comment);
    file.trusted_comment = std::move(trusted_comment);
    file.comment_signature = pair.sign(comment_message(file));
    return file;
}

std::string to_text(const SignatureFile& file)
{
    const Bytes signature = encode_signature(prehashed_algorithm, file);
    return std::string{untrusted_label} + file.untrusted_comment + '\n' +
           to_base64(signature, Padding::padded) + '\n' + std::string{trusted_label} +
           file.trusted_comment + '\n' + to_base64(file.comment_signature.bytes, Padding::padded) +
           '\n';
}

SignatureFile parse_signature(std::string_view text)
{
    if (text.size() > signature_file_size_max) refuse("it is too large");
    SignatureFile file;
    file.untrusted_comment = take_comment(text, untrusted_label);
    const auto bytes = from_base64(take_line(text), Padding::padded);
    if (!bytes || bytes->size() != signature_size) refuse("its second line is no signature");
    Reader reader{*bytes, "the signature"};
    const std::string_view algorithm = as_text(reader.take(algorithm_size));
    if (algorithm != pure_algorithm && algorithm != prehashed_algorithm)
        refuse("its algorithm is unknown");
    file.number = reader.fixed<KeyNumber>();
    file.signature = reader.fixed<Ed25519Signature>();
    if (text.empty()) {
        if (algorithm != pure_algorithm) refuse("it is truncated");
        file.kind = SignatureKind::signify;
        return file;
    }
    file.kind = algorithm == prehashed_algorithm ? SignatureKind::prehashed : SignatureKind::legacy;
    file.trusted_comment = take_comment(text, trusted_label);
    const auto global = from_base64(take_line(text), Padding::padded);
    if (!global || global->size() != Ed25519Signature::size || !text.empty())
        refuse("its last line is no signature");
    std::ranges::copy(*global, file.comment_signature.bytes.begin());
    return file;
}

bool is_signed(const SignatureFile& file, const SignerKey& key, ByteView message)
{
    if (file.number != key.number || !verify(key.key, message, file.signature)) return false;
    return file.kind == SignatureKind::signify ||
           verify(key.key, comment_message(file), file.comment_signature);
}

} // namespace cairn
