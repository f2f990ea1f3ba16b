#pragma once

#include "base/entropy.hpp"
#include "chain/messages.hpp"

#include <map>
#include <set>

namespace cairn {

/// The nodes of a chain that are known, and which to connect to next: those that were good once
/// before those that others told of, and not too many of one part of the network.
class PeerBook {
public:
    static constexpr std::size_t entries_max = 2'048;
    static constexpr std::size_t told_max = 256;    ///< that one peer may tell of
    static constexpr std::size_t group_max = 64;    ///< entries of one group
    static constexpr std::size_t connected_max = 2; ///< connections to one group

    struct Entry {
        std::optional<Ed25519PublicKey> link_key;
        std::uint64_t good_s = 0;   ///< when it was last a peer, wall clock; 0: never
        std::uint64_t again_ms = 0; ///< not tried before
        unsigned failures = 0;      ///< since then
        bool is_fixed = false;      ///< named by the user: never forgotten
    };

    /// An address that the user names.
    void fix(const std::string& address);

    /// Somebody tells of a node.
    void add(const KnownNode& node);

    /// A connection to an address has become a peer, or came to nothing.
    void note_good(const std::string& address, const Ed25519PublicKey& key, std::uint64_t now_s);
    void note_failure(const std::string& address, std::uint64_t now_ms);

    /// It is this very node, or one not to connect to again.
    void forget(const std::string& address);

    /// An address to connect to now, none of `taken`; marks it as tried.
    [[nodiscard]] std::optional<std::string> next(const std::set<std::string>& taken,
                                                  std::uint64_t now_ms, Entropy& entropy);

    /// Some of those that were good, for others.
    [[nodiscard]] std::vector<KnownNode> good(std::size_t count, Entropy& entropy) const;

    /// The key that an address has to show: that of who was met there, unless it has not been there
    /// for long. What others say of keys does not count.
    [[nodiscard]] std::optional<Ed25519PublicKey> key_of(const std::string& address) const;

    /// Whether a node was met at an address.
    [[nodiscard]] bool is_good(const std::string& address, const Ed25519PublicKey& key) const;

    [[nodiscard]] const std::map<std::string, Entry>& entries() const { return entries_; }

    /// Lines "ADDRESS KEY TIME" of those that were good; parse() takes what it can read of them.
    [[nodiscard]] std::string to_text() const;
    void parse(std::string_view text);

    /// The part of the network that an address is in: the first half of an IPv4 address, the first
    /// four bytes of an IPv6 one, the last two words of a name; each port of this host is one of
    /// its own.
    [[nodiscard]] static std::string group_of(const std::string& address);

private:
    void make_room();

    std::map<std::string, Entry> entries_;
};

/// Whether it is "host:port" with a port that can be connected to.
[[nodiscard]] bool is_node_address(std::string_view address);

/// Whether it is of this very machine.
[[nodiscard]] bool is_loopback(std::string_view address);

} // namespace cairn
