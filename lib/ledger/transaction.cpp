#include "ledger/transaction.hpp"

#include "format/record_parts.hpp"

#include <algorithm>

namespace cairn {
namespace {

constexpr std::string_view context = "cairn/transaction/v1";
constexpr std::size_t transaction_parts = 3;
constexpr std::size_t body_parts = 3 + call_parts;
constexpr std::size_t signature_parts = 3;
constexpr std::uint64_t ed25519_scheme = 0;
constexpr const char* what = "the transaction";

void put_body(CborWriter& writer, const TransactionBody& body)
{
    writer.array(body_parts);
    writer.bytes(body.chain.bytes);
    put_call(writer, body.call);
    writer.number(body.fee.atoms);
    writer.number(body.valid_until.value);
}

TransactionBody take_body(CborReader& reader)
{
    reader.array(body_parts);
    TransactionBody body;
    body.chain = reader.fixed<NetworkId>();
    body.call = take_call(reader);
    body.fee.atoms = reader.number();
    body.valid_until.value = static_cast<std::uint32_t>(reader.number(UINT32_MAX));
    return body;
}

/// And the descriptors of those who have signed.
void put_signatures(CborWriter& writer, const Transaction& transaction)
{
    writer.array(signature_parts * transaction.signatures.size());
    for (const KeySignature& signature : transaction.signatures) {
        writer.number(ed25519_scheme);
        writer.bytes(signature.key.bytes);
        writer.bytes(signature.signature.bytes);
    }
    writer.array(transaction.descriptors.size());
    for (const Descriptor& descriptor : transaction.descriptors) writer.bytes(to_bytes(descriptor));
}

std::vector<KeySignature> take_signatures(CborReader& reader)
{
    const std::size_t items = reader.array_up_to(signature_parts * signatures_max);
    if (items == 0 || items % signature_parts != 0) reader.refuse("no signatures");
    std::vector<KeySignature> signatures(items / signature_parts);
    for (std::size_t i = 0; i < signatures.size(); ++i) {
        if (reader.number() != ed25519_scheme) reader.refuse("its signatures are of another kind");
        signatures[i].key = reader.fixed<Ed25519PublicKey>();
        signatures[i].signature = reader.fixed<Ed25519Signature>();
        if (i > 0 && signatures[i].key <= signatures[i - 1].key)
            reader.refuse("signatures not in the order of their keys");
    }
    return signatures;
}

std::vector<Descriptor> take_descriptors(CborReader& reader)
{
    std::vector<Descriptor> descriptors(reader.array_up_to(descriptors_max));
    ByteView before;
    for (Descriptor& descriptor : descriptors) {
        const ByteView bytes = reader.bytes_up_to(descriptor_size_max);
        if (!std::ranges::lexicographical_compare(before, bytes))
            reader.refuse("descriptors not in their order");
        descriptor = parse_descriptor(bytes);
        before = bytes;
    }
    return descriptors;
}

} // namespace

void put_call(CborWriter& writer, const Call& call)
{
    writer.bytes(call.sender.bytes);
    writer.number(call.lane.value);
    writer.number(call.sequence);
    writer.number(call.module);
    writer.number(call.method);
    writer.bytes(call.arguments);
}

Call take_call(CborReader& reader)
{
    Call call;
    call.sender = reader.fixed<AccountId>();
    call.lane.value = static_cast<std::uint16_t>(reader.number(UINT16_MAX));
    call.sequence = reader.number(sequence_max);
    call.module = static_cast<std::uint16_t>(reader.number(UINT16_MAX));
    call.method = static_cast<std::uint16_t>(reader.number(UINT16_MAX));
    const ByteView arguments = reader.bytes_up_to(arguments_size_max);
    call.arguments.assign(arguments.begin(), arguments.end());
    return call;
}

Bytes to_bytes(const TransactionBody& body)
{
    Bytes bytes;
    CborWriter writer{bytes};
    put_body(writer, body);
    return bytes;
}

TransactionBody parse_transaction_body(ByteView bytes)
{
    check_record_size(bytes, transaction_size_max, what);
    CborReader reader{bytes, what};
    TransactionBody body = take_body(reader);
    reader.finish();
    return body;
}

void put_transaction(CborWriter& writer, const Transaction& transaction)
{
    put_record_head(writer, RecordType::transaction, transaction_parts);
    put_body(writer, transaction.body);
    put_signatures(writer, transaction);
}

Bytes to_bytes(const Transaction& transaction)
{
    Bytes bytes;
    CborWriter writer{bytes};
    put_transaction(writer, transaction);
    return bytes;
}

Transaction parse_transaction(ByteView bytes)
{
    check_record_size(bytes, transaction_size_max, what);
    CborReader reader{bytes, what};
    take_record_head(reader, RecordType::transaction, transaction_parts);
    Transaction transaction;
    transaction.body = take_body(reader);
    transaction.signatures = take_signatures(reader);
    transaction.descriptors = take_descriptors(reader);
    reader.finish();
    return transaction;
}

EncodedTransaction encode(const Transaction& transaction)
{
    EncodedTransaction encoded;
    encoded.bytes.reserve(256); // what a transfer takes, about
    CborWriter writer{encoded.bytes};
    put_record_head(writer, RecordType::transaction, transaction_parts);
    const std::size_t begin = encoded.bytes.size();
    put_body(writer, transaction.body);
    encoded.id = hashed_id<TransactionId>(context, ByteView{encoded.bytes}.subspan(begin));
    put_signatures(writer, transaction);
    return encoded;
}

Bytes transactions_bytes(std::span<const Transaction> transactions)
{
    Bytes bytes;
    CborWriter writer{bytes};
    for (const Transaction& transaction : transactions) put_transaction(writer, transaction);
    return bytes;
}

std::vector<Transaction> parse_transactions(ByteView bytes, std::size_t count_max)
{
    std::vector<Transaction> transactions;
    while (!bytes.empty()) {
        CborReader reader{bytes, "transactions"};
        if (transactions.size() == count_max) reader.refuse("more than were asked for");
        const ByteView whole = reader.whole();
        transactions.push_back(parse_transaction(whole));
        bytes = bytes.subspan(whole.size());
    }
    return transactions;
}

TransactionId transaction_id(const TransactionBody& body)
{
    return hashed_id<TransactionId>(context, to_bytes(body));
}

Bytes signed_message(const TransactionId& id)
{
    const ByteView text = as_bytes(context);
    Bytes message{text.begin(), text.end()};
    message.push_back(std::byte{0});
    message.insert(message.end(), id.bytes.begin(), id.bytes.end());
    return message;
}

void sign(Transaction& transaction, const Ed25519KeyPair& key)
{
    const KeySignature signature{key.public_key(),
                                 key.sign(signed_message(transaction_id(transaction.body)))};
    auto& all = transaction.signatures;
    const auto place = std::ranges::lower_bound(all, signature.key, {}, &KeySignature::key);
    if (place != all.end() && place->key == signature.key)
        *place = signature;
    else
        all.insert(place, signature);
}

void attach(Transaction& transaction, const Descriptor& descriptor)
{
    auto& all = transaction.descriptors;
    const Bytes bytes = to_bytes(descriptor);
    const auto place = std::ranges::find_if(
        all, [&](const Descriptor& other) { return to_bytes(other) >= bytes; });
    if (place == all.end() || !(*place == descriptor)) all.insert(place, descriptor);
}

bool is_signed(const Transaction& transaction)
{
    return is_signed(transaction, transaction_id(transaction.body));
}

bool is_signed(const Transaction& transaction, const TransactionId& id)
{
    const Bytes message = signed_message(id);
    return std::ranges::all_of(transaction.signatures, [&](const KeySignature& signature) {
        return verify(signature.key, message, signature.signature);
    });
}

} // namespace cairn
