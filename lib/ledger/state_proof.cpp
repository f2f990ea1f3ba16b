#include "ledger/state_proof.hpp"

#include "format/record_parts.hpp"

namespace cairn {
namespace {

constexpr std::size_t parts = 5;

} // namespace

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
    writer.array(proof.beside.size());
    for (const MerkleHash& hash : proof.beside) {
        if (hash == MerkleHash{})
            writer.null();
        else
            writer.bytes(hash.bytes);
    }
    if (proof.other) {
        writer.array(2);
        writer.bytes(proof.other->path.bytes);
        writer.bytes(proof.other->value.bytes);
    } else {
        writer.null();
    }
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
    proof.beside.resize(reader.array_up_to(tree_depth_max));
    for (MerkleHash& hash : proof.beside) {
        if (reader.is_null()) {
            reader.null();
            continue;
        }
        hash = reader.fixed<MerkleHash>();
        if (hash == MerkleHash{}) reader.refuse("zeros for nothing");
    }
    if (reader.is_null()) {
        reader.null();
    } else {
        if (proof.value) reader.refuse("another leaf beside the value");
        reader.array(2);
        proof.other.emplace();
        proof.other->path = reader.fixed<StatePath>();
        proof.other->value = reader.fixed<MerkleHash>();
        if (proof.other->path == proof.key.path) reader.refuse("the leaf is not another");
    }
    reader.finish();
    return proof;
}

} // namespace cairn
