#include "ledger/authority.hpp"

#include "ledger/testing.hpp"

#include <bit>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

/// Keys that are no real keys, ascending.
std::vector<Ed25519PublicKey> keys_of(std::size_t count)
{
    std::vector<Ed25519PublicKey> keys;
    for (std::size_t i = 0; i < count; ++i)
        keys.push_back(filled<Ed25519PublicKey>(static_cast<unsigned>(i + 1)));
    return keys;
}

bool is_refused(const Descriptor& descriptor)
{
    return cairn::is_refused(to_bytes(descriptor), parse_descriptor);
}

} // namespace

TEST_CASE("a descriptor is read exactly")
{
    CHECK(parser_fault(to_bytes(Descriptor{1, keys_of(1)}), parse_descriptor) == "");
    CHECK(parser_fault(to_bytes(Descriptor{2, keys_of(3)}), parse_descriptor) == "");
    const Descriptor descriptor{16, keys_of(16)};
    CHECK(parse_descriptor(to_bytes(descriptor)) == descriptor);
    CHECK(to_bytes(descriptor).size() <= descriptor_size_max);
}

TEST_CASE("a descriptor has 1 to 16 keys, and wants at least one and no more than it has")
{
    CHECK_FALSE(is_refused({16, keys_of(16)}));
    CHECK(is_refused({16, keys_of(17)}));
    CHECK(is_refused({17, keys_of(17)}));
    CHECK(is_refused({0, keys_of(2)}));
    CHECK(is_refused({3, keys_of(2)}));
    CHECK(is_refused({0, {}}));
    CHECK(is_refused({1, {}}));
    CHECK(is_refused({UINT64_MAX, keys_of(2)}));
}

TEST_CASE("the keys of a descriptor ascend, each once")
{
    std::vector<Ed25519PublicKey> keys = keys_of(3);
    std::swap(keys[1], keys[2]);
    CHECK(is_refused({2, keys}));
    keys = keys_of(3);
    keys[1] = keys[0];
    CHECK(is_refused({2, keys}));
    keys = keys_of(2);
    keys[1] = keys[0];
    keys[1].bytes[31] = std::byte{2}; // the last byte counts
    CHECK_FALSE(is_refused({2, keys}));
}

TEST_CASE("a descriptor's ids are the hashes that the header says")
{
    const Descriptor descriptor{2, keys_of(3)};
    Bytes message = hex_bytes("636169726e2f64657363726970746f722f7631"); // cairn/descriptor/v1
    const Bytes bytes = to_bytes(descriptor);
    message.insert(message.end(), bytes.begin(), bytes.end());
    const DescriptorId id{sha256(message).bytes};
    CHECK(descriptor_id(descriptor) == id);
    Bytes account = hex_bytes("636169726e2f6163636f756e742f763103"); // cairn/account/v1, 3
    account.insert(account.end(), id.bytes.begin(), id.bytes.end());
    CHECK(account_id(id).bytes == sha256(account).bytes);
    // No key can be found whose account is that of a descriptor: the types are in what is hashed.
    CHECK(account_id(Ed25519PublicKey{id.bytes}) != account_id(id));
}

TEST_CASE("t of n keys are enough, whichever they are, and fewer are not, whoever else signs")
{
    for (std::size_t n = 1; n <= 5; ++n)
        for (std::size_t t = 1; t <= n; ++t)
            for (unsigned set = 0; set < 1U << (n + 2); ++set) { // two strangers among them
                std::vector<Ed25519PublicKey> signers;
                for (std::size_t i = 0; i < n + 2; ++i)
                    if ((set >> i & 1U) != 0) signers.push_back(keys_of(n + 2)[i]);
                const auto own = static_cast<std::size_t>(std::popcount(set & ((1U << n) - 1)));
                CHECK(is_met({t, keys_of(n)}, signers) == (own >= t));
            }
}
