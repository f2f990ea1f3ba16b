#include "crypto/secret.hpp"

#include "base/error.hpp"
#include "crypto/detail/sodium.hpp"

#include <algorithm>
#include <cassert>
#include <mutex>
#include <vector>

#include <sodium.h>

namespace cairn {
namespace {

/// Places for small secrets in guarded, locked pages, which are kept for the life of the process.
class Pool {
public:
    static constexpr std::size_t place_size = 128; // bytes

    /// None when there is no memory.
    std::byte* take()
    {
        const std::lock_guard lock{mutex_};
        if (free_.empty() && !grow()) return nullptr;
        std::byte* const place = free_.back();
        free_.pop_back();
        return place;
    }

    /// The place is wiped before another secret gets it.
    void give_back(std::byte* place) noexcept
    {
        sodium_memzero(place, place_size);
        const std::lock_guard lock{mutex_};
        free_.push_back(place); // never allocates: grow() made room for all places
    }

private:
    bool grow()
    {
        constexpr std::size_t places = 64;
        free_.reserve(places_ + places);
        const auto pages = static_cast<std::byte*>(sodium_malloc(places * place_size));
        if (pages == nullptr) return false;
        places_ += places;
        for (std::size_t i = 0; i < places; ++i) free_.push_back(pages + i * place_size);
        return true;
    }

    std::mutex mutex_;
    std::vector<std::byte*> free_;
    std::size_t places_ = 0;
};

Pool& pool()
{
    // Never destroyed: secrets may outlive everything else.
    static Pool* const shared = new Pool; // NOLINT(cppcoreguidelines-owning-memory)
    return *shared;
}

} // namespace

void detail::start_sodium()
{
    if (sodium_init() < 0) throw Error{Exit::oserr, "libsodium found no random source"};
}

Secret::Place Secret::find_place(std::size_t size)
{
    detail::start_sodium();
    const bool is_shared = size <= Pool::place_size;
    std::byte* const data =
        is_shared ? pool().take() : static_cast<std::byte*>(sodium_malloc(size));
    if (data == nullptr) throw Error{Exit::oserr, "out of memory for a secret"};
    return {data, Wipe{is_shared}};
}

Secret::Secret(std::size_t size) : data_{find_place(size)}, size_{size}
{
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
    if (is_shared)
        pool().give_back(data);
    else
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
