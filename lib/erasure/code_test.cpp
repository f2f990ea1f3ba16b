#include "erasure/code.hpp"

#include "base/error.hpp"
#include "base/testing.hpp"

#include <algorithm>
#include <random>
#include <thread>

#include <doctest/doctest.h>
#include <isa-l.h>

using namespace cairn;

namespace {

std::vector<Kernel> kernels()
{
    std::vector<Kernel> all{Kernel::isal, Kernel::isal_columns, Kernel::gfni_avx2,
                            Kernel::gfni_avx512};
    std::erase_if(all, [](Kernel kernel) { return !is_available(kernel); });
    return all;
}

/// The shards of one stripe, each in memory of its own so that the sanitizer sees its end;
/// `offset` bytes off the alignment that the allocator gives.
class Stripe {
public:
    Stripe(CodeShape shape, std::size_t size, std::size_t offset = 0)
        : shape_{shape},
          offset_{offset}
    {
        for (unsigned i = 0; i < shape.data; ++i) shards_.push_back(noise(offset + size, i + 1));
        for (unsigned i = 0; i < shape.parity; ++i)
            shards_.emplace_back(offset + size, std::byte{0xa5});
    }

    [[nodiscard]] ByteView view(unsigned i) const { return ByteView{shards_[i]}.subspan(offset_); }
    [[nodiscard]] MutableByteView view(unsigned i)
    {
        return MutableByteView{shards_[i]}.subspan(offset_);
    }

    void encode(const Code& code)
    {
        std::vector<unsigned> parity(shape_.parity);
        for (unsigned i = 0; i < shape_.parity; ++i) parity[i] = shape_.data + i;
        std::vector<unsigned> data(shape_.data);
        for (unsigned i = 0; i < shape_.data; ++i) data[i] = i;
        code.encode(views(data), mutable_views(parity));
    }

    [[nodiscard]] std::vector<ByteView> views(const std::vector<unsigned>& indices) const
    {
        std::vector<ByteView> result;
        result.reserve(indices.size());
        for (const unsigned i : indices) result.push_back(view(i));
        return result;
    }
    [[nodiscard]] std::vector<MutableByteView> mutable_views(const std::vector<unsigned>& indices)
    {
        std::vector<MutableByteView> result;
        result.reserve(indices.size());
        for (const unsigned i : indices) result.push_back(view(i));
        return result;
    }

    friend bool operator==(const Stripe& a, const Stripe& b) { return a.shards_ == b.shards_; }

private:
    CodeShape shape_;
    std::size_t offset_;
    std::vector<Bytes> shards_;
};

/// The same parity from ISA-L alone.
void encode_isal(CodeShape shape, Stripe& stripe, std::size_t size)
{
    if (shape.parity == 0 || size == 0) return;
    const auto k = static_cast<int>(shape.data);
    const auto m = static_cast<int>(shape.parity);
    std::vector<unsigned char> matrix(std::size_t{shape.data + shape.parity} * shape.data, 1);
    if (k > 1) gf_gen_cauchy1_matrix(matrix.data(), k + m, k);
    std::vector<unsigned char> table(std::size_t{32} * shape.data * shape.parity);
    ec_init_tables(k, m, &matrix[std::size_t{shape.data} * shape.data], table.data());
    std::vector<unsigned char*> shards;
    for (unsigned i = 0; i < shape.data + shape.parity; ++i)
        shards.push_back(uchars(stripe.view(i)));
    ec_encode_data(static_cast<int>(size), k, m, table.data(), shards.data(), shards.data() + k);
}

/// Whether the wanted shards, all that the pattern lacks, come back as they were.
bool is_rebuilt(const Code& code, const Stripe& stripe, const std::vector<unsigned>& present)
{
    LossPattern pattern{.present = present, .wanted = {}};
    for (unsigned i = 0; i < code.shape().data + code.shape().parity; ++i)
        if (!std::ranges::binary_search(present, i)) pattern.wanted.push_back(i);
    const std::size_t size = stripe.view(0).size();
    std::vector<Bytes> wanted(pattern.wanted.size(), Bytes(size, std::byte{0x5a}));
    const std::vector<MutableByteView> outputs{wanted.begin(), wanted.end()};
    Rebuild{code, pattern}.apply(stripe.views(present), outputs);
    for (std::size_t i = 0; i < wanted.size(); ++i)
        if (!std::ranges::equal(wanted[i], stripe.view(pattern.wanted[i]))) return false;
    return true;
}

/// Calls `visit` with each choice of `count` indices below `limit`, ascending.
void for_each_choice(unsigned count, unsigned limit, auto&& visit)
{
    std::vector<unsigned> choice(count);
    for (unsigned i = 0; i < count; ++i) choice[i] = i;
    for (;;) {
        visit(choice);
        unsigned i = count;
        while (i > 0 && choice[i - 1] == limit - count + i - 1) --i;
        if (i == 0) return;
        ++choice[i - 1];
        for (; i < count; ++i) choice[i] = choice[i - 1] + 1;
    }
}

std::vector<unsigned> random_choice(unsigned count, unsigned limit, std::mt19937& random)
{
    std::vector<unsigned> all(limit);
    for (unsigned i = 0; i < limit; ++i) all[i] = i;
    std::ranges::shuffle(all, random);
    all.resize(count);
    std::ranges::sort(all);
    return all;
}

/// a * b modulo 0x11d by shifting and adding, as the definition has it.
unsigned slow_product(unsigned a, unsigned b)
{
    unsigned sum = 0;
    for (; b != 0; b >>= 1U) {
        if ((b & 1U) != 0) sum ^= a;
        a <<= 1U;
        if ((a & 0x100U) != 0) a ^= 0x11dU;
    }
    return sum;
}

unsigned slow_inverse(unsigned a)
{
    unsigned b = 1;
    while (slow_product(a, b) != 1) ++b;
    return b;
}

} // namespace

TEST_CASE("every kernel gives the parity that ISA-L gives, for every shape, size and alignment")
{
    const std::vector<CodeShape> shapes{{1, 2},  {2, 1},   {2, 2},   {3, 3},    {4, 2},
                                        {4, 8},  {5, 7},   {10, 4},  {10, 6},   {16, 4},
                                        {16, 9}, {16, 16}, {29, 51}, {100, 30}, {200, 55},
                                        {7, 13}, {254, 1}, {1, 254}, {3, 17},   {255, 0}};
    const std::vector<std::size_t> sizes{0, 1, 31, 63, 64, 65, 127, 200, 1100, 4096, 65536 + 17};
    for (const Kernel kernel : kernels()) {
        for (const CodeShape shape : shapes) {
            for (const std::size_t size : sizes) {
                if (size > 5000 && shape.data + shape.parity > 130) continue;
                CAPTURE(static_cast<int>(kernel));
                CAPTURE(shape.data);
                CAPTURE(shape.parity);
                CAPTURE(size);
                Stripe ours{shape, size, size % 7};
                Stripe theirs = ours;
                ours.encode(Code{shape, kernel});
                encode_isal(shape, theirs, size);
                CHECK(ours == theirs);
            }
        }
    }
}

TEST_CASE("every kernel gives the parity that ISA-L gives, for every number of outputs and tail")
{
    for (const Kernel kernel : kernels()) {
        for (const unsigned inputs : {2U, 3U, 4U}) {
            for (unsigned outputs = 1; outputs <= 36; ++outputs) {
                const CodeShape shape{inputs, outputs};
                const Code code{shape, kernel};
                for (std::size_t size = 1 + outputs % 5; size <= 530; size += 5) {
                    Stripe ours{shape, size};
                    Stripe theirs = ours;
                    ours.encode(code);
                    encode_isal(shape, theirs, size);
                    REQUIRE(ours == theirs);
                }
            }
        }
    }
}

TEST_CASE("parity is what the definition says")
{
    for (const CodeShape shape : {CodeShape{4, 2}, CodeShape{29, 51}}) {
        Stripe stripe{shape, 100};
        stripe.encode(Code{shape});
        for (unsigned row = shape.data; row < shape.data + shape.parity; ++row) {
            for (const std::size_t at : {0U, 63U, 64U, 99U}) {
                unsigned sum = 0;
                for (unsigned i = 0; i < shape.data; ++i)
                    sum ^= slow_product(slow_inverse(row ^ i),
                                        std::to_integer<unsigned>(stripe.view(i)[at]));
                CHECK(std::to_integer<unsigned>(stripe.view(row)[at]) == sum);
            }
        }
    }
}

TEST_CASE("a known stripe has known parity")
{
    const CodeShape shape{4, 2};
    std::vector<Bytes> shards{hex_bytes("00010203"), hex_bytes("10ff8001"), hex_bytes("deadbeef"),
                              hex_bytes("5a5a5a5a")};
    std::vector<Bytes> parity(2, Bytes(4));
    const std::vector<ByteView> inputs{shards.begin(), shards.end()};
    const std::vector<MutableByteView> outputs{parity.begin(), parity.end()};
    for (const Kernel kernel : kernels()) {
        Code{shape, kernel}.encode(inputs, outputs);
        CHECK(parity[0] == hex_bytes("9922dc27"));
        CHECK(parity[1] == hex_bytes("8c1a8430"));
    }
}

TEST_CASE("every choice of as many shards as there are data shards restores all others")
{
    const std::vector<CodeShape> shapes{{1, 2}, {2, 1}, {3, 3}, {4, 2}, {4, 8}, {10, 6}};
    for (const CodeShape shape : shapes) {
        const Code code{shape};
        Stripe stripe{shape, 70};
        stripe.encode(code);
        unsigned choices = 0;
        for_each_choice(shape.data, shape.data + shape.parity,
                        [&](const std::vector<unsigned>& present) {
                            ++choices;
                            REQUIRE(is_rebuilt(code, stripe, present));
                        });
        if (shape == CodeShape{10, 6}) CHECK(choices == 8008);
    }
}

TEST_CASE("random choices of shards restore all others of large codes, with every kernel")
{
    std::mt19937 random{7};
    const std::vector<CodeShape> shapes{{29, 51}, {100, 30}, {200, 55}, {16, 16}};
    for (const CodeShape shape : shapes) {
        for (const Kernel kernel : kernels()) {
            const Code code{shape, kernel};
            Stripe stripe{shape, 200};
            stripe.encode(code);
            for (int round = 0; round < 10; ++round) {
                const auto present = random_choice(shape.data, shape.data + shape.parity, random);
                REQUIRE(is_rebuilt(code, stripe, present));
            }
        }
    }
}

TEST_CASE("a rebuild makes only what is wanted, in the order in which it is wanted")
{
    const CodeShape shape{4, 8};
    const Code code{shape};
    Stripe stripe{shape, 1000};
    stripe.encode(code);
    const Rebuild rebuild{code, {.present = {1, 5, 6, 11}, .wanted = {10, 0, 3}}};
    std::vector<Bytes> made(3, Bytes(1000));
    rebuild.apply(stripe.views({1, 5, 6, 11}),
                  std::vector<MutableByteView>{made.begin(), made.end()});
    CHECK(std::ranges::equal(made[0], stripe.view(10)));
    CHECK(std::ranges::equal(made[1], stripe.view(0)));
    CHECK(std::ranges::equal(made[2], stripe.view(3)));
}

TEST_CASE("with one data shard all shards are copies")
{
    const CodeShape shape{1, 3};
    const Code code{shape};
    Stripe stripe{shape, 321};
    stripe.encode(code);
    for (unsigned i = 1; i < 4; ++i) CHECK(std::ranges::equal(stripe.view(i), stripe.view(0)));
    for (unsigned i = 0; i < 4; ++i) CHECK(is_rebuilt(code, stripe, {i}));
}

TEST_CASE("without parity there is nothing to compute")
{
    const Code code{{3, 0}};
    Stripe stripe{{3, 0}, 10};
    stripe.encode(code);
    CHECK(is_rebuilt(code, stripe, {0, 1, 2}));
}

TEST_CASE("a code has 1 to 255 data shards and at most 255 shards in all")
{
    const auto exit_of_shape = [](unsigned data, unsigned parity) {
        return exit_of([&] { Code{{.data = data, .parity = parity}}; });
    };
    CHECK(exit_of_shape(0, 1) == Exit::usage);
    CHECK(exit_of_shape(255, 1) == Exit::usage);
    CHECK(exit_of_shape(1, 255) == Exit::usage);
    CHECK(exit_of_shape(256, 0) == Exit::usage);
    CHECK(exit_of_shape(1, 0xffffffffU) == Exit::usage);
    CHECK(exit_of_shape(1, 254) == Exit::ok);
    CHECK(exit_of_shape(255, 0) == Exit::ok);
}

TEST_CASE("a cache gives the same rebuild for the same pattern and forgets the one unused longest")
{
    const CodeShape shape{4, 8};
    RebuildCache cache{Code{shape}};
    const LossPattern first{.present = {0, 1, 2, 3}, .wanted = {4}};
    const LossPattern second{.present = {0, 1, 2, 3}, .wanted = {5}};
    const auto rebuild = cache.find(first);
    const auto other = cache.find(second);
    CHECK(cache.find(first) == rebuild);
    CHECK(other != rebuild);

    std::size_t patterns = 2;
    for_each_choice(4, 12, [&](const std::vector<unsigned>& present) {
        if (std::ranges::binary_search(present, 3U) || patterns > RebuildCache::patterns_max)
            return;
        ++patterns;
        static_cast<void>(cache.find({.present = present, .wanted = {3}}));
    });
    CHECK(cache.find(first) == rebuild); // still there: it was used after `second`
    CHECK(cache.find(second) != other);
}

TEST_CASE("threads share a cache and its rebuilds")
{
    const CodeShape shape{10, 6};
    RebuildCache cache{Code{shape}};
    Stripe stripe{shape, 300};
    stripe.encode(cache.code());
    const auto work = [&](unsigned seed) {
        std::mt19937 random{seed};
        for (int round = 0; round < 500; ++round) {
            const unsigned lost = std::uniform_int_distribution{0U, 5U}(random);
            LossPattern pattern{.present = {}, .wanted = {lost}};
            for (unsigned i = 0; i < 11; ++i)
                if (i != lost) pattern.present.push_back(i);
            Bytes made(300);
            const MutableByteView output{made};
            cache.find(pattern)->apply(stripe.views(pattern.present), {&output, 1});
            if (!std::ranges::equal(made, stripe.view(lost))) return false;
        }
        return true;
    };
    bool is_right = false;
    std::thread thread{[&] { is_right = work(1); }};
    CHECK(work(2));
    thread.join();
    CHECK(is_right);
}
