#include "audit/key.hpp"
#include "base/testing.hpp"
#include "pairing/bls_signature.hpp"
#include "pairing/testing.hpp"

#include <doctest/doctest.h>

#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#endif

// That no branch and no address depends on a secret: for valgrind secrets are memory that was never
// written, and whatever is decided by it is an error. `valgrind --error-exitcode=1`; alone these
// are tests like others.

using namespace cairn;

namespace {

template <class Object>
void hide([[maybe_unused]] Object& object)
{
#if defined(VALGRIND_MAKE_MEM_UNDEFINED)
    VALGRIND_MAKE_MEM_UNDEFINED(&object, sizeof object);
#endif
}

/// What is made of a secret and public.
template <class Object>
Object published(Object object)
{
#if defined(VALGRIND_MAKE_MEM_DEFINED)
    VALGRIND_MAKE_MEM_DEFINED(&object, sizeof object);
#endif
    return object;
}

Scalar hidden_scalar(std::uint64_t seed)
{
    Scalar scalar = drawn_scalar(seed);
    hide(scalar);
    return scalar;
}

} // namespace

TEST_SUITE_BEGIN("secrets");

TEST_CASE("scalars are computed with in the same way whatever they are")
{
    const Scalar a = drawn_scalar(1);
    const Scalar b = drawn_scalar(2);
    const Scalar x = hidden_scalar(1);
    const Scalar y = hidden_scalar(2);
    CHECK(published(x + y) == a + b);
    CHECK(published(x - y) == a - b);
    CHECK(published(x * y) == a * b);
    CHECK(published(-x) == -a);
    CHECK(published(x.inverse()) == a.inverse());
    std::array<std::byte, Scalar::size> bytes{};
    x.encode(bytes);
    CHECK(Scalar::decode(published(bytes)) == a);
    std::array<std::byte, 48> wide{};
    std::ranges::copy(noise(48, 1), wide.begin());
    hide(wide);
    CHECK(published(Scalar::reduce(wide)) == a);
}

TEST_CASE("points are multiplied in the same way whatever the scalar is")
{
    const Scalar a = drawn_scalar(1);
    const Scalar x = hidden_scalar(1);
    const G1 g1 = drawn_scalar(3) * G1::generator();
    const G2 g2 = drawn_scalar(4) * G2::generator();
    CHECK(published(x * g1) == a * g1);
    CHECK(published(x * g2) == a * g2);
    const FixedBase base{g1};
    CHECK(published(base.times(x)) == a * g1);
    // What a multiple's coordinates are divided by tells of the scalar too.
    const detail::Fp z = (x * g1).z();
    CHECK(published(z.inverse()) * published(z) == detail::Fp::one());
}

TEST_CASE("blocks are tagged in the same way whatever the secret is")
{
    const Bytes block = noise(3000, 5);
    const G1 point = hash_to_g1(block, "a tag for a test");
    const AuditSecret known{noise(32, 1)};
    AuditSecret secret{noise(32, 1)};
    hide(secret);
    const Scalar value = secret.value_of(block);
    CHECK(published(value) == known.value_of(block));
    CHECK(published(secret.tag(point, value)) == known.tag(point, known.value_of(block)));
    const ProverKey expected = known.prover_key(5);
    const ProverKey key = secret.prover_key(5);
    for (std::size_t i = 0; i < 5; ++i) CHECK(published(key.powers()[i]) == expected.powers()[i]);
}

TEST_CASE("messages are signed in the same way whatever the secret is")
{
    const Scalar a = drawn_scalar(1);
    const Scalar x = hidden_scalar(1);
    const Bytes message = noise(50, 1);
    CHECK(published(bls_sign_g1(x, message, bls_g1_basic)) ==
          bls_sign_g1(a, message, bls_g1_basic));
    CHECK(published(bls_sign_g2(x, message, bls_g2_pop)) == bls_sign_g2(a, message, bls_g2_pop));
}

TEST_SUITE_END();
