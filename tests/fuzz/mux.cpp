#include "net/mux.hpp"

#include "fuzz.hpp"

// Frames from a hostile peer, to either side of a link. The first byte says which side we are and
// how we answer; the rest is what the peer sends.

namespace cairn {

namespace {

/// Takes what we send, and looks at it as the peer would: it is well-formed.
class Checker final : public ByteSink {
public:
    void put(ByteView bytes) override
    {
        written.insert(written.end(), bytes.begin(), bytes.end());
        if (written.size() > size_max) written.clear(); // answers to pings may be many
    }

    static constexpr std::size_t size_max = 1024 * 1024; // bytes
    Bytes written;
};

/// What a mux says to some input, in a form that can be compared.
struct Story {
    Bytes told;
    bool is_violation = false;

    void tell(const MuxEvent& event)
    {
        // Data comes in parts that depend on how the input was cut.
        const bool is_data = event.kind == MuxEvent::Kind::data;
        if (!is_data || last_data_ != event.stream) {
            told.push_back(static_cast<std::byte>(event.kind));
            told.push_back(static_cast<std::byte>(event.stream));
        }
        last_data_ = is_data ? event.stream : 0;
        for (const ByteView part : {as_bytes(event.method), as_bytes(event.reason), event.data})
            told.insert(told.end(), part.begin(), part.end());
    }

private:
    std::uint32_t last_data_ = 0;
};

/// Does as a program would.
void answer(Mux& mux, const MuxEvent& event, unsigned manner)
{
    switch (event.kind) {
    case MuxEvent::Kind::opened:
        require(mux.has(event.stream) && !mux.is_ours(event.stream), "an opened stream is theirs");
        require(event.data.size() <= request_size_max, "a request is not too long");
        if (manner == 1) mux.end(event.stream, CallStatus::busy, event.data);
        break;
    case MuxEvent::Kind::data:
        require(!event.data.empty(), "data is not empty");
        if (manner == 2) mux.grant(event.stream, event.data.size());
        if (manner == 3) mux.reset(event.stream, "no");
        break;
    case MuxEvent::Kind::writable:
        require(mux.writable(event.stream) > 0, "who has credit can send");
        mux.send(event.stream, as_bytes("x"));
        break;
    case MuxEvent::Kind::half_end:
        break;
    case MuxEvent::Kind::ended:
    case MuxEvent::Kind::reset:
        require(!mux.has(event.stream), "the stream is gone");
        break;
    case MuxEvent::Kind::pong:
    case MuxEvent::Kind::goaway:
        break;
    }
}

Story read(ByteView input, unsigned choice, std::size_t step)
{
    Checker out;
    const unsigned manner = choice >> 1U & 3U;
    Mux mux{(choice & 1U) != 0 ? Mux::Side::caller : Mux::Side::callee, out, nullptr};
    mux.open("a.method", as_bytes("request"));
    Story story;
    try {
        while (!input.empty()) {
            const ByteView part = front(input, step);
            input = input.subspan(part.size());
            mux.feed(part);
            while (const auto event = mux.next()) {
                story.tell(*event);
                answer(mux, *event, manner);
                require(mux.streams().size() <= 2 * link_streams_max, "streams are limited");
            }
        }
    } catch (const Error& error) {
        require(error.code() == Exit::protocol, "the peer is at fault");
        story.is_violation = true;
    }
    return story;
}

} // namespace

void fuzz(ByteView input)
{
    if (input.empty()) return;
    const auto choice = std::to_integer<unsigned>(input[0]);
    input = input.subspan(1);
    const Story whole = read(input, choice, input.size());
    if (!is_sampled(input, 4)) return;
    const Story cut = read(input, choice, 1 + (choice >> 3U) * 3);
    require(whole.is_violation == cut.is_violation, "cuts do not change what is allowed");
    require(is_same(whole.told, cut.told) || whole.is_violation || (choice >> 1U & 3U) == 3,
            "cuts do not change what is said");
}

} // namespace cairn
