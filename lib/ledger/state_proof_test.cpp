#include "ledger/state_proof.hpp"

#include "ledger/registry.hpp"
#include "ledger/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

StateProof parse(ByteView bytes)
{
    return parse_state_proof(bytes);
}

/// What a chain shows of a key after its last block.
StateProof proof_of(const TestChain& chain, const StateKey& key)
{
    const auto value_of = [&](const StatePath& path) {
        return value_hash(chain.state().values().at(path).second);
    };
    return state_proof(chain.tip(), key, chain.state().get(key),
                       prove(chain.state(), key.path, value_of));
}

const std::vector<std::string>& goldens()
{
    static const std::vector<std::string> all{"state_proof", "state_proof_other",
                                              "state_proof_nothing"};
    return all;
}

/// One that proves nothing, with everything as large as it may be.
StateProof largest()
{
    StateProof proof;
    proof.header = parse_header(golden_bytes("header"));
    proof.header.height.value = UINT32_MAX;
    proof.header.time_s = time_max_s;
    proof.header.consensus.resize(consensus_data_max);
    proof.key = parse_state_key(Bytes(state_key_size_max));
    proof.value = Bytes(state_value_size_max);
    proof.beside.assign(tree_depth_max, filled<MerkleHash>(1));
    return proof;
}

template <class Change>
bool is_refused_with(StateProof proof, Change change)
{
    change(proof);
    return is_refused(to_bytes(proof), parse);
}

} // namespace

TEST_CASE("proofs that another implementation made are read, and prove what they say")
{
    for (const std::string& name : goldens()) {
        CAPTURE(name);
        const StateProof proof = parse_state_proof(golden_bytes(name));
        CHECK(to_bytes(proof) == golden_bytes(name));
        CHECK(is_proven(proof));
        CHECK(proof.value.has_value() == (name == "state_proof"));
        CHECK(proof.other.has_value() == (name == "state_proof_other"));
    }
    CHECK(parse_state_proof(golden_bytes("state_proof")).key == supply_key());
    CHECK(parse_state_proof(golden_bytes("state_proof")).value->size() > 0);
}

TEST_CASE("everything that a state has is proven, and what it has not")
{
    TestChain chain{test_genesis(6)};
    chain.add_empty(20);
    std::size_t nothing = 0;
    std::size_t other = 0;
    for (const auto& [path, entry] : chain.state().values()) {
        const StateProof proof = proof_of(chain, {entry.first, path});
        CHECK(is_proven(proof));
        CHECK(proof.value == entry.second);
        CHECK(parse_state_proof(to_bytes(proof)) == proof);
        // Neither another value nor none.
        StateProof bad = proof;
        bad.value->push_back({});
        CHECK_FALSE(is_proven(bad));
        bad.value.reset();
        CHECK_FALSE(is_proven(bad));
        bad.other = ProvenLeaf{path, value_hash(*proof.value)};
        CHECK_FALSE(is_proven(bad));
    }
    for (unsigned i = 0; i < 200; ++i) {
        const StateProof proof = proof_of(chain, earning_key(filled<AccountId>(i), {i}));
        CHECK(is_proven(proof));
        CHECK_FALSE(proof.value);
        ++(proof.other ? other : nothing);
        CHECK(parse_state_proof(to_bytes(proof)) == proof);
        StateProof bad = proof;
        bad.value = Bytes{std::byte{0x80}};
        CHECK_FALSE(is_proven(bad));
    }
    CHECK(nothing > 10);
    CHECK(other > 10);
    StateProof empty;
    empty.key = supply_key();
    CHECK(is_proven(empty)); // the root of a state without anything
    CHECK(parse_state_proof(to_bytes(empty)) == empty);
}

TEST_CASE("a proof with a bit changed is refused, proves nothing, or is about another block or key")
{
    for (const std::string& name : goldens()) {
        CAPTURE(name);
        const Bytes good = golden_bytes(name);
        CHECK(parser_fault(good, parse) == "");
        const StateProof whole = parse_state_proof(good);
        for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
            try {
                const StateProof proof = parse_state_proof(with_bit_changed(good, bit));
                const bool is_same =
                    is_proven(proof) && proof.header == whole.header && proof.key == whole.key;
                CHECK_MESSAGE(!is_same, bit);
            } catch (const Error& error) {
                CHECK(error.code() == Exit::data);
            }
        }
    }
}

TEST_CASE("a proof keeps its limits")
{
    const StateProof good = largest();
    REQUIRE(parse_state_proof(to_bytes(good)) == good);
    CHECK(to_bytes(good).size() <= state_proof_size_max);
    CHECK(is_refused_with(good, [](StateProof& proof) { proof.header.consensus.push_back({}); }));
    CHECK(is_refused_with(good, [](StateProof& proof) { proof.key.bytes.push_back({}); }));
    CHECK(is_refused_with(good, [](StateProof& proof) { proof.key.bytes.resize(2); }));
    CHECK(is_refused_with(good, [](StateProof& proof) { proof.value->push_back({}); }));
    CHECK(is_refused_with(good, [](StateProof& proof) { proof.beside.emplace_back(); }));
    CHECK(is_refused(Bytes(state_proof_size_max + 1), parse));
    // A value and another leaf, and a leaf that is the key's own.
    CHECK(is_refused_with(good, [](StateProof& proof) { proof.other.emplace(); }));
    CHECK(is_refused_with(good, [](StateProof& proof) {
        proof.value.reset();
        proof.other = ProvenLeaf{proof.key.path, {}};
    }));
    // Counts of more than there is.
    for (const unsigned head : {0x98U, 0x99U, 0x9aU, 0x9bU}) {
        Bytes bytes = golden_bytes("state_proof_nothing");
        const std::size_t beside = parse_state_proof(bytes).beside.size();
        REQUIRE(beside < 24);
        const std::array none_and_list{std::byte{0xf6}, static_cast<std::byte>(0x80 + beside)};
        const auto place =
            std::find_end(bytes.begin(), bytes.end(), none_and_list.begin(), none_and_list.end());
        REQUIRE(place != bytes.end());
        *(place + 1) = static_cast<std::byte>(head);
        CHECK(is_refused(bytes, parse));
    }
    // Zeros for nothing, which has a shorter form.
    Bytes zeros = to_bytes(good);
    std::ranges::fill(zeros.end() - 1 - static_cast<std::ptrdiff_t>(MerkleHash::size),
                      zeros.end() - 1, std::byte{0});
    CHECK(is_refused(zeros, parse));
}
