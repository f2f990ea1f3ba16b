#pragma once

#include "base/bytes.hpp"

#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

// Systematic Cauchy Reed-Solomon over GF(2^8) modulo x^8 + x^4 + x^3 + x^2 + 1 (0x11d).
//
// Shards 0 .. data-1 are the data itself. Shard i >= data is the sum over the data shards j of
// shard j times 1 / (i xor j); any `data` of the shards restore all of them. With data = 1 all
// shards are copies. The coefficients are those of ISA-L's gf_gen_cauchy1_matrix().

namespace cairn {

class Transform;

inline constexpr unsigned shards_max = 255;

/// How many shards hold data and how many parity: 1 <= data, data + parity <= shards_max.
struct CodeShape {
    unsigned data = 0;
    unsigned parity = 0;

    friend bool operator==(const CodeShape&, const CodeShape&) = default;
};

/// The ways to do the arithmetic; all give the same bytes. Only tests and benchmarks choose.
enum class Kernel {
    isal,         ///< ISA-L, one call for whole shards
    isal_columns, ///< ISA-L, cut into columns that fit the cache
    gfni_avx2,    ///< Galois field instructions on 32-byte vectors
    gfni_avx512,  ///< Galois field instructions on 64-byte vectors
};

/// Whether this processor and operating system can run it.
[[nodiscard]] bool is_available(Kernel kernel) noexcept;

/// The fastest kernel that is available.
[[nodiscard]] Kernel best_kernel() noexcept;

/// An erasure code, ready to encode. Immutable: copies are cheap and share their tables, and
/// threads may use one at the same time.
class Code {
public:
    /// Throws Error{Exit::usage} when the shape is outside its limits.
    explicit Code(CodeShape shape, Kernel kernel = best_kernel());

    [[nodiscard]] CodeShape shape() const noexcept { return shape_; }
    [[nodiscard]] Kernel kernel() const noexcept { return kernel_; }

    /// Fills the parity shards from the data shards, all of one size: any, 0 too, unaligned too.
    /// No output may overlap another shard.
    void encode(std::span<const ByteView> data, std::span<const MutableByteView> parity) const;

private:
    CodeShape shape_;
    Kernel kernel_;
    std::shared_ptr<const Transform> parity_;
};

/// Which shards there are, and which are to be made from them. `present`: as many as the code has
/// data shards, ascending. `wanted`: any that are not present, in the order of the outputs.
struct LossPattern {
    std::vector<unsigned> present;
    std::vector<unsigned> wanted;

    friend bool operator==(const LossPattern&, const LossPattern&) = default;
};

/// The way back from one loss pattern. Making it inverts a matrix (microseconds for small codes,
/// milliseconds for 200+55), so make it once and apply it to every segment. Immutable like Code.
class Rebuild {
public:
    Rebuild(const Code& code, const LossPattern& pattern);

    /// Fills the wanted shards from the present ones, both in the order of the pattern and under
    /// the conditions of Code::encode.
    void apply(std::span<const ByteView> present, std::span<const MutableByteView> wanted) const;

private:
    std::shared_ptr<const Transform> transform_;
};

/// The rebuilds of one code that were used last. Safe for concurrent use.
class RebuildCache {
public:
    /// At 200+55 a pattern takes up to 0.4 MB.
    static constexpr std::size_t patterns_max = 64;

    explicit RebuildCache(Code code);

    [[nodiscard]] const Code& code() const noexcept { return code_; }

    /// The rebuild for this pattern, made now if need be.
    [[nodiscard]] std::shared_ptr<const Rebuild> find(const LossPattern& pattern);

private:
    struct Entry {
        LossPattern pattern;
        std::shared_ptr<const Rebuild> rebuild;
    };

    Code code_;
    std::mutex mutex_;
    std::vector<Entry> entries_; // the one used last comes last
};

} // namespace cairn
