#include "audit/proof.hpp"

#include "base/cursor.hpp"
#include "crypto/keystream.hpp"
#include "hash/digest.hpp"

#include <algorithm>
#include <array>
#include <cassert>

namespace cairn {
namespace {

constexpr std::string_view batch_context = "CAIRN-POR-V1-BATCH";

/// sum v H + y g1 - rho psi: what must be the tag's logarithm without x.
G1 claimed_sum(const StorageStatement& statement, const StorageProof& proof)
{
    const std::array factors{proof.value, -statement.challenge.point};
    const std::array points{G1::generator(), proof.quotient};
    return sum_of_index_points(statement.files, statement.challenge.blocks) +
           multi_scalar_product(factors, std::span<const G1>{points});
}

/// One proof with what its statement gives, and the owner's key.
struct Term {
    const AuditKey* key;
    const StorageProof* proof;
    G1 sum;
    Scalar weight;
};

G1 weighted(std::span<const Term* const> terms, const auto& point_of)
{
    std::vector<Scalar> weights;
    std::vector<G1> points;
    for (const Term* term : terms) {
        weights.push_back(term->weight);
        points.push_back(point_of(*term));
    }
    return multi_scalar_product(weights, std::span<const G1>{points});
}

bool are_right(std::span<const Term> terms)
{
    std::vector<const Term*> all;
    for (const Term& term : terms) all.push_back(&term);
    std::vector<PairingTerm> factors{
        {weighted(all, [](const Term& term) { return term.proof->tag; }), &minus_g2()}};
    // Those of one owner share two pairings.
    std::ranges::stable_sort(all, {}, [](const Term* term) { return term->key->id(); });
    for (std::size_t begin = 0; begin < all.size();) {
        std::size_t end = begin;
        while (end < all.size() && *all[end]->key == *all[begin]->key) ++end;
        const auto group = std::span{all}.subspan(begin, end - begin);
        factors.push_back(
            {weighted(group, [](const Term& term) { return term.sum; }), &all[begin]->key->x()});
        factors.push_back({weighted(group, [](const Term& term) { return term.proof->quotient; }),
                           &all[begin]->key->y()});
        begin = end;
    }
    return product_of_pairings(factors).is_one();
}

void find_wrong_in(std::span<const Term> terms, std::size_t first, std::vector<std::size_t>& wrong)
{
    if (terms.empty() || are_right(terms)) return;
    if (terms.size() == 1) return wrong.push_back(first);
    const std::size_t half = terms.size() / 2;
    find_wrong_in(terms.first(half), first, wrong);
    find_wrong_in(terms.subspan(half), first + half, wrong);
}

/// All that statements and proofs are made of.
Sha256Digest digest_of(std::span<const StorageStatement> statements,
                       std::span<const StorageProof> proofs)
{
    Bytes message;
    Writer writer{message};
    writer.put(as_bytes(batch_context));
    std::array<std::byte, Scalar::size> number{};
    const auto put_scalar = [&](const Scalar& scalar) {
        scalar.encode(number);
        writer.put(number);
    };
    for (const StorageStatement& statement : statements) {
        writer.put(statement.key.id().bytes);
        writer.big_endian(std::uint64_t{statement.files.size()});
        for (const AuditedFile& file : statement.files) {
            writer.put(file.id.bytes);
            writer.big_endian(file.blocks);
        }
        writer.big_endian(std::uint64_t{statement.challenge.blocks.size()});
        for (const AskedBlock& asked : statement.challenge.blocks) {
            writer.big_endian(std::uint64_t{asked.file});
            writer.big_endian(asked.index);
            put_scalar(asked.factor);
        }
        put_scalar(statement.challenge.point);
    }
    std::array<std::byte, StorageProof::size> bytes{};
    for (const StorageProof& proof : proofs) {
        proof.encode(bytes);
        writer.put(bytes);
    }
    return sha256(message);
}

} // namespace

std::optional<StorageProof> StorageProof::decode(ByteView bytes)
{
    if (bytes.size() != size) return std::nullopt;
    const auto tag = G1::decode(bytes.first(G1::size));
    const auto quotient = G1::decode(bytes.subspan(G1::size, G1::size));
    const auto value = Scalar::decode(bytes.last(Scalar::size));
    if (!tag || !quotient || !value) return std::nullopt;
    return StorageProof{*tag, *quotient, *value};
}

void StorageProof::encode(MutableByteView bytes) const
{
    tag.encode(bytes.first(G1::size));
    quotient.encode(bytes.subspan(G1::size, G1::size));
    value.encode(bytes.last(Scalar::size));
}

StorageProver::StorageProver(const ProverKey& key) : key_{&key}, sums_{key.powers().size()} {}

void StorageProver::add(const AskedBlock& asked, ByteView block, const G1& tag)
{
    sums_.add(asked.factor, block);
    factors_.push_back(asked.factor);
    tags_.push_back(tag);
}

StorageProof StorageProver::finish(const Scalar& point) const
{
    // Horner from the top: what is carried from sector to sector are the quotient's coefficients.
    const std::vector<Scalar> sums = sums_.values();
    std::vector<Scalar> quotient(sums.size() - 1);
    Scalar carried = sums.back();
    for (std::size_t i = sums.size() - 1; i-- > 0;) {
        quotient[i] = carried;
        carried = sums[i] + point * carried;
    }
    return {
        multi_scalar_product(factors_, std::span<const G1>{tags_}),
        multi_scalar_product(quotient, std::span<const G1>{key_->powers()}.first(quotient.size())),
        carried};
}

bool verify(const StorageStatement& statement, const StorageProof& proof)
{
    return product_of_pairings(
               std::array{PairingTerm{proof.tag, &minus_g2()},
                          PairingTerm{claimed_sum(statement, proof), &statement.key.x()},
                          PairingTerm{proof.quotient, &statement.key.y()}})
        .is_one();
}

std::vector<std::size_t> find_wrong(std::span<const StorageStatement> statements,
                                    std::span<const StorageProof> proofs)
{
    assert(statements.size() == proofs.size());
    const Sha256Digest key = digest_of(statements, proofs);
    ChaCha20Keystream stream{key.bytes, std::array<std::byte, 12>{}};
    std::vector<Term> terms;
    for (std::size_t i = 0; i < proofs.size(); ++i) {
        std::array<std::byte, 16> bytes{};
        if (i > 0) stream.fill(bytes);
        std::ranges::reverse(bytes);
        terms.push_back({&statements[i].key, &proofs[i], claimed_sum(statements[i], proofs[i]),
                         i == 0 ? Scalar{1} : Scalar::reduce(bytes)});
    }
    std::vector<std::size_t> wrong;
    find_wrong_in(terms, 0, wrong);
    return wrong;
}

} // namespace cairn
