#include "chain/messages.hpp"

#include "chain/block_files.hpp"
#include "ledger/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

Ed25519KeyPair pair(unsigned number)
{
    return counting_pair(32 * number);
}

SealedHeader sealed_header(unsigned number)
{
    SealedHeader sealed;
    Header& header = sealed.header;
    header.chain = filled<NetworkId>(1);
    header.height = {number};
    header.parent = filled<BlockId>(2);
    header.time_s = 1'700'000'000 + number;
    header.consensus = noise(70, number);
    sealed.seal = to_bytes(seal(block_id(header), pair(1)));
    return sealed;
}

/// What parser_fault() wants: a value that to_bytes() writes.
struct Headers {
    std::vector<SealedHeader> list;
};
Bytes to_bytes(const Headers& headers)
{
    return headers_bytes(headers.list);
}
struct CompactRequest {
    BlockId id;
};
Bytes to_bytes(const CompactRequest& request)
{
    return compact_request(request.id);
}
struct Offer {
    TransactionIds ids;
};
Bytes to_bytes(const Offer& offer)
{
    return offer_bytes(offer.ids);
}
struct Wish {
    TransactionIds ids;
};
Bytes to_bytes(const Wish& wish)
{
    return request_bytes(wish.ids);
}

template <class Id>
std::vector<Id> ids_of(std::size_t count)
{
    std::vector<Id> ids(count);
    for (std::size_t i = 0; i < count; ++i) ids[i].bytes = sha256(noise(8, i)).bytes;
    return ids;
}

} // namespace

TEST_CASE("messages are read as they are written, and no other way")
{
    const ChainHello hello{filled<NetworkId>(5), "node.example:4100", {70'000}, filled<BlockId>(6)};
    CHECK(parse_chain_hello(cairn::to_bytes(hello)) == hello);
    CHECK(parser_fault(cairn::to_bytes(hello), parse_chain_hello) == "");
    CHECK(parser_fault(cairn::to_bytes(HeadersRequest{ids_of<BlockId>(3)}),
                       parse_headers_request) == "");
    CHECK(parser_fault(cairn::to_bytes(BodiesRequest{ids_of<BlockId>(2)}), parse_bodies_request) ==
          "");
    CHECK(parser_fault(compact_request(filled<BlockId>(9)), [](ByteView bytes) {
              return CompactRequest{parse_compact_request(bytes)};
          }) == "");
    CHECK(parser_fault(offer_bytes({ids_of<TransactionId>(3)}), [](ByteView bytes) {
              return Offer{parse_transactions_offer(bytes)};
          }) == "");
    CHECK(parser_fault(request_bytes({ids_of<TransactionId>(3)}), [](ByteView bytes) {
              return Wish{parse_transactions_request(bytes)};
          }) == "");
    CHECK(parser_fault(cairn::to_bytes(MissingRequest{filled<BlockId>(3), {0, 7, 300, 70'000}}),
                       parse_missing_request) == "");
    const std::array nodes{KnownNode{"10.0.0.1:80", pair(1).public_key()},
                           KnownNode{"[::1]:9", pair(2).public_key()}};
    CHECK(parser_fault(cairn::to_bytes(nodes), parse_known_nodes) == "");
}

TEST_CASE("headers and compact blocks are read as they are written")
{
    const Bytes headers = headers_bytes(std::array{sealed_header(1), sealed_header(2)});
    const Bytes compact = to_bytes(CompactBlock{
        sealed_header(3), filled<CompactSalt>(8), {filled<ShortId>(1), filled<ShortId>(2)}});
    const auto is_kept = [](const Bytes& bytes, auto parse) {
        return std::ranges::equal(to_bytes(parse(bytes)), bytes);
    };
    const auto parse_list = [](ByteView bytes) { return Headers{parse_headers(bytes)}; };
    CHECK(is_kept(headers, parse_list));
    CHECK(is_kept(compact, parse_compact_block));
    for (std::size_t bit = 0; bit < 8 * headers.size(); ++bit) {
        const Bytes other = with_bit_changed(headers, bit);
        CHECK((is_refused(other, parse_list) || is_kept(other, parse_list)));
    }
    for (std::size_t bit = 0; bit < 8 * compact.size(); ++bit) {
        const Bytes other = with_bit_changed(compact, bit);
        CHECK((is_refused(other, parse_compact_block) || is_kept(other, parse_compact_block)));
    }
    for (const Bytes& miss : near_misses_of(headers)) CHECK(is_refused(miss, parse_headers));
    for (const Bytes& miss : near_misses_of(compact)) CHECK(is_refused(miss, parse_compact_block));
    CHECK(parse_headers(headers_bytes({})).empty());
}

TEST_CASE("each kind of message is read by its own parser alone")
{
    const std::array<Bytes, 8> all{
        to_bytes(ChainHello{}),
        to_bytes(HeadersRequest{ids_of<BlockId>(1)}),
        headers_bytes({}),
        to_bytes(BodiesRequest{ids_of<BlockId>(1)}),
        compact_request({}),
        offer_bytes({ids_of<TransactionId>(1)}),
        request_bytes({ids_of<TransactionId>(1)}),
        to_bytes(std::span<const KnownNode>{}),
    };
    for (std::size_t i = 0; i < all.size(); ++i) {
        const ByteView bytes = all[i];
        std::size_t readers = 0;
        const auto note = [&](auto parse) { readers += is_refused(bytes, parse) ? 0 : 1; };
        note(parse_chain_hello);
        note(parse_headers_request);
        note(parse_headers);
        note(parse_bodies_request);
        note(parse_compact_request);
        note(parse_transactions_offer);
        note(parse_transactions_request);
        note(parse_known_nodes);
        CHECK(readers == 1);
    }
}

TEST_CASE("messages have limits, at which they fit into a request")
{
    const auto at = [](auto parse, const Bytes& most, const Bytes& more) {
        CHECK_FALSE(is_refused(most, parse));
        CHECK(is_refused(more, parse));
        CHECK(most.size() <= 8 * 1024);
    };
    at(parse_headers_request, to_bytes(HeadersRequest{ids_of<BlockId>(asked_ids_max)}),
       to_bytes(HeadersRequest{ids_of<BlockId>(asked_ids_max + 1)}));
    at(parse_bodies_request, to_bytes(BodiesRequest{ids_of<BlockId>(asked_ids_max)}),
       to_bytes(BodiesRequest{ids_of<BlockId>(asked_ids_max + 1)}));
    at(parse_transactions_offer, offer_bytes({ids_of<TransactionId>(asked_ids_max)}),
       offer_bytes({ids_of<TransactionId>(asked_ids_max + 1)}));
    MissingRequest missing;
    for (std::uint32_t i = 0; i < missing_max; ++i) missing.places.push_back(UINT32_MAX - 5000 + i);
    MissingRequest more = missing;
    more.places.push_back(UINT32_MAX);
    at(parse_missing_request, to_bytes(missing), to_bytes(more));
    std::vector<KnownNode> nodes(told_peers_max,
                                 {std::string(node_address_size_max, 'a'), pair(1).public_key()});
    std::vector<KnownNode> many = nodes;
    many.push_back(nodes.front());
    at(parse_known_nodes, to_bytes(nodes), to_bytes(many));
    ChainHello hello;
    hello.address = std::string(node_address_size_max, 'a');
    ChainHello longer = hello;
    longer.address += 'a';
    at(parse_chain_hello, to_bytes(hello), to_bytes(longer));
    missing.places = {3, 3};
    CHECK(is_refused(to_bytes(missing), parse_missing_request));
    missing.places = {4, 3};
    CHECK(is_refused(to_bytes(missing), parse_missing_request));
    std::vector<SealedHeader> headers(headers_max, sealed_header(1));
    CHECK(parse_headers(headers_bytes(headers)).size() == headers_max);
    headers.push_back(headers.front());
    CHECK(is_refused(headers_bytes(headers), parse_headers));
}

TEST_CASE("a short id is the beginning of a hash of salt and id")
{
    const auto salt = filled<CompactSalt>(3);
    const auto id = filled<TransactionId>(4);
    Bytes message{salt.bytes.begin(), salt.bytes.end()};
    message.insert(message.end(), id.bytes.begin(), id.bytes.end());
    const auto expected = sha256(message);
    CHECK(std::ranges::equal(short_id(salt, id).bytes, ByteView{expected.bytes}.first(6)));
    CHECK(short_id(filled<CompactSalt>(2), id) != short_id(salt, id));
}
