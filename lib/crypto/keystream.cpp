#include "crypto/keystream.hpp"

#include "base/error.hpp"
#include "crypto/detail/sodium.hpp"

#include <algorithm>
#include <cassert>

#include <sodium.h>

namespace cairn {
namespace {

unsigned char* to_sodium(std::byte* bytes)
{
    return reinterpret_cast<unsigned char*>(bytes);
}

} // namespace

ChaCha20Keystream::ChaCha20Keystream(ByteView key, ByteView nonce)
{
    assert(key.size() == key_.size() && nonce.size() == nonce_.size());
    detail::start_sodium();
    std::ranges::copy(key, key_.begin());
    std::ranges::copy(nonce, nonce_.begin());
}

void ChaCha20Keystream::fill(MutableByteView out)
{
    for (std::byte& byte : out) {
        if (used_ == block_.size()) {
            if (next_ == UINT32_MAX) throw Error{Exit::bug, "a keystream is used up"};
            block_.fill(std::byte{0});
            crypto_stream_chacha20_ietf_xor_ic(to_sodium(block_.data()), to_sodium(block_.data()),
                                               block_.size(), to_sodium(nonce_.data()), next_++,
                                               to_sodium(key_.data()));
            used_ = 0;
        }
        byte = block_[used_++];
    }
}

} // namespace cairn
