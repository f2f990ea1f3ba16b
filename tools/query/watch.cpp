#include "watch.hpp"

#include "base/error.hpp"
#include "os/clock.hpp"

#include <algorithm>

using namespace cairn;

namespace {

constexpr std::uint64_t reply_ms = 5'000;
constexpr std::uint64_t event_ms = 1'000; // then the node is asked anyway
constexpr std::uint64_t pause_us = 200'000;

} // namespace

Watch::Watch(const NodeOptions& node, Console& console, std::string event)
    : client_{node.client(std::min(reply_ms, node.timeout_ms))},
      console_{&console},
      event_{std::move(event)}
{
}

void Watch::run(const std::function<void()>& look)
{
    for (;;) {
        try {
            look();
            tell_trouble("");
            await();
        } catch (const Error& error) {
            if (!is_passing(error)) throw;
            tell_trouble(error.what());
            events_.reset();
            nap_us(pause_us);
        }
    }
}

/// Until something happens, or for a while.
void Watch::await()
{
    if (!events_) {
        const std::string endpoint =
            client_.ask("status").json.member("events").text().value_or("");
        if (endpoint.empty()) return nap_us(pause_us);
        events_ = std::make_unique<LocalEvents>(endpoint, event_);
        return; // what came before it listened is asked for
    }
    if (!events_->next(event_ms)) return;
    while (events_->next(0)) {
    }
}

/// Once, and once when it is over.
void Watch::tell_trouble(const std::string& text)
{
    if (text == trouble_) return;
    if (text.empty())
        console_->info("the node answers again");
    else
        console_->warning(text);
    trouble_ = text;
}
