#include "audit/signed_key.hpp"

#include "base/base64.hpp"
#include "base/error.hpp"
#include "format/record_parts.hpp"

namespace cairn {
namespace {

constexpr std::string_view context = "cairn/audit-key/v1";
constexpr std::string_view text_prefix = "cairn-audit-key:";
constexpr std::size_t parts = 4;

Bytes message_of(const AuditKey& key)
{
    return signed_message(context, RecordType::audit_key, 1,
                          [&](CborWriter& writer) { writer.bytes(key.id().bytes); });
}

} // namespace

SignedAuditKey sign(const AuditKey& key, const Ed25519KeyPair& owner)
{
    return {key, owner.public_key(), owner.sign(message_of(key))};
}

bool is_signed(const SignedAuditKey& key)
{
    return verify(key.owner, message_of(key.key), key.signature);
}

Bytes to_bytes(const SignedAuditKey& key)
{
    Bytes bytes;
    CborWriter writer{bytes};
    put_record_head(writer, RecordType::audit_key, parts);
    writer.number(key.key.sectors());
    std::array<std::byte, AuditKey::size> points{};
    key.key.encode(points);
    writer.bytes(points);
    writer.bytes(key.owner.bytes);
    writer.bytes(key.signature.bytes);
    return bytes;
}

SignedAuditKey parse_audit_key(ByteView bytes)
{
    CborReader reader{bytes, "the audit key"};
    take_record_head(reader, RecordType::audit_key, parts);
    const auto sectors = static_cast<std::uint32_t>(reader.number(sectors_max));
    if (sectors == 0) reader.refuse("no sectors");
    const auto key = AuditKey::decode(reader.bytes(AuditKey::size), sectors);
    if (!key) reader.refuse("no points of the group");
    const auto owner = reader.fixed<Ed25519PublicKey>();
    const auto signature = reader.fixed<Ed25519Signature>();
    reader.finish();
    return {*key, owner, signature};
}

std::string to_text(const SignedAuditKey& key)
{
    return std::string{text_prefix} + to_base64url(to_bytes(key));
}

bool is_audit_key_text(std::string_view text)
{
    return text.starts_with(text_prefix);
}

SignedAuditKey parse_audit_key_text(std::string_view text)
{
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty() || line.starts_with('#')) continue;
        if (!line.starts_with(text_prefix)) break;
        const auto bytes = from_base64url(line.substr(text_prefix.size()));
        if (!bytes) throw Error{Exit::data, "the audit key is not base64url"};
        return parse_audit_key(*bytes);
    }
    throw Error{Exit::data, "there is no audit key", "cairn-tag --public FILE writes one"};
}

Bytes to_bytes(const SignedProverKey& key)
{
    Bytes bytes;
    CborWriter writer{bytes};
    put_record_head(writer, RecordType::prover_key, 2);
    const Bytes audit = to_bytes(key.audit);
    bytes.insert(bytes.end(), audit.begin(), audit.end());
    writer.bytes(key.powers.encode());
    return bytes;
}

SignedProverKey parse_prover_key(ByteView bytes)
{
    constexpr const char* what = "the prover key";
    check_record_size(bytes, prover_key_size_max, what);
    CborReader reader{bytes, what};
    take_record_head(reader, RecordType::prover_key, 2);
    SignedAuditKey audit = parse_audit_key(reader.whole());
    const auto powers = ProverKey::decode(reader.bytes(audit.key.sectors() * G1::size));
    if (!powers) reader.refuse("no points of the group");
    reader.finish();
    return {std::move(audit), *powers};
}

} // namespace cairn
