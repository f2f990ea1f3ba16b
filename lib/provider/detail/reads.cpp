#include "provider/detail/reads.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace cairn::detail {
namespace {

/// What a stream sends in one turn.
constexpr std::size_t turn_size = 2 * frame_payload_max; // bytes

/// After so long without a byte a read gives way to a new one where there are too many.
constexpr std::uint64_t idle_ms = 5'000;

} // namespace

void Reads::open(LinkId link, StreamId stream, const GetRequest& request)
{
    const std::uint64_t now_ms = desk_->hub.now_ms();
    if (!make_room(now_ms)) {
        desk_->refuse(stream, method::shard_get, CallStatus::busy, "too many reads");
        return;
    }
    Read read{.link = link, .reader = desk_->depot.read(request.root)};
    if (!read.reader) {
        desk_->refuse(stream, method::shard_get, CallStatus::no, "no such shard");
        return;
    }
    if (read.reader->size() != request.size) {
        desk_->refuse(stream, method::shard_get, CallStatus::no, "the shard has another size");
        return;
    }
    read.first = request.offset / piece_size;
    read.last = request.size == 0 ? 0 : (request.offset + request.length - 1) / piece_size;
    read.moved_ms = now_ms;
    read.limit_ms = now_ms + desk_->time_limit_ms((read.last - read.first + 1) * piece_size);
    reads_.emplace(stream, std::move(read));
    turns_.add(link, stream);
}

void Reads::writable(StreamId stream)
{
    const auto found = reads_.find(stream);
    if (found != reads_.end()) turns_.add(found->second.link, stream);
}

void Reads::forget(StreamId stream)
{
    const auto found = reads_.find(stream);
    if (found != reads_.end()) remove(found);
}

void Reads::remove(Place read)
{
    if (!read->second.part.empty()) --loaded_;
    reads_.erase(read);
}

/// The bytes of the current part, whether it is in memory or not.
std::uint64_t Reads::part_size(const Read& read)
{
    const std::uint64_t length = read.reader->size();
    return read.piece ? piece_length(length, *read.piece)
                      : piece_proof_size({length, read.first, read.last});
}

/// Has the bytes of the current part in memory; false when the shard has rotted.
bool Reads::load(Read& read)
{
    if (read.sent < read.part.size()) return true;
    if (loaded_ >= desk_->options.limits.pieces_max) {
        Read* longest = nullptr;
        for (auto& [stream, each] : reads_)
            if (!each.part.empty() && (longest == nullptr || each.moved_ms < longest->moved_ms))
                longest = &each;
        assert(longest != nullptr); // there are loaded_ such parts
        longest->part = Bytes{};
        --loaded_;
    }
    if (!read.piece) {
        read.part = read.reader->proof(read.first, read.last);
    } else {
        std::optional<Bytes> bytes = read.reader->piece(*read.piece);
        if (!bytes) return false;
        read.part = std::move(*bytes);
    }
    if (!read.part.empty()) ++loaded_;
    return true;
}

/// Sends up to turn_size bytes; whether the stream can go on at once.
bool Reads::send(Place place)
{
    const StreamId stream = place->first;
    Read& read = place->second;
    for (std::size_t left = turn_size; left > 0;) {
        const std::size_t credit = desk_->hub.writable(stream);
        if (credit == 0 && part_size(read) > 0) return false; // `writable` follows
        if (!load(read)) {
            remove(place);
            desk_->refuse(stream, method::shard_get, CallStatus::damaged, "the shard has rotted");
            return false;
        }
        const std::size_t size = std::min({read.part.size() - read.sent, left, credit});
        if (size > 0) desk_->hub.send(stream, ByteView{read.part}.subspan(read.sent, size));
        read.sent += size;
        left -= size;
        desk_->counts.sent_bytes += size;
        if (size > 0) read.moved_ms = desk_->hub.now_ms();
        if (read.sent < read.part.size()) continue;
        if (!read.part.empty()) --loaded_;
        read.part = Bytes{};
        read.sent = 0;
        if (read.piece == read.last) {
            remove(place);
            desk_->end(stream, method::shard_get, CallStatus::ok, {});
            return false;
        }
        read.piece = read.piece ? *read.piece + 1 : read.first;
    }
    return true;
}

bool Reads::take_turn()
{
    const auto stream = turns_.next();
    const auto found = stream ? reads_.find(*stream) : reads_.end();
    if (found == reads_.end()) return !turns_.is_empty();
    const LinkId link = found->second.link;
    try {
        if (send(found)) turns_.add(link, *stream);
    } catch (const Error&) { // of the disk, or for lack of memory
        forget(*stream);
        desk_->refuse(*stream, method::shard_get, CallStatus::failed, "the shard cannot be read");
    }
    return !turns_.is_empty();
}

/// Whether one more may begin: what has been idle longest goes where there are too many.
bool Reads::make_room(std::uint64_t now_ms)
{
    if (size() < desk_->options.limits.reads_max) return true;
    const auto idle = std::ranges::min_element(
        reads_, {}, [](const auto& entry) { return entry.second.moved_ms; });
    if (now_ms - idle->second.moved_ms < idle_ms) return false;
    cut(idle, "others need the room");
    return true;
}

void Reads::cut(Place read, std::string_view reason)
{
    const StreamId stream = read->first;
    remove(read);
    ++desk_->counts.cut_streams;
    desk_->hub.reset(stream, reason);
}

void Reads::cut_slow(std::uint64_t now_ms)
{
    for (auto each = reads_.begin(); each != reads_.end();) {
        const auto read = each++;
        if (now_ms - read->second.moved_ms >= desk_->options.limits.stall_ms)
            cut(read, "the peer takes nothing");
        else if (now_ms >= read->second.limit_ms)
            cut(read, "the peer is too slow");
    }
}

} // namespace cairn::detail
