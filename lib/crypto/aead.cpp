#include "crypto/aead.hpp"

#include "base/error.hpp"
#include "crypto/detail/sodium.hpp"
#include "crypto/secret.hpp"
#include "hash/digest.hpp"

#include <algorithm>
#include <cassert>

#include <openssl/evp.h>
#include <sodium.h>

namespace cairn {
namespace {

constexpr std::size_t nonce_size_usual = 12;    // bytes
constexpr std::size_t nonce_size_extended = 24; // bytes
constexpr std::size_t hchacha_input = 16;       // bytes of an extended nonce that make the key

const EVP_CIPHER* algorithm(Cipher cipher, std::size_t key_size)
{
    if (cipher != Cipher::aes_gcm) {
        assert(key_size == 32);
        return EVP_chacha20_poly1305();
    }
    assert(key_size == 16 || key_size == 24 || key_size == 32);
    if (key_size == 16) return EVP_aes_128_gcm();
    return key_size == 24 ? EVP_aes_192_gcm() : EVP_aes_256_gcm();
}

void require(int result)
{
    if (result != 1) throw Error{Exit::oserr, "OpenSSL cannot encrypt"};
}

} // namespace

Aead::Aead(Cipher cipher, ByteView key) : cipher_{cipher}
{
    start_openssl();
    detail::start_sodium();
    sealer_.reset(EVP_CIPHER_CTX_new());
    opener_.reset(EVP_CIPHER_CTX_new());
    if (!sealer_ || !opener_) throw Error{Exit::oserr, "out of memory"};
    const EVP_CIPHER* const which = algorithm(cipher, key.size());
    require(EVP_EncryptInit_ex(sealer_.get(), which, nullptr, uchars(key), nullptr));
    require(EVP_DecryptInit_ex(opener_.get(), which, nullptr, uchars(key), nullptr));
    if (cipher == Cipher::xchacha20_poly1305) std::ranges::copy(key, extended_key_.begin());
}

Aead::~Aead()
{
    wipe(extended_key_);
}

std::size_t Aead::nonce_size() const noexcept
{
    return cipher_ == Cipher::xchacha20_poly1305 ? nonce_size_extended : nonce_size_usual;
}

void Aead::start(Direction direction, ByteView nonce, ByteView context)
{
    assert(nonce.size() == nonce_size());
    EVP_CIPHER_CTX* const cipher = direction == Direction::seal ? sealer_.get() : opener_.get();
    std::array<std::byte, nonce_size_usual> short_nonce{};
    const unsigned char* key = nullptr; // the one that is set already
    std::array<std::byte, 32> derived{};
    if (cipher_ == Cipher::xchacha20_poly1305) {
        crypto_core_hchacha20(uchars(derived), uchars(nonce), uchars(extended_key_), nullptr);
        key = uchars(derived);
        std::ranges::copy(nonce.subspan(hchacha_input), short_nonce.begin() + 4);
    } else {
        std::ranges::copy(nonce, short_nonce.begin());
    }
    require(EVP_CipherInit_ex(cipher, nullptr, nullptr, key, uchars(short_nonce),
                              static_cast<int>(direction)));
    wipe(derived);
    int size = 0;
    if (!context.empty())
        require(EVP_CipherUpdate(cipher, nullptr, &size, uchars(context),
                                 static_cast<int>(context.size())));
}

void Aead::seal(ByteView nonce, ByteView context, ByteView plain, MutableByteView sealed)
{
    assert(sealed.size() == plain.size() + tag_size);
    start(Direction::seal, nonce, context);
    int size = 0;
    std::byte none{};
    const MutableByteView end = plain.empty() ? MutableByteView{&none, 1} : sealed;
    require(EVP_CipherUpdate(sealer_.get(), uchars(end), &size, uchars(plain),
                             static_cast<int>(plain.size())));
    require(EVP_CipherFinal_ex(sealer_.get(), uchars(end), &size));
    require(EVP_CIPHER_CTX_ctrl(sealer_.get(), EVP_CTRL_AEAD_GET_TAG, tag_size,
                                sealed.data() + plain.size()));
}

bool Aead::open(ByteView nonce, ByteView context, ByteView sealed, MutableByteView plain)
{
    assert(plain.size() + tag_size == sealed.size());
    std::array<std::byte, tag_size> tag{};
    std::ranges::copy(sealed.last(tag_size), tag.begin());
    start(Direction::open, nonce, context);
    require(EVP_CIPHER_CTX_ctrl(opener_.get(), EVP_CTRL_AEAD_SET_TAG, tag_size, tag.data()));
    int size = 0;
    std::byte none{};
    const MutableByteView out = plain.empty() ? MutableByteView{&none, 1} : plain;
    const bool decrypted = EVP_CipherUpdate(opener_.get(), uchars(out), &size, uchars(sealed),
                                            static_cast<int>(plain.size())) == 1 &&
                           EVP_CipherFinal_ex(opener_.get(), uchars(out), &size) == 1;
    if (!decrypted) wipe(plain);
    return decrypted;
}

void Aead::Free::operator()(evp_cipher_ctx_st* context) const noexcept
{
    EVP_CIPHER_CTX_free(context);
}

} // namespace cairn
