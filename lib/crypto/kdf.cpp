#include "crypto/kdf.hpp"

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

/// libsodium wants a pointer to nothing, too.
const unsigned char* not_null(ByteView bytes)
{
    static constexpr std::byte nothing{};
    return uchars(bytes.empty() ? ByteView{&nothing, 1} : bytes);
}

} // namespace

HmacTag hmac_sha256(ByteView key, std::initializer_list<ByteView> parts)
{
    detail::start_sodium();
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, not_null(key), key.size());
    for (const ByteView part : parts)
        crypto_auth_hmacsha256_update(&state, not_null(part), part.size());
    HmacTag tag;
    crypto_auth_hmacsha256_final(&state, uchars(tag.bytes));
    sodium_memzero(&state, sizeof state);
    return tag;
}

void hkdf_sha256(ByteView key, ByteView salt, ByteView info, MutableByteView out)
{
    assert(out.size() <= hkdf_size_max);
    HmacTag extracted = hmac_sha256(salt, {key});
    HmacTag block;
    std::size_t block_size = 0; // T(0) is empty
    for (std::byte counter{1}; !out.empty();
         counter = std::byte(std::to_integer<int>(counter) + 1)) {
        block = hmac_sha256(extracted.bytes,
                            {ByteView{block.bytes}.first(block_size), info, ByteView{&counter, 1}});
        block_size = HmacTag::size;
        const std::size_t size = std::min(out.size(), block_size);
        std::copy_n(block.bytes.begin(), size, out.begin());
        out = out.subspan(size);
    }
    wipe(extracted.bytes);
    wipe(block.bytes);
}

void pbkdf2(Pbkdf2Hash hash, ByteView password, ByteView salt, unsigned rounds, MutableByteView out)
{
    start_openssl();
    const EVP_MD* const algorithm = hash == Pbkdf2Hash::sha256 ? EVP_sha256() : EVP_sha512();
    const std::string_view text = as_text(password);
    if (PKCS5_PBKDF2_HMAC(text.data(), static_cast<int>(text.size()), uchars(salt),
                          static_cast<int>(salt.size()), static_cast<int>(rounds), algorithm,
                          static_cast<int>(out.size()), uchars(out)) != 1)
        throw Error{Exit::oserr, "OpenSSL cannot derive a key"};
}

void scrypt(ByteView password, ByteView salt, unsigned log_n, MutableByteView out)
{
    assert(log_n >= 1 && log_n <= 30);
    detail::start_sodium();
    if (crypto_pwhash_scryptsalsa208sha256_ll(not_null(password), password.size(), not_null(salt),
                                              salt.size(), std::uint64_t{1} << log_n, 8, 1,
                                              uchars(out), out.size()) != 0)
        throw Error{Exit::oserr, "not enough memory to derive the key from the passphrase"};
}

} // namespace cairn
