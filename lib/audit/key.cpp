#include "audit/key.hpp"

#include "base/cursor.hpp"
#include "crypto/kdf.hpp"
#include "crypto/secret.hpp"
#include "hash/digest.hpp"

#include <array>
#include <cassert>

namespace cairn {
namespace {

constexpr std::string_view key_context = "CAIRN-POR-V1-VK";
constexpr std::string_view derivation_salt = "CAIRN-POR-V1-KEYGEN";

Scalar derived(ByteView seed, std::string_view info)
{
    std::array<std::byte, 48> bytes{};
    hkdf_sha256(seed, as_bytes(derivation_salt), as_bytes(info), bytes);
    const Scalar scalar = Scalar::reduce(bytes);
    wipe(bytes);
    assert(!scalar.is_zero());
    return scalar;
}

AuditKeyId id_of(const G2& x, const G2& y, std::uint32_t sectors)
{
    Bytes message(key_context.size() + AuditKey::size);
    std::ranges::copy(as_bytes(key_context), message.begin());
    x.encode(MutableByteView{message}.subspan(key_context.size(), G2::size));
    y.encode(MutableByteView{message}.last(G2::size));
    Writer{message}.big_endian(sectors);
    return {sha256(message).bytes};
}

const FixedBase& generator_table()
{
    static const FixedBase table{G1::generator()};
    return table;
}

} // namespace

AuditKey::AuditKey(const G2& x, const G2& y, std::uint32_t sectors)
    : sectors_{sectors},
      x_point_{x},
      y_point_{y},
      id_{id_of(x, y, sectors)},
      x_{std::make_shared<PreparedG2>(x)},
      y_{std::make_shared<PreparedG2>(y)}
{
    assert(!x.is_infinity() && !y.is_infinity() && sectors > 0 && sectors <= sectors_max);
}

std::optional<AuditKey> AuditKey::decode(ByteView bytes, std::uint32_t sectors)
{
    if (bytes.size() != size || sectors == 0 || sectors > sectors_max) return std::nullopt;
    const auto x = G2::decode(bytes.first(G2::size));
    const auto y = G2::decode(bytes.subspan(G2::size));
    if (!x || !y || x->is_infinity() || y->is_infinity()) return std::nullopt;
    return AuditKey{*x, *y, sectors};
}

void AuditKey::encode(MutableByteView bytes) const
{
    x_point_.encode(bytes.first(G2::size));
    y_point_.encode(bytes.subspan(G2::size));
}

std::optional<ProverKey> ProverKey::decode(ByteView bytes)
{
    if (bytes.empty() || bytes.size() % G1::size != 0) return std::nullopt;
    if (bytes.size() / G1::size > sectors_max) return std::nullopt;
    std::vector<G1> powers;
    for (; !bytes.empty(); bytes = bytes.subspan(G1::size)) {
        const auto point = G1::decode(bytes.first(G1::size));
        if (!point || point->is_infinity()) return std::nullopt;
        powers.push_back(*point);
    }
    if (!(powers.front() == G1::generator())) return std::nullopt;
    return ProverKey{std::move(powers)};
}

Bytes ProverKey::encode() const
{
    Bytes bytes(powers_.size() * G1::size);
    for (std::size_t i = 0; i < powers_.size(); ++i)
        powers_[i].encode(MutableByteView{bytes}.subspan(i * G1::size, G1::size));
    return bytes;
}

bool ProverKey::belongs_to(const AuditKey& key, Entropy& entropy) const
{
    if (powers_.size() != key.sectors() || !(powers_.front() == G1::generator())) return false;
    if (powers_.size() == 1) return true;
    // All relations at once, with factors that nobody could foresee.
    std::vector<Scalar> factors;
    for (std::size_t i = 0; i + 1 < powers_.size(); ++i) {
        std::array<std::byte, 16> bytes{};
        entropy.fill(bytes);
        factors.push_back(Scalar::reduce(bytes));
    }
    const std::span<const G1> powers{powers_};
    const G1 higher = multi_scalar_product(factors, powers.subspan(1));
    const G1 lower = multi_scalar_product(factors, powers.first(factors.size()));
    return product_of_pairings(
               std::array{PairingTerm{higher, &key.x()}, PairingTerm{-lower, &key.y()}})
        .is_one();
}

const PreparedG2& minus_g2()
{
    static const PreparedG2 prepared{-G2::generator()};
    return prepared;
}

AuditSecret::AuditSecret(ByteView seed) : x_{derived(seed, "x")}, alpha_{derived(seed, "alpha")}
{
    assert(seed.size() == 32);
    alpha_step_ = Scalar{1};
    for (ShortFactor& power : powers_) {
        power = ShortFactor{alpha_step_};
        alpha_step_ *= alpha_;
    }
}

AuditSecret::~AuditSecret()
{
    wipe(std::as_writable_bytes(std::span{&x_, 1}));
    wipe(std::as_writable_bytes(std::span{&alpha_, 1}));
    wipe(std::as_writable_bytes(std::span{&alpha_step_, 1}));
}

AuditKey AuditSecret::audit_key(std::uint32_t sectors) const
{
    Scalar product = x_ * alpha_;
    AuditKey key{x_ * G2::generator(), product * G2::generator(), sectors};
    wipe(std::as_writable_bytes(std::span{&product, 1}));
    return key;
}

ProverKey AuditSecret::prover_key(std::uint32_t sectors) const
{
    std::vector<G1> powers;
    powers.reserve(sectors);
    Scalar power{1};
    for (std::uint32_t i = 0; i < sectors; ++i) {
        powers.push_back(generator_table().times(power));
        power *= alpha_;
    }
    wipe(std::as_writable_bytes(std::span{&power, 1}));
    return ProverKey{std::move(powers)};
}

Scalar AuditSecret::value_of(ByteView block) const
{
    // Horner, from the last sectors, so many at a time.
    Scalar value;
    constexpr std::size_t step_size = step * sector_size; // bytes
    for (std::size_t end = divide_up(block.size(), step_size); end-- > 0;) {
        ByteView rest = block.subspan(end * step_size);
        ProductSum sum;
        for (std::size_t i = 0; i < step && !rest.empty(); ++i) {
            const std::size_t size = std::min(sector_size, rest.size());
            sum.add(powers_[i], rest.first(size));
            rest = rest.subspan(size);
        }
        value = value * alpha_step_ + sum.total();
    }
    return value;
}

G1 AuditSecret::tag(const G1& index_point, const Scalar& value) const
{
    Scalar product = x_ * value;
    const G1 tag = x_ * index_point + generator_table().times(product);
    wipe(std::as_writable_bytes(std::span{&product, 1}));
    return tag;
}

} // namespace cairn
