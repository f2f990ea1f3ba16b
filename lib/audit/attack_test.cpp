#include "audit/storage_challenge.hpp"
#include "audit/testing.hpp"
#include "pairing/testing.hpp"

#include <doctest/doctest.h>

// Attacks that were carried out against schemes like this one, cairn-proofs(7): each works where
// its rule is broken, and does not where it is kept. Others stand in audit_test.cpp: one block for
// all, blocks in each other's place, points of small order, errors that cancel out.

using namespace cairn;

namespace {

constexpr std::uint32_t sectors = 4;

/// A proof that somebody makes of a single block by a tag.
StorageProof proof_of(ByteView block, const G1& tag, const StorageStatement& statement,
                      const ProverKey& key)
{
    StorageProver prover{key};
    prover.add(statement.challenge.blocks.at(0), block, tag);
    return prover.finish(statement.challenge.point);
}

} // namespace

TEST_CASE("two tags for one index give one for any content between: ids have the content in them")
{
    const AuditSecret secret{noise(32, 1)};
    const ProverKey key = secret.prover_key(sectors);
    const Tagged tagged = tag_file(secret, sectors, Bytes(124, std::byte{10}));
    const StorageStatement statement = statement_about({&tagged, 1}, 3, 1);
    Bytes second = tagged.data;
    second[40] = std::byte{11};
    Bytes third = tagged.data; // that nobody has ever tagged
    third[40] = std::byte{13};
    // The rule broken: the second content is tagged in the place of the first.
    const G1 reused = secret.tag(index_point(tagged.file.id, 0), secret.value_of(second));
    const G1 difference = reused - tagged.tags[0];
    const G1 forged = reused + difference + difference;
    CHECK(verify(statement, proof_of(third, forged, statement, key)));
    // And kept: what has another content has another id, and the difference is good for nothing.
    const Tagged kept = tag_file(secret, sectors, second);
    CHECK_FALSE(kept.file.id == tagged.file.id);
    const G1 useless = kept.tags[0] + (kept.tags[0] - tagged.tags[0]).doubled();
    CHECK_FALSE(verify(statement, proof_of(third, useless, statement, key)));
    CHECK_FALSE(verify(statement_about({&kept, 1}, 3, 1),
                       proof_of(third, useless, statement_about({&kept, 1}, 3, 1), key)));
}

TEST_CASE("whoever knows x g1 changes the first sector of any block: nothing gives it")
{
    const AuditSecret secret{noise(32, 1)};
    const ProverKey key = secret.prover_key(sectors);
    const Tagged tagged = tag_file(secret, sectors, Bytes(124, std::byte{10}));
    const StorageStatement statement = statement_about({&tagged, 1}, 3, 1);
    Bytes forged = tagged.data;
    forged[0] = std::byte{12};
    const G1 x_g1 = secret.tag(G1{}, Scalar{1}); // no index point is at infinity
    CHECK(verify(statement, proof_of(forged, tagged.tags[0] + x_g1.doubled(), statement, key)));
    // What providers have is g1, and its powers of alpha without x.
    for (const G1& power : key.powers())
        CHECK_FALSE(
            verify(statement, proof_of(forged, tagged.tags[0] + power.doubled(), statement, key)));
}

TEST_CASE("an owner proves without data, so nobody is paid for what an owner of their own asks")
{
    const AuditSecret secret{noise(32, 1)};
    const Tagged tagged = tag_file(secret, sectors, noise(1000, 2));
    const StorageStatement statement = statement_about({&tagged, 1}, 3, 5);
    // Any quotient t g1 and any value y: the tag is x (sum v H + (y - rho t + alpha t) g1).
    const Scalar quotient = drawn_scalar(1);
    const Scalar value = drawn_scalar(2);
    G1 sum = quotient * secret.prover_key(2).powers()[1];
    for (const AskedBlock& asked : statement.challenge.blocks)
        sum += asked.factor * index_point(tagged.file.id, asked.index);
    const G1 tag = secret.tag(sum, value - statement.challenge.point * quotient);
    const StorageProof proof{tag, quotient * G1::generator(), value};
    CHECK(verify(statement, proof));
    // Another's secret does not help.
    const AuditSecret other{noise(32, 9)};
    const G1 foreign = other.tag(sum, value - statement.challenge.point * quotient);
    CHECK_FALSE(verify(statement, {foreign, proof.quotient, value}));
}

TEST_CASE("a point of small order in any place of a proof or a key is not read")
{
    const G1 small{G1Affine{{}, detail::Fp::from_number(2)}}; // order 3
    const AuditSecret secret{noise(32, 1)};
    const Tagged tagged = tag_file(secret, sectors, noise(600, 2));
    const StorageStatement statement = statement_about({&tagged, 1}, 3, 3);
    const StorageProof good = prove({&tagged, 1}, statement, secret.prover_key(sectors));
    for (const G1& added : {small, small.doubled()}) {
        StorageProof bad = good;
        bad.tag += added;
        CHECK(verify(statement, bad)); // pairings do not see it
        std::array<std::byte, StorageProof::size> bytes{};
        bad.encode(bytes);
        CHECK_FALSE(StorageProof::decode(bytes));
        bad = good;
        bad.quotient += added;
        bad.encode(bytes);
        CHECK_FALSE(StorageProof::decode(bytes));
        std::vector<G1> powers = secret.prover_key(sectors).powers();
        powers[2] += added;
        CHECK_FALSE(ProverKey::decode(ProverKey{powers}.encode()));
    }
}

TEST_CASE("a proof is good for one epoch, beacon, provider, key and list of files")
{
    const AuditSecret secret{noise(32, 1)};
    const ProverKey key = secret.prover_key(sectors);
    const std::vector<Tagged> tagged = tag_files(secret, sectors, {600, 1000});
    const AuditKeyId id = tagged[0].key.id();
    const std::vector<AuditFileId> ids{tagged[0].file.id, tagged[1].file.id};
    const Bytes beacon = noise(32, 4);
    const Bytes provider = noise(32, 5);
    StorageStatement statement{tagged[0].key, {tagged[0].file, tagged[1].file}, {}};
    const auto asked_by = [&](const ChallengeSeed& seed) {
        statement.challenge = expand(seed, statement.files, 6);
        return statement;
    };
    const StorageProof proof =
        prove(tagged, asked_by(challenge_seed(beacon, 7, provider, id, ids)), key);
    CHECK(verify(asked_by(challenge_seed(beacon, 7, provider, id, ids)), proof));
    for (const ChallengeSeed& seed :
         {challenge_seed(beacon, 8, provider, id, ids),       // replayed
          challenge_seed(noise(32, 3), 7, provider, id, ids), // by another chain
          challenge_seed(beacon, 7, noise(32, 6), id, ids),   // copied from another
          challenge_seed(beacon, 7, provider, {}, ids),       // of another owner
          challenge_seed(beacon, 7, provider, id, std::span{ids}.first(1)),
          audit_seed(filled<AuditNonce>(4), beacon, provider, id, ids)})
        CHECK_FALSE(verify(asked_by(seed), proof));
}

TEST_CASE("fewer, smaller or other blocks than were tagged are another file")
{
    const AuditSecret secret{noise(32, 1)};
    const Tagged tagged = tag_file(secret, sectors, noise(1000, 2));
    const AuditKey& key = tagged.key;
    StorageChallenge challenge{key.id(), numbered_seed(3), 16, {{tagged.root, 1000}}};
    const StorageProof proof =
        prove({&tagged, 1}, statement_of(challenge, key), secret.prover_key(sectors));
    CHECK(verify(statement_of(challenge, key), proof));
    for (const std::uint64_t size : {0U, 124U, 992U, 999U, 1001U, 1116U, 1117U}) {
        challenge.files[0].size = size;
        CHECK_FALSE(verify(statement_of(challenge, key), proof));
    }
    challenge.files[0].size = 1000;
    for (const std::uint32_t other : {1U, 3U, 5U, 16U}) {
        const AuditKey changed = secret.audit_key(other);
        CHECK_FALSE(changed.id() == key.id());
        CHECK(exit_of([&] { (void)statement_of(challenge, changed); }) == Exit::data);
        challenge.key = changed.id();
        CHECK_FALSE(verify(statement_of(challenge, changed), proof));
        challenge.key = key.id();
    }
    // One file of two that are asked for, with the other's blocks left out.
    const std::vector<Tagged> two = tag_files(secret, sectors, {600, 1000});
    const StorageStatement both = statement_about(two, 3, 8);
    CHECK(verify(both, prove(two, both, secret.prover_key(sectors))));
    const ProverKey prover_key = secret.prover_key(sectors);
    StorageProver partial{prover_key};
    for (const AskedBlock& asked : both.challenge.blocks)
        if (asked.file == 0)
            partial.add(asked, two[0].block(asked.index), two[0].tags[asked.index]);
    CHECK_FALSE(verify(both, partial.finish(both.challenge.point)));
}

TEST_CASE("proofs in a batch cannot make up for each other")
{
    const AuditSecret secret{noise(32, 1)};
    const ProverKey key = secret.prover_key(sectors);
    std::vector<StorageStatement> statements;
    std::vector<StorageProof> proofs;
    for (std::uint64_t i = 0; i < 6; ++i) {
        const Tagged tagged = tag_file(secret, sectors, noise(500, i));
        statements.push_back(statement_about({&tagged, 1}, i, 3));
        proofs.push_back(prove({&tagged, 1}, statements.back(), key));
    }
    std::vector<StorageProof> bad = proofs; // swapped
    std::swap(bad[1], bad[4]);
    CHECK(find_wrong(statements, bad) == std::vector<std::size_t>{1, 4});
    bad = proofs; // one twice
    bad[5] = proofs[0];
    CHECK(find_wrong(statements, bad) == std::vector<std::size_t>{5});
    bad = proofs; // errors in all three parts, each of which would cancel out
    bad[0].value += Scalar{1};
    bad[1].value -= Scalar{1};
    bad[2].quotient += G1::generator();
    bad[3].quotient -= G1::generator();
    CHECK(find_wrong(statements, bad) == std::vector<std::size_t>{0, 1, 2, 3});
    // The first has the weight 1, and still cannot be made up for by a chosen second one: the
    // weight of that depends on it.
    bad = proofs;
    bad[0].tag += G1::generator();
    for (std::uint64_t tried = 0; tried < 2; ++tried) {
        bad[1].tag = proofs[1].tag - drawn_scalar(tried) * G1::generator();
        CHECK(find_wrong(statements, bad) == std::vector<std::size_t>{0, 1});
    }
    CHECK(find_wrong(statements, proofs).empty());
}
