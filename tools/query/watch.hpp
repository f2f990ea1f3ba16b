#pragma once

#include "net/local_events.hpp"
#include "node.hpp"

#include <functional>
#include <memory>

/// Looks at a node again whenever it publishes an event, and now and then anyway: events only say
/// when to look, so what a look finds is whole, whatever happens to node and events.
class Watch {
public:
    /// Waits for events of this name.
    Watch(const NodeOptions& node, cairn::Console& console, std::string event);

    [[nodiscard]] const cairn::LocalClient& client() const { return client_; }

    /// Goes on until the process ends; a node that does not answer is told of, and waited for.
    [[noreturn]] void run(const std::function<void()>& look);

private:
    void await();
    void tell_trouble(const std::string& text);

    cairn::LocalClient client_;
    cairn::Console* console_;
    std::string event_;
    std::unique_ptr<cairn::LocalEvents> events_;
    std::string trouble_;
};
