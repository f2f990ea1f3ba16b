#pragma once

#include "base/bytes.hpp"
#include "erasure/code.hpp"
#include "erasure/detail/matrix.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace cairn {

struct GfniPass;

/// A matrix made ready for one kernel: multiplies it with shards. Immutable.
class Transform {
public:
    Transform(const Matrix& matrix, Kernel kernel);

    /// outputs = matrix * inputs, byte column by byte column. As many inputs as the matrix has
    /// columns and outputs as it has rows, all of one size; no output overlaps anything else.
    void apply(std::span<const ByteView> inputs, std::span<const MutableByteView> outputs) const;

private:
    void prepare_isal(const Matrix& matrix);
    void prepare_gfni(const Matrix& matrix);
    void apply_isal(std::span<const ByteView> inputs,
                    std::span<const MutableByteView> outputs) const;
    void apply_gfni(std::span<const ByteView> inputs,
                    std::span<const MutableByteView> outputs) const;

    unsigned rows_;
    unsigned columns_;
    Kernel kernel_;
    bool copies_; // one input, every coefficient 1

    // One of them, as the kernel wants it.
    std::vector<unsigned char> isal_table_;
    std::vector<std::uint64_t> bit_matrices_; // pass by pass, as in GfniPass

    struct Pass {
        void (*function)(const GfniPass&);
        std::size_t first_matrix;
        std::size_t first_output;
    };
    std::vector<Pass> passes_; // none with ISA-L
};

} // namespace cairn
