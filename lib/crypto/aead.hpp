#pragma once

#include "base/bytes.hpp"

#include <memory>

struct evp_cipher_ctx_st;

namespace cairn {

enum class Cipher {
    chacha20_poly1305,  ///< RFC 8439: 32-byte key, 12-byte nonce
    xchacha20_poly1305, ///< draft-irtf-cfrg-xchacha-03: 32-byte key, 24-byte nonce
    aes_gcm,            ///< NIST SP 800-38D: 16-, 24- or 32-byte key, 12-byte nonce
};

/// Authenticated encryption of messages that fit memory, with one key. Not for use by two threads
/// at once; make one for each. OpenSSL does the work, at the speed of the processor, and holds and
/// wipes its copy of the key.
class Aead {
public:
    static constexpr std::size_t tag_size = 16; // bytes

    /// Needs a key of the cipher's size. Throws Error{oserr}.
    Aead(Cipher cipher, ByteView key);

    /// Bytes of the nonce.
    [[nodiscard]] std::size_t nonce_size() const noexcept;

    /// Writes the ciphertext, then the tag; needs sealed.size() == plain.size() + tag_size and a
    /// nonce that was never used with this key. `sealed` may start where `plain` does.
    void seal(ByteView nonce, ByteView context, ByteView plain, MutableByteView sealed);

    /// False, and nothing of the plaintext in `plain`, unless all of `sealed` and `context` is
    /// what seal() wrote with this nonce. Needs plain.size() + tag_size == sealed.size().
    [[nodiscard]] bool open(ByteView nonce, ByteView context, ByteView sealed,
                            MutableByteView plain);

private:
    struct Free {
        void operator()(evp_cipher_ctx_st* context) const noexcept;
    };
    enum class Direction { open = 0, seal = 1 };

    void start(Direction direction, ByteView nonce, ByteView context);

    Cipher cipher_;
    std::array<std::byte, 32> extended_key_{}; // of xchacha20_poly1305, whose nonce makes the key
    std::unique_ptr<evp_cipher_ctx_st, Free> sealer_;
    std::unique_ptr<evp_cipher_ctx_st, Free> opener_;

public:
    Aead(Aead&&) = default;
    Aead& operator=(Aead&&) = default;
    Aead(const Aead&) = delete;
    Aead& operator=(const Aead&) = delete;
    ~Aead();
};

} // namespace cairn
