#include "mempool/verified_set.hpp"

#include "base/cursor.hpp"

#include <bit>
#include <cstring>

namespace cairn {
namespace {

constexpr std::size_t bucket_slots = 8;

} // namespace

VerifiedSet::VerifiedSet(std::size_t count_max, std::uint64_t seed)
    : seed_{seed},
      slots_(std::bit_ceil(std::max(count_max, bucket_slots)))
{
}

VerifiedSet::Digest VerifiedSet::digest_of(const Transaction& transaction,
                                           const TransactionId& id) const
{
    Bytes message;
    Writer writer{message};
    writer.big_endian(seed_);
    writer.put(id.bytes);
    for (const KeySignature& signature : transaction.signatures) {
        writer.put(signature.key.bytes);
        writer.put(signature.signature.bytes);
    }
    const Sha256Digest whole = sha256(message);
    Digest digest{};
    std::memcpy(digest.data(), whole.bytes.data(), sizeof digest);
    return digest;
}

std::size_t VerifiedSet::bucket_of(const Digest& digest) const
{
    return digest[0] % (slots_.size() / bucket_slots) * bucket_slots;
}

bool VerifiedSet::has(const Transaction& transaction, const TransactionId& id) const
{
    const Digest digest = digest_of(transaction, id);
    const std::span bucket = std::span{slots_}.subspan(bucket_of(digest), bucket_slots);
    return digest != Digest{} && std::ranges::find(bucket, digest) != bucket.end();
}

void VerifiedSet::note(const Transaction& transaction, const TransactionId& id)
{
    const Digest digest = digest_of(transaction, id);
    const std::span bucket = std::span{slots_}.subspan(bucket_of(digest), bucket_slots);
    if (std::ranges::find(bucket, digest) != bucket.end()) return;
    auto place = std::ranges::find(bucket, Digest{});
    if (place == bucket.end()) // which one, nobody can foresee
        place = bucket.begin() + static_cast<std::ptrdiff_t>((digest[1] + noted_) % bucket_slots);
    *place = digest;
    ++noted_;
}

} // namespace cairn
