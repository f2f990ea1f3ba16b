#include "net/tls.hpp"

#include "base/error.hpp"
#include "net/detail/certificate.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace cairn {

namespace {

constexpr std::string_view protocol_name = "\x07"
                                           "cairn/1";

[[noreturn]] void throw_library(const char* action)
{
    throw Error{Exit::oserr, std::string{"cannot "} + action + ": OpenSSL refuses"};
}

void check(bool is_done, const char* action)
{
    if (!is_done) throw_library(action);
}

/// Takes our protocol, and refuses callers that offer others only.
// NOLINTNEXTLINE(readability-function-size): the parameters are the library's
int select_protocol(SSL* /*ssl*/, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* offered, unsigned int offered_size, void* /*argument*/)
{
    const auto* const ours = reinterpret_cast<const unsigned char*>(protocol_name.data());
    unsigned char* selected = nullptr;
    const int found =
        SSL_select_next_proto(&selected, out_size, ours,
                              static_cast<unsigned>(protocol_name.size()), offered, offered_size);
    *out = selected;
    return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

} // namespace

/// Its address is known to the library, so that it never moves.
struct Tls::State {
    struct Free {
        void operator()(SSL* owned) const noexcept { SSL_free(owned); }
    };

    ByteSink* out = nullptr;
    detail::KeyCheck check;
    ByteView input;
    bool is_done = false;
    bool is_failed = false;
    bool is_closed = false;
    std::uint64_t records = 0; // written
    std::unique_ptr<SSL, Free> ssl;

    /// Throws what went wrong; returns when only input is missing or the peer has closed.
    void judge(int result);
};

namespace {

// ---- Input and output of the library: where there is no socket.

int read_input(BIO* bio, char* buffer, std::size_t size, std::size_t* done)
{
    auto& input = *static_cast<ByteView*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    if (input.empty()) {
        BIO_set_retry_read(bio);
        return 0;
    }
    *done = std::min(size, input.size());
    std::memcpy(buffer, input.data(), *done);
    input = input.subspan(*done);
    return 1;
}

int write_output(BIO* bio, const char* data, std::size_t size, std::size_t* done)
{
    static_cast<ByteSink*>(BIO_get_data(bio))->put(as_bytes({data, size}));
    *done = size;
    return 1;
}

long control(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/)
{
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

int start(BIO* bio)
{
    BIO_set_init(bio, 1);
    return 1;
}

struct FreeMethod {
    void operator()(BIO_METHOD* method) const noexcept { BIO_meth_free(method); }
};

/// One for the whole process, as for the library's own kinds.
const BIO_METHOD* memory_method()
{
    static const std::unique_ptr<BIO_METHOD, FreeMethod> method = [] {
        std::unique_ptr<BIO_METHOD, FreeMethod> made{
            BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "cairn")};
        check(made != nullptr && BIO_meth_set_read_ex(made.get(), read_input) == 1 &&
                  BIO_meth_set_write_ex(made.get(), write_output) == 1 &&
                  BIO_meth_set_ctrl(made.get(), control) == 1 &&
                  BIO_meth_set_create(made.get(), start) == 1,
              "prepare TLS");
        return made;
    }();
    return method.get();
}

BIO* make_bio(void* data)
{
    BIO* const bio = BIO_new(memory_method());
    check(bio != nullptr, "start TLS");
    BIO_set_data(bio, data);
    return bio;
}

} // namespace

// ---- Identity.

void TlsIdentity::Free::operator()(ssl_ctx_st* context) const noexcept
{
    SSL_CTX_free(context);
}

TlsIdentity::~TlsIdentity() = default;

TlsIdentity::TlsIdentity(const Ed25519KeyPair& link_key)
    : key_{link_key.public_key()},
      context_{SSL_CTX_new(TLS_method())}
{
    SSL_CTX* const context = context_.get();
    check(context != nullptr, "start TLS");
    detail::use_certificate(context, link_key);
    const auto* const protocol = reinterpret_cast<const unsigned char*>(protocol_name.data());
    check(SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1 &&
              SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) == 1 &&
              SSL_CTX_set_ciphersuites(
                  context, "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256") == 1 &&
              SSL_CTX_set1_groups_list(context, "X25519") == 1 &&
              SSL_CTX_set1_sigalgs_list(context, "ed25519") == 1 &&
              SSL_CTX_set_num_tickets(context, 0) == 1 &&
              SSL_CTX_set_alpn_protos(context, protocol,
                                      static_cast<unsigned>(protocol_name.size())) == 0,
          "set up TLS");
    SSL_CTX_set_alpn_select_cb(context, select_protocol, nullptr);
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION |
                                     SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_max_cert_list(context, client_hello_size_max);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    SSL_CTX_set_cert_verify_callback(
        context,
        [](X509_STORE_CTX* store, void* /*argument*/) {
            const auto* const ssl = static_cast<SSL*>(
                X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
            auto* const check_key = static_cast<detail::KeyCheck*>(SSL_get_app_data(ssl));
            return detail::accept_certificate(store, *check_key) ? 1 : 0;
        },
        nullptr);
}

ClientHello find_client_hello(ByteView input) noexcept
{
    // A record of the handshake (22), of a version 3.x, that holds a ClientHello (1).
    const auto at = [&](std::size_t i) { return std::to_integer<std::size_t>(input[i]); };
    constexpr std::size_t header_size = 5; // bytes of a record
    constexpr std::size_t size_min = 100;  // bytes: version, random, and an extension of each kind
    if (!input.empty() && at(0) != 22) return ClientHello::bad;
    if (input.size() > 1 && at(1) != 3) return ClientHello::bad;
    if (input.size() > 2 && at(2) > 4) return ClientHello::bad;
    if (input.size() < header_size) return ClientHello::incomplete;
    const std::size_t size = at(3) << 8U | at(4);
    if (size < size_min || header_size + size > client_hello_size_max) return ClientHello::bad;
    if (input.size() > header_size && at(header_size) != 1) return ClientHello::bad;
    return input.size() < header_size + size ? ClientHello::incomplete : ClientHello::complete;
}

// ---- One connection.

Tls::Tls(const TlsIdentity& identity, Mux::Side side, std::optional<Ed25519PublicKey> expected,
         ByteSink& out)
    : state_{std::make_unique<State>()}
{
    state_->out = &out;
    state_->check.expected = expected;
    state_->ssl.reset(SSL_new(identity.context_.get()));
    SSL* const ssl = state_->ssl.get();
    check(ssl != nullptr, "start TLS");
    SSL_set_app_data(ssl, &state_->check);
    SSL_set0_rbio(ssl, make_bio(&state_->input));
    SSL_set0_wbio(ssl, make_bio(&out));
    if (side == Mux::Side::caller)
        SSL_set_connect_state(ssl);
    else
        SSL_set_accept_state(ssl);
}

Tls::~Tls() = default;

void Tls::State::judge(int result)
{
    const int error = SSL_get_error(ssl.get(), result);
    if (error == SSL_ERROR_WANT_READ) return;
    if (error == SSL_ERROR_ZERO_RETURN) {
        is_closed = true;
        return;
    }
    is_failed = true;
    if (check.is_other) throw Error{Exit::noperm, "the peer has another key than expected"};
    const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
    throw Error{Exit::protocol, std::string{"TLS fails: "} +
                                    (reason == nullptr ? "unexpected end of the stream" : reason)};
}

void Tls::feed(ByteView input)
{
    state_->input = input;
}

bool Tls::handshake()
{
    if (state_->is_done) return true;
    ERR_clear_error();
    const int result = SSL_do_handshake(state_->ssl.get());
    if (result != 1) {
        state_->judge(result);
        if (state_->is_closed) throw Error{Exit::protocol, "the peer ended the TLS handshake"};
        return false;
    }
    const unsigned char* protocol = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(state_->ssl.get(), &protocol, &size);
    if (size == 0) throw Error{Exit::protocol, "the peer does not speak cairn/1"};
    state_->is_done = true;
    return true;
}

ByteView Tls::read(MutableByteView buffer)
{
    assert(state_->is_done);
    if (state_->is_closed) {
        state_->input = {};
        return {};
    }
    ERR_clear_error();
    std::size_t size = 0;
    const int result = SSL_read_ex(state_->ssl.get(), buffer.data(), buffer.size(), &size);
    if (result == 1) return buffer.first(size);
    state_->judge(result);
    return {};
}

void Tls::write(ByteView plain)
{
    assert(state_->is_done);
    while (!plain.empty() && !state_->is_failed) {
        ERR_clear_error();
        std::size_t size = 0;
        const ByteView part = plain.first(std::min(plain.size(), tls_record_size));
        const int result = SSL_write_ex(state_->ssl.get(), part.data(), part.size(), &size);
        if (result != 1) {
            state_->judge(result);
            throw_library("encrypt");
        }
        plain = plain.subspan(size);
        if (++state_->records % tls_key_records == 0)
            check(SSL_key_update(state_->ssl.get(), SSL_KEY_UPDATE_NOT_REQUESTED) == 1,
                  "change keys");
    }
}

void Tls::close()
{
    ERR_clear_error();
    if (state_->is_done && !state_->is_failed) SSL_shutdown(state_->ssl.get());
}

bool Tls::is_closed() const noexcept
{
    return state_->is_closed;
}

const Ed25519PublicKey& Tls::peer() const noexcept
{
    return state_->check.key;
}

std::string Tls::cipher() const
{
    return SSL_get_cipher_name(state_->ssl.get());
}

} // namespace cairn
