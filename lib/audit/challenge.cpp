#include "audit/challenge.hpp"

#include "base/cursor.hpp"
#include "crypto/keystream.hpp"
#include "hash/digest.hpp"
#include "pairing/hash_to_curve.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <set>

namespace cairn {
namespace {

constexpr std::string_view file_context = "CAIRN-POR-V1-FID";
constexpr std::string_view seed_context = "CAIRN-POR-V1-CHAL";
constexpr std::string_view index_tag = "CAIRN-POR-V1_BLS12381G1_XMD:SHA-256_SSWU_RO_";

enum class Purpose : std::uint8_t { indices = 1, factors = 2, point = 3 };

ChaCha20Keystream stream_for(const ChallengeSeed& seed, Purpose purpose)
{
    std::array<std::byte, 12> nonce{static_cast<std::byte>(purpose)};
    return {seed.bytes, nonce};
}

/// A little-endian number, modulo the groups' order.
Scalar take_scalar(ChaCha20Keystream& stream, std::size_t size)
{
    Bytes bytes(size);
    stream.fill(bytes);
    std::ranges::reverse(bytes);
    const Scalar scalar = Scalar::reduce(bytes);
    return scalar.is_zero() ? Scalar{1} : scalar;
}

std::uint64_t take_word(ChaCha20Keystream& stream)
{
    std::array<std::byte, 8> bytes{};
    stream.fill(bytes);
    return Reader{bytes, "a keystream"}.integer<std::uint64_t>();
}

/// Different numbers below `total`, in the order of drawing.
std::vector<std::uint64_t> draw(const ChallengeSeed& seed, std::uint64_t total, std::size_t count)
{
    std::vector<std::uint64_t> numbers;
    if (total <= count) {
        for (std::uint64_t i = 0; i < total; ++i) numbers.push_back(i);
        return numbers;
    }
    ChaCha20Keystream stream = stream_for(seed, Purpose::indices);
    const std::uint64_t surplus = (UINT64_MAX % total + 1) % total; // 2^64 modulo total
    std::set<std::uint64_t> drawn;
    while (numbers.size() < count) {
        const std::uint64_t word = take_word(stream);
        if (surplus != 0 && word >= 0 - surplus) continue; // else some would be likelier
        if (drawn.insert(word % total).second) numbers.push_back(word % total);
    }
    return numbers;
}

Bytes index_message(const AuditFileId& file, std::uint64_t index)
{
    Bytes message{file.bytes.begin(), file.bytes.end()};
    Writer{message}.big_endian(index);
    return message;
}

} // namespace

AuditFileId audit_file_id(const AuditKeyId& key, std::uint32_t sectors, std::uint64_t size,
                          ByteView root)
{
    assert(root.size() == 32);
    Bytes message;
    Writer writer{message};
    writer.put(as_bytes(file_context));
    writer.put(key.bytes);
    writer.big_endian(size);
    writer.big_endian(sectors);
    writer.put(root);
    return {sha256(message).bytes};
}

G1 index_point(const AuditFileId& file, std::uint64_t index)
{
    return hash_to_g1(index_message(file, index), index_tag);
}

G1 sum_of_index_points(std::span<const AuditedFile> files, std::span<const AskedBlock> blocks)
{
    std::vector<Scalar> factors;
    std::vector<Bytes> messages;
    for (const AskedBlock& asked : blocks) {
        factors.push_back(asked.factor);
        messages.push_back(index_message(files[asked.file].id, asked.index));
    }
    return sum_of_hashes(factors, messages, index_tag);
}

ChallengeSeed challenge_seed(ByteView beacon, std::uint64_t epoch, ByteView provider_key,
                             const AuditKeyId& key, std::span<const AuditFileId> files)
{
    assert(provider_key.size() == 32);
    Bytes list;
    for (const AuditFileId& file : files) Writer{list}.put(file.bytes);
    Bytes message;
    Writer writer{message};
    writer.put(as_bytes(seed_context));
    writer.put(beacon);
    writer.big_endian(epoch);
    writer.put(provider_key);
    writer.put(key.bytes);
    writer.put(sha256(list).bytes);
    return {sha256(message).bytes};
}

AuditChallenge expand(const ChallengeSeed& seed, std::span<const AuditedFile> files,
                      std::size_t count)
{
    assert(count > 0 && count <= asked_blocks_max);
    std::uint64_t total = 0;
    std::vector<std::uint64_t> ends; // of the files, counted through
    for (const AuditedFile& file : files) ends.push_back(total += file.blocks);
    assert(total > 0 && total < std::uint64_t{1} << 63U);
    AuditChallenge challenge;
    ChaCha20Keystream factors = stream_for(seed, Purpose::factors);
    for (const std::uint64_t number : draw(seed, total, count)) {
        const auto file =
            static_cast<std::size_t>(std::ranges::upper_bound(ends, number) - ends.begin());
        challenge.blocks.push_back(
            {file, number - (ends[file] - files[file].blocks), take_scalar(factors, 16)});
    }
    ChaCha20Keystream point = stream_for(seed, Purpose::point);
    challenge.point = take_scalar(point, 64);
    return challenge;
}

} // namespace cairn
