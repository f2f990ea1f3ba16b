#include "depot/detail/pack.hpp"
#include "depot/detail/records.hpp"
#include "fuzz.hpp"

#include <algorithm>

// What a store reads from its own disk: values and keys of its tables, entries of packs.

namespace cairn {
namespace {

using namespace detail;

template <class Parse>
void read(ByteView input, Parse parse)
{
    const auto record = accepted([&] { return parse(input); });
    if (record) require(is_same(to_bytes(*record), input), "a record is written as it was read");
}

} // namespace

void fuzz(ByteView input)
{
    read(input, parse_shard_record);
    read(input, parse_entry_record);
    read(input, parse_usage);
    read(input, parse_pack_record);
    read(input, parse_totals);
    const auto key = accepted([&] { return parse_entry_key(input); });
    if (key) require(is_same(to_key(*key), input), "a key is written as it was read");
    (void)accepted([&] { return serial_of_holder(input); });
    (void)accepted([&] { return time_of_key(input); });

    // An entry of a pack as it is, and with the check that belongs to it.
    constexpr std::size_t checked_size = 40; // bytes
    Bytes header{input.begin(), input.end()};
    header.resize(pack_entry_header_size);
    for (int turn = 0; turn < 2; ++turn) {
        if (const auto item = parse_pack_entry_header(header)) {
            require(item->size <= packed_size_max, "a shard of a pack is small");
            require(is_same(to_pack_entry_header(*item), header), "an entry is written as read");
        }
        const Blake3Digest check = blake3(ByteView{header}.first(checked_size));
        std::copy_n(check.bytes.begin(), pack_entry_header_size - checked_size,
                    header.begin() + checked_size);
    }
}

} // namespace cairn
