#pragma once

#include "base/testing.hpp"
#include "capacity/warp.hpp"

#include <cstring>

// For *_test.cpp files only.

namespace cairn {

/// Nonces that are drawn instead of hashed, of as many scoops as a test wants: in no time.
class DrawnNonces final : public NonceMaker {
public:
    explicit DrawnNonces(std::size_t size = 3) : size_{size} {}

    /// The scoop of a nonce.
    static Bytes scoop(NonceNumber nonce, std::size_t number)
    {
        return noise(scoop_size, nonce.value * scoops + number + 1);
    }

    [[nodiscard]] std::size_t size() const override { return size_; }

    void make(NonceNumber first, std::size_t count) override
    {
        first_ = first;
        count_ = count;
    }

    void copy_scoops(std::size_t first, std::size_t last, std::byte* out,
                     const ScoopStrides& strides) const override
    {
        put(first, last, out, strides, false);
    }

    void add_scoops(std::size_t first, std::size_t last, std::byte* out,
                    const ScoopStrides& strides) const override
    {
        put(first, last, out, strides, true);
    }

private:
    void put(std::size_t first, std::size_t last, std::byte* out, const ScoopStrides& strides,
             bool is_added) const
    {
        for (std::size_t i = 0; i < count_; ++i)
            for (std::size_t s = first; s <= last; ++s) {
                std::byte* const place = out + (s - first) * strides.scoop + i * strides.nonce;
                const Bytes bytes = scoop({first_.value + i}, s);
                for (std::size_t k = 0; k < scoop_size; ++k)
                    place[k] = is_added ? place[k] ^ bytes[k] : bytes[k];
            }
    }

    std::size_t size_;
    NonceNumber first_;
    std::size_t count_ = 0;
};

} // namespace cairn
