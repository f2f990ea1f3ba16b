#include "fuzz.hpp"
#include "ledger/coins.hpp"
#include "ledger/detail/tree_node.hpp"
#include "ledger/files.hpp"
#include "ledger/group.hpp"
#include "ledger/ledger.hpp"
#include "ledger/ledger_json.hpp"
#include "ledger/policy.hpp"
#include "ledger/registry.hpp"
#include "ledger/snapshot.hpp"

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

/// A chunk that is the whole state, or one of two, is that with what it has alone.
Bytes rewrite_chunk(ByteView input)
{
    SnapshotChunk chunk = parse_snapshot_chunk(input);
    const Bytes written = to_bytes(chunk);
    for (std::uint8_t bits = 0; bits < 2; ++bits) {
        SnapshotHead head;
        head.bits = bits;
        std::vector<ProvenLeaf> leaves;
        for (const SnapshotEntry& entry : chunk.entries)
            leaves.push_back({entry.key.path, value_hash(entry.value)});
        head.block.header.state = root_above(part_hash(leaves, bits), StatePath{}, chunk.beside);
        if (check_chunk(head, chunk) || chunk.entries.empty()) continue;
        chunk.entries.back().value.push_back({});
        require(check_chunk(head, chunk).has_value(), "a key has one value");
        chunk.entries.pop_back();
        require(check_chunk(head, chunk).has_value(), "no value is left out");
        chunk = parse_snapshot_chunk(input);
    }
    return written;
}

/// The beginning of the input is what is read of it as a snapshot.
void read_snapshot(ByteView input)
{
    ByteView rest = input;
    const ReadBytes read = [&](MutableByteView buffer) {
        const std::size_t size = std::min(buffer.size(), rest.size());
        std::ranges::copy(rest.first(size), buffer.begin());
        rest = rest.subspan(size);
        return size;
    };
    Bytes again;
    const auto put = [&](const Bytes& record) {
        const Bytes head = frame_head(record);
        again.insert(again.end(), head.begin(), head.end());
        again.insert(again.end(), record.begin(), record.end());
    };
    const auto is_whole = accepted([&] {
        SnapshotReader reader{read};
        put(to_bytes(reader.head()));
        while (const auto chunk = reader.next()) put(to_bytes(*chunk));
        return true;
    });
    require(is_same(front(input, again.size()), again), "a snapshot stays as it is");
    require(!is_whole || again.size() == input.size(), "a snapshot is all of its stream");
    require(!is_whole || is_snapshot(input), "a snapshot is known by its front");
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
    Kind{RecordType::snapshot_head, snapshot_head_size_max, rewrite<parse_snapshot_head>},
    Kind{RecordType::snapshot_chunk, snapshot_chunk_size_max, rewrite_chunk},
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
    read_snapshot(input);
    Bytes framed = frame_head(input);
    framed.insert(framed.end(), input.begin(), input.end());
    read_snapshot(framed);
}

} // namespace cairn
