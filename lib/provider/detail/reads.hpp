#pragma once

#include "provider/detail/desk.hpp"
#include "provider/detail/turns.hpp"

namespace cairn::detail {

/// The shard.get calls in progress. A read has at most one piece in memory, and all of them
/// together a bounded number: the one that waits longest for its peer reads its piece again later.
class Reads {
public:
    explicit Reads(Desk& desk) : desk_{&desk} {}

    /// Begins to send, or refuses.
    void open(LinkId link, StreamId stream, const GetRequest& request);

    [[nodiscard]] bool has(StreamId stream) const { return reads_.contains(stream); }

    /// The peer takes more.
    void writable(StreamId stream);

    /// The stream is gone.
    void forget(StreamId stream);

    /// One stream sends something. Whether there is more to send at once.
    bool take_turn();

    void cut_slow(std::uint64_t now_ms);
    [[nodiscard]] std::size_t size() const noexcept { return reads_.size(); }

private:
    struct Read {
        LinkId link;
        std::unique_ptr<Depot::Reader> reader;
        std::uint64_t first = 0; ///< pieces
        std::uint64_t last = 0;
        std::optional<std::uint64_t> piece = std::nullopt; ///< what is being sent; none: the proof
        Bytes part{};         ///< the bytes of it; empty until they are needed
        std::size_t sent = 0; ///< of these
        std::uint64_t moved_ms = 0;
        std::uint64_t limit_ms = 0; ///< until then it must be over
    };
    using Place = std::map<StreamId, Read>::iterator;

    static std::uint64_t part_size(const Read& read);
    bool load(Read& read);
    bool send(Place place);
    bool make_room(std::uint64_t now_ms);
    void remove(Place read);
    void cut(Place read, std::string_view reason);

    Desk* desk_;
    std::map<StreamId, Read> reads_;
    Turns turns_;
    std::size_t loaded_ = 0; // parts that are in memory
};

} // namespace cairn::detail
