#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace cairn {

// Arithmetic in GF(2^8) modulo 0x11d. Addition and subtraction are xor.
[[nodiscard]] std::uint8_t product(std::uint8_t a, std::uint8_t b) noexcept;
[[nodiscard]] std::uint8_t inverse(std::uint8_t a) noexcept; ///< a must not be 0

/// A matrix over GF(2^8), all zero at first.
class Matrix {
public:
    Matrix(unsigned rows, unsigned columns)
        : rows_{rows},
          columns_{columns},
          cells_(std::size_t{rows} * columns)
    {
    }

    [[nodiscard]] unsigned rows() const noexcept { return rows_; }
    [[nodiscard]] unsigned columns() const noexcept { return columns_; }

    [[nodiscard]] std::uint8_t& at(unsigned row, unsigned column)
    {
        return cells_[std::size_t{row} * columns_ + column];
    }
    [[nodiscard]] std::uint8_t at(unsigned row, unsigned column) const
    {
        return cells_[std::size_t{row} * columns_ + column];
    }

    [[nodiscard]] std::span<const std::uint8_t> row(unsigned row) const
    {
        return cells().subspan(std::size_t{row} * columns_, columns_);
    }

    /// All cells, row after row.
    [[nodiscard]] std::span<const std::uint8_t> cells() const noexcept { return cells_; }
    [[nodiscard]] std::span<std::uint8_t> cells() noexcept { return cells_; }

    /// Adds factor times `terms` to a row.
    void add(unsigned row, std::uint8_t factor, std::span<const std::uint8_t> terms);

private:
    unsigned rows_;
    unsigned columns_;
    std::vector<std::uint8_t> cells_;
};

/// The inverse of a square matrix, which must have one.
[[nodiscard]] Matrix inverse(Matrix matrix);

} // namespace cairn
