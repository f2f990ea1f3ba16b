#pragma once

#include "base/bytes.hpp"
#include "capacity/shabal.hpp"

#include <memory>

// Nonces: 256 KiB that are made from a few bytes by 8192 hashes, each of which covers those before
// it, so that none of them comes without most of the others. cairn-plot(5) specifies them.

namespace cairn {

inline constexpr std::size_t scoop_size = 64;                  // bytes
inline constexpr std::size_t scoops = 4096;                    // in a nonce
inline constexpr std::size_t nonce_size = scoops * scoop_size; // bytes
inline constexpr std::uint64_t nonce_permutations = 8'064 * 68 + 4'544 + 4'100;

/// Names the plots of one owner on one chain, in the native form.
using PlotId = Fixed<struct PlotIdTag, 32>;

/// A nonce's number in the plots of an owner.
struct NonceNumber {
    std::uint64_t value = 0;

    friend auto operator<=>(const NonceNumber&,
                            const NonceNumber&) = default; // NOLINT(modernize-use-nullptr)
};

/// An owner of plots in the family's form: a number, not a key.
struct NumericAccount {
    std::uint64_t value = 0;

    friend auto operator<=>(const NumericAccount&,
                            const NumericAccount&) = default; // NOLINT(modernize-use-nullptr)
};

/// What a nonce is made from.
struct NonceSeed {
    std::array<std::byte, 40> bytes{};
    std::size_t size = 0; // bytes, a multiple of 4
};

/// Of the family: 16 bytes.
[[nodiscard]] NonceSeed to_seed(NumericAccount account, NonceNumber nonce);

/// Of the native form: 40 bytes.
[[nodiscard]] NonceSeed to_seed(const PlotId& plot, NonceNumber nonce);

/// Where scoops are copied to, in bytes from one to the next.
struct ScoopStrides {
    std::size_t scoop = 0;
    std::size_t nonce = 0;
};

/// Makes as many nonces at a time as the instruction set has lanes for; up to three are sooner made
/// in plain words. About 260 KiB of memory for each.
class NonceGroup {
public:
    /// With the fastest kernel, or with one of shabal_kernels().
    NonceGroup() : NonceGroup{shabal_kernels().back()} {}
    explicit NonceGroup(ShabalKernel kernel);
    NonceGroup(const NonceGroup&) = delete;
    NonceGroup& operator=(const NonceGroup&) = delete;
    ~NonceGroup();

    /// How many nonces are made at a time. Fewer take as long, but for very few.
    [[nodiscard]] std::size_t size() const noexcept;

    /// Needs at most size() seeds, at least one, all of one size.
    void make(std::span<const NonceSeed> seeds);

    /// Copies the scoops `first` to `last`, both included, of all nonces that were made, in the
    /// form of PoC2. Needs make() before; `out` is for scoop `first` of the first nonce, and its
    /// size is not checked.
    void copy_scoops(std::size_t first, std::size_t last, std::byte* out,
                     const ScoopStrides& strides) const;

    /// The same, added by XOR to what is there.
    void add_scoops(std::size_t first, std::size_t last, std::byte* out,
                    const ScoopStrides& strides) const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Makes PoC1 of PoC2 and PoC2 of PoC1: the second half of each scoop changes places with that of
/// its mirror. Needs nonce_size bytes.
void exchange_halves(MutableByteView nonce);

} // namespace cairn
