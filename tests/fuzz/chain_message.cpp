#include "chain/chain_import.hpp"
#include "chain/messages.hpp"
#include "fuzz.hpp"

// What nodes of a chain say to each other, and blocks as a stream.

namespace cairn {
namespace {

/// What is read is written as it was.
template <class Parse, class Write>
void look(ByteView input, Parse parse, Write write)
{
    const auto read = accepted([&] { return parse(input); });
    if (read) require(is_same(write(*read), input), "a message stays as it is");
}

void look_at_messages(ByteView input)
{
    const auto as_it_is = [](const auto& message) { return to_bytes(message); };
    look(input, parse_chain_hello, as_it_is);
    look(input, parse_headers_request, as_it_is);
    look(input, parse_headers, [](const auto& headers) { return headers_bytes(headers); });
    look(input, parse_bodies_request, as_it_is);
    look(input, parse_compact_request, [](const BlockId& id) { return compact_request(id); });
    look(input, parse_compact_block, as_it_is);
    look(input, parse_missing_request, as_it_is);
    look(input, parse_transactions_offer, [](const auto& ids) { return offer_bytes(ids); });
    look(input, parse_transactions_request, [](const auto& ids) { return request_bytes(ids); });
    look(input, parse_known_nodes, as_it_is);
    look(
        input, [](ByteView bytes) { return parse_transactions(bytes, 3); },
        [](const auto& transactions) {
            require(transactions.size() <= 3, "no more than were asked for");
            return transactions_bytes(transactions);
        });
}

/// The frame of what is read as a block is the input's beginning; the same with a frame of its own.
void look_at_stream(ByteView input)
{
    const auto read_all = [](ByteView stream) {
        Bytes again;
        ByteView rest = stream;
        const ReadBytes read = [&](MutableByteView buffer) {
            const std::size_t size = std::min(buffer.size(), rest.size());
            std::ranges::copy(rest.first(size), buffer.begin());
            rest = rest.subspan(size);
            return size;
        };
        (void)accepted([&] {
            while (const auto block = read_framed_block(read)) {
                const Bytes bytes = to_bytes(*block);
                const Bytes head = frame_head(bytes);
                again.insert(again.end(), head.begin(), head.end());
                again.insert(again.end(), bytes.begin(), bytes.end());
            }
            return 0;
        });
        require(is_same(front(stream, again.size()), again), "blocks stay as they are");
    };
    read_all(input);
    Bytes framed = frame_head(input);
    framed.insert(framed.end(), input.begin(), input.end());
    read_all(framed);
}

} // namespace

void fuzz(ByteView input)
{
    look_at_messages(input);
    look_at_stream(input);
}

} // namespace cairn
