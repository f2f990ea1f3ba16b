// How fast the groups of BLS12-381 and storage proofs are, by one thread, of the best of some
// rounds:
//     pairing [ROUNDS]
// One line for each: NAME NANOSECONDS
//     product, pairing, hash (to G1), multiply (in G1, constant time), msm (4096 points),
//     tag-1024, tag-4096 (for each byte), accept (all tags of 1024 sectors, for each byte),
//     prove (1024 sectors, 16 blocks), verify (16 blocks), batch-1, batch-50 (for each of 100
//     proofs of one owner, of 50 owners)

#include "audit/proof.hpp"
#include "pairing/hash_to_curve.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

using namespace cairn;

namespace {

int rounds = 3;

/// Nanoseconds of one of `count` steps, which `work` does.
template <class Work>
void report(const char* name, double count, const Work& work)
{
    double best = 1e300;
    for (int i = 0; i < rounds; ++i) {
        const auto begun = std::chrono::steady_clock::now();
        work();
        const std::chrono::duration<double, std::nano> taken =
            std::chrono::steady_clock::now() - begun;
        best = std::min(best, taken.count() / count);
    }
    std::printf("%s %.3f\n", name, best);
    std::fflush(stdout);
}

Bytes bytes_of(std::size_t size)
{
    Bytes bytes(size);
    std::uint64_t state = 88172645463325252U;
    for (std::byte& byte : bytes) {
        state ^= state << 13U;
        state ^= state >> 7U;
        state ^= state << 17U;
        byte = static_cast<std::byte>(state);
    }
    return bytes;
}

Scalar scalar_of(std::uint64_t seed)
{
    Bytes bytes = bytes_of(48);
    bytes[47] = static_cast<std::byte>(seed);
    bytes[46] = static_cast<std::byte>(seed >> 8U);
    return Scalar::reduce(bytes);
}

void groups()
{
    detail::Fp value = detail::Fp::from_number(3);
    const detail::Fp factor = value.inverse() + detail::Fp::one();
    report("product", 1'000'000, [&] {
        for (int i = 0; i < 1'000'000; ++i) value *= factor;
    });
    G1 point = scalar_of(1) * G1::generator();
    const G2 other = scalar_of(2) * G2::generator();
    report("pairing", 20, [&] {
        for (int i = 0; i < 20; ++i)
            if (pairing(point, other).is_one()) std::abort();
    });
    const Bytes message = bytes_of(40);
    report("hash", 200, [&] {
        for (int i = 0; i < 200; ++i) point += hash_to_g1(message, "a tag for measurements");
    });
    report("multiply", 200, [&] {
        for (int i = 0; i < 200; ++i) point = scalar_of(static_cast<std::uint64_t>(i)) * point;
    });
    std::vector<Scalar> scalars;
    std::vector<G1> points;
    for (std::uint64_t i = 0; i < 4096; ++i) {
        scalars.push_back(scalar_of(i));
        points.push_back(point);
        point = point.doubled();
    }
    report("msm", 1, [&] { point += multi_scalar_product(scalars, std::span<const G1>{points}); });
    if (value.is_zero() || point.is_infinity()) std::abort(); // all is used
}

struct Tagged {
    AuditKey key;
    AuditedFile file;
    std::vector<G1> tags;
};

Tagged tag_all(const AuditSecret& secret, std::uint32_t sectors, ByteView data)
{
    Tagged tagged{secret.audit_key(sectors), {}, {}};
    tagged.file = {audit_file_id(tagged.key, data.size(), Bytes(32)),
                   tagged.key.blocks(data.size())};
    const std::size_t size = tagged.key.block_size();
    for (std::uint64_t i = 0; i < tagged.file.blocks; ++i)
        tagged.tags.push_back(secret.tag(
            index_point(tagged.file.id, i),
            secret.value_of(data.subspan(i * size, std::min(size, data.size() - i * size)))));
    return tagged;
}

StorageStatement statement_about(const Tagged& tagged, std::size_t count)
{
    StorageStatement statement{tagged.key, {tagged.file}, {}};
    statement.challenge = expand({}, statement.files, count);
    return statement;
}

StorageProof prove(const Tagged& tagged, const StorageStatement& statement, ByteView data,
                   const ProverKey& key)
{
    StorageProver prover{key};
    const std::size_t size = tagged.key.block_size();
    for (const AskedBlock& asked : statement.challenge.blocks) {
        const std::size_t begin = asked.index * size;
        prover.add(asked, data.subspan(begin, std::min(size, data.size() - begin)),
                   tagged.tags[asked.index]);
    }
    return prover.finish(statement.challenge.point);
}

void proofs()
{
    const AuditSecret secret{bytes_of(32)};
    for (const std::uint32_t sectors : {sectors_usual, sectors_bulk}) {
        const Bytes data = bytes_of(64UL * sectors * sector_size);
        report(sectors == sectors_usual ? "tag-1024" : "tag-4096", static_cast<double>(data.size()),
               [&] { std::ignore = tag_all(secret, sectors, data); });
    }
    const Bytes data = bytes_of(256UL * sectors_usual * sector_size);
    const Tagged tagged = tag_all(secret, sectors_usual, data);
    const ProverKey key = secret.prover_key(sectors_usual);
    const StorageStatement all = statement_about(tagged, asked_blocks_max);
    report("accept", static_cast<double>(data.size()), [&] {
        if (!verify(all, prove(tagged, all, data, key))) std::abort();
    });
    const StorageStatement some = statement_about(tagged, 16);
    StorageProof proof;
    report("prove", 1, [&] { proof = prove(tagged, some, data, key); });
    report("verify", 1, [&] {
        if (!verify(some, proof)) std::abort();
    });
    const std::vector<StorageStatement> statements(100, some);
    const std::vector<StorageProof> same(100, proof);
    report("batch-1", 100, [&] {
        if (!find_wrong(statements, same).empty()) std::abort();
    });
    std::vector<StorageStatement> many;
    std::vector<StorageProof> each;
    for (std::uint64_t owner = 0; owner < 50; ++owner) {
        Bytes seed = bytes_of(32);
        seed[0] = static_cast<std::byte>(owner);
        const AuditSecret theirs{seed};
        const ByteView small = ByteView{data}.first(16UL * sectors_usual * sector_size);
        const Tagged file = tag_all(theirs, sectors_usual, small);
        const StorageStatement statement = statement_about(file, 16);
        for (int i = 0; i < 2; ++i) {
            many.push_back(statement);
            each.push_back(prove(file, statement, small, theirs.prover_key(sectors_usual)));
        }
    }
    report("batch-50", 100, [&] {
        if (!find_wrong(many, each).empty()) std::abort();
    });
}

} // namespace

int main(int argc, char** argv)
{
    if (argc > 1) rounds = std::max(1, std::atoi(argv[1]));
    groups();
    proofs();
}
