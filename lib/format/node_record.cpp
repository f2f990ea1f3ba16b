#include "base/base64.hpp"
#include "base/error.hpp"
#include "format/message.hpp"
#include "format/record_parts.hpp"
#include "hash/digest.hpp"

// Who a node is, cairn-node(5).

namespace cairn {
namespace {

constexpr std::string_view context = "cairn/node/v1";
constexpr std::string_view account_context = "cairn/account/v1";
constexpr std::string_view text_prefix = "cairn-node:";
constexpr std::size_t signed_parts = 7;
constexpr const char* what = "the node record";

void put_parts(CborWriter& writer, const NodeRecord& record)
{
    writer.number(record.sequence);
    writer.bytes(record.node_key.bytes);
    writer.bytes(record.link_key.bytes);
    writer.array(record.addresses.size());
    for (const std::string& address : record.addresses) writer.text(address);
    writer.number(record.capabilities);
    writer.bytes(record.network.bytes);
    writer.number(record.expiry_s);
}

Bytes message_of(const NodeRecord& record)
{
    return signed_message(context, RecordType::node, signed_parts,
                          [&](CborWriter& writer) { put_parts(writer, record); });
}

} // namespace

AccountId account_id(const Ed25519PublicKey& key)
{
    const ByteView text = as_bytes(account_context);
    Bytes message{text.begin(), text.end()};
    message.push_back(std::byte{0}); // the type of the key: Ed25519
    message.insert(message.end(), key.bytes.begin(), key.bytes.end());
    return {sha256(message).bytes};
}

Bytes to_bytes(const NodeRecord& record)
{
    Bytes bytes;
    CborWriter writer{bytes};
    put_record_head(writer, RecordType::node, signed_parts + 1);
    put_parts(writer, record);
    writer.bytes(record.signature.bytes);
    return bytes;
}

NodeRecord parse_node_record(ByteView bytes)
{
    check_record_size(bytes, record_size_max, what);
    CborReader reader{bytes, what};
    take_record_head(reader, RecordType::node, signed_parts + 1);
    NodeRecord record;
    record.sequence = reader.number();
    record.node_key = reader.fixed<Ed25519PublicKey>();
    record.link_key = reader.fixed<Ed25519PublicKey>();
    const std::size_t addresses = reader.array_up_to(record_addresses_max);
    for (std::size_t i = 0; i < addresses; ++i) {
        record.addresses.emplace_back(reader.text(endpoint_size_max));
        if (!is_endpoint(record.addresses.back())) reader.refuse("it is no address with a port");
    }
    record.capabilities = reader.number(capability_stores | capability_relays);
    record.network = reader.fixed<NetworkId>();
    record.expiry_s = reader.number(time_max_s);
    record.signature = reader.fixed<Ed25519Signature>();
    reader.finish();
    return record;
}

void sign(NodeRecord& record, const Ed25519KeyPair& node)
{
    record.node_key = node.public_key();
    record.signature = node.sign(message_of(record));
}

bool is_signed(const NodeRecord& record)
{
    return verify(record.node_key, message_of(record), record.signature);
}

std::string to_text(const NodeRecord& record)
{
    return std::string{text_prefix} + to_base64url(to_bytes(record));
}

std::optional<NodeRecord> parse_node_text(std::string_view text)
{
    if (!text.starts_with(text_prefix)) return std::nullopt;
    const auto bytes = from_base64url(text.substr(text_prefix.size()));
    if (!bytes) throw Error{Exit::data, "the node record is not base64url"};
    return parse_node_record(*bytes);
}

} // namespace cairn
