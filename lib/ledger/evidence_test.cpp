#include "ledger/policy.hpp"
#include "ledger/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

/// The last block's header and another for its place, sealed by one key.
EvidenceArguments evidence_by(const Ed25519KeyPair& key, const Header& ours)
{
    Header other = ours;
    ++other.time_s;
    return {{to_bytes(ours), to_bytes(other)},
            {to_bytes(seal(block_id(ours), key)), to_bytes(seal(block_id(other), key))}};
}

Status status_of(TestChain& chain, const EvidenceArguments& evidence)
{
    const Transaction transaction =
        chain.make(counting_pair(0), module_number::policy,
                   static_cast<std::uint16_t>(PolicyMethod::evidence), to_bytes(evidence));
    return std::get<TransactionReceipt>(chain.add({transaction}).at(0)).status;
}

} // namespace

TEST_CASE("a reward is burnt for two seals of the key that sealed its block, and of no other")
{
    TestChain chain{test_genesis()};
    const Ed25519KeyPair sealer = counting_pair(96);
    BlockContext context = chain.next_context();
    context.sealer = sealer.public_key();
    (void)chain.add(context, {});
    const Header ours = chain.tip();
    const StateKey key = reward_key(ours.height);
    const Amount reward = chain.find<Reward>(key)->amount;

    CHECK(status_of(chain, evidence_by(counting_pair(0), ours)) == Status::not_true);
    CHECK(chain.find<Reward>(key)->amount == reward);
    CHECK(chain.find<Supply>(supply_key())->burnt == Amount{});

    CHECK(status_of(chain, evidence_by(sealer, ours)) == Status::done);
    CHECK_FALSE(chain.find<Reward>(key));
    CHECK(chain.find<Supply>(supply_key())->burnt == reward);
    CHECK(status_of(chain, evidence_by(sealer, ours)) == Status::absent);
}
