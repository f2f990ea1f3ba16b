#include "base/error.hpp"
#include "ledger/coins.hpp"
#include "ledger/policy.hpp"

// What the policy keeps and is asked, as bytes.

namespace cairn {
namespace {

constexpr StateTable supplies{module_number::policy, 1};
constexpr StateTable rewards{module_number::policy, 2};
constexpr StateTable remembered{module_number::policy, 3};
constexpr StateTable policies{module_number::policy, 4};

Amount sum_of(std::initializer_list<Amount> amounts)
{
    Amount sum;
    for (const Amount amount : amounts) {
        const auto next = plus(sum, amount);
        if (!next) throw Error{Exit::data, "the state has more than there can be"};
        sum = *next;
    }
    return sum;
}

} // namespace

StateKey supply_key()
{
    return state_key(supplies, {});
}

StateKey reward_key(Height height)
{
    return state_key(rewards, {}, height.value);
}

StateKey remembered_key(Height height)
{
    return state_key(remembered, {}, height.value);
}

StateKey ccc_key()
{
    return state_key(policies, as_bytes("ccc"));
}

StateKey points_key()
{
    return state_key(policies, as_bytes("points"));
}

Amount policy_atoms_in(std::uint8_t table, ByteView value)
{
    if (table == rewards.number) return parse_record<Reward>(value).amount;
    if (table != policies.number) return {};
    CborReader reader{value, "a record of the state"};
    const bool is_ccc = reader.any().value == CccState::parts;
    if (is_ccc) return parse_record<CccState>(value).pool;
    const auto points = parse_record<PointsState>(value);
    return sum_of({points.users, points.servers, points.owed});
}

void Supply::put(CborWriter& writer) const
{
    writer.array(2);
    writer.number(minted.atoms);
    writer.number(burnt.atoms);
}

Supply Supply::take(CborReader& reader)
{
    reader.array(2);
    Supply supply;
    supply.minted.atoms = reader.number();
    supply.burnt.atoms = reader.number();
    return supply;
}

void Reward::put(CborWriter& writer) const
{
    writer.array(3);
    writer.bytes(account.bytes);
    writer.number(amount.atoms);
    writer.bytes(sealer.bytes);
}

Reward Reward::take(CborReader& reader)
{
    reader.array(3);
    Reward reward;
    reward.account = reader.fixed<AccountId>();
    reward.amount.atoms = reader.number();
    reward.sealer = reader.fixed<Ed25519PublicKey>();
    return reward;
}

void RememberedBlock::put(CborWriter& writer) const
{
    writer.array(3);
    writer.bytes(parent.bytes);
    writer.bytes(beacon.bytes);
    writer.number(space_bytes);
}

RememberedBlock RememberedBlock::take(CborReader& reader)
{
    reader.array(3);
    RememberedBlock block;
    block.parent = reader.fixed<BlockId>();
    block.beacon = reader.fixed<Beacon>();
    block.space_bytes = reader.number();
    return block;
}

void CccState::put(CborWriter& writer) const
{
    writer.array(parts);
    writer.number(emission.phase);
    writer.number(emission.left.atoms);
    put_wide(writer, emission.rest);
    put_wide(writer, space_sum);
    writer.number(blocks);
    writer.number(pool.atoms);
}

CccState CccState::take(CborReader& reader)
{
    reader.array(parts);
    CccState state;
    state.emission.phase = reader.number(ccc_phases);
    state.emission.left.atoms = reader.number();
    state.emission.rest = take_wide(reader);
    state.space_sum = take_wide(reader);
    state.blocks = reader.number();
    state.pool.atoms = reader.number();
    return state;
}

void PointsState::put(CborWriter& writer) const
{
    writer.array(parts);
    writer.number(base.atoms);
    writer.number(users.atoms);
    writer.number(servers.atoms);
    writer.number(owed.atoms);
    writer.number(bonded.atoms);
    put_wide(writer, share);
}

PointsState PointsState::take(CborReader& reader)
{
    reader.array(parts);
    PointsState state;
    state.base.atoms = reader.number();
    state.users.atoms = reader.number();
    state.servers.atoms = reader.number();
    state.owed.atoms = reader.number();
    state.bonded.atoms = reader.number();
    state.share = take_wide(reader);
    return state;
}

Bytes to_bytes(const AttachArguments& arguments)
{
    Bytes bytes;
    CborWriter writer{bytes};
    writer.array(3);
    writer.bytes(arguments.provider.bytes);
    writer.number(arguments.amount.atoms);
    writer.bytes(arguments.reference);
    return bytes;
}

AttachArguments parse_attach(ByteView bytes)
{
    CborReader reader{bytes, "what is attached"};
    reader.array(3);
    AttachArguments arguments;
    arguments.provider = reader.fixed<AccountId>();
    arguments.amount.atoms = reader.number();
    if (arguments.amount == Amount{}) reader.refuse("nothing to attach");
    const ByteView reference = reader.bytes_up_to(reference_size_max);
    arguments.reference.assign(reference.begin(), reference.end());
    reader.finish();
    return arguments;
}

Bytes to_bytes(const SweepArguments& arguments)
{
    Bytes bytes;
    CborWriter writer{bytes};
    writer.array(1);
    writer.bytes(arguments.account.bytes);
    return bytes;
}

SweepArguments parse_sweep(ByteView bytes)
{
    CborReader reader{bytes, "the sweep"};
    reader.array(1);
    const SweepArguments arguments{reader.fixed<AccountId>()};
    reader.finish();
    return arguments;
}

Bytes to_bytes(const EvidenceArguments& arguments)
{
    Bytes bytes;
    CborWriter writer{bytes};
    writer.array(4);
    for (std::size_t i = 0; i < 2; ++i) {
        writer.bytes(arguments.headers.at(i));
        writer.bytes(arguments.seals.at(i));
    }
    return bytes;
}

EvidenceArguments parse_evidence(ByteView bytes)
{
    CborReader reader{bytes, "the evidence"};
    reader.array(4);
    EvidenceArguments arguments;
    for (std::size_t i = 0; i < 2; ++i) {
        const ByteView header = reader.bytes_up_to(header_size_max);
        arguments.headers.at(i).assign(header.begin(), header.end());
        const ByteView seal = reader.bytes_up_to(seal_size_max);
        arguments.seals.at(i).assign(seal.begin(), seal.end());
    }
    reader.finish();
    return arguments;
}

} // namespace cairn
