#pragma once

#include "net/frame.hpp"
#include "os/fd.hpp"

#include <functional>
#include <string>

namespace cairn {

class Json;

/// Writes what links carry as NDJSON, cairn-link(7): a line for each frame, and for each link that
/// comes up or goes down. Bodies, requests and replies are told by their sizes alone.
class Trace {
public:
    /// Makes the file, or writes over it. Throws Error{cantcreat}. A write that fails ends the
    /// trace, and `warn` is told why; without it, Error{ioerr} is thrown.
    explicit Trace(const std::string& path, std::function<void(const std::string&)> warn = nullptr);

    void frame(std::uint64_t now_ms, LinkId link, const FrameNote& note);

    void linked(std::uint64_t now_ms, const HubEvent& event);
    void unlinked(std::uint64_t now_ms, const HubEvent& event);

    /// Begins a new file of the same name. Throws Error{cantcreat}.
    void reopen();

private:
    void write(const Json& json);

    Fd file_; // none: the trace has ended
    std::string name_;
    std::function<void(const std::string&)> warn_;
};

} // namespace cairn
