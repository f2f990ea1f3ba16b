#pragma once

#include "base/bytes.hpp"

#include <memory>

struct evp_md_ctx_st;

namespace cairn {

using Sha256Digest = Fixed<struct Sha256DigestTag, 32>;
using Sha512Digest = Fixed<struct Sha512DigestTag, 64>;
using Blake2bDigest = Fixed<struct Blake2bDigestTag, 64>;

/// SHA-256 (FIPS 180-4).
Sha256Digest sha256(ByteView data);

/// SHA-512 (FIPS 180-4).
Sha512Digest sha512(ByteView data);

/// The digest of a stream. Throws Error{oserr} without memory.
template <class Digest>
class StreamDigest {
public:
    StreamDigest();

    /// Forgets all updates.
    void restart();

    void update(ByteView data);

    /// The digest of all updates; call it once, or again after restart().
    Digest finish();

private:
    struct Free {
        void operator()(evp_md_ctx_st* context) const noexcept;
    };

    std::unique_ptr<evp_md_ctx_st, Free> context_;
};

/// SHA-256 of a stream.
using Sha256 = StreamDigest<Sha256Digest>;

/// BLAKE2b with 64 bytes of output (RFC 7693).
using Blake2b = StreamDigest<Blake2bDigest>;

/// Starts OpenSSL without reading its configuration; every function of ours that uses it calls
/// this first. The first call makes one digest, because OpenSSL's own lazy start does not survive
/// a failed allocation.
void start_openssl();

} // namespace cairn
