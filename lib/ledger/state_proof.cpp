#include "ledger/state_proof.hpp"

#include "format/record_parts.hpp"

namespace cairn {
namespace {

constexpr std::size_t parts = 5;

} // namespace

void put_beside(CborWriter& writer, std::span<const MerkleHash> beside)
{
    writer.array(beside.size());
    for (const MerkleHash& hash : beside) {
        if (hash == MerkleHash{})
            writer.null();
        else
            writer.bytes(hash.bytes);
    }
}

std::vector<MerkleHash> take_beside(CborReader& reader, std::size_t count_max)
{
    std::vector<MerkleHash> beside(reader.array_up_to(count_max));
    for (MerkleHash& hash : beside) {
        if (reader.is_null()) {
            reader.null();
            continue;
        }
        hash = reader.fixed<MerkleHash>();
        if (hash == MerkleHash{}) reader.refuse("zeros for nothing");
    }
    return beside;
}

void put_other(CborWriter& writer, const std::optional<ProvenLeaf>& other)
{
    if (!other) return writer.null();
    writer.array(2);
    writer.bytes(other->path.bytes);
    writer.bytes(other->value.bytes);
}

std::optional<ProvenLeaf> take_other(CborReader& reader)
{
    if (reader.is_null()) {
        reader.null();
        return std::nullopt;
    }
    reader.array(2);
    ProvenLeaf leaf;
    leaf.path = reader.fixed<StatePath>();
    leaf.value = reader.fixed<MerkleHash>();
    return leaf;
}

StateProof state_proof(Header header, StateKey key, std::optional<Bytes> value, TreeProof tree)
{
    StateProof proof{
        std::move(header), std::move(key), std::move(value), std::move(tree.beside), {}};
    if (!proof.value) proof.other = tree.leaf; // else it follows from key and value
    return proof;
}

bool is_proven(const StateProof& proof)
{
    std::optional<MerkleHash> value;
    if (proof.value) value = value_hash(*proof.value);
    TreeProof tree{proof.beside, proof.other};
    if (value) tree.leaf = ProvenLeaf{proof.key.path, *value};
    return is_proven(proof.header.state, proof.key.path, value, tree);
}

Bytes to_bytes(const StateProof& proof)
{
    Bytes bytes;
    CborWriter writer{bytes};
    put_record_head(writer, RecordType::state_proof, parts);
    put_header(writer, proof.header);
    writer.bytes(proof.key.bytes);
    if (proof.value)
        writer.bytes(*proof.value);
    else
        writer.null();
    put_beside(writer, proof.beside);
    put_other(writer, proof.other);
    return bytes;
}

StateProof parse_state_proof(ByteView bytes)
{
    constexpr const char* what = "the state proof";
    check_record_size(bytes, state_proof_size_max, what);
    CborReader reader{bytes, what};
    take_record_head(reader, RecordType::state_proof, parts);
    StateProof proof;
    proof.header = parse_header(reader.whole());
    proof.key = parse_state_key(reader.bytes_up_to(state_key_size_max));
    if (reader.is_null()) {
        reader.null();
    } else {
        const ByteView value = reader.bytes_up_to(state_value_size_max);
        proof.value.emplace(value.begin(), value.end());
    }
    proof.beside = take_beside(reader, tree_depth_max);
    proof.other = take_other(reader);
    if (proof.other && proof.value) reader.refuse("another leaf beside the value");
    if (proof.other && proof.other->path == proof.key.path)
        reader.refuse("the leaf is not another");
    reader.finish();
    return proof;
}

} // namespace cairn
