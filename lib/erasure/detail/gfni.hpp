#pragma once

#include "base/bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace cairn {

// Multiplying by a constant of GF(2^8) is linear over bits, so it is an 8 by 8 bit matrix, and one
// instruction of the Galois field extensions applies such a matrix to each byte of a vector. The
// matrix frees us from the field of the extensions, which is not ours (0x11b instead of 0x11d).

/// The bit matrix that multiplies by `factor`, as gf2p8affineqb wants it.
[[nodiscard]] std::uint64_t bit_matrix(std::uint8_t factor) noexcept;

/// Some outputs from all inputs, over bytes begin .. end-1 of each shard.
struct GfniPass {
    const std::uint64_t* matrices; ///< for the first input one for each output, and so on
    std::span<const ByteView> inputs;
    const MutableByteView* outputs;
    std::size_t begin;
    std::size_t end;
};

/// How many bytes to make before the first output lies at a multiple of `alignment`; none if the
/// pass is too short for it to pay. Callers tend to lay out all shards alike, and vectors that
/// straddle cache lines cost up to half the speed.
[[nodiscard]] inline std::size_t bytes_to_aligned(const GfniPass& pass, std::size_t alignment)
{
    constexpr std::size_t worthwhile = 1024; // bytes
    if (pass.end - pass.begin < worthwhile) return 0;
    const auto address = reinterpret_cast<std::uintptr_t>(pass.outputs[0].data() + pass.begin);
    return (alignment - address % alignment) % alignment;
}

/// Function n - 1 makes n outputs in a pass. None where the processor, the system or the compiler
/// lacks the instructions.
using GfniFunctions = std::span<void (*const)(const GfniPass&)>;
[[nodiscard]] GfniFunctions gfni_avx2() noexcept;
[[nodiscard]] GfniFunctions gfni_avx512() noexcept;

} // namespace cairn
