#include "format/record.hpp"

#include "format/audit_message.hpp"
#include "fuzz.hpp"

#include <algorithm>
#include <array>

// Every record of the storage network. An input is tried as all of them, and is one of them at
// most.

namespace cairn {
namespace {

/// Parses and writes again.
struct Kind {
    RecordType type;
    Bytes (*rewrite)(ByteView input);
};
constexpr std::array kinds{
    Kind{RecordType::node,
         [](ByteView input) {
             const NodeRecord record = parse_node_record(input);
             require(parse_node_text(to_text(record)).has_value(), "the text of a record is read");
             require(record.addresses.size() <= record_addresses_max, "addresses are limited");
             return to_bytes(record);
         }},
    Kind{RecordType::receipt,
         [](ByteView input) {
             const Receipt receipt = parse_receipt(input);
             require(parse_receipt_text(to_text(receipt)).has_value(),
                     "the text of a receipt is read");
             require(receipt.serial + receipt.items.size() > receipt.serial,
                     "serials do not wrap around");
             return to_bytes(receipt);
         }},
    Kind{RecordType::drop_request,
         [](ByteView input) { return to_bytes(parse_drop_request(input)); }},
    Kind{RecordType::hello_request,
         [](ByteView input) {
             const HelloRequest request = parse_hello_request(input);
             require(!is_signed(request, {}, {}), "nobody has signed for a link of zeros");
             return to_bytes(request);
         }},
    Kind{RecordType::hello_reply,
         [](ByteView input) { return to_bytes(parse_hello_reply(input)); }},
    Kind{RecordType::put_request,
         [](ByteView input) { return to_bytes(parse_put_request(input)); }},
    Kind{RecordType::get_request,
         [](ByteView input) {
             const GetRequest request = parse_get_request(input);
             require(request.offset + request.length <= request.size,
                     "a range is within its shard");
             return to_bytes(request);
         }},
    Kind{RecordType::has_request,
         [](ByteView input) { return to_bytes(parse_has_request(input)); }},
    Kind{RecordType::has_reply, [](ByteView input) { return to_bytes(parse_has_reply(input)); }},
    Kind{RecordType::drop_reply, [](ByteView input) { return to_bytes(parse_drop_reply(input)); }},
    Kind{RecordType::list_request,
         [](ByteView input) { return to_bytes(parse_list_request(input)); }},
    Kind{RecordType::list_reply, [](ByteView input) { return to_bytes(parse_list_reply(input)); }},
    Kind{RecordType::peers_reply,
         [](ByteView input) { return to_bytes(parse_peers_reply(input)); }},
    Kind{RecordType::prove_request,
         [](ByteView input) {
             const ProveRequest request = parse_prove_request(input);
             require(std::ranges::is_sorted(request.files), "files ascend");
             require(request.blocks <= prove_blocks_max, "blocks are limited");
             return to_bytes(request);
         }},
    Kind{RecordType::prove_reply,
         [](ByteView input) { return to_bytes(parse_prove_reply(input)); }},
    Kind{RecordType::tags_request,
         [](ByteView input) { return to_bytes(parse_tags_request(input)); }},
    Kind{RecordType::tags_reply, [](ByteView input) { return to_bytes(parse_tags_reply(input)); }},
};

} // namespace

void fuzz(ByteView input)
{
    for (const Kind& kind : kinds) {
        const auto written = accepted([&] { return kind.rewrite(input); });
        if (!written) continue;
        require(is_same(*written, input), "a record is written as it was read");
        require(record_type(input) == kind.type, "a record is of one type");
        require(input.size() <= message_size_max, "a record is not larger than a message");
    }
}

} // namespace cairn
