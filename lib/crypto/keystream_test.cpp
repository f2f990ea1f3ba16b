#include "crypto/keystream.hpp"

#include "base/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

TEST_CASE("the keystream is that of RFC 8439, in pieces of any size")
{
    // 2.3.2 and A.1, test vector 1 and 2: a key of zeros.
    const Bytes expected =
        hex_bytes("76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7"
                  "da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586"
                  "9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed"
                  "29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f");
    for (const std::size_t piece : {1U, 7U, 64U, 128U}) {
        ChaCha20Keystream stream{Bytes(32), Bytes(12)};
        Bytes found(expected.size());
        for (std::size_t at = 0; at < found.size(); at += piece)
            stream.fill(MutableByteView{found}.subspan(at, std::min(piece, found.size() - at)));
        CHECK(found == expected);
    }
}
