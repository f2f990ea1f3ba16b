#include "audit/testing.hpp"
#include "crypto/keystream.hpp"
#include "pairing/testing.hpp"

#include <fstream>
#include <set>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

std::string hex(const auto& point)
{
    return to_hex_text(encoded(point));
}

template <class Id>
Id id_of(const nlohmann::json& value)
{
    Id id;
    std::ranges::copy(hex_of(value), id.bytes.begin());
    return id;
}

} // namespace

TEST_CASE("keys, tags, challenges and proofs are those of two other implementations" *
          doctest::test_suite("answers"))
{
    const nlohmann::json all = nlohmann::json::parse(std::ifstream{CAIRN_TEST_DATA "/por_v1.json"});
    for (const auto& vector : all["cases"]) {
        const auto sectors = vector["s"].get<std::uint32_t>();
        const auto size = vector["length"].get<std::size_t>();
        CAPTURE(sectors);
        CAPTURE(size);
        const AuditSecret secret{hex_of(vector["key_seed"])};
        const AuditKey key = secret.audit_key(sectors);
        Bytes encoded_key(AuditKey::size);
        key.encode(encoded_key);
        Bytes expected_key = hex_of(vector["X"]);
        const Bytes y = hex_of(vector["Y"]);
        expected_key.insert(expected_key.end(), y.begin(), y.end());
        CHECK(encoded_key == expected_key);
        CHECK(AuditKey::decode(encoded_key, sectors) == key);
        CHECK(key.id() == id_of<AuditKeyId>(vector["vk_id"]));
        const ProverKey prover = secret.prover_key(sectors);
        CHECK(hex(prover.powers()[1]) == vector["U_1"].get<std::string>());
        CHECK(hex(prover.powers().back()) == vector["U_last"].get<std::string>());

        Bytes data(size);
        ChaCha20Keystream{hex_of(vector["data_chacha20_key"]), Bytes(12)}.fill(data);
        const Tagged tagged = tag_file(secret, sectors, data);
        CHECK(tagged.file.id == id_of<AuditFileId>(vector["fid"]));
        CHECK(tagged.file.blocks == vector["n"].get<std::uint64_t>());
        CHECK(hex(tagged.tags.front()) == vector["tag_first"].get<std::string>());
        CHECK(hex(tagged.tags.back()) == vector["tag_last"].get<std::string>());

        const std::array files{tagged.file};
        StorageStatement statement{key, {tagged.file}, {}};
        statement.challenge = expand(id_of<ChallengeSeed>(vector["challenge_seed"]), files,
                                     vector["c_max"].get<std::size_t>());
        REQUIRE(statement.challenge.blocks.size() == vector["indices"].size());
        for (std::size_t i = 0; i < vector["indices"].size(); ++i) {
            CHECK(statement.challenge.blocks[i].index == vector["indices"][i].get<std::uint64_t>());
            Bytes factor = hex_of(vector["coeffs_le"][i]);
            std::ranges::reverse(factor);
            CHECK(statement.challenge.blocks[i].factor == Scalar::reduce(factor));
        }
        CHECK(Scalar::decode(hex_of(vector["rho"])) == statement.challenge.point);
        const StorageProof proof = prove({&tagged, 1}, statement, prover);
        Bytes bytes(StorageProof::size);
        proof.encode(bytes);
        CHECK(bytes == hex_of(vector["proof"]));
        CHECK(verify(statement, *StorageProof::decode(bytes)) == vector["valid"].get<bool>());
    }
}

TEST_CASE("no proof with a bit changed is taken" * doctest::test_suite("answers"))
{
    const AuditSecret secret{noise(32, 1)};
    const Tagged tagged = tag_file(secret, 16, noise(5000, 2));
    const StorageStatement statement = statement_about({&tagged, 1}, 3, 4);
    Bytes good(StorageProof::size);
    prove({&tagged, 1}, statement, secret.prover_key(16)).encode(good);
    REQUIRE(verify(statement, *StorageProof::decode(good)));
    std::size_t read = 0;
    for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
        Bytes bad = good;
        bad[bit / 8] ^= std::byte{static_cast<unsigned char>(1U << bit % 8)};
        const auto proof = StorageProof::decode(bad);
        if (!proof) continue;
        ++read;
        CHECK_FALSE(verify(statement, *proof));
    }
    CHECK(read > 200); // the value's bits, most of them
    CHECK_FALSE(StorageProof::decode(ByteView{good}.first(127)));
    CHECK_FALSE(verify(statement, {}));
}

TEST_CASE("what was changed, swapped, replayed or is another's is refused")
{
    const AuditSecret secret{noise(32, 1)};
    const AuditSecret other{noise(32, 9)};
    const ProverKey key = secret.prover_key(16);
    Tagged tagged = tag_file(secret, 16, noise(10 * 496, 2));
    const StorageStatement statement = statement_about({&tagged, 1}, 3, 5);
    const StorageProof good = prove({&tagged, 1}, statement, key);
    CHECK(verify(statement, good));
    CHECK_FALSE(verify(statement_about({&tagged, 1}, 4, 5), good)); // another challenge
    CHECK_FALSE(verify(statement_about({&tagged, 1}, 3, 4), good));
    // Another file, with the same content under another id.
    StorageStatement elsewhere = statement;
    elsewhere.files[0].id.bytes[0] ^= std::byte{1};
    CHECK_FALSE(verify(elsewhere, good));
    StorageStatement owned = statement;
    owned.key = other.audit_key(16);
    CHECK_FALSE(verify(owned, good));
    // A byte of what is asked for.
    const AskedBlock& asked = statement.challenge.blocks[2];
    Tagged rotten = tagged;
    rotten.data[asked.index * 496 + 100] ^= std::byte{1};
    CHECK_FALSE(verify(statement, prove({&rotten, 1}, statement, key)));
    // A block in the place of another, with its tag.
    Tagged swapped = tagged;
    const std::uint64_t first = statement.challenge.blocks[0].index;
    const std::uint64_t second = statement.challenge.blocks[1].index;
    std::swap(swapped.tags[first], swapped.tags[second]);
    for (std::size_t i = 0; i < 496; ++i)
        std::swap(swapped.data[first * 496 + i], swapped.data[second * 496 + i]);
    CHECK_FALSE(verify(statement, prove({&swapped, 1}, statement, key)));
    // One block for all: with an index that is a scalar this would be enough.
    Tagged single = tagged;
    for (std::uint64_t i = 0; i < 10; ++i) {
        single.tags[i] = tagged.tags[0];
        std::copy_n(tagged.data.begin(), 496,
                    single.data.begin() + static_cast<std::ptrdiff_t>(i * 496));
    }
    CHECK_FALSE(verify(statement, prove({&single, 1}, statement, key)));
    // A prover's key that is another's.
    CHECK_FALSE(verify(statement, prove({&tagged, 1}, statement, other.prover_key(16))));
}

TEST_CASE("a point of small order is none, and what it adds is not taken")
{
    // (0, 2) has order 3; pairings do not see it.
    const G1 small{G1Affine{{}, detail::Fp::from_number(2)}};
    CHECK_FALSE(small.is_in_group());
    const AuditSecret secret{noise(32, 1)};
    const Tagged tagged = tag_file(secret, 4, noise(600, 2));
    const StorageStatement statement = statement_about({&tagged, 1}, 3, 3);
    StorageProof proof = prove({&tagged, 1}, statement, secret.prover_key(4));
    proof.tag += small;
    Bytes bytes(StorageProof::size);
    proof.encode(bytes);
    CHECK_FALSE(StorageProof::decode(bytes));
}

TEST_CASE("tags of two contents under one id would prove anything, so ids have the content in them")
{
    const AuditSecret secret{noise(32, 1)};
    const Tagged one = tag_file(secret, 4, noise(124, 2));
    const Tagged two = tag_file(secret, 4, noise(124, 3));
    CHECK_FALSE(one.file.id == two.file.id);
    // What an owner must never do, and what it would give: one tag for the other's content.
    const G1 point = index_point(one.file.id, 0);
    const G1 reused = secret.tag(point, secret.value_of(two.block(0)));
    const G1 difference = reused - one.tags[0];
    Tagged forged = one;
    forged.tags[0] = reused - difference;
    const StorageStatement statement = statement_about({&one, 1}, 3, 1);
    CHECK(verify(statement, prove({&forged, 1}, statement, secret.prover_key(4))));
    forged.tags[0] = reused;
    CHECK_FALSE(verify(statement, prove({&forged, 1}, statement, secret.prover_key(4))));
}

TEST_CASE("a prover's key is checked against the audit key")
{
    FixedEntropy entropy;
    const AuditSecret secret{noise(32, 1)};
    const AuditKey key = secret.audit_key(16);
    const ProverKey good = secret.prover_key(16);
    CHECK(good.belongs_to(key, entropy));
    CHECK(ProverKey::decode(good.encode())->belongs_to(key, entropy));
    CHECK_FALSE(secret.prover_key(15).belongs_to(key, entropy));
    const AuditSecret other{noise(32, 2)};
    CHECK_FALSE(other.prover_key(16).belongs_to(key, entropy));
    CHECK_FALSE(good.belongs_to(other.audit_key(16), entropy));
    for (std::size_t i = 1; i < 16; ++i) {
        std::vector<G1> powers = good.powers();
        powers[i] += G1::generator();
        CHECK_FALSE(ProverKey{powers}.belongs_to(key, entropy));
    }
    Bytes bytes = good.encode();
    CHECK_FALSE(ProverKey::decode(ByteView{bytes}.first(bytes.size() - 1)));
    CHECK_FALSE(
        ProverKey::decode(ByteView{bytes}.subspan(48))); // does not begin with the generator
    CHECK_FALSE(ProverKey::decode({}));
    Bytes encoded_key(AuditKey::size);
    key.encode(encoded_key);
    CHECK_FALSE(AuditKey::decode(encoded_key, 0));
    CHECK_FALSE(AuditKey::decode(encoded_key, sectors_max + 1));
    CHECK_FALSE(AuditKey::decode(encoded_key, 17) == key);
    Bytes infinite(AuditKey::size);
    infinite.front() = infinite[96] = std::byte{0xc0};
    CHECK_FALSE(AuditKey::decode(infinite, 16));
}

TEST_CASE("one proof is about many files, and blocks are counted through all of them")
{
    const AuditSecret secret{noise(32, 1)};
    const ProverKey key = secret.prover_key(4);
    std::vector<Tagged> files;
    for (std::uint64_t i = 0; i < 5; ++i) files.push_back(tag_file(secret, 4, noise(i * 200, i)));
    const StorageStatement statement = statement_about(files, 3, 8);
    CHECK(verify(statement, prove(files, statement, key)));
    StorageStatement reordered = statement;
    std::swap(reordered.files[1], reordered.files[2]);
    CHECK_FALSE(verify(reordered, prove(files, statement, key)));
    // All blocks, where no more are asked for than there are.
    const StorageStatement whole = statement_about(files, 3, 1000);
    CHECK(whole.challenge.blocks.size() == 1 + 2 + 4 + 5 + 7);
    CHECK(verify(whole, prove(files, whole, key)));
    std::set<std::pair<std::size_t, std::uint64_t>> met;
    for (const AskedBlock& asked : statement.challenge.blocks)
        CHECK(met.insert({asked.file, asked.index}).second);
}

TEST_CASE("of many proofs those that are wrong are found")
{
    const AuditSecret first{noise(32, 1)};
    const AuditSecret second{noise(32, 2)};
    std::vector<StorageStatement> statements;
    std::vector<StorageProof> proofs;
    for (std::uint64_t i = 0; i < 9; ++i) {
        const AuditSecret& secret = i % 2 == 0 ? first : second;
        const Tagged tagged = tag_file(secret, 4, noise(1000, i));
        statements.push_back(statement_about({&tagged, 1}, i, 3));
        proofs.push_back(prove({&tagged, 1}, statements.back(), secret.prover_key(4)));
    }
    CHECK(find_wrong(statements, proofs).empty());
    CHECK(find_wrong({}, {}).empty());
    std::vector<StorageProof> bad = proofs;
    bad[0].value += Scalar{1};
    bad[7].tag += G1::generator();
    bad[8].quotient = -bad[8].quotient;
    CHECK(find_wrong(statements, bad) == std::vector<std::size_t>{0, 7, 8});
    // Two errors that would cancel out without weights.
    bad = proofs;
    bad[2].tag += G1::generator();
    bad[4].tag -= G1::generator();
    CHECK(find_wrong(statements, bad) == std::vector<std::size_t>{2, 4});
}

TEST_CASE(
    "challenges ask for each block as often as for others, and a share that is lost is noticed")
{
    // 100 blocks of which 5 are lost, 16 asked for: caught with 1 - C(95,16)/C(100,16), 0.60.
    const std::array files{AuditedFile{{}, 60}, AuditedFile{{}, 40}};
    constexpr std::size_t rounds = 2000;
    std::array<std::size_t, 100> asked_for{};
    std::size_t caught = 0;
    for (std::size_t round = 0; round < rounds; ++round) {
        bool is_caught = false;
        for (const AskedBlock& asked : expand(numbered_seed(round), files, 16).blocks) {
            const std::uint64_t number = asked.index + (asked.file == 1 ? 60 : 0);
            ++asked_for[number];
            is_caught = is_caught || number % 20 == 7;
        }
        caught += is_caught ? 1 : 0;
    }
    CHECK(caught > 1100);
    CHECK(caught < 1310);
    double chi_square = 0;
    for (const std::size_t count : asked_for) {
        const double more = static_cast<double>(count) - rounds * 16 / 100.0;
        chi_square += more * more / (rounds * 16 / 100.0);
    }
    CHECK(chi_square < 160); // 99 degrees of freedom, and draws without repetition vary less
    CHECK(chi_square > 30);
}

TEST_CASE("seeds depend on all that they are about")
{
    const AuditSecret secret{noise(32, 1)};
    const AuditKeyId key = secret.audit_key(4).id();
    const std::array files{AuditFileId{}, AuditFileId{}};
    const Bytes provider = noise(32, 5);
    const ChallengeSeed seed = challenge_seed(noise(32, 4), 7, provider, key, files);
    CHECK(seed == challenge_seed(noise(32, 4), 7, provider, key, files));
    CHECK_FALSE(seed == challenge_seed(noise(32, 3), 7, provider, key, files));
    CHECK_FALSE(seed == challenge_seed(noise(32, 4), 8, provider, key, files));
    CHECK_FALSE(seed == challenge_seed(noise(32, 4), 7, noise(32, 6), key, files));
    CHECK_FALSE(seed == challenge_seed(noise(32, 4), 7, provider, {}, files));
    CHECK_FALSE(seed == challenge_seed(noise(32, 4), 7, provider, key, std::span{files}.first(1)));
}
