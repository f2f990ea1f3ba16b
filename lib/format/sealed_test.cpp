#include "format/sealed.hpp"

#include "crypto/testing.hpp"
#include "format/armor.hpp"

#include <algorithm>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

X25519Identity identity_of(std::uint64_t seed)
{
    return to_identity(Secret::copy(noise(32, seed)));
}

bool is_refused(ByteView file, const AgeIdentity& identity)
{
    return exit_of([&] { (void)open_small(file, identity); }) == Exit::data;
}

} // namespace

TEST_CASE("what is sealed opens, at every size around a chunk")
{
    FixedEntropy entropy;
    const AgeIdentity identity = identity_of(1);
    const AgeIdentity other = identity_of(2);
    const X25519Recipient recipient{identity_of(1).key};
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{1}, std::size_t{512}, chunk_size - 1, chunk_size}) {
        const Bytes plain = noise(size);
        const Bytes file = seal_small(plain, recipient, entropy);
        CHECK(is_age(file));
        const auto opened = open_small(file, identity);
        REQUIRE(opened);
        CHECK(std::ranges::equal(opened->bytes(), plain));
        CHECK_FALSE(open_small(file, other));
        CHECK(is_refused(ByteView{file}.first(file.size() - 1), identity));
        Bytes longer = file;
        longer.push_back(std::byte{0});
        CHECK(is_refused(longer, identity));
    }
    CHECK(is_refused({}, identity));
    CHECK(is_refused(as_bytes("age-encryption.org/v1\n"), identity));
}

TEST_CASE("two files of the same plaintext have nothing in common but their form")
{
    FixedEntropy entropy;
    const X25519Recipient recipient{identity_of(1).key};
    const Bytes one = seal_small(as_bytes("plain"), recipient, entropy);
    const Bytes two = seal_small(as_bytes("plain"), recipient, entropy);
    CHECK(one.size() == two.size());
    CHECK(one != two);
}

TEST_CASE("a grant is armor around a line with the link")
{
    FixedEntropy entropy;
    const Secret link = Secret::copy(as_bytes("cairn:co1..."));
    const std::string grant = seal_grant(link, X25519Recipient{identity_of(1).key}, entropy);
    CHECK(is_armored(as_bytes(grant)));
    CHECK(grant.ends_with("-----END AGE ENCRYPTED FILE-----\n"));
    std::string_view rest = grant;
    ArmorReader reader{[&](MutableByteView buffer) {
        const std::size_t size = std::min(buffer.size(), rest.size());
        std::ranges::copy(as_bytes(rest.substr(0, size)), buffer.begin());
        rest.remove_prefix(size);
        return size;
    }};
    Bytes file(4096);
    file.resize(reader.read(file));
    const auto opened = open_small(file, identity_of(1));
    REQUIRE(opened);
    CHECK(as_text(opened->bytes()) == "cairn:co1...\n");
}
