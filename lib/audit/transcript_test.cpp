#include "audit/transcript.hpp"

#include "audit/testing.hpp"
#include "format/address.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

using Faults = std::vector<std::string>;

bool is_refused(ByteView bytes)
{
    return exit_of([&] { (void)parse_transcript(bytes); }) == Exit::data;
}

Transcript golden_transcript()
{
    return parse_transcript(golden_record("transcript"));
}

std::string name_of(const AuditedProvider& audited)
{
    return to_address(audited.provider);
}

/// Signed again after a change, so that nothing but the change is wrong.
Faults faults_after(Transcript transcript)
{
    sign(transcript, golden_node());
    return faults_of(transcript);
}

/// The golden transcript with the outcome and the proof of one provider replaced.
Bytes with_answer(std::size_t provider, unsigned outcome, const std::optional<StorageProof>& proof)
{
    Transcript transcript = golden_transcript();
    transcript.providers.at(provider).outcome = static_cast<AuditOutcome>(outcome);
    transcript.providers[provider].proof = proof;
    return to_bytes(transcript);
}

/// An audit of so many providers which all have the golden files, each asked with a nonce of its
/// own, and what all of them prove.
Transcript audit_of(std::size_t providers)
{
    Transcript transcript = golden_transcript();
    const ProverKey key = golden_secret().prover_key(16);
    const std::vector<Tagged> files = golden_files();
    const std::vector<ChallengedFile> listed = transcript.providers[0].files;
    transcript.providers.clear();
    for (std::size_t i = 0; i < providers; ++i) {
        AuditedProvider audited{.provider = filled<Ed25519PublicKey>(static_cast<unsigned>(i % 7)),
                                .nonce = {},
                                .blocks = 1 + i % 3,
                                .files = listed,
                                .outcome = AuditOutcome::passed,
                                .proof = {}};
        audited.nonce = nonce_of(*transcript.beacon, audited.provider, i);
        audited.proof = prove(files, statement_of(transcript, audited), key);
        transcript.providers.push_back(audited);
    }
    return transcript;
}

} // namespace

TEST_CASE("a transcript is what another implementation writes, and all of it is so")
{
    const Transcript read = golden_transcript();
    CHECK(to_bytes(read) == golden_record("transcript"));
    CHECK(faults_of(read).empty());
    CHECK(is_signed(read));
    REQUIRE(read.providers.size() == 4);
    const std::array outcomes{AuditOutcome::passed, AuditOutcome::wrong, AuditOutcome::refused,
                              AuditOutcome::silent};
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(read.providers[i].outcome == outcomes[i]);
        CHECK(read.providers[i].proof.has_value() == (i < 2));
        CHECK(read.providers[i].nonce == nonce_of(*read.beacon, read.providers[i].provider, i));
    }
    CHECK(read.auditor == golden_node().public_key());
    CHECK(read.network == filled<NetworkId>(0x4e));
    CHECK(read.time_s == 1'800'000'000);
    Transcript signed_again = read;
    sign(signed_again, golden_node());
    CHECK(to_bytes(signed_again) == golden_record("transcript"));

    const Transcript chosen = parse_transcript(golden_record("transcript_chosen"));
    CHECK(to_bytes(chosen) == golden_record("transcript_chosen"));
    CHECK_FALSE(chosen.beacon);
    CHECK(faults_of(chosen).empty());
}

TEST_CASE("what another implementation has proven is what this one proves")
{
    const Transcript read = golden_transcript();
    const Transcript chosen = parse_transcript(golden_record("transcript_chosen"));
    const std::vector<Tagged> files = golden_files();
    for (const auto& [transcript, audited] :
         {std::pair{&read, &read.providers[0]}, {&chosen, &chosen.providers[0]}}) {
        const StorageStatement statement = statement_of(*transcript, *audited);
        std::array<std::byte, StorageProof::size> theirs{};
        std::array<std::byte, StorageProof::size> ours{};
        audited->proof->encode(theirs);
        prove(files, statement, golden_secret().prover_key(16)).encode(ours);
        CHECK(ours == theirs);
        CHECK(verify(statement, *audited->proof));
    }
}

TEST_CASE("a transcript with any byte changed is refused or not signed" *
          doctest::test_suite("answers"))
{
    const Bytes good = golden_record("transcript");
    for (std::size_t at = 0; at < good.size(); ++at) {
        const Bytes bad = with_bit_changed(good, 8 * at + at % 8);
        CHECK_MESSAGE((is_refused(bad) || !is_signed(parse_transcript(bad))), at);
    }
}

TEST_CASE("near misses of a transcript are refused" * doctest::test_suite("answers"))
{
    for (const char* const name : {"transcript", "transcript_chosen"})
        for (const Bytes& bad : near_misses_of(golden_record(name))) CHECK(is_refused(bad));
    for (const char* const name : {"audit_key", "challenge", "storage_proof"})
        CHECK(is_refused(golden_record(name)));
    CHECK(is_refused(Bytes(transcript_size_max + 1)));
}

TEST_CASE("a transcript has a proof where the outcome says that there is one, and nowhere else")
{
    const Transcript good = golden_transcript();
    const std::optional<StorageProof> proof = good.providers[0].proof;
    for (const std::size_t provider : {0U, 3U}) {
        for (const unsigned outcome : {0U, 1U}) {
            CHECK_FALSE(is_refused(with_answer(provider, outcome, proof)));
            CHECK(is_refused(with_answer(provider, outcome, {})));
        }
        for (const unsigned outcome : {2U, 3U}) {
            CHECK(is_refused(with_answer(provider, outcome, proof)));
            CHECK_FALSE(is_refused(with_answer(provider, outcome, {})));
        }
        for (const unsigned outcome : {4U, 24U}) {
            CHECK(is_refused(with_answer(provider, outcome, proof)));
            CHECK(is_refused(with_answer(provider, outcome, {})));
        }
    }
}

TEST_CASE("the numbers of a transcript have limits")
{
    const auto is_read = [](const Transcript& transcript) {
        const Bytes bytes = to_bytes(transcript);
        return !is_refused(bytes) && to_bytes(parse_transcript(bytes)) == bytes;
    };
    Transcript transcript = golden_transcript();
    transcript.time_s = time_max_s;
    CHECK(is_read(transcript));
    transcript.time_s = time_max_s + 1;
    CHECK_FALSE(is_read(transcript));
    transcript.time_s = UINT64_MAX;
    CHECK_FALSE(is_read(transcript));

    transcript = golden_transcript();
    for (const std::uint64_t blocks : {std::uint64_t{0}, std::uint64_t{asked_blocks_max + 1},
                                       std::uint64_t{1} << 32U, UINT64_MAX}) {
        transcript.providers[3].blocks = blocks;
        CHECK_FALSE(is_read(transcript));
    }
    transcript.providers[3].blocks = asked_blocks_max;
    CHECK(is_read(transcript));
    transcript.providers[3].files[0].size = tagged_size_max;
    CHECK(is_read(transcript));
    transcript.providers[3].files[0].size = tagged_size_max + 1;
    CHECK_FALSE(is_read(transcript));
    transcript.providers[3].files.clear();
    CHECK_FALSE(is_read(transcript));

    AuditedProvider silent = golden_transcript().providers[3];
    transcript.providers.assign(audited_providers_max, silent);
    CHECK(is_read(transcript));
    CHECK(is_within_limits(transcript));
    transcript.providers.push_back(silent);
    CHECK_FALSE(is_read(transcript));
    CHECK_FALSE(is_within_limits(transcript));
    silent.blocks = asked_blocks_max; // 2^12 of 2^22
    transcript.providers.assign(1024, silent);
    CHECK(is_read(transcript));
    CHECK(is_within_limits(transcript));
    silent.blocks = 1;
    transcript.providers.push_back(silent);
    CHECK_FALSE(is_read(transcript));
    CHECK_FALSE(is_within_limits(transcript));
    transcript.providers.clear();
    CHECK(is_read(transcript));
    silent.files.assign(challenged_files_max, silent.files[0]);
    transcript.providers.assign(1, silent);
    CHECK(is_read(transcript)); // that a file is there twice is seen with the key
    CHECK(is_within_limits(transcript));
    transcript.providers[0].files.push_back(silent.files[0]);
    CHECK_FALSE(is_read(transcript));
    silent.files.resize(challenged_files_max);
    transcript.providers.assign(40, silent); // 16 MiB
    CHECK_FALSE(is_read(transcript));
    CHECK_FALSE(is_within_limits(transcript));
}

TEST_CASE("whatever is not so in a transcript is told")
{
    const Transcript good = golden_transcript();
    CHECK(faults_after(good).empty());

    Transcript bad = good; // outcomes that are flipped
    bad.providers[0].outcome = AuditOutcome::wrong;
    CHECK(faults_after(bad) ==
          Faults{name_of(bad.providers[0]) + ": its proof is right, and is said to be wrong"});
    bad = good;
    bad.providers[1].outcome = AuditOutcome::passed;
    CHECK(faults_after(bad) ==
          Faults{name_of(bad.providers[1]) + ": its proof is wrong, and is said to be right"});
    bad.providers[0].outcome = AuditOutcome::wrong;
    CHECK(faults_after(bad).size() == 2);

    bad = good; // the proof of another
    bad.providers[0].proof = good.providers[1].proof;
    CHECK(faults_after(bad) ==
          Faults{name_of(bad.providers[0]) + ": its proof is wrong, and is said to be right"});

    bad = good; // another nonce, which changes what is proven too
    bad.providers[0].nonce.bytes[31] ^= std::byte{1};
    CHECK(faults_after(bad) ==
          Faults{name_of(bad.providers[0]) + ": its nonce does not follow from the beacon",
                 name_of(bad.providers[0]) + ": its proof is wrong, and is said to be right"});
    bad.beacon.reset();
    CHECK(faults_after(bad).size() == 1);
    bad = good;
    bad.providers[3].nonce = good.providers[2].nonce; // of one who was silent
    CHECK(faults_after(bad) ==
          Faults{name_of(bad.providers[3]) + ": its nonce does not follow from the beacon"});

    bad = good; // a beacon that fits nowhere
    bad.beacon->bytes[0] ^= std::byte{1};
    CHECK(faults_after(bad).size() == 4);
    bad = good; // nonces are for a place in the transcript
    std::swap(bad.providers[2], bad.providers[3]);
    CHECK(faults_after(bad).size() == 2);

    bad = good; // other files, other blocks, another provider
    bad.providers[0].files.pop_back();
    CHECK(faults_after(bad).size() == 1);
    bad = good;
    bad.providers[0].blocks = 1;
    CHECK(faults_after(bad).size() == 1);
    bad = good;
    bad.providers[0].provider.bytes[0] ^= std::byte{1};
    CHECK(faults_after(bad).size() == 2);
}

TEST_CASE("a transcript with files that are not in order is malformed, whatever the outcome is")
{
    const std::vector<ChallengedFile> files = golden_transcript().providers[0].files;
    for (std::size_t provider = 0; provider < 4; ++provider) {
        Transcript transcript = golden_transcript();
        transcript.providers[provider].files = {files[1], files[0]};
        CHECK(exit_of([&] { (void)faults_after(transcript); }) == Exit::data);
        transcript.providers[provider].files = {files[0], files[0]};
        CHECK(exit_of([&] { (void)faults_after(transcript); }) == Exit::data);
        transcript.providers[provider].files = files;
        CHECK(exit_of([&] { (void)faults_after(transcript); }) == Exit::ok);
    }
}

TEST_CASE("wrong signatures of a transcript are told")
{
    const Transcript good = golden_transcript();
    Transcript bad = good;
    bad.signature.bytes[0] ^= std::byte{1};
    CHECK(faults_of(bad) == Faults{"the auditor's signature is wrong"});
    bad = good;
    bad.time_s += 1;
    CHECK(faults_of(bad) == Faults{"the auditor's signature is wrong"});
    bad = good;
    bad.network = {};
    CHECK(faults_of(bad) == Faults{"the auditor's signature is wrong"});

    bad = good; // an audit key that its owner has not signed
    bad.key.signature = {};
    CHECK(faults_after(bad) == Faults{"the owner's signature is wrong"});
    bad.key.signature = golden_node().sign(noise(8));
    CHECK(faults_after(bad) == Faults{"the owner's signature is wrong"});
    bad = good;
    bad.key = sign(good.key.key, golden_node());
    CHECK(faults_after(bad).empty()); // it is another's key, who has signed it

    bad = good; // another auditor has another seed
    sign(bad, golden_owner());
    CHECK(is_signed(bad));
    CHECK(faults_of(bad) ==
          Faults{name_of(bad.providers[0]) + ": its proof is wrong, and is said to be right"});
    bad = good; // another key, by which the files happen to be in order too
    bad.key = sign(AuditSecret{noise(32)}.audit_key(16), golden_owner());
    CHECK(faults_after(bad) ==
          Faults{name_of(bad.providers[0]) + ": its proof is wrong, and is said to be right"});
}

TEST_CASE("of many proofs of a transcript exactly the wrong ones are found")
{
    const Transcript good = audit_of(9);
    Transcript judged = good;
    judge(judged);
    for (const AuditedProvider& audited : judged.providers)
        CHECK(audited.outcome == AuditOutcome::passed);
    CHECK(faults_after(judged).empty());

    const std::vector<std::vector<std::size_t>> choices{{0}, {7, 8}, {1, 3, 4, 6}};
    for (const std::vector<std::size_t>& wrong : choices) {
        Transcript transcript = good;
        for (const std::size_t i : wrong) transcript.providers[i].proof->tag += G1::generator();
        CHECK(faults_after(transcript).size() == wrong.size());
        for (const std::size_t at_once : {std::size_t{1}, std::size_t{4}, blocks_judged_at_once}) {
            for (AuditedProvider& audited : transcript.providers)
                audited.outcome = AuditOutcome::passed;
            judge(transcript, at_once);
            std::vector<std::size_t> found;
            for (std::size_t i = 0; i < transcript.providers.size(); ++i)
                if (transcript.providers[i].outcome == AuditOutcome::wrong) found.push_back(i);
            CHECK(found == wrong);
        }
        CHECK(faults_after(transcript).empty());
    }
    judged = good; // all of them, by each other's proofs
    std::rotate(judged.providers.begin(), judged.providers.begin() + 1, judged.providers.end());
    for (std::size_t i = 0; i < 9; ++i) judged.providers[i].proof = good.providers[i].proof;
    judge(judged);
    for (const AuditedProvider& audited : judged.providers)
        CHECK(audited.outcome == AuditOutcome::wrong);

    judged = good; // who has not answered is not judged
    judged.providers[3].proof.reset();
    judged.providers[3].outcome = AuditOutcome::silent;
    judged.providers[4].proof.reset();
    judged.providers[4].outcome = AuditOutcome::refused;
    judge(judged);
    CHECK(judged.providers[3].outcome == AuditOutcome::silent);
    CHECK(judged.providers[4].outcome == AuditOutcome::refused);
    CHECK(judged.providers[5].outcome == AuditOutcome::passed);
    judged.providers.clear();
    judge(judged);
    CHECK(faults_after(judged).empty());
}

TEST_CASE("outcomes have names")
{
    CHECK(to_text(AuditOutcome::passed) == std::string{"passed"});
    CHECK(to_text(AuditOutcome::wrong) == std::string{"wrong"});
    CHECK(to_text(AuditOutcome::refused) == std::string{"refused"});
    CHECK(to_text(AuditOutcome::silent) == std::string{"silent"});
}
