#include "hash/digest.hpp"

#include "base/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

TEST_CASE("SHA-256 and SHA-512 of \"abc\" are those of FIPS 180-4")
{
    CHECK(sha256(as_bytes("abc")).bytes ==
          hex<32>("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    CHECK(sha512(as_bytes("abc")).bytes ==
          hex<64>("ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                  "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"));
}

TEST_CASE("BLAKE2b of \"abc\" in any split is that of RFC 7693, appendix A")
{
    for (std::size_t split = 0; split <= 3; ++split) {
        const ByteView text = as_bytes("abc");
        Blake2b hash;
        hash.update(text.first(split));
        hash.update(text.subspan(split));
        CHECK(hash.finish().bytes ==
              hex<64>("ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
                      "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923"));
    }
}
