#include "base/error.hpp"
#include "ledger/registry.hpp"

// What the registry keeps and is asked, as bytes.

namespace cairn {
namespace {

constexpr std::string_view consent_context = "cairn/provider/v1";

Height take_height(CborReader& reader)
{
    return {static_cast<std::uint32_t>(reader.number(UINT32_MAX))};
}

void put_offer(CborWriter& writer, const Offer& offer)
{
    writer.array(2 + offer.addresses.size());
    writer.number(offer.capacity_bytes);
    writer.number(offer.price.atoms);
    for (const std::string& address : offer.addresses) writer.bytes(as_bytes(address));
}

Offer take_offer(CborReader& reader)
{
    const std::size_t items = reader.array_up_to(2 + provider_addresses_max);
    if (items < 2) reader.refuse("no offer");
    Offer offer;
    offer.capacity_bytes = reader.number();
    offer.price.atoms = reader.number();
    for (std::size_t i = 2; i < items; ++i) {
        offer.addresses.emplace_back(as_text(reader.bytes_up_to(endpoint_size_max)));
        if (!is_endpoint(offer.addresses.back())) reader.refuse("no address");
    }
    return offer;
}

ProviderClass take_class(CborReader& reader)
{
    return static_cast<ProviderClass>(reader.number(1));
}

template <class Put>
Bytes written(Put put)
{
    Bytes bytes;
    CborWriter writer{bytes};
    put(writer);
    return bytes;
}

template <class Take>
auto read(ByteView bytes, Take take)
{
    CborReader reader{bytes, "the arguments"};
    auto value = take(reader);
    reader.finish();
    return value;
}

} // namespace

void Provider::put(CborWriter& writer) const
{
    writer.array(13);
    writer.bytes(node_key.bytes);
    if (next_key)
        writer.bytes(next_key->bytes);
    else
        writer.null();
    writer.number(next_key_height.value);
    put_offer(writer, offer);
    writer.number(static_cast<std::uint64_t>(kind));
    writer.number(registered.value);
    writer.number(bond.atoms);
    writer.number(bonded.value);
    writer.number(unbonding.atoms);
    writer.number(unbonds.value);
    writer.number(deposit.atoms);
    put_wide(writer, share);
}

Provider Provider::take(CborReader& reader)
{
    reader.array(13);
    Provider provider;
    provider.node_key = reader.fixed<Ed25519PublicKey>();
    if (reader.is_null())
        reader.null();
    else
        provider.next_key = reader.fixed<Ed25519PublicKey>();
    provider.next_key_height = take_height(reader);
    provider.offer = take_offer(reader);
    provider.kind = take_class(reader);
    provider.registered = take_height(reader);
    provider.bond.atoms = reader.number();
    provider.bonded = take_height(reader);
    provider.unbonding.atoms = reader.number();
    provider.unbonds = take_height(reader);
    provider.deposit.atoms = reader.number();
    provider.share = take_wide(reader);
    return provider;
}

void Earning::put(CborWriter& writer) const
{
    writer.array(1);
    writer.number(amount.atoms);
}

Earning Earning::take(CborReader& reader)
{
    reader.array(1);
    return {{reader.number()}};
}

void Assignment::put(CborWriter& writer) const
{
    writer.array(3);
    writer.bytes(key.bytes);
    writer.number(from.value);
    if (until)
        writer.number(until->value);
    else
        writer.null();
}

Assignment Assignment::take(CborReader& reader)
{
    reader.array(3);
    Assignment assignment;
    assignment.key = reader.fixed<Ed25519PublicKey>();
    assignment.from = take_height(reader);
    if (reader.is_null())
        reader.null();
    else
        assignment.until = take_height(reader);
    return assignment;
}

Bytes consent_message(const NetworkId& chain, const AccountId& account)
{
    const ByteView text = as_bytes(consent_context);
    Bytes message{text.begin(), text.end()};
    message.push_back(std::byte{0});
    message.insert(message.end(), chain.bytes.begin(), chain.bytes.end());
    message.insert(message.end(), account.bytes.begin(), account.bytes.end());
    return message;
}

Bytes to_bytes(const JoinArguments& arguments)
{
    return written([&](CborWriter& writer) {
        writer.array(5);
        writer.bytes(arguments.node_key.bytes);
        writer.bytes(arguments.consent.bytes);
        writer.number(static_cast<std::uint64_t>(arguments.kind));
        writer.number(arguments.bond.atoms);
        put_offer(writer, arguments.offer);
    });
}

JoinArguments parse_join(ByteView bytes)
{
    return read(bytes, [](CborReader& reader) {
        reader.array(5);
        JoinArguments arguments;
        arguments.node_key = reader.fixed<Ed25519PublicKey>();
        arguments.consent = reader.fixed<Ed25519Signature>();
        arguments.kind = take_class(reader);
        arguments.bond.atoms = reader.number();
        arguments.offer = take_offer(reader);
        return arguments;
    });
}

Bytes to_bytes(const Offer& offer)
{
    return written([&](CborWriter& writer) { put_offer(writer, offer); });
}

Offer parse_offer(ByteView bytes)
{
    return read(bytes, take_offer);
}

Bytes to_bytes(const AmountArguments& arguments)
{
    return written([&](CborWriter& writer) {
        writer.array(1);
        writer.number(arguments.amount.atoms);
    });
}

AmountArguments parse_amount_arguments(ByteView bytes)
{
    return read(bytes, [](CborReader& reader) {
        reader.array(1);
        const AmountArguments arguments{{reader.number()}};
        if (arguments.amount == Amount{}) reader.refuse("no amount");
        return arguments;
    });
}

Bytes no_arguments()
{
    return written([](CborWriter& writer) { writer.array(0); });
}

Bytes to_bytes(const RotateArguments& arguments)
{
    return written([&](CborWriter& writer) {
        writer.array(2);
        writer.bytes(arguments.node_key.bytes);
        writer.bytes(arguments.consent.bytes);
    });
}

RotateArguments parse_rotate(ByteView bytes)
{
    return read(bytes, [](CborReader& reader) {
        reader.array(2);
        RotateArguments arguments;
        arguments.node_key = reader.fixed<Ed25519PublicKey>();
        arguments.consent = reader.fixed<Ed25519Signature>();
        return arguments;
    });
}

Bytes to_bytes(const ReleaseArguments& arguments)
{
    return written([&](CborWriter& writer) {
        writer.array(arguments.earned.size());
        for (const Height height : arguments.earned) writer.number(height.value);
    });
}

ReleaseArguments parse_release(ByteView bytes)
{
    return read(bytes, [](CborReader& reader) {
        ReleaseArguments arguments;
        arguments.earned.resize(reader.array_up_to(releases_max));
        if (arguments.earned.empty()) reader.refuse("nothing to release");
        for (std::size_t i = 0; i < arguments.earned.size(); ++i) {
            arguments.earned[i] = take_height(reader);
            if (i > 0 && arguments.earned[i] <= arguments.earned[i - 1])
                reader.refuse("heights not in their order");
        }
        return arguments;
    });
}

Bytes to_bytes(const AssignArguments& arguments)
{
    return written([&](CborWriter& writer) {
        writer.array(2);
        writer.number(arguments.salt);
        writer.bytes(arguments.key.bytes);
    });
}

AssignArguments parse_assign(ByteView bytes)
{
    return read(bytes, [](CborReader& reader) {
        reader.array(2);
        AssignArguments arguments;
        arguments.salt = static_cast<std::uint32_t>(reader.number(UINT32_MAX));
        arguments.key = reader.fixed<Ed25519PublicKey>();
        return arguments;
    });
}

Bytes to_bytes(const RevokeArguments& arguments)
{
    return written([&](CborWriter& writer) {
        writer.array(1);
        writer.number(arguments.salt);
    });
}

RevokeArguments parse_revoke(ByteView bytes)
{
    return read(bytes, [](CborReader& reader) {
        reader.array(1);
        return RevokeArguments{static_cast<std::uint32_t>(reader.number(UINT32_MAX))};
    });
}

} // namespace cairn
