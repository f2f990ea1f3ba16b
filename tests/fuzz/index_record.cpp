#include "format/index.hpp"
#include "format/list.hpp"
#include "fuzz.hpp"

namespace cairn {
namespace {

void read(ByteView plain)
{
    const auto record = accepted([&] { return parse_index_record(plain); });
    if (!record) return;
    require(is_same(to_plain(*record).bytes(), plain), "a record is written as it was read");
    require(record->name.empty() || is_tree_path(record->name), "a name is a relative path");
    require(plain.size() % index_block_size == 0, "a record is padded");
}

} // namespace

void fuzz(ByteView input)
{
    read(input);
    Bytes padded{input.begin(), input.end()}; // so that padding is no hurdle
    padded.resize(divide_up(padded.size(), index_block_size) * index_block_size);
    read(padded);
}

} // namespace cairn
