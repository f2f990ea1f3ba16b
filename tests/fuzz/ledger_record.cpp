#include "fuzz.hpp"
#include "ledger/coins.hpp"
#include "ledger/detail/tree_node.hpp"
#include "ledger/files.hpp"
#include "ledger/group.hpp"
#include "ledger/ledger.hpp"
#include "ledger/ledger_json.hpp"
#include "ledger/policy.hpp"
#include "ledger/registry.hpp"

// Every record of a chain, the arguments of every method, what a state has, and a genesis. An input
// is tried as all of them.

namespace cairn {
namespace {

using Rewrite = Bytes (*)(ByteView input);

template <auto parse>
Bytes rewrite(ByteView input)
{
    return to_bytes(parse(input));
}

template <class Record>
Bytes rewrite_state(ByteView input)
{
    return record_bytes(parse_record<Record>(input));
}

Bytes rewrite_transaction(ByteView input)
{
    const Transaction transaction = parse_transaction(input);
    const bool is_known = accepted([&] { return weight_of(transaction); }).has_value();
    const Json json = to_json(transaction.body);
    require(!is_known || json.member("arguments").is_object(), "what is known is shown by name");
    require(!is_known || body_from_json(Json::parse(json.dump(), "it")) == transaction.body,
            "a body is read as it was shown");
    require(parse_transaction_body(to_bytes(transaction.body)) == transaction.body,
            "a body is read as it was written");
    return to_bytes(transaction);
}

Bytes rewrite_block(ByteView input)
{
    const Block block = parse_block(input);
    (void)transactions_root(block.transactions);
    require(parse_header(to_bytes(block.header)) == block.header,
            "a header is read as it was written");
    return to_bytes(block);
}

Bytes rewrite_evidence(ByteView input)
{
    const EvidenceArguments evidence = parse_evidence(input);
    (void)is_equivocation(evidence);
    return to_bytes(evidence);
}

Bytes rewrite_proof(ByteView input)
{
    StateProof proof = parse_state_proof(input);
    (void)to_json(proof);
    const Bytes written = to_bytes(proof);
    if (!is_proven(proof)) return written;
    if (proof.value) {
        proof.value->push_back({});
        require(!is_proven(proof), "a key has one value");
        proof.value.reset();
        require(!is_proven(proof), "a key that has a value is there");
    } else {
        proof.value.emplace();
        require(!is_proven(proof), "what is not there has no value");
    }
    return written;
}

/// A record that says of which type it is.
struct Kind {
    RecordType type;
    std::size_t size_max; // bytes
    Rewrite rewrite;
};

constexpr std::array kinds{
    Kind{RecordType::descriptor, descriptor_size_max, rewrite<parse_descriptor>},
    Kind{RecordType::transaction, transaction_size_max, rewrite_transaction},
    Kind{RecordType::header, header_size_max, rewrite<parse_header>},
    Kind{RecordType::block, block_size_max, rewrite_block},
    Kind{RecordType::transaction_receipt, transaction_receipt_size_max,
         rewrite<parse_transaction_receipt>},
    Kind{RecordType::state_proof, state_proof_size_max, rewrite_proof},
};

constexpr std::array<Rewrite, 29> others{
    rewrite<parse_transaction_body>,
    rewrite<parse_seal>,
    rewrite<parse_group>,
    rewrite<parse_transfer>,
    rewrite<parse_controller>,
    rewrite<parse_close>,
    rewrite<parse_set>,
    rewrite<parse_clear>,
    rewrite<parse_join>,
    rewrite<parse_offer>,
    rewrite<parse_amount_arguments>,
    rewrite<parse_rotate>,
    rewrite<parse_release>,
    rewrite<parse_assign>,
    rewrite<parse_revoke>,
    rewrite<parse_attach>,
    rewrite<parse_sweep>,
    rewrite_evidence,
    rewrite_state<Account>,
    rewrite_state<Head>,
    rewrite_state<Provider>,
    rewrite_state<Earning>,
    rewrite_state<Assignment>,
    rewrite_state<Supply>,
    rewrite_state<Reward>,
    rewrite_state<RememberedBlock>,
    rewrite_state<CccState>,
    rewrite_state<PointsState>,
    [](ByteView input) { return detail::TreeNode::parse(input).to_bytes(); },
};

void read_genesis(ByteView input)
{
    const auto genesis = accepted([&] { return parse_genesis(as_text(input)); });
    if (!genesis) return;
    const Genesis again = parse_genesis(to_json(*genesis).dump());
    require(again == *genesis, "a genesis is read as it was written");
    require(network_id(again) == network_id(*genesis), "a genesis has one id");
    const FirstBlock first = first_block(*genesis);
    require(first.header.chain == network_id(*genesis), "a chain begins with its id");
    require(parse_header(to_bytes(first.header)) == first.header, "the first block has a header");
}

} // namespace

void fuzz(ByteView input)
{
    for (const Kind& kind : kinds) {
        const auto written = accepted([&] { return kind.rewrite(input); });
        if (!written) continue;
        require(is_same(*written, input), "a record is written as it was read");
        require(record_type(input) == kind.type, "a record is of one type");
        require(input.size() <= kind.size_max, "a record has a largest size");
    }
    for (const Rewrite rewrite : others) {
        const auto written = accepted([&] { return rewrite(input); });
        require(!written || is_same(*written, input), "what is read is written as it was");
    }
    for (const Module& module : modules()) {
        for (std::uint16_t table = 0; table < 6; ++table)
            (void)accepted(
                [&] { return module.atoms_in(static_cast<std::uint8_t>(table), input); });
    }
    read_genesis(input);
}

} // namespace cairn
