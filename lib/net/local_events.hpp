#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace cairn {

/// What a process of this machine publishes, cairn-api(7): ZeroMQ over ipc, PUB and SUB. An event
/// is two frames: its name and JSON. What comes while nobody looks, beyond a few, is lost: ask for
/// the state too.
class LocalEvents {
public:
    /// Listens for events of that name; the other side may be there later. Throws
    /// Error{config} when `endpoint` is none.
    LocalEvents(const std::string& endpoint, const std::string& name);
    LocalEvents(const LocalEvents&) = delete;
    LocalEvents& operator=(const LocalEvents&) = delete;
    ~LocalEvents();

    /// The JSON of the next event; none when none comes in time.
    [[nodiscard]] std::optional<std::string> next(std::uint64_t timeout_ms);

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace cairn
