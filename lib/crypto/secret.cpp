#include "crypto/secret.hpp"

#include "base/error.hpp"
#include "crypto/detail/sodium.hpp"

#include <algorithm>
#include <cassert>

#include <sodium.h>

namespace cairn {

void detail::start_sodium()
{
    if (sodium_init() < 0) throw Error{Exit::oserr, "libsodium found no random source"};
}

Secret::Secret(std::size_t size) : size_{size}
{
    detail::start_sodium();
    data_.reset(static_cast<std::byte*>(sodium_malloc(size)));
    if (!data_) throw Error{Exit::oserr, "out of memory for a secret"};
    std::ranges::fill(bytes(), std::byte{0});
}

Secret Secret::copy(ByteView bytes)
{
    Secret secret{bytes.size()};
    std::ranges::copy(bytes, secret.bytes().begin());
    return secret;
}

void Secret::shrink(std::size_t size) noexcept
{
    assert(size <= size_);
    wipe(bytes().subspan(size));
    size_ = size;
}

void Secret::Wipe::operator()(std::byte* data) const noexcept
{
    sodium_free(data); // zeroes the bytes first
}

bool constant_time_equal(ByteView a, ByteView b) noexcept
{
    return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

void wipe(MutableByteView bytes) noexcept
{
    sodium_memzero(bytes.data(), bytes.size());
}

} // namespace cairn
