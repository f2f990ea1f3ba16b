#include "ledger/files.hpp"

#include "base/error.hpp"
#include "ledger/coins.hpp"

namespace cairn {
namespace {

constexpr StateTable heads{module_number::files, 1};
constexpr std::size_t head_overhead = 64; // bytes of key and record besides

Status run_set(Execution& execution, const Call& call)
{
    SetArguments arguments = parse_set(call.arguments);
    const StateKey key = head_key(call.sender, arguments.slot);
    if (const auto before = execution.find<Head>(key))
        give_coins(execution, call.sender, before->deposit);
    const Amount deposit = execution.deposit_for(head_overhead + arguments.bytes.size());
    if (!take_coins(execution, call.sender, deposit)) return Status::no_funds;
    execution.put(key, Head{execution.block().height, deposit, std::move(arguments.bytes)});
    return Status::done;
}

Status run_clear(Execution& execution, const Call& call)
{
    const StateKey key = head_key(call.sender, parse_clear(call.arguments).slot);
    const auto before = execution.find<Head>(key);
    if (!before) return Status::absent;
    execution.erase(key);
    give_coins(execution, call.sender, before->deposit);
    return Status::done;
}

CallShape shape_of(const Call& call)
{
    switch (static_cast<FilesMethod>(call.method)) {
    case FilesMethod::set:
        (void)parse_set(call.arguments);
        return {1};
    case FilesMethod::clear:
        (void)parse_clear(call.arguments);
        return {1};
    }
    throw Error{Exit::data, "module files has no such method"};
}

Status run(Execution& execution, const Call& call)
{
    return static_cast<FilesMethod>(call.method) == FilesMethod::set ? run_set(execution, call)
                                                                     : run_clear(execution, call);
}

Amount atoms_in(std::uint8_t, ByteView value)
{
    return parse_record<Head>(value).deposit;
}

} // namespace

void Head::put(CborWriter& writer) const
{
    writer.array(3);
    writer.number(height.value);
    writer.number(deposit.atoms);
    writer.bytes(bytes);
}

Head Head::take(CborReader& reader)
{
    reader.array(3);
    Head head;
    head.height.value = static_cast<std::uint32_t>(reader.number(UINT32_MAX));
    head.deposit.atoms = reader.number();
    const ByteView bytes = reader.bytes_up_to(head_size_max);
    head.bytes.assign(bytes.begin(), bytes.end());
    return head;
}

StateKey head_key(const AccountId& account, std::uint32_t slot)
{
    return state_key(heads, account.bytes, slot);
}

Bytes to_bytes(const SetArguments& arguments)
{
    Bytes bytes;
    CborWriter writer{bytes};
    writer.array(2);
    writer.number(arguments.slot);
    writer.bytes(arguments.bytes);
    return bytes;
}

SetArguments parse_set(ByteView bytes)
{
    CborReader reader{bytes, "the head"};
    reader.array(2);
    SetArguments arguments;
    arguments.slot = static_cast<std::uint32_t>(reader.number(UINT32_MAX));
    const ByteView head = reader.bytes_up_to(head_size_max);
    if (head.empty()) reader.refuse("nothing to set");
    arguments.bytes.assign(head.begin(), head.end());
    reader.finish();
    return arguments;
}

Bytes to_bytes(const ClearArguments& arguments)
{
    Bytes bytes;
    CborWriter writer{bytes};
    writer.array(1);
    writer.number(arguments.slot);
    return bytes;
}

ClearArguments parse_clear(ByteView bytes)
{
    CborReader reader{bytes, "the slot"};
    reader.array(1);
    const ClearArguments arguments{static_cast<std::uint32_t>(reader.number(UINT32_MAX))};
    reader.finish();
    return arguments;
}

Module files_module()
{
    return {.number = module_number::files,
            .name = "files",
            .shape_of = shape_of,
            .run = run,
            .atoms_in = atoms_in};
}

} // namespace cairn
