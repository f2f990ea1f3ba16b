#pragma once

#include "capacity/hit.hpp"

// The native form, x1: two sets of nonces laid over each other so that neither is of use without
// the other. cairn-plot(5) specifies it.

namespace cairn {

/// Whose a plot is.
struct PlotOwner {
    std::array<std::byte, 32> chain{};   ///< the chain's id
    std::array<std::byte, 32> account{}; ///< the account's id
    std::uint32_t salt = 0;              ///< for more plots of one account that share nothing

    friend auto operator<=>(const PlotOwner&, const PlotOwner&) = default;
};

/// What the nonces of an owner are made from: SHA-256 of "cairn/plot/v1", chain, account and salt.
[[nodiscard]] PlotId plot_id(const PlotOwner& owner);

/// The number under which an account has plots of the family's form on one of our chains: the first
/// 8 bytes of SHA-256 of "cairn/poc2/v1", chain and account. The salt is not used.
[[nodiscard]] NumericAccount numeric_account(const PlotOwner& owner);

/// Makes nonces of one owner, some at a time. An interface, because tests draw theirs.
class NonceMaker {
public:
    NonceMaker() = default;
    NonceMaker(const NonceMaker&) = delete;
    NonceMaker& operator=(const NonceMaker&) = delete;
    virtual ~NonceMaker() = default;

    /// How many at a time; fewer take as long.
    [[nodiscard]] virtual std::size_t size() const = 0;

    /// Makes `count` of them, 1 to size(), from number `first` on.
    virtual void make(NonceNumber first, std::size_t count) = 0;

    /// Copies scoops of what was made, as NonceGroup does.
    virtual void copy_scoops(std::size_t first, std::size_t last, std::byte* out,
                             const ScoopStrides& strides) const = 0;
    virtual void add_scoops(std::size_t first, std::size_t last, std::byte* out,
                            const ScoopStrides& strides) const = 0;
};

/// The real ones.
class HashedNonces final : public NonceMaker {
public:
    explicit HashedNonces(const PlotId& plot, ShabalKernel kernel = shabal_kernels().back());
    explicit HashedNonces(NumericAccount account, ShabalKernel kernel = shabal_kernels().back());

    [[nodiscard]] std::size_t size() const override { return group_.size(); }
    void make(NonceNumber first, std::size_t count) override;
    void copy_scoops(std::size_t first, std::size_t last, std::byte* out,
                     const ScoopStrides& strides) const override;
    void add_scoops(std::size_t first, std::size_t last, std::byte* out,
                    const ScoopStrides& strides) const override;

private:
    NonceSeed seed_; // of nonce 0
    NonceGroup group_;
};

inline constexpr unsigned scale_max = 8;

/// How a warp is made: `side` scoops of `side` places, each the sum (XOR) of scoops of 2^scale
/// nonces. Term t of warp w has the nonces from (w * 2^scale + t) * side on. Of an even term the
/// place of a scoop is the number of its nonce; of an odd one both change their roles.
struct WarpShape {
    std::size_t side = scoops;
    unsigned scale = 1; ///< at most scale_max

    [[nodiscard]] std::size_t terms() const noexcept { return std::size_t{1} << scale; }
    [[nodiscard]] std::size_t row_size() const noexcept { return side * scoop_size; } // bytes
    [[nodiscard]] std::size_t size() const noexcept { return side * row_size(); }     // bytes

    /// The number of a nonce of one term.
    [[nodiscard]] NonceNumber nonce(std::uint64_t warp, std::size_t term,
                                    std::size_t place) const noexcept
    {
        return {(warp * terms() + term) * side + place};
    }

    friend auto operator<=>(const WarpShape&, const WarpShape&) = default;
};

/// Nonces of one term of a warp, which are made at a time.
struct WarpPart {
    WarpShape shape;
    std::uint64_t warp = 0;
    std::size_t term = 0;
    std::size_t first = 0;  ///< place
    std::size_t count = 0;  ///< at most maker.size()
    std::size_t stride = 0; ///< bytes from row to row, at least shape.row_size()
};

/// Makes the nonces of a part and puts their scoops into `warp`, row by row: scoop s of place x is
/// at s * stride + x * 64. Calls for one term may run at the same time, with makers of their
/// own; those for the next may begin when all are done.
void add_nonces(const WarpPart& part, NonceMaker& maker, std::byte* warp);

} // namespace cairn
