#include "ledger/group.hpp"

#include "base/error.hpp"
#include "ledger/module.hpp"

namespace cairn {

Bytes to_bytes(std::span<const Call> calls)
{
    Bytes bytes;
    CborWriter writer{bytes};
    writer.array(calls.size());
    for (const Call& call : calls) {
        writer.array(call_parts);
        put_call(writer, call);
    }
    return bytes;
}

std::vector<Call> calls_of(const Call& call)
{
    if (call.module != module_number::group) return {call};
    if (call.method != group_method) throw Error{Exit::data, "module group has no such method"};
    return parse_group(call.arguments);
}

std::vector<Call> parse_group(ByteView bytes)
{
    CborReader reader{bytes, "the group"};
    std::vector<Call> calls(reader.array_up_to(group_calls_max));
    if (calls.empty()) reader.refuse("no calls");
    for (Call& call : calls) {
        reader.array(call_parts);
        call = take_call(reader);
        if (call.module == module_number::group) reader.refuse("a group in a group");
    }
    reader.finish();
    return calls;
}

} // namespace cairn
