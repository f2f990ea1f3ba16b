#include "chain/messages.hpp"

#include "base/cursor.hpp"
#include "format/record_parts.hpp"

#include <algorithm>

namespace cairn {
namespace {

template <class Id>
void put_ids(CborWriter& writer, std::span<const Id> ids)
{
    writer.array(ids.size());
    for (const Id& id : ids) writer.bytes(id.bytes);
}

template <class Id>
std::vector<Id> take_ids(CborReader& reader, std::size_t count_max)
{
    std::vector<Id> ids(reader.array_up_to(count_max));
    for (Id& id : ids) id = reader.fixed<Id>();
    return ids;
}

/// A record that is a list of ids.
template <class Id>
Bytes ids_bytes(RecordType type, std::span<const Id> ids)
{
    Bytes bytes;
    CborWriter writer{bytes};
    put_record_head(writer, type, 1);
    put_ids(writer, ids);
    return bytes;
}

template <class Id>
std::vector<Id> parse_ids(ByteView bytes, RecordType type, const char* what)
{
    CborReader reader{bytes, what};
    take_record_head(reader, type, 1);
    std::vector<Id> ids = take_ids<Id>(reader, asked_ids_max);
    reader.finish();
    return ids;
}

void put_sealed(CborWriter& writer, const SealedHeader& sealed)
{
    writer.bytes(to_bytes(sealed.header));
    writer.bytes(sealed.seal);
}

SealedHeader take_sealed(CborReader& reader)
{
    SealedHeader sealed;
    sealed.header = parse_header(reader.bytes_up_to(header_size_max));
    const ByteView seal = reader.bytes_up_to(seal_size_max);
    sealed.seal.assign(seal.begin(), seal.end());
    return sealed;
}

} // namespace

Bytes to_bytes(const ChainHello& hello)
{
    Bytes bytes;
    CborWriter writer{bytes};
    put_record_head(writer, RecordType::chain_hello, 4);
    writer.bytes(hello.chain.bytes);
    writer.text(hello.address);
    writer.number(hello.height.value);
    writer.bytes(hello.tip.bytes);
    return bytes;
}

ChainHello parse_chain_hello(ByteView bytes)
{
    CborReader reader{bytes, "the hello of a node"};
    take_record_head(reader, RecordType::chain_hello, 4);
    ChainHello hello;
    hello.chain = reader.fixed<NetworkId>();
    hello.address = reader.text(node_address_size_max);
    hello.height.value = static_cast<std::uint32_t>(reader.number(UINT32_MAX));
    hello.tip = reader.fixed<BlockId>();
    reader.finish();
    return hello;
}

Bytes to_bytes(const HeadersRequest& request)
{
    return ids_bytes<BlockId>(RecordType::headers_request, request.known);
}

HeadersRequest parse_headers_request(ByteView bytes)
{
    return {parse_ids<BlockId>(bytes, RecordType::headers_request, "a request for headers")};
}

Bytes headers_bytes(std::span<const SealedHeader> headers)
{
    Bytes bytes;
    CborWriter writer{bytes};
    put_record_head(writer, RecordType::headers_reply, 1);
    writer.array(2 * headers.size());
    for (const SealedHeader& sealed : headers) put_sealed(writer, sealed);
    return bytes;
}

std::vector<SealedHeader> parse_headers(ByteView bytes)
{
    check_record_size(bytes, headers_reply_size_max, "a list of headers");
    CborReader reader{bytes, "a list of headers"};
    take_record_head(reader, RecordType::headers_reply, 1);
    const std::size_t items = reader.array_up_to(2 * headers_max);
    if (items % 2 != 0) reader.refuse("a header without a seal");
    std::vector<SealedHeader> headers(items / 2);
    for (SealedHeader& sealed : headers) sealed = take_sealed(reader);
    reader.finish();
    return headers;
}

Bytes to_bytes(const BodiesRequest& request)
{
    return ids_bytes<BlockId>(RecordType::bodies_request, request.ids);
}

BodiesRequest parse_bodies_request(ByteView bytes)
{
    return {parse_ids<BlockId>(bytes, RecordType::bodies_request, "a request for blocks")};
}

Bytes compact_request(const BlockId& id)
{
    return ids_bytes<BlockId>(RecordType::compact_request, {&id, 1});
}

BlockId parse_compact_request(ByteView bytes)
{
    CborReader reader{bytes, "a request for a compact block"};
    take_record_head(reader, RecordType::compact_request, 1);
    reader.array(1);
    const auto id = reader.fixed<BlockId>();
    reader.finish();
    return id;
}

ShortId short_id(const CompactSalt& salt, const TransactionId& id)
{
    std::array<std::byte, CompactSalt::size + TransactionId::size> message{};
    std::ranges::copy(salt.bytes, message.begin());
    std::ranges::copy(id.bytes, message.begin() + CompactSalt::size);
    const Sha256Digest digest = sha256(message);
    ShortId result;
    std::copy_n(digest.bytes.begin(), ShortId::size, result.bytes.begin());
    return result;
}

Bytes to_bytes(const CompactBlock& block)
{
    Bytes ids;
    for (const ShortId& id : block.ids) Writer{ids}.put(id.bytes);
    Bytes bytes;
    CborWriter writer{bytes};
    put_record_head(writer, RecordType::compact_reply, 4);
    put_sealed(writer, block.header);
    writer.bytes(block.salt.bytes);
    writer.bytes(ids);
    return bytes;
}

CompactBlock parse_compact_block(ByteView bytes)
{
    check_record_size(bytes, compact_size_max, "a compact block");
    CborReader reader{bytes, "a compact block"};
    take_record_head(reader, RecordType::compact_reply, 4);
    CompactBlock block;
    block.header = take_sealed(reader);
    block.salt = reader.fixed<CompactSalt>();
    const ByteView ids = reader.bytes_up_to(block_transactions_max * short_id_size);
    if (ids.size() % short_id_size != 0) reader.refuse("a part of an id");
    reader.finish();
    Reader rest{ids, "a compact block"};
    block.ids.resize(ids.size() / short_id_size);
    for (ShortId& id : block.ids) id = rest.fixed<ShortId>();
    return block;
}

Bytes to_bytes(const MissingRequest& request)
{
    Bytes bytes;
    CborWriter writer{bytes};
    put_record_head(writer, RecordType::missing_request, 2);
    writer.bytes(request.id.bytes);
    writer.array(request.places.size());
    for (const std::uint32_t place : request.places) writer.number(place);
    return bytes;
}

MissingRequest parse_missing_request(ByteView bytes)
{
    CborReader reader{bytes, "a request for missing transactions"};
    take_record_head(reader, RecordType::missing_request, 2);
    MissingRequest request;
    request.id = reader.fixed<BlockId>();
    request.places.resize(reader.array_up_to(missing_max));
    for (std::size_t i = 0; i < request.places.size(); ++i) {
        request.places[i] = static_cast<std::uint32_t>(reader.number(UINT32_MAX));
        if (i > 0 && request.places[i] <= request.places[i - 1])
            reader.refuse("places that do not ascend");
    }
    reader.finish();
    return request;
}

Bytes offer_bytes(const TransactionIds& ids)
{
    return ids_bytes<TransactionId>(RecordType::transactions_offer, ids.ids);
}

TransactionIds parse_transactions_offer(ByteView bytes)
{
    return {parse_ids<TransactionId>(bytes, RecordType::transactions_offer,
                                     "an offer of transactions")};
}

Bytes request_bytes(const TransactionIds& ids)
{
    return ids_bytes<TransactionId>(RecordType::transactions_request, ids.ids);
}

TransactionIds parse_transactions_request(ByteView bytes)
{
    return {parse_ids<TransactionId>(bytes, RecordType::transactions_request,
                                     "a request for transactions")};
}

Bytes to_bytes(std::span<const KnownNode> nodes)
{
    Bytes bytes;
    CborWriter writer{bytes};
    put_record_head(writer, RecordType::chain_peers_reply, 1);
    writer.array(2 * nodes.size());
    for (const KnownNode& node : nodes) {
        writer.text(node.address);
        writer.bytes(node.link_key.bytes);
    }
    return bytes;
}

std::vector<KnownNode> parse_known_nodes(ByteView bytes)
{
    CborReader reader{bytes, "a list of nodes"};
    take_record_head(reader, RecordType::chain_peers_reply, 1);
    const std::size_t items = reader.array_up_to(2 * told_peers_max);
    if (items % 2 != 0) reader.refuse("a node without a key");
    std::vector<KnownNode> nodes(items / 2);
    for (KnownNode& node : nodes) {
        node.address = reader.text(node_address_size_max);
        node.link_key = reader.fixed<Ed25519PublicKey>();
    }
    reader.finish();
    return nodes;
}

} // namespace cairn
