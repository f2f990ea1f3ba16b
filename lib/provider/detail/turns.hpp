#pragma once

#include "net/hub.hpp"

#include <deque>
#include <map>
#include <optional>
#include <set>

namespace cairn::detail {

/// Whose turn it is to send: links in turn, and of each link its streams in turn, so that a peer
/// with many streams gets no more than one with a single stream.
class Turns {
public:
    /// The stream has something to send; nothing happens when it waits already.
    void add(LinkId link, StreamId stream)
    {
        if (!waiting_.insert(stream).second) return;
        std::deque<StreamId>& streams = streams_[link];
        if (streams.empty()) links_.push_back(link);
        streams.push_back(stream);
    }

    /// The next one, which has to be added again for another turn. A stream may be gone by now.
    std::optional<StreamId> next()
    {
        if (links_.empty()) return std::nullopt;
        const LinkId link = links_.front();
        links_.pop_front();
        const auto place = streams_.find(link);
        const StreamId stream = place->second.front();
        place->second.pop_front();
        waiting_.erase(stream);
        if (place->second.empty())
            streams_.erase(place);
        else
            links_.push_back(link);
        return stream;
    }

    [[nodiscard]] bool is_empty() const noexcept { return links_.empty(); }

private:
    std::deque<LinkId> links_;
    std::map<LinkId, std::deque<StreamId>> streams_; // none is empty
    std::set<StreamId> waiting_;
};

} // namespace cairn::detail
