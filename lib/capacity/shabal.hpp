#pragma once

#include "base/bytes.hpp"

#include <cstdint>
#include <span>

// Shabal-256 (Bresson et al., submission to the NIST hash competition, 2008), the hash of proof of
// capacity, and the code there is for it.

namespace cairn {

using ShabalDigest = Fixed<struct ShabalDigestTag, 32>;

/// The instruction sets there is code for: plain words, vectors of 128 bits, which each machine of
/// an architecture has (SSE2, NEON), and those of 256 and 512 bits of x86-64.
enum class ShabalKernel : std::uint8_t { scalar, simd128, avx2, avx512 };

/// The kernels that this machine can run, fastest last. All of them give the same bytes.
[[nodiscard]] std::span<const ShabalKernel> shabal_kernels();

/// "scalar", "simd128", ...
[[nodiscard]] const char* to_text(ShabalKernel kernel);

/// The hash of `message`, of which a copy is made on the way. For single short messages: what is
/// to be fast is done by a kernel for many at a time.
[[nodiscard]] ShabalDigest shabal256(ByteView message);

} // namespace cairn
