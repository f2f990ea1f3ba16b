#pragma once

#include <memory>
#include <string>

namespace cairn {

/// Publishes events to processes of this machine, cairn-api(7): what LocalEvents listens for. Who
/// does not keep up misses some.
class LocalPublisher {
public:
    /// "ipc://PATH". Throws Error{config} when it is no such endpoint or too long, Error{cantcreat}
    /// when it cannot be made.
    explicit LocalPublisher(const std::string& endpoint);
    LocalPublisher(const LocalPublisher&) = delete;
    LocalPublisher& operator=(const LocalPublisher&) = delete;
    ~LocalPublisher();

    void publish(const std::string& name, const std::string& json) noexcept;

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace cairn
