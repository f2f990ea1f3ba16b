#pragma once

#include "client/detail/health_meter.hpp"

namespace cairn::detail {

/// The way to one provider: its addresses tried in turn, the greeting, and who answered.
class ProviderLink {
public:
    /// `hub` and `options` must live longer.
    ProviderLink(Hub& hub, const SessionOptions& options, ProviderName name);

    /// Whether there is or will be a link; false while the provider is better left alone.
    bool reach();

    /// Whether calls can be made.
    [[nodiscard]] bool is_up() const noexcept { return state_ == State::up; }

    /// None where nothing is tried.
    [[nodiscard]] LinkId link() const noexcept { return link_; }

    /// Whether an event is of the link itself or of the greeting; then handle() takes it.
    [[nodiscard]] bool owns(const HubEvent& event) const noexcept;
    void handle(const HubEvent& event);

    /// When expire() is to be asked; UINT64_MAX: not at all.
    [[nodiscard]] std::uint64_t deadline_ms() const noexcept { return deadline_ms_; }
    void expire();

    /// Why the provider went down, once for each time that it did.
    [[nodiscard]] std::optional<std::string> take_failure();

    /// Whether it went down the last time because nothing came in time; it takes as long again to
    /// find out more.
    [[nodiscard]] bool has_timed_out() const noexcept { return has_timed_out_; }

    /// A call was answered well: the next failure is the first again.
    void note_success() noexcept { failures_ = 0; }

    [[nodiscard]] HealthMeter& meter() noexcept { return meter_; }
    [[nodiscard]] const HealthMeter& meter() const noexcept { return meter_; }
    [[nodiscard]] const std::optional<HelloReply>& hello() const noexcept { return hello_; }

private:
    enum class State {
        idle,
        connecting,
        greeting, ///< hello is sent
        up,
    };

    void dial();
    void greet(const Ed25519PublicKey& peer);
    void settle_greeting(const HubEvent& event);
    [[nodiscard]] std::string check(const HubEvent& event);
    void give_up_address(const std::string& reason);
    void fail(const std::string& reason);

    Hub* hub_;
    const SessionOptions* options_;
    ProviderName name_;
    HealthMeter meter_;
    State state_ = State::idle;
    std::size_t address_ = 0; // the one of name_.addresses that is tried
    LinkId link_;
    Ed25519PublicKey link_key_;
    StreamId greeting_;
    std::uint64_t deadline_ms_ = UINT64_MAX;
    std::uint64_t up_since_ms_ = 0;
    std::uint64_t retry_at_ms_ = 0;
    unsigned failures_ = 0; // in a row
    bool has_timed_out_ = false;
    std::optional<HelloReply> hello_;
    std::optional<std::string> failure_;
};

} // namespace cairn::detail
