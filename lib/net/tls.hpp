#pragma once

#include "crypto/keys.hpp"
#include "net/mux.hpp"

#include <memory>
#include <optional>
#include <string>

struct ssl_ctx_st;

// TLS 1.3 as cairn-link(7) profiles it, without sockets: bytes in, bytes out.

namespace cairn {

/// What one party shows to its peers: a self-signed certificate of its link key, made once.
class TlsIdentity {
public:
    /// Throws Error{oserr} when the library cannot do what we need.
    explicit TlsIdentity(const Ed25519KeyPair& link_key);
    TlsIdentity(const TlsIdentity&) = delete;
    TlsIdentity& operator=(const TlsIdentity&) = delete;
    ~TlsIdentity();

    [[nodiscard]] const Ed25519PublicKey& key() const noexcept { return key_; }

private:
    friend class Tls;

    struct Free {
        void operator()(ssl_ctx_st* context) const noexcept;
    };

    Ed25519PublicKey key_;
    std::unique_ptr<ssl_ctx_st, Free> context_;
};

inline constexpr std::size_t tls_record_size = 16 * 1024; // bytes of plain text in a full record

/// A key encrypts so many records, 1 GiB of data, far below what it can bear (RFC 8446, 5.5).
inline constexpr std::uint64_t tls_key_records = 64 * 1024;

/// Whether the first bytes of a connection can be a ClientHello.
enum class ClientHello : std::uint8_t {
    bad,        ///< they cannot
    incomplete, ///< so far
    complete,   ///< all of its record is here
};
inline constexpr std::size_t client_hello_size_max = 4096; // bytes, of its record
ClientHello find_client_hello(ByteView input) noexcept;

/// One side of a connection. Throws Error{protocol} when the peer breaks the rules,
/// Error{noperm} when it has another key than expected; the connection is then of no use, but for
/// the alert that it has put out.
class Tls {
public:
    /// `identity` and `out`, which takes what is for the peer, must outlive it.
    Tls(const TlsIdentity& identity, Mux::Side side, std::optional<Ed25519PublicKey> expected,
        ByteSink& out);
    Tls(const Tls&) = delete;
    Tls& operator=(const Tls&) = delete;
    ~Tls();

    /// Takes what arrived; it is borrowed until read() returns nothing. Only then feed again.
    void feed(ByteView input);

    /// Goes on with the handshake as far as the input reaches; true once it is done. The caller's
    /// side begins with it.
    bool handshake();

    /// The next plain bytes, in `buffer`; nothing when all input is read. After the handshake.
    ByteView read(MutableByteView buffer);

    /// Encrypts, in records of at most tls_record_size. After the handshake; nothing happens once
    /// the connection is of no use.
    void write(ByteView plain);

    /// Says that nothing more follows (close_notify).
    void close();

    /// Whether the peer said that nothing more follows.
    [[nodiscard]] bool is_closed() const noexcept;

    /// The peer's link key, after the handshake.
    [[nodiscard]] const Ed25519PublicKey& peer() const noexcept;

    /// "TLS_AES_256_GCM_SHA384", for messages and traces. After the handshake.
    [[nodiscard]] std::string cipher() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace cairn
