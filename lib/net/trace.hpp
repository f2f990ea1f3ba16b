#pragma once

#include "net/frame.hpp"
#include "os/fd.hpp"

#include <string>

namespace cairn {

class Json;

/// Writes what links carry as NDJSON, cairn-link(7): a line for each frame, and for each link that
/// comes up or goes down. Bodies, requests and replies are told by their sizes alone.
class Trace {
public:
    /// Makes the file, or writes over it. Throws Error{cantcreat}.
    explicit Trace(const std::string& path);

    /// Throws Error{ioerr}, as the others do.
    void frame(std::uint64_t now_ms, LinkId link, const FrameNote& note);

    void linked(std::uint64_t now_ms, const HubEvent& event);
    void unlinked(std::uint64_t now_ms, const HubEvent& event);

    /// Begins a new file of the same name. Throws Error{cantcreat}.
    void reopen();

private:
    void write(const Json& json);

    Fd file_;
    std::string name_;
};

} // namespace cairn
