#include "erasure/detail/transform.hpp"

#include "erasure/detail/gfni.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>

#include <isa-l.h>

namespace cairn {
namespace {

constexpr std::size_t isal_coefficient_size = 32;                 // bytes
constexpr std::size_t isal_call_size_max = std::size_t{1} << 30U; // bytes; ISA-L counts in int

GfniFunctions gfni_functions(Kernel kernel) noexcept
{
    switch (kernel) {
    case Kernel::isal:
    case Kernel::isal_columns:
        return {};
    case Kernel::gfni_avx2:
        return gfni_avx2();
    case Kernel::gfni_avx512:
        return gfni_avx512();
    }
    return {};
}

/// How much of each shard to work on at a time, so that what several passes read stays in the
/// cache. Both limits were found by measuring: shards often lie a power of two apart, so that
/// their columns compete for the same few places in the first-level cache.
std::size_t column_size(std::size_t inputs)
{
    constexpr std::size_t inputs_size = std::size_t{128} << 10U; // bytes
    constexpr std::size_t step = 512;                            // bytes
    return std::clamp(inputs_size / inputs / step * step, step, std::size_t{4096});
}

} // namespace

std::uint64_t bit_matrix(std::uint8_t factor) noexcept
{
    // Byte 7 - i of the matrix selects the input bits whose sum is output bit i.
    std::uint64_t matrix = 0;
    for (unsigned input_bit = 0; input_bit < 8; ++input_bit) {
        const std::uint64_t image = product(factor, static_cast<std::uint8_t>(1U << input_bit));
        for (unsigned i = 0; i < 8; ++i) matrix |= (image >> i & 1U) << (8 * (7 - i) + input_bit);
    }
    return matrix;
}

bool is_available(Kernel kernel) noexcept
{
    return kernel == Kernel::isal || kernel == Kernel::isal_columns ||
           !gfni_functions(kernel).empty();
}

Kernel best_kernel() noexcept
{
    for (const Kernel kernel : {Kernel::gfni_avx512, Kernel::gfni_avx2})
        if (is_available(kernel)) return kernel;
    return Kernel::isal_columns;
}

Transform::Transform(const Matrix& matrix, Kernel kernel)
    : rows_{matrix.rows()},
      columns_{matrix.columns()},
      kernel_{kernel},
      copies_{columns_ == 1 &&
              std::ranges::all_of(matrix.cells(), [](std::uint8_t cell) { return cell == 1; })}
{
    assert(is_available(kernel));
    if (rows_ == 0 || copies_) return;
    if (gfni_functions(kernel).empty())
        prepare_isal(matrix);
    else
        prepare_gfni(matrix);
}

void Transform::prepare_isal(const Matrix& matrix)
{
    isal_table_.resize(isal_coefficient_size * rows_ * columns_);
    Matrix copy = matrix; // ISA-L's parameter is not const
    ec_init_tables(static_cast<int>(columns_), static_cast<int>(rows_), copy.cells().data(),
                   isal_table_.data());
}

void Transform::prepare_gfni(const Matrix& matrix)
{
    // As few passes as will do, all about equal.
    const GfniFunctions functions = gfni_functions(kernel_);
    const auto passes = static_cast<unsigned>((rows_ + functions.size() - 1) / functions.size());
    bit_matrices_.reserve(std::size_t{rows_} * columns_);
    for (unsigned pass = 0; pass < passes; ++pass) {
        const unsigned begin = rows_ * pass / passes;
        const unsigned end = rows_ * (pass + 1) / passes;
        passes_.push_back({.function = functions[end - begin - 1],
                           .first_matrix = bit_matrices_.size(),
                           .first_output = begin});
        for (unsigned column = 0; column < columns_; ++column)
            for (unsigned row = begin; row < end; ++row)
                bit_matrices_.push_back(bit_matrix(matrix.at(row, column)));
    }
}

void Transform::apply(std::span<const ByteView> inputs,
                      std::span<const MutableByteView> outputs) const
{
    assert(inputs.size() == columns_ && outputs.size() == rows_);
    const std::size_t size = inputs[0].size();
    for (const ByteView input : inputs) assert(input.size() == size);
    for (const MutableByteView output : outputs) assert(output.size() == size);
    if (size == 0 || rows_ == 0) return;

    if (copies_) {
        for (const MutableByteView output : outputs)
            std::memcpy(output.data(), inputs[0].data(), size);
    } else if (passes_.empty()) {
        apply_isal(inputs, outputs);
    } else {
        apply_gfni(inputs, outputs);
    }
}

void Transform::apply_isal(std::span<const ByteView> inputs,
                           std::span<const MutableByteView> outputs) const
{
    std::array<unsigned char*, shards_max> sources; // not const, but ISA-L only reads them
    std::array<unsigned char*, shards_max> targets;
    const std::size_t size = inputs[0].size();
    const std::size_t step =
        kernel_ == Kernel::isal ? isal_call_size_max : column_size(inputs.size());
    for (std::size_t at = 0; at < size; at += step) {
        for (std::size_t i = 0; i < inputs.size(); ++i)
            sources[i] = const_cast<unsigned char*>(uchars(inputs[i].subspan(at)));
        for (std::size_t i = 0; i < outputs.size(); ++i)
            targets[i] = uchars(outputs[i].subspan(at));
        ec_encode_data(static_cast<int>(std::min(step, size - at)), static_cast<int>(columns_),
                       static_cast<int>(rows_), const_cast<unsigned char*>(isal_table_.data()),
                       sources.data(), targets.data());
    }
}

void Transform::apply_gfni(std::span<const ByteView> inputs,
                           std::span<const MutableByteView> outputs) const
{
    const std::size_t size = inputs[0].size();
    const std::size_t step = passes_.size() == 1 ? size : column_size(inputs.size());
    // The first column is shorter by what makes the others start at a cache line.
    constexpr std::size_t line_size = 64; // bytes
    const std::size_t short_by =
        step < size ? reinterpret_cast<std::uintptr_t>(outputs[0].data()) % line_size : 0;
    for (std::size_t at = 0, end = 0; at < size; at = end) {
        end = std::min(size, at + step - (at == 0 ? short_by : 0));
        for (const Pass& pass : passes_)
            pass.function({.matrices = bit_matrices_.data() + pass.first_matrix,
                           .inputs = inputs,
                           .outputs = outputs.data() + pass.first_output,
                           .begin = at,
                           .end = end});
    }
}

} // namespace cairn
