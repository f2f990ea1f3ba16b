#include "format/words.hpp"

#include "crypto/kdf.hpp"
#include "format/detail/bip39_words.hpp"
#include "hash/digest.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <vector>

namespace cairn {
namespace {

constexpr unsigned word_bits = 11;
constexpr unsigned word_count = 1U << word_bits;
constexpr std::size_t letters_max = 8;
constexpr unsigned seed_rounds = 2048;

/// A word as a number: its letters from the lowest byte on, zeros behind.
using Packed = std::uint64_t;

consteval std::array<Packed, word_count> pack_words()
{
    std::array<Packed, word_count> packed{};
    std::size_t word = 0;
    unsigned letter = 0;
    for (const char c : detail::bip39_words) {
        if (c == ' ') {
            ++word;
            letter = 0;
        } else {
            packed[word] |= static_cast<Packed>(c) << (8 * letter++);
        }
    }
    return packed;
}

constexpr std::array<Packed, word_count> packed_words = pack_words();

/// All ones if a == b, else zero, without a branch.
Packed mask_if_equal(Packed a, Packed b)
{
    const Packed difference = a ^ b;
    return ((difference | (0 - difference)) >> 63U) - 1;
}

Packed word_at(unsigned index)
{
    Packed word = 0;
    for (unsigned i = 0; i < word_count; ++i) word |= packed_words[i] & mask_if_equal(i, index);
    return word;
}

/// word_count when there is no such word.
unsigned index_of(Packed word)
{
    Packed index = word_count;
    for (unsigned i = 0; i < word_count; ++i) {
        const Packed mask = mask_if_equal(packed_words[i], word);
        index = (index & ~mask) | (i & mask);
    }
    return static_cast<unsigned>(index);
}

unsigned bit_at(ByteView bytes, std::size_t bit)
{
    return std::to_integer<unsigned>(bytes[bit / 8]) >> (7 - bit % 8) & 1U;
}

/// Entropy and checksum: 33 bits for each 32 of entropy.
Secret with_checksum(ByteView entropy)
{
    Secret joined{entropy.size() + 1};
    std::ranges::copy(entropy, joined.bytes().begin());
    Sha256Digest digest = sha256(entropy);
    const auto checksum_bits = static_cast<unsigned>(entropy.size() / 4);
    joined.bytes().back() = digest.bytes[0] & ~std::byte(0xffU >> checksum_bits);
    wipe(digest.bytes);
    return joined;
}

/// The words of a sentence, in numbers; none when one is too long or there are too many.
std::optional<Secret> pack_sentence(ByteView sentence, std::size_t& count)
{
    constexpr std::size_t words_max = 24;
    Secret packed{words_max * sizeof(Packed)};
    const auto words = reinterpret_cast<Packed*>(packed.bytes().data());
    std::size_t letters = 0;
    count = 0;
    for (const std::byte byte : sentence) {
        auto c = std::to_integer<unsigned>(byte);
        if (c == ' ' || c == '\n' || c == '\r' || c == '\t') {
            letters = 0;
            continue;
        }
        if (letters == letters_max || (letters == 0 && count == words_max)) return std::nullopt;
        if (letters == 0) ++count;
        if (c >= 'A' && c <= 'Z') c += 'a' - 'A';
        if (c < 'a' || c > 'z') return std::nullopt;
        words[count - 1] |= static_cast<Packed>(c) << (8 * letters++);
    }
    return packed;
}

} // namespace

Secret to_words(ByteView entropy)
{
    assert(entropy.size() >= 16 && entropy.size() <= entropy_size && entropy.size() % 4 == 0);
    const Secret bits = with_checksum(entropy);
    const std::size_t count = entropy.size() * 33 / 4 / word_bits;
    Secret sentence{count * (letters_max + 1)};
    std::size_t size = 0;
    for (std::size_t word = 0; word < count; ++word) {
        unsigned index = 0;
        for (std::size_t bit = 0; bit < word_bits; ++bit)
            index = index << 1U | bit_at(bits.bytes(), word * word_bits + bit);
        if (word > 0) sentence.bytes()[size++] = std::byte{' '};
        for (Packed letters = word_at(index); letters != 0; letters >>= 8U)
            sentence.bytes()[size++] = static_cast<std::byte>(letters & 0xffU);
    }
    sentence.shrink(size);
    return sentence;
}

std::optional<Secret> parse_words(ByteView sentence)
{
    std::size_t count = 0;
    const auto packed = pack_sentence(sentence, count);
    if (!packed || count < 12 || count % 3 != 0) return std::nullopt;
    const auto words = reinterpret_cast<const Packed*>(packed->bytes().data());

    Secret bits{count * word_bits / 8 + 1};
    for (std::size_t word = 0; word < count; ++word) {
        const unsigned index = index_of(words[word]);
        if (index == word_count) return std::nullopt;
        for (std::size_t bit = 0; bit < word_bits; ++bit) {
            const std::size_t at = word * word_bits + bit;
            const unsigned value = index >> (word_bits - 1 - bit) & 1U;
            bits.bytes()[at / 8] |= static_cast<std::byte>(value << (7 - at % 8));
        }
    }
    const std::size_t size = count * word_bits * 32 / 33 / 8;
    Secret entropy = Secret::copy(bits.bytes().first(size));
    if (!constant_time_equal(with_checksum(entropy.bytes()).bytes(), bits.bytes().first(size + 1)))
        return std::nullopt;
    return entropy;
}

Secret to_seed(ByteView sentence, std::string_view passphrase)
{
    Secret seed{64};
    const std::string salt = "mnemonic" + std::string{passphrase};
    pbkdf2(Pbkdf2Hash::sha512, sentence, as_bytes(salt), seed_rounds, seed.bytes());
    return seed;
}

} // namespace cairn
