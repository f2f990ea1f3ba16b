#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"

#include <concepts>
#include <cstring>

namespace cairn {

/// Reads untrusted binary input from front to back, little-endian. Every parser of a binary format
/// uses it. Throws Error{data} naming `what` when the input ends early; views it returns live as
/// long as the input.
class Reader {
public:
    Reader(ByteView input, const char* what) : rest_{input}, what_{what} {}

    [[nodiscard]] std::size_t left() const noexcept { return rest_.size(); }

    ByteView take(std::size_t size)
    {
        if (size > rest_.size()) throw Error{Exit::data, std::string{what_} + " is truncated"};
        const ByteView head = rest_.first(size);
        rest_ = rest_.subspan(size);
        return head;
    }

    template <std::unsigned_integral Int>
    Int integer()
    {
        const ByteView bytes = take(sizeof(Int));
        std::uint64_t value = 0;
        for (std::size_t i = sizeof(Int); i-- > 0;)
            value = value << 8U | std::to_integer<std::uint64_t>(bytes[i]);
        return static_cast<Int>(value);
    }

    template <std::unsigned_integral Int>
    Int big_endian()
    {
        std::uint64_t value = 0;
        for (const std::byte byte : take(sizeof(Int)))
            value = value << 8U | std::to_integer<std::uint64_t>(byte);
        return static_cast<Int>(value);
    }

    template <class FixedBytes>
    FixedBytes fixed()
    {
        FixedBytes value;
        const ByteView bytes = take(FixedBytes::size);
        std::memcpy(value.bytes.data(), bytes.data(), bytes.size());
        return value;
    }

    /// Bytes that are reserved and must be zero. Throws Error{data} otherwise.
    void zeros(std::size_t size)
    {
        for (const std::byte byte : take(size))
            if (byte != std::byte{0})
                throw Error{Exit::data, std::string{what_} + " has reserved bytes that are not 0"};
    }

    /// Call it last. Throws Error{data} when bytes follow.
    void finish() const
    {
        if (!rest_.empty()) throw Error{Exit::data, "unexpected bytes after " + std::string{what_}};
    }

private:
    ByteView rest_;
    const char* what_;
};

/// Writes what Reader reads, appending to `out`, which it borrows.
class Writer {
public:
    explicit Writer(Bytes& out) : out_{&out} {}

    void put(ByteView bytes) { out_->insert(out_->end(), bytes.begin(), bytes.end()); }

    template <std::unsigned_integral Int>
    void integer(Int value)
    {
        for (std::size_t i = 0; i < sizeof(Int); ++i)
            out_->push_back(static_cast<std::byte>(static_cast<std::uint64_t>(value) >> (8 * i)));
    }

    template <std::unsigned_integral Int>
    void big_endian(Int value)
    {
        for (std::size_t i = sizeof(Int); i-- > 0;)
            out_->push_back(static_cast<std::byte>(static_cast<std::uint64_t>(value) >> (8 * i)));
    }

    void zeros(std::size_t size) { out_->insert(out_->end(), size, std::byte{0}); }

private:
    Bytes* out_;
};

} // namespace cairn
