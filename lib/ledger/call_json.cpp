#include "ledger/detail/call_json.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "ledger/coins.hpp"
#include "ledger/detail/json_archive.hpp"
#include "ledger/files.hpp"
#include "ledger/group.hpp"
#include "ledger/ledger_json.hpp"
#include "ledger/policy.hpp"
#include "ledger/registry.hpp"

// Calls as JSON. The arguments of each method are described once, for reading and for writing.

namespace cairn {
namespace {

using detail::JsonIn;
using detail::JsonOut;

struct NoArguments {};

Bytes to_bytes(const NoArguments&)
{
    return no_arguments();
}

NoArguments parse_no_arguments(ByteView bytes)
{
    if (!std::ranges::equal(bytes, no_arguments()))
        throw Error{Exit::data, "there are arguments where the method has none"};
    return {};
}

/// Calls of the archive for each of the arguments.
struct Describe {
    template <class Archive>
    void operator()(Archive& archive, CoinTransfer& transfer) const
    {
        archive.account("to", transfer.to);
        archive.decimal("atoms", transfer.amount.atoms, UINT64_MAX);
    }
    template <class Archive>
    void operator()(Archive& archive, TransferArguments& arguments) const
    {
        archive.list("transfers", arguments.transfers, transfers_max, *this);
        archive.hex("reference", arguments.reference, reference_size_max);
    }
    template <class Archive>
    void operator()(Archive& archive, ControllerArguments& arguments) const
    {
        archive.bytes_or_null("controller", arguments.controller);
    }
    template <class Archive>
    void operator()(Archive& archive, CloseArguments& arguments) const
    {
        archive.account("to", arguments.to);
    }
    template <class Archive>
    void operator()(Archive& archive, Offer& offer) const
    {
        archive.decimal("capacity_bytes", offer.capacity_bytes, UINT64_MAX);
        archive.decimal("price_atoms", offer.price.atoms, UINT64_MAX);
        archive.texts("addresses", offer.addresses, provider_addresses_max);
    }
    template <class Archive>
    void operator()(Archive& archive, JoinArguments& arguments) const
    {
        archive.key("node_key", arguments.node_key);
        archive.bytes("consent", arguments.consent);
        archive.template word<ProviderClass>(
            "class", arguments.kind,
            {{"amateur", ProviderClass::amateur}, {"professional", ProviderClass::professional}});
        archive.decimal("bond_atoms", arguments.bond.atoms, UINT64_MAX);
        archive.object("offer", arguments.offer, *this);
    }
    template <class Archive>
    void operator()(Archive& archive, AmountArguments& arguments) const
    {
        archive.decimal("atoms", arguments.amount.atoms, UINT64_MAX);
    }
    template <class Archive>
    void operator()(Archive&, NoArguments&) const
    {
    }
    template <class Archive>
    void operator()(Archive& archive, RotateArguments& arguments) const
    {
        archive.key("node_key", arguments.node_key);
        archive.bytes("consent", arguments.consent);
    }
    template <class Archive>
    void operator()(Archive& archive, ReleaseArguments& arguments) const
    {
        archive.heights("heights", arguments.earned, releases_max);
    }
    template <class Archive>
    void operator()(Archive& archive, AssignArguments& arguments) const
    {
        archive.number("salt", arguments.salt, 0, UINT32_MAX);
        archive.key("key", arguments.key);
    }
    template <class Archive>
    void operator()(Archive& archive, RevokeArguments& arguments) const
    {
        archive.number("salt", arguments.salt, 0, UINT32_MAX);
    }
    template <class Archive>
    void operator()(Archive& archive, SetArguments& arguments) const
    {
        archive.number("slot", arguments.slot, 0, UINT32_MAX);
        archive.hex("head", arguments.bytes, head_size_max);
    }
    template <class Archive>
    void operator()(Archive& archive, ClearArguments& arguments) const
    {
        archive.number("slot", arguments.slot, 0, UINT32_MAX);
    }
    template <class Archive>
    void operator()(Archive& archive, AttachArguments& arguments) const
    {
        archive.account("provider", arguments.provider);
        archive.decimal("atoms", arguments.amount.atoms, UINT64_MAX);
        archive.hex("reference", arguments.reference, reference_size_max);
    }
    template <class Archive>
    void operator()(Archive& archive, SweepArguments& arguments) const
    {
        archive.account("account", arguments.account);
    }
    template <class Archive>
    void operator()(Archive& archive, EvidenceArguments& arguments) const
    {
        archive.hexes("headers", arguments.headers, header_size_max);
        archive.hexes("seals", arguments.seals, seal_size_max);
    }
};

template <auto Parse>
Json arguments_json(ByteView bytes)
{
    auto arguments = Parse(bytes);
    JsonOut out;
    Describe{}(out, arguments);
    return out.take();
}

/// The limits are those of the bytes.
template <auto Parse>
Bytes arguments_bytes(const Json& json)
{
    JsonIn in{json, "arguments"};
    decltype(Parse(ByteView{})) arguments{};
    Describe{}(in, arguments);
    in.finish();
    Bytes bytes = to_bytes(arguments);
    (void)Parse(bytes);
    return bytes;
}

/// A method as it is called in JSON.
struct Method {
    std::uint16_t module = 0;
    std::uint16_t number = 0;
    const char* name = "";
    Json (*arguments_json)(ByteView bytes) = nullptr;
    Bytes (*arguments_bytes)(const Json& json) = nullptr;
};

template <auto Parse, class Number>
constexpr Method method(std::uint16_t module, Number number, const char* name)
{
    return {module, static_cast<std::uint16_t>(number), name, arguments_json<Parse>,
            arguments_bytes<Parse>};
}

constexpr std::array methods{
    method<parse_transfer>(module_number::coins, CoinsMethod::transfer, "transfer"),
    method<parse_controller>(module_number::coins, CoinsMethod::controller, "controller"),
    method<parse_close>(module_number::coins, CoinsMethod::close, "close"),
    method<parse_join>(module_number::registry, RegistryMethod::join, "join"),
    method<parse_offer>(module_number::registry, RegistryMethod::offer, "offer"),
    method<parse_amount_arguments>(module_number::registry, RegistryMethod::bond, "bond"),
    method<parse_amount_arguments>(module_number::registry, RegistryMethod::unbond, "unbond"),
    method<parse_no_arguments>(module_number::registry, RegistryMethod::withdraw, "withdraw"),
    method<parse_no_arguments>(module_number::registry, RegistryMethod::leave, "leave"),
    method<parse_rotate>(module_number::registry, RegistryMethod::rotate, "rotate"),
    method<parse_no_arguments>(module_number::registry, RegistryMethod::settle, "settle"),
    method<parse_release>(module_number::registry, RegistryMethod::release, "release"),
    method<parse_assign>(module_number::registry, RegistryMethod::assign, "assign"),
    method<parse_revoke>(module_number::registry, RegistryMethod::revoke, "revoke"),
    method<parse_set>(module_number::files, FilesMethod::set, "set"),
    method<parse_clear>(module_number::files, FilesMethod::clear, "clear"),
    method<parse_attach>(module_number::policy, PolicyMethod::attach, "attach"),
    method<parse_sweep>(module_number::policy, PolicyMethod::sweep, "sweep"),
    method<parse_no_arguments>(module_number::policy, PolicyMethod::touch, "touch"),
    method<parse_evidence>(module_number::policy, PolicyMethod::evidence, "evidence"),
};

constexpr const char* group_name = "group";
constexpr const char* group_method_name = "calls";

bool is_group(const Call& call)
{
    return call.module == module_number::group && call.method == group_method;
}

const Method* find_method(std::uint16_t module, std::uint16_t number)
{
    const auto found = std::ranges::find_if(methods, [&](const Method& method) {
        return method.module == module && method.number == number;
    });
    return found == methods.end() ? nullptr : &*found;
}

const Method* find_method(std::string_view module, std::string_view name)
{
    const auto found = std::ranges::find_if(methods, [&](const Method& method) {
        return method.name == name && find_module(method.module)->name == module;
    });
    return found == methods.end() ? nullptr : &*found;
}

Json arguments_json(const Call& call, const Method* method)
{
    try {
        if (method) return method->arguments_json(call.arguments);
        if (is_group(call)) {
            Json calls = Json::array();
            for (const Call& inner : parse_group(call.arguments)) calls.push(to_json(inner));
            return Json::object().set("calls", calls);
        }
    } catch (const Error&) {
        return to_hex_text(call.arguments); // no such transaction is done, but it can be read
    }
    return to_hex_text(call.arguments);
}

Json method_name(const Call& call, const Method* method)
{
    if (method) return method->name;
    return is_group(call) ? Json{group_method_name} : Json{call.method};
}

Bytes group_bytes(const Json& json, detail::CallParts parts)
{
    JsonIn in{json, "arguments"};
    const Json list = in.member("calls");
    if (!list.is_array() || list.size() > group_calls_max)
        detail::fail_json("calls", "a list of at most " + std::to_string(group_calls_max));
    std::vector<Call> calls;
    for (std::size_t i = 0; i < list.size(); ++i) {
        JsonIn one{list.item(i), "calls"};
        calls.push_back(detail::take_call(one, parts));
        one.finish();
    }
    in.finish();
    Bytes bytes = to_bytes(std::span<const Call>{calls});
    if (bytes.size() > arguments_size_max)
        detail::fail_json("calls", "at most " + std::to_string(arguments_size_max) + " bytes");
    (void)parse_group(bytes);
    return bytes;
}

} // namespace

Call detail::take_call(JsonIn& in, CallParts parts)
{
    Call call;
    const bool is_whole = parts == CallParts::all;
    if (is_whole || in.has("sender")) in.account("sender", call.sender);
    if (is_whole || in.has("lane")) in.number("lane", call.lane.value, 0, UINT16_MAX);
    if (is_whole || in.has("sequence")) in.number("sequence", call.sequence, 0, sequence_max);
    std::string module;
    std::string name;
    in.text("module", module);
    in.text("method", name);
    const Json arguments = in.member("arguments");
    if (module == group_name && name == group_method_name) {
        call.module = module_number::group;
        call.method = group_method;
        call.arguments = group_bytes(arguments, parts);
        return call;
    }
    const Method* const method = find_method(module, name);
    if (!method)
        throw Error{Exit::data, "'" + escape(module + '.' + name) + "' is no known method"};
    call.module = method->module;
    call.method = method->number;
    call.arguments = method->arguments_bytes(arguments);
    return call;
}

std::string detail::module_name(std::uint16_t number)
{
    if (number == module_number::group) return group_name;
    const Module* const module = find_module(number);
    return module ? module->name : "";
}

Json to_json(const Call& call)
{
    const Method* const method = find_method(call.module, call.method);
    const std::string module = detail::module_name(call.module);
    return Json::object()
        .set("sender", to_hex_text(call.sender.bytes))
        .set("lane", call.lane.value)
        .set("sequence", call.sequence)
        .set("module", module.empty() ? Json{call.module} : Json{module})
        .set("method", method_name(call, method))
        .set("arguments", arguments_json(call, method));
}

Call call_from_json(const Json& json)
{
    JsonIn in{json, "the call"};
    Call call = detail::take_call(in, detail::CallParts::what_is_asked);
    in.finish();
    return call;
}

} // namespace cairn
