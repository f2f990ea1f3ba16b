#pragma once

#include "os/poll.hpp"
#include "os/socket.hpp"
#include "relaying/channel.hpp"
#include "relaying/relay.hpp"

#include <vector>

namespace cairn::detail {

/// One connection of a client, and the one to the server that belongs to it.
class Connection {
public:
    /// `to` is not empty and outlives it.
    Connection(std::uint64_t number, Fd client, const std::vector<SocketAddress>& to,
               const Impairments& impairments);

    /// Both sockets, for wait_for().
    struct Watches {
        Watch client;
        Watch server;
    };

    /// What it waits for; a direction that holds much already is read only when there is `room`.
    Watches watches(std::uint64_t now_ms, bool has_room);

    /// When advance() is due although nothing happens on the sockets; none: never.
    [[nodiscard]] std::optional<std::uint64_t> deadline_ms() const;

    /// Moves what can be moved; `buffer` is only lent. Throws Error{oserr}, after which abort() is
    /// all that can be done.
    void advance(const Watches& watches, std::uint64_t now_ms, MutableByteView buffer);

    /// Resets both sides, if it is not over.
    void abort(const std::string& reason);

    void set(const Impairments& impairments);

    [[nodiscard]] bool is_over() const noexcept { return state_ == State::over; }
    [[nodiscard]] std::size_t held() const noexcept { return up_.held() + down_.held(); }
    [[nodiscard]] ConnectionReport report(std::uint64_t now_ms) const;

private:
    enum class State {
        connecting,
        open,
        closing, ///< told both sides that it is over, waits until they have seen it
        over
    };

    /// One of the sockets, with the channel that it feeds.
    struct Side {
        const char* name; ///< "client", "server"
        Fd socket;
        Channel* feeds = nullptr; ///< borrowed: what is read here goes there
        Side* other = nullptr;    ///< borrowed
        bool is_blocked = false;  ///< takes nothing now
        bool has_ended = false;   ///< sends no more
        bool is_told = false;     ///< has been sent an end
        bool is_hung_up = false;  ///< the system says so for ever
    };

    [[nodiscard]] Watch watch(Side& side, std::uint64_t now_ms, bool has_room);
    void connect_next(std::uint64_t now_ms);
    void finish_connecting(const Watch& server, std::uint64_t now_ms);
    void read(Side& from, const Watch& watch, std::uint64_t now_ms, MutableByteView buffer);
    void write(Side& from, std::uint64_t now_ms);
    void close_in_order(std::uint64_t now_ms);
    void finish_closing(const Watches& watches, std::uint64_t now_ms, MutableByteView buffer);

    std::uint64_t number_;
    const std::vector<SocketAddress>& to_;
    std::size_t next_ = 0; // of to_
    Channel up_;
    Channel down_;
    Side client_;
    Side server_;
    State state_ = State::connecting;
    std::uint64_t start_ms_;
    std::uint64_t limit_ms_ = 0; // of connecting, of closing
    std::string reason_;
};

} // namespace cairn::detail
