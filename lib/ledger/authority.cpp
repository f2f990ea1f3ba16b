#include "ledger/authority.hpp"

#include "base/error.hpp"
#include "format/record_parts.hpp"

#include <algorithm>

namespace cairn {
namespace {

constexpr std::string_view descriptor_context = "cairn/descriptor/v1";
constexpr std::string_view account_context = "cairn/account/v1";
constexpr std::byte descriptor_account{3}; // the type of an account that a descriptor names

} // namespace

Bytes to_bytes(const Descriptor& descriptor)
{
    Bytes bytes;
    CborWriter writer{bytes};
    put_record_head(writer, RecordType::descriptor, 2);
    writer.number(descriptor.threshold);
    writer.array(descriptor.keys.size());
    for (const Ed25519PublicKey& key : descriptor.keys) writer.bytes(key.bytes);
    return bytes;
}

Descriptor parse_descriptor(ByteView bytes)
{
    constexpr const char* what = "the descriptor";
    check_record_size(bytes, descriptor_size_max, what);
    CborReader reader{bytes, what};
    take_record_head(reader, RecordType::descriptor, 2);
    Descriptor descriptor;
    descriptor.threshold = reader.number(descriptor_keys_max);
    descriptor.keys.resize(reader.array_up_to(descriptor_keys_max));
    for (std::size_t i = 0; i < descriptor.keys.size(); ++i) {
        descriptor.keys[i] = reader.fixed<Ed25519PublicKey>();
        if (i > 0 && descriptor.keys[i] <= descriptor.keys[i - 1])
            reader.refuse("keys not in their order");
    }
    reader.finish();
    if (descriptor.threshold == 0 || descriptor.threshold > descriptor.keys.size())
        throw Error{Exit::data, std::string{what} + " wants more keys than it has, or none"};
    return descriptor;
}

DescriptorId descriptor_id(const Descriptor& descriptor)
{
    return hashed_id<DescriptorId>(descriptor_context, to_bytes(descriptor));
}

AccountId account_id(const DescriptorId& descriptor)
{
    Bytes bytes{descriptor_account};
    bytes.insert(bytes.end(), descriptor.bytes.begin(), descriptor.bytes.end());
    return hashed_id<AccountId>(account_context, bytes);
}

bool is_met(const Descriptor& descriptor, std::span<const Ed25519PublicKey> signers)
{
    const auto signs = [&](const Ed25519PublicKey& key) {
        return std::ranges::binary_search(signers, key);
    };
    return static_cast<std::uint64_t>(std::ranges::count_if(descriptor.keys, signs)) >=
           descriptor.threshold;
}

} // namespace cairn
