#include "net/mux.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <cassert>

namespace cairn {

namespace {

constexpr std::uint32_t stream_number_max = 0xffff'fff0; // leaves no room to wrap around

[[noreturn]] void violation(const char* what)
{
    throw Error{Exit::protocol, std::string{"the peer "} + what};
}

std::uint32_t parse_credit(ByteView payload)
{
    std::uint32_t credit = 0;
    for (std::size_t i = 4; i-- > 0;)
        credit = credit << 8U | std::to_integer<std::uint32_t>(payload[i]);
    return credit;
}

std::string_view parse_reason(ByteView payload)
{
    if (!is_reason(as_text(payload))) violation("gave a reason that is not text");
    return as_text(payload);
}

std::string_view method_of(ByteView payload)
{
    const auto size = std::to_integer<std::size_t>(payload[0]);
    return as_text(payload.subspan(1, std::min(size, payload.size() - 1)));
}

} // namespace

Mux::Mux(Side side, ByteSink& out, FrameObserver* observer)
    : out_{&out},
      observer_{observer},
      ours_{side == Side::caller ? 1U : 0U},
      next_ours_{side == Side::caller ? 1U : 2U},
      next_theirs_{side == Side::caller ? 2U : 1U}
{
}

// ---- What we send.

std::optional<std::uint32_t> Mux::open(std::string_view method, ByteView request)
{
    assert(is_method(method) && request.size() <= request_size_max);
    if (is_going_ || ours_open_ >= link_streams_max || next_ours_ > stream_number_max)
        return std::nullopt;
    const std::uint32_t stream = next_ours_;
    next_ours_ += 2;
    ++ours_open_;
    streams_.emplace(stream, Stream{});
    Bytes payload{static_cast<std::byte>(method.size())};
    const ByteView name = as_bytes(method);
    payload.insert(payload.end(), name.begin(), name.end());
    payload.insert(payload.end(), request.begin(), request.end());
    write(stream, FrameKind::open, payload);
    return stream;
}

std::size_t Mux::writable(std::uint32_t stream) const
{
    const auto found = streams_.find(stream);
    return found == streams_.end() || found->second.is_sent ? 0 : found->second.send_credit;
}

void Mux::send(std::uint32_t stream, ByteView data)
{
    Stream* const found = find(stream);
    if (found == nullptr || data.empty()) return;
    assert(!found->is_sent && data.size() <= found->send_credit);
    found->send_credit -= data.size();
    while (!data.empty()) {
        const ByteView part = data.first(std::min(data.size(), frame_payload_max));
        write(stream, FrameKind::data, part);
        data = data.subspan(part.size());
    }
}

void Mux::half_end(std::uint32_t stream)
{
    assert(is_ours(stream));
    Stream* const found = find(stream);
    if (found == nullptr || found->is_sent) return;
    found->is_sent = true;
    write(stream, FrameKind::half_end, {});
}

void Mux::end(std::uint32_t stream, CallStatus status, ByteView reply)
{
    assert(!is_ours(stream) && reply.size() <= request_size_max);
    if (find(stream) == nullptr) return;
    Bytes payload{static_cast<std::byte>(status)};
    payload.insert(payload.end(), reply.begin(), reply.end());
    write(stream, FrameKind::end, payload);
    forget(stream);
}

void Mux::reset(std::uint32_t stream, std::string_view reason)
{
    if (find(stream) == nullptr) return;
    write(stream, FrameKind::reset, as_bytes(to_reason(reason)));
    forget(stream);
}

void Mux::grant(std::uint32_t stream, std::size_t bytes)
{
    Stream* const found = find(stream);
    if (found == nullptr || found->is_received || bytes == 0) return;
    found->receive_credit += bytes;
    assert(found->receive_credit <= credit_size_max);
    std::array<std::byte, 4> payload{};
    for (unsigned i = 0; i < 4; ++i) payload[i] = static_cast<std::byte>(bytes >> (8 * i));
    write(stream, FrameKind::credit, payload);
}

std::optional<std::size_t> Mux::granted(std::uint32_t stream) const
{
    const auto found = streams_.find(stream);
    if (found == streams_.end() || found->second.is_received) return std::nullopt;
    return found->second.receive_credit;
}

void Mux::ping()
{
    write(0, FrameKind::ping, std::array<std::byte, ping_size>{});
}

void Mux::go_away(std::string_view reason)
{
    is_going_ = true;
    write(0, FrameKind::goaway, as_bytes(to_reason(reason)));
}

std::vector<std::uint32_t> Mux::streams() const
{
    std::vector<std::uint32_t> numbers;
    numbers.reserve(streams_.size());
    for (const auto& [number, stream] : streams_) numbers.push_back(number);
    return numbers;
}

void Mux::write(std::uint32_t stream, FrameKind kind, ByteView payload)
{
    const FrameHeader header{stream, kind, payload.size()};
    note(true, header, payload);
    out_->put(to_bytes(header));
    if (!payload.empty()) out_->put(payload);
}

void Mux::note(bool is_sent, const FrameHeader& header, ByteView payload) const
{
    if (observer_ == nullptr) return;
    FrameNote note{is_sent, header, {}, {}, 0, CallStatus::ok};
    switch (header.kind) {
    case FrameKind::open:
        note.method = method_of(payload);
        break;
    case FrameKind::credit:
        note.credit = parse_credit(payload);
        break;
    case FrameKind::end:
        note.status = static_cast<CallStatus>(payload[0]);
        break;
    case FrameKind::reset:
    case FrameKind::goaway:
        note.reason = as_text(payload);
        break;
    case FrameKind::data:
    case FrameKind::half_end:
    case FrameKind::ping:
    case FrameKind::pong:
        break;
    }
    observer_->frame(note);
}

Mux::Stream* Mux::find(std::uint32_t stream)
{
    const auto found = streams_.find(stream);
    return found == streams_.end() ? nullptr : &found->second;
}

void Mux::forget(std::uint32_t stream)
{
    if (streams_.erase(stream) != 0) --(is_ours(stream) ? ours_open_ : theirs_open_);
}

// ---- What the peer sends.

void Mux::feed(ByteView input)
{
    assert(input_.empty());
    input_ = input;
}

std::optional<MuxEvent> Mux::next()
{
    for (;;) {
        if (is_partial_used_) partial_.clear();
        is_partial_used_ = false;
        if (header_filled_ < frame_header_size && !take_header()) return std::nullopt;
        if (header_.kind == FrameKind::data) {
            if (left_ > 0 && input_.empty()) return std::nullopt;
            if (auto event = take_data()) return event;
            continue;
        }
        const auto payload = take_payload();
        if (!payload) return std::nullopt;
        header_filled_ = 0;
        note(false, header_, *payload);
        if (auto event = understand(*payload)) return event;
    }
}

/// False when it is not complete.
bool Mux::take_header()
{
    const std::size_t size = std::min(frame_header_size - header_filled_, input_.size());
    std::ranges::copy(input_.first(size), header_bytes_.begin() + header_filled_);
    input_ = input_.subspan(size);
    header_filled_ += size;
    if (header_filled_ < frame_header_size) return false;
    header_ = parse_frame_header(header_bytes_);
    left_ = header_.size;
    if (header_.stream != 0 && header_.kind != FrameKind::open) check_known(header_.stream);
    if (header_.kind == FrameKind::data) {
        note(false, header_, {});
        charge_data();
    }
    return true;
}

void Mux::check_known(std::uint32_t stream) const
{
    const std::uint32_t next = is_ours(stream) ? next_ours_ : next_theirs_;
    if (stream >= next) violation("sent a frame for a stream that was never opened");
}

/// Data is paid for when its frame begins.
void Mux::charge_data()
{
    Stream* const found = find(header_.stream);
    if (found == nullptr) return; // it crossed our end or reset
    if (found->is_received) violation("sent data after the end of its data");
    if (header_.size > found->receive_credit) violation("sent more than it had credit for");
    found->receive_credit -= header_.size;
}

/// The part of a data frame that is here; none where nobody wants it.
std::optional<MuxEvent> Mux::take_data()
{
    const ByteView part = input_.first(std::min(left_, input_.size()));
    input_ = input_.subspan(part.size());
    left_ -= part.size();
    if (left_ == 0) header_filled_ = 0;
    if (!has(header_.stream)) return std::nullopt;
    MuxEvent event;
    event.kind = MuxEvent::Kind::data;
    event.stream = header_.stream;
    event.data = part;
    return event;
}

/// The payload once it is complete.
std::optional<ByteView> Mux::take_payload()
{
    const ByteView part = input_.first(std::min(left_, input_.size()));
    input_ = input_.subspan(part.size());
    left_ -= part.size();
    if (left_ == 0 && partial_.empty()) return part;
    partial_.insert(partial_.end(), part.begin(), part.end());
    if (left_ > 0) return std::nullopt;
    is_partial_used_ = true;
    return partial_;
}

std::optional<MuxEvent> Mux::understand(ByteView payload)
{
    MuxEvent event;
    event.stream = header_.stream;
    Stream* const stream = find(header_.stream);
    switch (header_.kind) {
    case FrameKind::open:
        return understand_open(payload);
    case FrameKind::credit:
        return understand_credit(payload);
    case FrameKind::half_end:
        if (is_ours(header_.stream)) violation("ended the data of a call that it did not make");
        if (stream == nullptr) return std::nullopt;
        if (stream->is_received) violation("ended its data twice");
        stream->is_received = true;
        event.kind = MuxEvent::Kind::half_end;
        return event;
    case FrameKind::end:
        return understand_end(payload);
    case FrameKind::reset:
        event.reason = parse_reason(payload);
        if (stream == nullptr) return std::nullopt;
        forget(header_.stream);
        event.kind = MuxEvent::Kind::reset;
        return event;
    case FrameKind::ping:
        write(0, FrameKind::pong, payload);
        return std::nullopt;
    case FrameKind::pong:
        event.kind = MuxEvent::Kind::pong;
        return event;
    case FrameKind::goaway:
        is_going_ = true;
        event.reason = parse_reason(payload);
        event.kind = MuxEvent::Kind::goaway;
        return event;
    case FrameKind::data:
        break; // passed on in parts
    }
    assert(false);
    return std::nullopt;
}

std::optional<MuxEvent> Mux::understand_open(ByteView payload)
{
    if (is_ours(header_.stream)) violation("opened a stream with a number of ours");
    if (header_.stream < next_theirs_) violation("opened a stream twice");
    if (header_.stream > stream_number_max) violation("has used up its stream numbers");
    MuxEvent event;
    event.method = method_of(payload);
    if (!is_method(event.method) || event.method.size() != std::to_integer<std::size_t>(payload[0]))
        violation("opened a stream with a bad method name");
    event.data = payload.subspan(1 + event.method.size());
    if (event.data.size() > request_size_max) violation("sent a request that is too long");
    next_theirs_ = header_.stream + 2;
    if (is_going_) return std::nullopt; // it crossed our goaway
    if (theirs_open_ >= link_streams_max) violation("opened too many streams");
    ++theirs_open_;
    streams_.emplace(header_.stream, Stream{});
    event.kind = MuxEvent::Kind::opened;
    event.stream = header_.stream;
    return event;
}

std::optional<MuxEvent> Mux::understand_credit(ByteView payload)
{
    const std::uint32_t credit = parse_credit(payload);
    if (credit == 0) violation("gave no credit");
    Stream* const stream = find(header_.stream);
    if (stream == nullptr) return std::nullopt;
    if (credit > credit_size_max - stream->send_credit) violation("gave too much credit");
    stream->send_credit += credit;
    if (stream->is_sent) return std::nullopt;
    MuxEvent event;
    event.kind = MuxEvent::Kind::writable;
    event.stream = header_.stream;
    return event;
}

std::optional<MuxEvent> Mux::understand_end(ByteView payload)
{
    if (!is_ours(header_.stream)) violation("ended a call that it made itself");
    if (std::to_integer<unsigned>(payload[0]) > 8) violation("ended a call with a bad status");
    if (!has(header_.stream)) return std::nullopt; // it crossed our reset
    forget(header_.stream);
    MuxEvent event;
    event.kind = MuxEvent::Kind::ended;
    event.stream = header_.stream;
    event.status = static_cast<CallStatus>(payload[0]);
    event.data = payload.subspan(1);
    return event;
}

} // namespace cairn
