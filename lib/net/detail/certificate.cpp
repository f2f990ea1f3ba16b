#include "net/detail/certificate.hpp"

#include "base/error.hpp"

#include <memory>

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace cairn::detail {

namespace {

struct FreeKey {
    void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
};
struct FreeCertificate {
    void operator()(X509* certificate) const noexcept { X509_free(certificate); }
};

void check(bool is_done)
{
    if (!is_done) throw Error{Exit::oserr, "cannot make a certificate: OpenSSL refuses"};
}

} // namespace

void use_certificate(ssl_ctx_st* context, const Ed25519KeyPair& key)
{
    const std::unique_ptr<EVP_PKEY, FreeKey> secret{EVP_PKEY_new_raw_private_key(
        EVP_PKEY_ED25519, nullptr, uchars(key.seed()), key.seed().size())};
    const std::unique_ptr<X509, FreeCertificate> certificate{X509_new()};
    check(secret != nullptr && certificate != nullptr);
    X509* const x = certificate.get();
    X509_NAME* const name = X509_get_subject_name(x);
    const auto* const text = reinterpret_cast<const unsigned char*>("cairn");
    check(X509_set_version(x, X509_VERSION_3) == 1 &&
          ASN1_INTEGER_set(X509_get_serialNumber(x), 1) == 1 &&
          ASN1_TIME_set_string(X509_getm_notBefore(x), "20000101000000Z") == 1 &&
          ASN1_TIME_set_string(X509_getm_notAfter(x), "99991231235959Z") == 1 &&
          X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0) == 1 &&
          X509_set_issuer_name(x, name) == 1 && X509_set_pubkey(x, secret.get()) == 1 &&
          X509_sign(x, secret.get(), nullptr) > 0 && SSL_CTX_use_certificate(context, x) == 1 &&
          SSL_CTX_use_PrivateKey(context, secret.get()) == 1);
}

bool accept_certificate(x509_store_ctx_st* store, KeyCheck& check) noexcept
{
    const STACK_OF(X509)* const chain = X509_STORE_CTX_get0_untrusted(store);
    const X509* const certificate = X509_STORE_CTX_get0_cert(store);
    if (certificate == nullptr || sk_X509_num(chain) > 1) return false;
    const EVP_PKEY* const key = X509_get0_pubkey(certificate);
    std::size_t size = Ed25519PublicKey::size;
    if (key == nullptr || EVP_PKEY_get_id(key) != EVP_PKEY_ED25519 ||
        EVP_PKEY_get_raw_public_key(key, uchars(check.key.bytes), &size) != 1 ||
        size != Ed25519PublicKey::size)
        return false;
    check.is_other = check.expected && *check.expected != check.key;
    return !check.is_other;
}

} // namespace cairn::detail
