#pragma once

#include "base/lanes.hpp"
#include "capacity/detail/shabal_kernel.hpp"

// Shabal-256 and what proof of capacity makes of it, on vectors: included by one file for each
// instruction set, below the pragma that selects the set and these, which that file defines:
//
//   constexpr std::size_t lanes, streams;       // a group is as many inputs as both multiplied
//   Word either_xor(Word a, Word b, Word c);    // a ^ b ^ c, soon after c is known
//   Word masked_xor(Word a, Word b, Word c);    // a ^ (b & ~c)
//   Word equal_bits(Word a, Word b);            // ~(a ^ b)
//
// where Word is Vector<lanes>, or a plain word where there is one lane. Several streams hide the
// latency of the instructions, as far as there are registers. What lanes.hpp says of code for one
// set is true of this file too.

namespace cairn::detail {
namespace {

// NOLINTBEGIN(misc-definitions-in-headers)

constexpr std::size_t group = lanes * streams;

// The same word of all inputs.
struct Row {
    Word stream[streams];
};

template <std::size_t Bits>
[[gnu::always_inline]] inline Word rotate_left(Word words)
{
    return (words << Bits) | (words >> (32 - Bits));
}

[[gnu::always_inline]] inline Word load(const std::uint32_t* words)
{
    Word word{};
    __builtin_memcpy(&word, words, sizeof(word));
    return word;
}

[[gnu::always_inline]] inline void store(Word word, std::uint32_t* words)
{
    __builtin_memcpy(words, &word, sizeof(word));
}

// Clang makes a multiplication, which is slow, of this where it can see the sum.
[[gnu::always_inline]] inline Word times_four(Word words)
{
    words <<= 2;
#if defined(__clang__) && defined(__x86_64__)
    if constexpr (lanes > 1) asm("" : "+x"(words));
#endif
    return words;
}

[[gnu::always_inline]] inline Word twice(Word words)
{
    words += words;
#if defined(__clang__) && defined(__x86_64__)
    if constexpr (lanes > 1) asm("" : "+x"(words));
#endif
    return words;
}

// One of the 48 steps of the permutation, of one stream.
template <std::size_t Step, std::size_t Stream>
[[gnu::always_inline]] inline void step(Row (&a)[12], Row (&b)[16], const Row (&c)[16],
                                        const std::uint32_t* message)
{
    constexpr std::size_t i = Step % 16;
    const Word before = rotate_left<15>(a[(Step + 11) % 12].stream[Stream]);
    // What each step waits for, the result of the one before, comes last.
    const Word mixed = either_xor(a[Step % 12].stream[Stream], c[(24 - i) % 16].stream[Stream],
                                  before + times_four(before));
    const Word rest = masked_xor(load(message + (i * streams + Stream) * lanes),
                                 b[(i + 9) % 16].stream[Stream], b[(i + 6) % 16].stream[Stream]);
    const Word after = either_xor(b[(i + 13) % 16].stream[Stream], rest, twice(mixed) + mixed);
    a[Step % 12].stream[Stream] = after;
    b[i].stream[Stream] = equal_bits(rotate_left<1>(b[i].stream[Stream]), after);
}

template <std::size_t Step, std::size_t... Stream>
[[gnu::always_inline]] inline void step_all(Row (&a)[12], Row (&b)[16], const Row (&c)[16],
                                            const std::uint32_t* message,
                                            std::index_sequence<Stream...> /*unused*/)
{
    (step<Step, Stream>(a, b, c, message), ...);
}

template <std::size_t... Step>
[[gnu::always_inline]] inline void steps(Row (&a)[12], Row (&b)[16], const Row (&c)[16],
                                         const std::uint32_t* message,
                                         std::index_sequence<Step...> /*unused*/)
{
    (step_all<Step>(a, b, c, message, std::make_index_sequence<streams>{}), ...);
}

template <std::size_t... I>
[[gnu::always_inline]] inline void add_message(Row (&b)[16], const std::uint32_t* message,
                                               std::index_sequence<I...> /*unused*/)
{
    ((b[I / streams].stream[I % streams] += load(message + I * lanes)), ...);
}

template <std::size_t... I>
[[gnu::always_inline]] inline void take_message(Row (&c)[16], const std::uint32_t* message,
                                                std::index_sequence<I...> /*unused*/)
{
    ((c[I / streams].stream[I % streams] -= load(message + I * lanes)), ...);
}

template <std::size_t... I>
[[gnu::always_inline]] inline void rotate_all(Row (&b)[16], std::index_sequence<I...> /*unused*/)
{
    ((b[I / streams].stream[I % streams] = rotate_left<17>(b[I / streams].stream[I % streams])),
     ...);
}

template <std::size_t... I>
[[gnu::always_inline]] inline void add_last(Row (&a)[12], const Row (&c)[16],
                                            std::index_sequence<I...> /*unused*/)
{
    ((a[I / streams].stream[I % streams] += c[(I / streams + 11) % 16].stream[I % streams] +
                                            c[(I / streams + 15) % 16].stream[I % streams] +
                                            c[(I / streams + 3) % 16].stream[I % streams]),
     ...);
}

constexpr std::make_index_sequence<12 * streams> all_of_a;
constexpr std::make_index_sequence<16 * streams> all_of_b;

// The permutation, and what goes into it before: the number of the block.
[[gnu::always_inline]] inline void permute(Row (&a)[12], Row (&b)[16], const Row (&c)[16],
                                           const std::uint32_t* message, std::uint64_t number)
{
    for (std::size_t s = 0; s < streams; ++s) {
        a[0].stream[s] ^= static_cast<std::uint32_t>(number);
        a[1].stream[s] ^= static_cast<std::uint32_t>(number >> 32U);
    }
    rotate_all(b, all_of_b);
    steps(a, b, c, message, std::make_index_sequence<48>{});
    add_last(a, c, all_of_a);
}

// The state that a message begins with.
[[gnu::always_inline]] inline void start(Row (&a)[12], Row (&b)[16], Row (&c)[16])
{
    for (std::size_t s = 0; s < streams; ++s) {
        for (std::size_t i = 0; i < 12; ++i) a[i].stream[s] = Word{} + shabal_start.a[i];
        for (std::size_t i = 0; i < 16; ++i) b[i].stream[s] = Word{} + shabal_start.b[i];
        for (std::size_t i = 0; i < 16; ++i) c[i].stream[s] = Word{} + shabal_start.c[i];
    }
}

// A block that is not the last. B and C change their places with each.
[[gnu::always_inline]] inline void absorb(Row (&a)[12], Row (&b)[16], Row (&c)[16],
                                          const std::uint32_t* message, std::uint64_t number)
{
    add_message(b, message, all_of_b);
    permute(a, b, c, message, number);
    take_message(c, message, all_of_b);
}

[[gnu::noinline]] void hash(const std::uint32_t* message, std::size_t blocks,
                            const std::uint32_t* last, std::uint32_t* digest)
{
    constexpr std::size_t size = shabal_block_words * group;
    Row a[12];
    Row b[16];
    Row c[16];
    start(a, b, c);
    std::uint64_t number = 1;
    if (blocks % 2 == 1) {
        absorb(a, b, c, message, number++);
        message += size;
        for (std::size_t i = 0; i < 16; ++i) {
            const Row other = b[i];
            b[i] = c[i];
            c[i] = other;
        }
    }
    for (std::size_t pair = 0; pair < blocks / 2; ++pair) {
        absorb(a, b, c, message, number++);
        absorb(a, c, b, message + size, number++);
        message += 2 * size;
    }
    add_message(b, last, all_of_b);
    for (std::size_t pair = 0; pair < 2; ++pair) { // the last block, and three more times
        permute(a, b, c, last, number);
        permute(a, c, b, last, number);
    }
    for (std::size_t i = 0; i < shabal_digest_words; ++i)
        for (std::size_t s = 0; s < streams; ++s)
            store(c[8 + i].stream[s], digest + i * group + s * lanes);
}

// A block that holds the padding alone.
struct Padding {
    alignas(64) std::uint32_t words[shabal_block_words * group]{};

    Padding()
    {
        for (std::size_t l = 0; l < group; ++l) words[l] = shabal_padding;
    }
};

void make_nonces(std::uint32_t* words, std::size_t seed_words, std::uint32_t* final)
{
    constexpr std::size_t hashes = nonce_words / shabal_digest_words;
    constexpr std::size_t with_seed = 128; // hashes; the rest covers as many hashes and no seed
    const Padding padding;
    for (std::size_t made = 0; made < hashes; ++made) {
        std::uint32_t* const message = words + (hashes - made) * shabal_digest_words * group;
        std::uint32_t* const digest = message - shabal_digest_words * group;
        if (made < with_seed) {
            const std::size_t blocks =
                (made * shabal_digest_words + seed_words) / shabal_block_words;
            hash(message, blocks, message + blocks * shabal_block_words * group, digest);
        } else {
            hash(message, with_seed * shabal_digest_words / shabal_block_words, padding.words,
                 digest);
        }
    }
    const std::size_t blocks = (nonce_words + seed_words) / shabal_block_words;
    hash(words, blocks, words + blocks * shabal_block_words * group, final);
}

// The same scoop of as many nonces as there are lanes, to or from where it lies in bytes: 64 of
// each.
template <std::size_t Lanes>
[[gnu::always_inline]] inline void load_scoops(Word (&w)[scoop_words], const std::byte* bytes,
                                               std::size_t stride)
{
    if constexpr (Lanes == 1) {
        for (std::size_t i = 0; i < scoop_words; i += 4) {
            const Quad quad = load_quad(bytes + i * 4);
            __builtin_memcpy(w + i, &quad, sizeof(quad));
        }
    } else {
        load_message<Lanes>(w, bytes, stride);
    }
}

template <std::size_t Lanes>
[[gnu::always_inline]] inline void store_scoops(Word (&w)[scoop_words], std::byte* out,
                                                std::size_t stride, bool is_added)
{
    for (std::size_t i = 0; i < scoop_words; i += 4) {
        if constexpr (Lanes == 1) {
            Quad quad;
            __builtin_memcpy(&quad, w + i, sizeof(quad));
            if (is_added) quad ^= load_quad(out + i * 4);
            store_quad(quad, out + i * 4);
        } else {
            transpose<Lanes>(w + i);
            for (std::size_t k = 0; k < 4; ++k) {
                std::byte* const place = out + k * stride + i * 4;
                if (is_added) w[i + k] ^= gather<Lanes>(place, stride);
                scatter<Lanes>(w[i + k], place, stride);
            }
        }
    }
}

// One scoop of one stream, with the halves of scoops exchanged (PoC2) and the digest of the nonce
// added.
[[gnu::always_inline]] inline void load_finished(Word (&w)[scoop_words], const ScoopCopy& copy,
                                                 std::size_t scoop, std::size_t stream)
{
    constexpr std::size_t half = scoop_words / 2;
    constexpr std::size_t scoops = nonce_words / scoop_words;
    const std::uint32_t* const own = copy.words + scoop * scoop_words * group + stream * lanes;
    const std::uint32_t* const mirror =
        copy.words + ((scoops - 1 - scoop) * scoop_words + half) * group + stream * lanes;
    for (std::size_t i = 0; i < half; ++i) {
        const Word final = load(copy.final + i * group + stream * lanes);
        w[i] = load(own + i * group) ^ final;
        w[half + i] = load(mirror + i * group) ^ final;
    }
}

void copy_scoops(const ScoopCopy& copy)
{
    constexpr std::size_t size = scoop_words * 4; // bytes
    for (std::size_t scoop = copy.first; scoop <= copy.last; ++scoop) {
        std::byte* const out = copy.out + (scoop - copy.first) * copy.scoop_stride;
        for (std::size_t s = 0; s * lanes < copy.count; ++s) {
            Word w[scoop_words];
            load_finished(w, copy, scoop, s);
            std::byte* const place = out + s * lanes * copy.nonce_stride;
            const std::size_t rest = copy.count - s * lanes;
            if (rest >= lanes) {
                store_scoops<lanes>(w, place, copy.nonce_stride, copy.is_added);
                continue;
            }
            alignas(64) std::byte some[lanes * size];
            for (std::size_t l = 0; l < rest; ++l)
                __builtin_memcpy(some + l * size, place + l * copy.nonce_stride, size);
            store_scoops<lanes>(w, some, size, copy.is_added);
            for (std::size_t l = 0; l < rest; ++l)
                __builtin_memcpy(place + l * copy.nonce_stride, some + l * size, size);
        }
    }
}

// The hits of a group. Of the last permutation only words 8 and 9 of B are wanted, which step 41
// is the last to change.
[[gnu::always_inline]] inline void hit_group(const std::uint32_t* challenge,
                                             const std::byte* scoops, std::uint64_t* hits)
{
    constexpr std::size_t half = scoop_words / 2;
    alignas(64) std::uint32_t first[shabal_block_words * group];
    Padding last;
    for (std::size_t i = 0; i < half; ++i)
        for (std::size_t s = 0; s < streams; ++s)
            store(Word{} + challenge[i], first + i * group + s * lanes);
    for (std::size_t l = 0; l < group; ++l) last.words[half * group + l] = shabal_padding;
    for (std::size_t s = 0; s < streams; ++s) {
        Word w[scoop_words];
        load_scoops<lanes>(w, scoops + s * lanes * scoop_words * 4, scoop_words * 4);
        for (std::size_t i = 0; i < half; ++i) {
            store(w[i], first + (half + i) * group + s * lanes);
            store(w[half + i], last.words + i * group + s * lanes);
        }
    }
    Row a[12];
    Row b[16];
    Row c[16];
    start(a, b, c);
    absorb(a, b, c, first, 1);
    add_message(c, last.words, all_of_b);
    permute(a, c, b, last.words, 2);
    permute(a, b, c, last.words, 2);
    permute(a, c, b, last.words, 2);
    for (std::size_t s = 0; s < streams; ++s) a[0].stream[s] ^= 2;
    rotate_all(b, all_of_b);
    steps(a, b, c, last.words, std::make_index_sequence<42>{});
    std::uint32_t low[group]{};
    std::uint32_t high[group]{};
    for (std::size_t s = 0; s < streams; ++s) {
        store(b[8].stream[s], low + s * lanes);
        store(b[9].stream[s], high + s * lanes);
    }
    for (std::size_t l = 0; l < group; ++l) hits[l] = std::uint64_t{high[l]} << 32U | low[l];
}

void find_hits(const std::uint32_t* challenge, const std::byte* scoops, std::size_t count,
               std::uint64_t* hits)
{
    constexpr std::size_t size = scoop_words * 4; // bytes
    for (; count > group; count -= group) {
        hit_group(challenge, scoops, hits);
        scoops += group * size;
        hits += group;
    }
    alignas(64) std::byte some[group * size]{};
    std::uint64_t found[group]{};
    __builtin_memcpy(some, scoops, count * size);
    hit_group(challenge, some, found);
    __builtin_memcpy(hits, found, count * sizeof(*hits));
}

// NOLINTEND(misc-definitions-in-headers)
} // namespace
} // namespace cairn::detail
