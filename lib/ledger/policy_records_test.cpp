#include "ledger/policy.hpp"
#include "ledger/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

/// Whether a record of the state is kept, and what is nearly it is refused.
template <class Record>
bool is_kept(const Record& record)
{
    const Bytes good = record_bytes(record);
    if (record_bytes(parse_record<Record>(good)) != good) return false;
    return std::ranges::all_of(near_misses_of(good), [](const Bytes& miss) {
        return exit_of([&] { (void)parse_record<Record>(miss); }) == Exit::data;
    });
}

constexpr Uint128 wide = (Uint128{1} << 100U) + 7;

} // namespace

TEST_CASE("arguments of the policy are read exactly")
{
    const AttachArguments attach{filled<AccountId>(1), {1000}, noise(5)};
    CHECK(parser_fault(to_bytes(attach), parse_attach) == "");
    CHECK(parser_fault(to_bytes(SweepArguments{filled<AccountId>(1)}), parse_sweep) == "");
    const EvidenceArguments evidence{{noise(3), noise(30)}, {noise(4), {}}};
    CHECK(parser_fault(to_bytes(evidence), parse_evidence) == "");
}

TEST_CASE("arguments of the policy have their limits")
{
    const auto attaches = [](std::uint64_t atoms, std::size_t reference) {
        return !is_refused(to_bytes(AttachArguments{{}, {atoms}, Bytes(reference)}), parse_attach);
    };
    CHECK_FALSE(attaches(0, 0));
    CHECK(attaches(1, 0));
    CHECK(attaches(UINT64_MAX, reference_size_max));
    CHECK_FALSE(attaches(1, reference_size_max + 1));
    const auto shows = [](std::size_t header, std::size_t seal) {
        const EvidenceArguments evidence{{Bytes(header), Bytes(header)},
                                         {Bytes(seal), Bytes(seal)}};
        return !is_refused(to_bytes(evidence), parse_evidence);
    };
    CHECK(shows(header_size_max, seal_size_max));
    CHECK_FALSE(shows(header_size_max + 1, 1));
    CHECK_FALSE(shows(1, seal_size_max + 1));
}

TEST_CASE("records of the policy are kept")
{
    CHECK(is_kept(Supply{{UINT64_MAX}, {5}}));
    CHECK(is_kept(Reward{filled<AccountId>(1), {2}, filled<Ed25519PublicKey>(3)}));
    CHECK(is_kept(RememberedBlock{filled<BlockId>(1), filled<Beacon>(2), UINT64_MAX}));
    const CccState ccc{{ccc_phases, {4}, wide}, wide + 1, 1440, {9}};
    CHECK(is_kept(ccc));
    CHECK(parse_record<CccState>(record_bytes(ccc)) == ccc);
    CHECK(
        exit_of([] {
            (void)parse_record<CccState>(record_bytes(CccState{{ccc_phases + 1, {}, 0}, 0, 0, {}}));
        }) == Exit::data);
    const PointsState points{{1}, {2}, {3}, {4}, {5}, wide};
    CHECK(is_kept(points));
    CHECK(parse_record<PointsState>(record_bytes(points)) == points);
}

TEST_CASE("money in the policy's records is what nobody has yet")
{
    const Module& module = *find_module(module_number::policy);
    const auto atoms = [&](const StateKey& key, const Bytes& value) {
        return module.atoms_in(table_of(key).number, value).atoms;
    };
    CHECK(atoms(supply_key(), record_bytes(Supply{{100}, {7}})) == 0);
    CHECK(atoms(reward_key({1}), record_bytes(Reward{{}, {9}, {}})) == 9);
    CHECK(atoms(remembered_key({1}), record_bytes(RememberedBlock{{}, {}, 5})) == 0);
    CHECK(atoms(ccc_key(), record_bytes(CccState{{}, wide, 3, {11}})) == 11);
    CHECK(atoms(points_key(), record_bytes(PointsState{{100}, {1}, {20}, {300}, {9}, 9})) == 321);
    CHECK(
        exit_of([&] {
            (void)atoms(points_key(), record_bytes(PointsState{{}, {UINT64_MAX}, {1}, {}, {}, 0}));
        }) == Exit::data);
}

TEST_CASE("keys of the policy's records are all different")
{
    std::map<Bytes, int> keys;
    for (const StateKey& key : {supply_key(), ccc_key(), points_key(), reward_key({0}),
                                reward_key({1}), remembered_key({0}), remembered_key({1}),
                                reward_key({UINT32_MAX}), remembered_key({UINT32_MAX})})
        CHECK(keys.emplace(key.bytes, 0).second);
}
