#pragma once

#include "base/bytes.hpp"

#include <initializer_list>

namespace cairn {

using HmacTag = Fixed<struct HmacTagTag, 32>;

/// HMAC-SHA-256 (RFC 2104) of the parts, one after another.
HmacTag hmac_sha256(ByteView key, std::initializer_list<ByteView> parts);

/// HKDF with SHA-256 (RFC 5869) fills `out`; needs out.size() <= hkdf_size_max.
void hkdf_sha256(ByteView key, ByteView salt, ByteView info, MutableByteView out);
inline constexpr std::size_t hkdf_size_max = 255 * 32; // bytes

enum class Pbkdf2Hash { sha256, sha512 };

/// PBKDF2 (RFC 8018) fills `out`. Throws Error{oserr}.
void pbkdf2(Pbkdf2Hash hash, ByteView password, ByteView salt, unsigned rounds,
            MutableByteView out);

/// scrypt (RFC 7914) with r = 8, p = 1 and N = 2^log_n fills `out`. It takes 2^log_n KiB of memory.
/// Needs 1 <= log_n <= 30. Throws Error{oserr} when there is not so much.
void scrypt(ByteView password, ByteView salt, unsigned log_n, MutableByteView out);

} // namespace cairn
