#include "hash/digest.hpp"

#include "base/error.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

namespace cairn {
namespace {

bool start_once()
{
    constexpr std::uint64_t options = OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT;
    if (OPENSSL_init_crypto(options, nullptr) != 1) return false;
    Sha256Digest digest;
    return EVP_Digest("", 0, uchars(digest.bytes), nullptr, EVP_sha256(), nullptr) == 1;
}

void require(int result)
{
    if (result != 1) throw Error{Exit::oserr, "OpenSSL cannot make a digest"};
}

template <class Digest>
const EVP_MD* algorithm_of()
{
    return Digest::size == Sha256Digest::size ? EVP_sha256() : EVP_blake2b512();
}

} // namespace

void start_openssl()
{
    static const bool started = start_once();
    if (!started) throw Error{Exit::oserr, "OpenSSL cannot start"};
}

Sha256Digest sha256(ByteView data)
{
    // Short messages, of which there are very many: to look for the algorithm and to make a context
    // would take longer than the rest.
    thread_local Sha256 stream;
    stream.restart();
    stream.update(data);
    return stream.finish();
}

Sha512Digest sha512(ByteView data)
{
    start_openssl();
    Sha512Digest digest;
    require(
        EVP_Digest(data.data(), data.size(), uchars(digest.bytes), nullptr, EVP_sha512(), nullptr));
    return digest;
}

template <class Digest>
StreamDigest<Digest>::StreamDigest()
{
    start_openssl();
    context_.reset(EVP_MD_CTX_new());
    if (!context_) throw Error{Exit::oserr, "out of memory"};
    require(EVP_DigestInit_ex(context_.get(), algorithm_of<Digest>(), nullptr));
}

template <class Digest>
void StreamDigest<Digest>::restart()
{
    require(EVP_DigestInit_ex(context_.get(), nullptr, nullptr)); // the algorithm it has
}

template <class Digest>
void StreamDigest<Digest>::update(ByteView data)
{
    require(EVP_DigestUpdate(context_.get(), data.data(), data.size()));
}

template <class Digest>
Digest StreamDigest<Digest>::finish()
{
    Digest digest;
    require(EVP_DigestFinal_ex(context_.get(), uchars(digest.bytes), nullptr));
    return digest;
}

template <class Digest>
void StreamDigest<Digest>::Free::operator()(evp_md_ctx_st* context) const noexcept
{
    EVP_MD_CTX_free(context);
}

template class StreamDigest<Sha256Digest>;
template class StreamDigest<Blake2bDigest>;

} // namespace cairn
