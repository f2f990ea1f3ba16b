#include "audit/storage_challenge.hpp"

#include "audit/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

bool is_refused(ByteView bytes)
{
    return exit_of([&] { (void)parse_challenge(bytes); }) == Exit::data;
}

bool is_refused(const StorageChallenge& challenge)
{
    return is_refused(to_bytes(challenge));
}

bool is_read(const StorageChallenge& challenge)
{
    return parse_challenge(to_bytes(challenge)) == challenge;
}

bool is_proof_refused(ByteView bytes)
{
    return exit_of([&] { (void)parse_storage_proof(bytes); }) == Exit::data;
}

/// That of tests/data/records.
StorageChallenge golden_challenge()
{
    StorageChallenge challenge{
        golden_secret().audit_key(16).id(), filled<ChallengeSeed>(0x5e), 5, {}};
    for (const Tagged& file : golden_files())
        challenge.files.push_back({file.root, file.data.size()});
    return challenge;
}

/// The golden challenge about these files, in this order.
StorageChallenge about(std::vector<ChallengedFile> files)
{
    StorageChallenge challenge = golden_challenge();
    challenge.files = std::move(files);
    return challenge;
}

/// So many files, each with another root.
std::vector<ChallengedFile> numbered_files(std::size_t count, std::uint64_t size)
{
    std::vector<ChallengedFile> files(count, {filled<Blake3Digest>(0xff), size});
    for (std::size_t i = 0; i < count; ++i) {
        files[i].root.bytes[0] = static_cast<std::byte>(i / 256);
        files[i].root.bytes[1] = static_cast<std::byte>(i);
    }
    return files;
}

/// Whether it answers its challenge.
bool is_right(const AnsweredChallenge& answered)
{
    bool is_true = false;
    const Exit exit = exit_of([&] {
        is_true =
            verify(statement_of(answered.challenge, golden_secret().audit_key(16)), answered.proof);
    });
    return exit == Exit::ok && is_true;
}

} // namespace

TEST_CASE("a challenge and its proof are those of another implementation")
{
    const StorageChallenge challenge = golden_challenge();
    CHECK(to_bytes(challenge) == golden_record("challenge"));
    CHECK(parse_challenge(golden_record("challenge")) == challenge);

    const std::vector<Tagged> files = golden_files();
    const StorageStatement statement = statement_of(challenge, golden_secret().audit_key(16));
    const StorageProof proof = prove(files, statement, golden_secret().prover_key(16));
    const Bytes golden = golden_record("storage_proof");
    CHECK(to_bytes(AnsweredChallenge{challenge, proof}) == golden);
    CHECK(to_bytes(parse_storage_proof(golden)) == golden);
    CHECK(is_right(parse_storage_proof(golden)));
}

TEST_CASE("a challenge with any bit changed is refused or another one")
{
    const Bytes good = golden_record("challenge");
    for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
        const Bytes bad = with_bit_changed(good, bit);
        if (!is_refused(bad)) CHECK_MESSAGE(to_bytes(parse_challenge(bad)) == bad, bit);
    }
    for (const Bytes& bad : near_misses_of(good)) CHECK(is_refused(bad));
}

TEST_CASE("a storage proof with any byte changed is refused or wrong" *
          doctest::test_suite("answers"))
{
    const Bytes good = golden_record("storage_proof");
    for (std::size_t at = 0; at < good.size(); ++at) {
        const Bytes bad = with_bit_changed(good, 8 * at + at % 8);
        CHECK_MESSAGE((is_proof_refused(bad) || !is_right(parse_storage_proof(bad))), at);
    }
    for (const Bytes& bad : near_misses_of(good)) CHECK(is_proof_refused(bad));
    CHECK(is_proof_refused(golden_record("challenge")));
    CHECK(is_refused(golden_record("storage_proof")));
    CHECK(is_proof_refused(golden_record("prove_reply")));
}

TEST_CASE("a challenge asks for 1 to 4096 blocks")
{
    StorageChallenge challenge = golden_challenge();
    for (const std::uint64_t blocks : {std::uint64_t{1}, std::uint64_t{23}, std::uint64_t{24},
                                       std::uint64_t{4095}, std::uint64_t{asked_blocks_max}}) {
        challenge.blocks = blocks;
        CHECK(is_read(challenge));
    }
    for (const std::uint64_t blocks :
         {std::uint64_t{0}, std::uint64_t{asked_blocks_max + 1}, std::uint64_t{1} << 32U,
          (std::uint64_t{1} << 32U) + 1, UINT64_MAX}) {
        challenge.blocks = blocks;
        CHECK(is_refused(challenge));
    }
}

TEST_CASE("a challenge is about 1 to 16 384 files of together 2^62 bytes at most")
{
    CHECK(is_refused(about({})));
    CHECK(is_read(about(numbered_files(challenged_files_max, 0))));
    CHECK(is_refused(about(numbered_files(challenged_files_max + 1, 0))));

    const Blake3Digest root = filled<Blake3Digest>(7);
    CHECK(is_read(about({{root, tagged_size_max}})));
    CHECK(is_read(about({{root, tagged_size_max}, {root, 0}})));
    CHECK(is_read(about({{root, 1}, {root, tagged_size_max - 1}})));
    CHECK(is_refused(about({{root, tagged_size_max + 1}})));
    CHECK(is_refused(about({{root, std::uint64_t{1} << 63U}})));
    CHECK(is_refused(about({{root, UINT64_MAX}})));
    CHECK(is_refused(about({{root, 2}, {root, tagged_size_max - 1}})));
    CHECK(is_refused(about({{root, 2}, {root, UINT64_MAX}}))); // 1 when it wraps around
    CHECK(is_refused(about(numbered_files(4, tagged_size_max))));
    CHECK(is_refused(about(numbered_files(5, std::uint64_t{1} << 60U))));
    CHECK(is_read(about(numbered_files(4, std::uint64_t{1} << 60U))));

    // The largest ones have room in their records.
    StorageChallenge largest =
        about(numbered_files(challenged_files_max, tagged_size_max / challenged_files_max));
    largest.blocks = asked_blocks_max;
    CHECK(is_read(largest));
    const AnsweredChallenge answered{largest, {}};
    CHECK(parse_storage_proof(to_bytes(answered)).challenge == largest);
    CHECK(is_refused(Bytes(challenge_size_max + 1)));
    CHECK(is_proof_refused(Bytes(challenge_size_max + 2 * StorageProof::size + 1)));
}

TEST_CASE("the largest challenges are expanded, of the smallest blocks too")
{
    for (const std::uint32_t sectors : {1U, sectors_max}) {
        const AuditKey key = golden_secret().audit_key(sectors);
        StorageChallenge challenge = about(numbered_files(64, tagged_size_max / 64));
        challenge.key = key.id();
        challenge.blocks = asked_blocks_max;
        arrange(challenge.files, key.id(), sectors);
        const StorageStatement statement = statement_of(challenge, key);
        CHECK(statement.challenge.blocks.size() == asked_blocks_max);
        for (const AskedBlock& asked : statement.challenge.blocks)
            CHECK(asked.index < statement.files[asked.file].blocks);
    }
    StorageChallenge empty = about(numbered_files(challenged_files_max, 0));
    const AuditKey key = golden_secret().audit_key(16);
    empty.blocks = asked_blocks_max;
    arrange(empty.files, key.id(), 16);
    CHECK(statement_of(empty, key).challenge.blocks.size() == asked_blocks_max);
}

TEST_CASE("files of a challenge are in the order of their ids, each once")
{
    const AuditKey key = golden_secret().audit_key(16);
    std::vector<ChallengedFile> files = numbered_files(9, 1000);
    files.push_back({files[3].root, 1001}); // a root with two sizes is two files
    arrange(files, key.id(), 16);
    const StorageStatement statement = statement_of(about(files), key);
    for (std::size_t i = 0; i < files.size(); ++i) {
        CHECK(statement.files[i].id == audit_file_id(key, files[i].size, files[i].root.bytes));
        CHECK(statement.files[i].blocks == 3);
        if (i > 0) CHECK(statement.files[i - 1].id < statement.files[i].id);
    }
    const auto exit_about = [&](const StorageChallenge& challenge) {
        return exit_of([&] { (void)statement_of(challenge, key); });
    };
    CHECK(exit_about(about(files)) == Exit::ok);
    for (std::size_t i = 1; i < files.size(); ++i) {
        StorageChallenge swapped = about(files);
        std::swap(swapped.files[i - 1], swapped.files[i]);
        CHECK(exit_about(swapped) == Exit::data);
        StorageChallenge twice = about(files);
        twice.files.insert(twice.files.begin() + static_cast<std::ptrdiff_t>(i), files[i]);
        CHECK(exit_about(twice) == Exit::data);
        CHECK(exit_of([&] { arrange(twice.files, key.id(), 16); }) == Exit::usage);
    }
    // Another key, another order, another challenge.
    CHECK(exit_of([&] { (void)statement_of(about(files), golden_secret().audit_key(17)); }) ==
          Exit::data);
    CHECK(exit_of([&] {
              (void)statement_of(about(files), AuditSecret{noise(32)}.audit_key(16));
          }) == Exit::data);
}

TEST_CASE("an answer over the network is good for one nonce, auditor, provider, key and list alone")
{
    const AuditSecret secret = golden_secret();
    const AuditKey key = secret.audit_key(16);
    const std::vector<Tagged> tagged = golden_files();
    const std::vector<AuditFileId> ids{tagged[0].file.id, tagged[1].file.id};
    const Bytes auditor = noise(32, 1);
    const Bytes provider = noise(32, 2);
    const auto nonce = filled<AuditNonce>(3);
    const ChallengeSeed seed = audit_seed(nonce, auditor, provider, key.id(), ids);
    StorageChallenge challenge = golden_challenge();
    challenge.seed = seed;
    const StorageProof proof = prove(tagged, statement_of(challenge, key), secret.prover_key(16));
    CHECK(verify(statement_of(challenge, key), proof));

    const std::vector<AuditFileId> reversed{ids[1], ids[0]};
    for (const ChallengeSeed& other :
         {audit_seed(filled<AuditNonce>(4), auditor, provider, key.id(), ids),
          audit_seed(nonce, provider, provider, key.id(), ids),
          audit_seed(nonce, auditor, auditor, key.id(), ids),
          audit_seed(nonce, provider, auditor, key.id(), ids),
          audit_seed(nonce, auditor, provider, {}, ids),
          audit_seed(nonce, auditor, provider, key.id(), {}),
          audit_seed(nonce, auditor, provider, key.id(), reversed),
          audit_seed(nonce, auditor, provider, key.id(), std::span{ids}.first(1)),
          challenge_seed(nonce.bytes, 1, provider, key.id(), ids)}) {
        CHECK_FALSE(other == seed);
        challenge.seed = other;
        CHECK_FALSE(verify(statement_of(challenge, key), proof));
    }
}
