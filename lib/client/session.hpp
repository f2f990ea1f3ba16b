#pragma once

#include "format/message.hpp"
#include "net/hub.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cairn {

/// How fast and how well a provider has answered.
struct ProviderHealth {
    bool is_up = false;
    bool is_down = false; ///< the last attempt failed; `reason`
    std::string reason;
    std::uint64_t first_byte_ms = 0; ///< smoothed: from a call to its first answer
    std::uint64_t rate = 0;          ///< bytes a second, smoothed
    unsigned faults = 0;             ///< wrong, damaged or broken answers
    std::size_t calls = 0;           ///< in progress
};

/// The outcome of a call.
struct Reply {
    CallStatus status = CallStatus::failed;
    Bytes body{};          ///< the reply, or the text of a refusal
    std::string failure{}; ///< not empty where there was no reply: the link broke, a time-out
    bool is_time_out = false;
};

/// One call that a session has in progress.
struct CallId {
    std::uint64_t number = 0;

    // NOLINTNEXTLINE(modernize-use-nullptr)
    friend auto operator<=>(const CallId&, const CallId&) = default;
};

struct SessionCall {
    std::size_t provider = 0; ///< index in Session::providers()
    std::string_view method;  ///< a constant
    Bytes request;
    /// What is sent after the request, in order. It must live until `done`.
    std::vector<ByteView> body;
    /// Takes the data that comes, in order; false cuts the call: `done` gets "refused by caller".
    std::function<bool(ByteView data)> data;
    /// Called once, from run(). Nothing more of this call comes after it.
    std::function<void(Reply&& reply)> done;
    std::uint64_t stall_ms = 30'000; ///< without a byte in either direction it is a time-out
};

struct SessionOptions {
    std::vector<ProviderName> providers{};
    NetworkId network{};
    const Ed25519KeyPair* owner = nullptr; ///< says hello as this owner; must outlive the session
    std::uint64_t connect_ms = 5'000;
    std::function<std::uint64_t()> now_s{}; ///< wall clock, to refuse records that have expired
};

/// Calls to a set of providers over one hub: connects when first needed, says hello, checks that
/// the link key is certified by the node key that was named, queues calls beyond what a link
/// takes, and keeps account of how each provider does. Single-threaded, like the hub.
class Session {
public:
    Session(Hub& hub, SessionOptions options);
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session();

    [[nodiscard]] const std::vector<ProviderName>& providers() const noexcept;
    [[nodiscard]] const ProviderHealth& health(std::size_t provider) const;

    /// The provider's hello, once its link is up.
    [[nodiscard]] const HelloReply* hello(std::size_t provider) const;

    /// Connects now rather than at the first call.
    void connect(std::size_t provider);

    /// Starts a call; `done` follows, at the earliest from within run().
    CallId start(SessionCall call);

    /// Ends a call early; its `done` is not called. Nothing happens when it is over.
    void cancel(CallId call);

    /// Handles what happens until `is_done` is true, asked after every event, or until
    /// `deadline_ms` of the hub's clock; true in the first case. wake() of the hub has it asked
    /// too. What it starts is sent at once.
    bool run(const std::function<bool()>& is_done, std::uint64_t deadline_ms);

    /// Has run() ask its `is_done` once more. From any thread.
    void wake() noexcept;

    [[nodiscard]] std::uint64_t now_ms() const noexcept;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace cairn
