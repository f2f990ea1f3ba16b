#include "erasure/detail/matrix.hpp"

#include <cassert>

#include <isa-l.h>

namespace cairn {

std::uint8_t product(std::uint8_t a, std::uint8_t b) noexcept
{
    return gf_mul(a, b);
}

std::uint8_t inverse(std::uint8_t a) noexcept
{
    assert(a != 0);
    return gf_inv(a);
}

void Matrix::add(unsigned row, std::uint8_t factor, std::span<const std::uint8_t> terms)
{
    assert(terms.size() == columns_);
    for (unsigned column = 0; column < columns_; ++column)
        at(row, column) ^= product(factor, terms[column]);
}

Matrix inverse(Matrix matrix)
{
    assert(matrix.rows() == matrix.columns());
    Matrix result{matrix.rows(), matrix.rows()};
    if (matrix.rows() == 0) return result;
    const int status = gf_invert_matrix(matrix.cells().data(), result.cells().data(),
                                        static_cast<int>(matrix.rows()));
    assert(status == 0);
    return result;
}

} // namespace cairn
