#include "base/base64.hpp"
#include "base/error.hpp"
#include "format/detail/shard_items.hpp"
#include "format/message.hpp"

// A provider's word that it has shards, cairn-receipt(5).

namespace cairn {
namespace {

constexpr std::string_view context = "cairn/receipt/v1";
constexpr std::string_view text_prefix = "cairn-receipt:";
constexpr std::size_t signed_parts = 7;
constexpr const char* what = "the receipt";

void put_parts(CborWriter& writer, const Receipt& receipt)
{
    writer.bytes(receipt.network.bytes);
    writer.bytes(receipt.node_key.bytes);
    writer.bytes(receipt.owner.bytes);
    writer.number(receipt.serial);
    writer.number(receipt.time_s);
    writer.number(receipt.expiry_s);
    detail::put_items(writer, receipt.items);
}

Bytes message_of(const Receipt& receipt)
{
    return signed_message(context, RecordType::receipt, signed_parts,
                          [&](CborWriter& writer) { put_parts(writer, receipt); });
}

} // namespace

Bytes to_bytes(const Receipt& receipt)
{
    Bytes bytes;
    CborWriter writer{bytes};
    put_record_head(writer, RecordType::receipt, signed_parts + 1);
    put_parts(writer, receipt);
    writer.bytes(receipt.signature.bytes);
    return bytes;
}

Receipt parse_receipt(ByteView bytes)
{
    check_record_size(bytes, receipt_size_max, what);
    CborReader reader{bytes, what};
    take_record_head(reader, RecordType::receipt, signed_parts + 1);
    Receipt receipt;
    receipt.network = reader.fixed<NetworkId>();
    receipt.node_key = reader.fixed<Ed25519PublicKey>();
    receipt.owner = reader.fixed<AccountId>();
    receipt.serial = reader.number(UINT64_MAX - put_items_max);
    if (receipt.serial == 0) reader.refuse("no serial");
    receipt.time_s = reader.number(time_max_s);
    receipt.expiry_s = reader.number(time_max_s);
    receipt.items = detail::take_items(reader);
    receipt.signature = reader.fixed<Ed25519Signature>();
    reader.finish();
    return receipt;
}

void sign(Receipt& receipt, const Ed25519KeyPair& node)
{
    receipt.node_key = node.public_key();
    receipt.signature = node.sign(message_of(receipt));
}

bool is_signed(const Receipt& receipt)
{
    return verify(receipt.node_key, message_of(receipt), receipt.signature);
}

std::string to_text(const Receipt& receipt)
{
    return std::string{text_prefix} + to_base64url(to_bytes(receipt));
}

std::optional<Receipt> parse_receipt_text(std::string_view text)
{
    if (!text.starts_with(text_prefix)) return std::nullopt;
    const auto bytes = from_base64url(text.substr(text_prefix.size()));
    if (!bytes) throw Error{Exit::data, "the receipt is not base64url"};
    return parse_receipt(*bytes);
}

} // namespace cairn
