#include "inspect/inspect.hpp"

#include "base/error.hpp"
#include "crypto/secret.hpp"
#include "format/frame.hpp"
#include "inspect/detail/objects.hpp"
#include "ledger/block.hpp"

#include <algorithm>
#include <array>

namespace cairn {
namespace {

constexpr std::size_t peek_size = 1024 * 1024; // bytes: all of every text format

using Look = std::optional<Json> (*)(const detail::Peeked&);

constexpr std::array<Look, 9> looks{
    detail::inspect_shards, detail::inspect_age,    detail::inspect_secret,
    detail::inspect_public, detail::inspect_plots,  detail::inspect_records,
    detail::inspect_proofs, detail::inspect_ledger, detail::inspect_cbor};

/// What may be in a frame.
constexpr std::array<Look, 4> record_looks{detail::inspect_records, detail::inspect_proofs,
                                           detail::inspect_ledger, detail::inspect_cbor};

/// Gives what is left of some bytes, which must live longer.
std::size_t take_front(ByteView& bytes, MutableByteView buffer)
{
    const std::size_t size = std::min(buffer.size(), bytes.size());
    std::copy_n(bytes.begin(), size, buffer.begin());
    bytes = bytes.subspan(size);
    return size;
}

/// The front of the input may hold a secret.
struct WipedPeek : detail::Peeked {
    WipedPeek(Input& opened, const Done& done)
        : detail::Peeked{
              .input = &opened, .front = Bytes(peek_size), .is_whole = false, .source = {}}
    {
        front.resize(opened.read(front));
        is_whole = front.size() < peek_size;
        source = [this, done, rest = ByteView{front}](MutableByteView buffer) mutable {
            std::size_t size = take_front(rest, buffer);
            if (size < buffer.size()) size += input->read(buffer.subspan(size));
            if (done) done(size);
            return size;
        };
    }
    WipedPeek(const WipedPeek&) = delete;
    WipedPeek& operator=(const WipedPeek&) = delete;
    ~WipedPeek() { wipe(front); }
};

/// Frames have no magic: the first one is known by its check, or by the array that is in it.
bool has_frames(ByteView front)
{
    constexpr auto array_type = std::byte{0x80};
    if (front.size() <= frame_head_size) return false;
    const ByteView head = front.first(frame_head_size);
    const ByteView rest = front.subspan(frame_head_size);
    try {
        const std::size_t size = framed_size(head, block_size_max, "record");
        return (rest[0] & std::byte{0xe0}) == array_type ||
               (size <= rest.size() && is_framed(head, rest.first(size)));
    } catch (const Error&) {
        return false;
    }
}

/// The record of the next frame; none at the end.
std::optional<Json> next_record(const Source& source, std::uint64_t& offset)
{
    auto bytes = read_framed(source, block_size_max, "record");
    if (!bytes) return std::nullopt;
    detail::Peeked record{
        .input = nullptr, .front = std::move(*bytes), .is_whole = true, .source = {}};
    record.source = [rest = ByteView{record.front}](MutableByteView buffer) mutable {
        return take_front(rest, buffer);
    };
    for (const Look look : record_looks)
        if (auto found = look(record)) {
            found->set("offset_bytes", offset);
            offset += frame_head_size + record.front.size();
            return found;
        }
    throw Error{Exit::data, "it has none of the formats that are known"};
}

void inspect_frames(const Source& source, const std::function<void(const Json&)>& take)
{
    for (std::uint64_t offset = 0;;) {
        std::optional<Json> record;
        try {
            record = next_record(source, offset);
        } catch (const Error& error) {
            throw Error{error.code(),
                        "frame at byte " + std::to_string(offset) + ": " + error.what()};
        }
        if (!record) return;
        take(*record);
    }
}

} // namespace

void inspect(Input& input, const std::function<void(const Json&)>& take, const Done& done)
{
    const WipedPeek peeked{input, done};
    if (peeked.front.empty()) throw Error{Exit::data, "'" + input.name() + "' is empty"};
    for (const Look look : looks)
        if (const auto found = look(peeked)) return take(*found);
    if (has_frames(peeked.front)) return inspect_frames(peeked.source, take);
    throw Error{Exit::data, "'" + input.name() + "' is none of the formats that are known"};
}

} // namespace cairn
