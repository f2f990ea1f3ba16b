#include "ledger/ledger_json.hpp"

#include "base/error.hpp"
#include "ledger/coins.hpp"
#include "ledger/detail/call_json.hpp"

// Transactions, blocks and receipts.

namespace cairn {
namespace {

template <class FixedBytes>
Json hex(const FixedBytes& value)
{
    return to_hex_text(value.bytes);
}

const char* to_text(EngineKind engine)
{
    switch (engine) {
    case EngineKind::solo:
        return "solo";
    case EngineKind::poc:
        return "poc";
    }
    return "";
}

/// Null where there is none, as for the first block; hex digits where it is of another kind.
Json seal_json(const BlockId& id, ByteView bytes)
{
    if (bytes.empty()) return {};
    try {
        const Seal seal = parse_seal(bytes);
        return Json::object()
            .set("key", hex(seal.key))
            .set("signature", hex(seal.signature))
            .set("signed", is_sealed(id, seal));
    } catch (const Error&) {
        return to_hex_text(bytes);
    }
}

/// Which block a state is after.
Json block_json(const Header& header)
{
    return Json::object()
        .set("chain", hex(header.chain))
        .set("height", header.height.value)
        .set("block", hex(block_id(header)))
        .set("time_s", header.time_s);
}

/// Numbers and hex digits where the event is not known, or is malformed.
Json event_json(const Event& event)
{
    const std::string module = detail::module_name(event.module);
    Json json = Json::object().set("module", module.empty() ? Json{event.module} : Json{module});
    if (event.module == module_number::coins &&
        event.kind == static_cast<std::uint16_t>(CoinsEvent::given)) {
        try {
            CborReader reader{event.data, "the event"};
            reader.array(2);
            const auto account = reader.fixed<AccountId>();
            const std::uint64_t atoms = reader.number();
            reader.finish();
            return json.set("event", "given")
                .set("account", hex(account))
                .set("atoms", Json::decimal(atoms));
        } catch (const Error&) { // whoever made the receipt says so
        }
    }
    return json.set("event", event.kind).set("data", to_hex_text(event.data));
}

} // namespace

Json to_json(const TransactionBody& body)
{
    return Json::object()
        .set("chain", hex(body.chain))
        .merge(to_json(body.call))
        .set("fee_atoms", Json::decimal(body.fee.atoms))
        .set("valid_until", body.valid_until.value);
}

TransactionBody body_from_json(const Json& json)
{
    detail::JsonIn in{json, "the transaction"};
    TransactionBody body;
    in.bytes("chain", body.chain);
    body.call = detail::take_call(in, detail::CallParts::all);
    in.decimal("fee_atoms", body.fee.atoms, UINT64_MAX);
    in.number("valid_until", body.valid_until.value, 0, UINT32_MAX);
    in.finish();
    return body;
}

Json to_json(const Descriptor& descriptor)
{
    Json keys = Json::array();
    for (const Ed25519PublicKey& key : descriptor.keys) keys.push(hex(key));
    const DescriptorId id = descriptor_id(descriptor);
    return Json::object()
        .set("id", hex(id))
        .set("account", hex(account_id(id)))
        .set("threshold", descriptor.threshold)
        .set("keys", keys);
}

Json to_json(const Transaction& transaction)
{
    Json signatures = Json::array();
    for (const KeySignature& signature : transaction.signatures)
        signatures.push(Json::object()
                            .set("key", hex(signature.key))
                            .set("signature", hex(signature.signature)));
    Json descriptors = Json::array();
    for (const Descriptor& descriptor : transaction.descriptors)
        descriptors.push(to_json(descriptor));
    return Json::object()
        .set("id", hex(transaction_id(transaction.body)))
        .merge(to_json(transaction.body))
        .set("signatures", signatures)
        .set("descriptors", descriptors)
        .set("signed", is_signed(transaction));
}

Json to_json(const Header& header)
{
    return Json::object()
        .set("id", hex(block_id(header)))
        .set("chain", hex(header.chain))
        .set("height", header.height.value)
        .set("parent", hex(header.parent))
        .set("time_s", header.time_s)
        .set("transactions_root", hex(header.transactions))
        .set("state_root", hex(header.state))
        .set("receipts_root", hex(header.receipts))
        .set("producer", hex(header.producer))
        .set("engine", to_text(header.engine))
        .set("consensus", to_hex_text(header.consensus));
}

Json to_json(const Block& block)
{
    Json transactions = Json::array();
    for (const Transaction& transaction : block.transactions)
        transactions.push(to_json(transaction));
    return to_json(block.header)
        .set("seal", seal_json(block_id(block.header), block.seal))
        .set("transactions", transactions);
}

Json to_json(const TransactionReceipt& receipt)
{
    Json events = Json::array();
    for (const Event& event : receipt.events) events.push(event_json(event));
    return Json::object()
        .set("id", hex(receipt.id))
        .set("status", to_text(receipt.status))
        .set("weight", receipt.weight)
        .set("events", events);
}

Json to_json(const StateProof& proof)
{
    Json json = block_json(proof.header);
    if (proof.value) return json.merge(record_json(proof.key, *proof.value));
    return json.merge(key_json(proof.key)).set("record", {});
}

Json to_json(const SnapshotHead& head)
{
    return block_json(head.block.header)
        .set("state_root", hex(head.block.header.state))
        .set("values", head.values)
        .set("chunks", head.chunks());
}

} // namespace cairn
