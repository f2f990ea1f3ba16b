#pragma once

#include "base/bytes.hpp"
#include "base/entropy.hpp"
#include "format/audit_message.hpp"
#include "pairing/msm.hpp"
#include "pairing/pairing.hpp"
#include "pairing/short_products.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <vector>

// Keys of storage proofs, PoR-v1, cairn-proofs(7). An owner has a secret; what follows from it is
// public: whoever has the audit key checks proofs, and whoever has the prover key makes them.

namespace cairn {

inline constexpr std::size_t sector_size = 31;            // bytes: a number below the groups' order
inline constexpr std::uint32_t sectors_usual = 1024;      // of a block: 31 KiB
inline constexpr std::uint32_t sectors_bulk = 4096;       // 124 KiB
inline constexpr std::uint32_t sectors_max = 1U << 16U;   // of a block
inline constexpr std::uint32_t sectors_stored_min = 64;   // of a block, over the network:
inline constexpr std::uint32_t sectors_stored_max = 8192; // neither many tags nor large keys
inline constexpr std::uint64_t tagged_size_max = std::uint64_t{1} << 62U; // bytes of a file

/// Blocks of a file of so many bytes, at least one.
constexpr std::uint64_t block_count(std::uint64_t file_size, std::uint32_t sectors) noexcept
{
    return std::max<std::uint64_t>(divide_up(file_size, sectors * sector_size), 1);
}

/// What proofs of one owner are checked with: X = x g2, Y = x alpha g2.
class AuditKey {
public:
    static constexpr std::size_t size = 2 * G2::size; ///< bytes of an encoding

    /// Needs points that are not at infinity, and 1 to sectors_max sectors.
    AuditKey(const G2& x, const G2& y, std::uint32_t sectors);

    /// None unless it is what encode() writes.
    static std::optional<AuditKey> decode(ByteView bytes, std::uint32_t sectors);
    void encode(MutableByteView bytes) const;

    [[nodiscard]] std::uint32_t sectors() const noexcept { return sectors_; }
    [[nodiscard]] std::size_t block_size() const noexcept { return sectors_ * sector_size; }

    /// Blocks of a file of so many bytes, at least one.
    [[nodiscard]] std::uint64_t blocks(std::uint64_t file_size) const noexcept
    {
        return block_count(file_size, sectors_);
    }

    /// SHA-256("CAIRN-POR-V1-VK" || X || Y || sectors).
    [[nodiscard]] const AuditKeyId& id() const noexcept { return id_; }

    [[nodiscard]] const PreparedG2& x() const noexcept { return *x_; }
    [[nodiscard]] const PreparedG2& y() const noexcept { return *y_; }

    friend bool operator==(const AuditKey& a, const AuditKey& b) { return a.id_ == b.id_; }

private:
    std::uint32_t sectors_;
    G2 x_point_;
    G2 y_point_;
    AuditKeyId id_;
    std::shared_ptr<const PreparedG2> x_;
    std::shared_ptr<const PreparedG2> y_;
};

/// Powers of alpha in G1, one for each sector: what a provider needs to prove, and nobody can prove
/// without the data from.
class ProverKey {
public:
    explicit ProverKey(std::vector<G1> powers) : powers_{std::move(powers)} {}

    /// 48 bytes each; none unless all are points of the group and the first is the generator.
    static std::optional<ProverKey> decode(ByteView bytes);
    [[nodiscard]] Bytes encode() const;

    [[nodiscard]] const std::vector<G1>& powers() const noexcept { return powers_; }

    /// Whether it belongs to an audit key: whoever accepts both checks it once.
    [[nodiscard]] bool belongs_to(const AuditKey& key, Entropy& entropy) const;

private:
    std::vector<G1> powers_;
};

/// What tags are paired with: the second group's generator, inverted.
[[nodiscard]] const PreparedG2& minus_g2();

/// What an owner tags with: x and alpha, which serve nothing else. Wiped in the end.
class AuditSecret {
public:
    /// From 32 bytes that are derived for this use alone.
    explicit AuditSecret(ByteView seed);
    AuditSecret(const AuditSecret&) = delete;
    AuditSecret& operator=(const AuditSecret&) = delete;
    ~AuditSecret();

    [[nodiscard]] AuditKey audit_key(std::uint32_t sectors) const;
    [[nodiscard]] ProverKey prover_key(std::uint32_t sectors) const;

    /// The value of a block's polynomial at alpha: of its 31-byte sectors, little-endian, the first
    /// is the constant. A block may end early; the rest is zeros.
    [[nodiscard]] Scalar value_of(ByteView block) const;

    /// x (H + value g1).
    [[nodiscard]] G1 tag(const G1& index_point, const Scalar& value) const;

private:
    static constexpr std::size_t step = 32; // sectors whose products are reduced together

    Scalar x_;
    Scalar alpha_;
    Scalar alpha_step_;                    // alpha^step
    std::array<ShortFactor, step> powers_; // of alpha, from the 0th on
};

} // namespace cairn
