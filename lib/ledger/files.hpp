#pragma once

#include "ledger/module.hpp"

// Heads of what accounts keep elsewhere, such as the index of their objects: some bytes a slot,
// which their owners encrypt. cairn-ledger(7).

namespace cairn {

inline constexpr std::size_t head_size_max = 1024; // bytes

struct Head {
    Height height; ///< when it was set
    Amount deposit;
    Bytes bytes;

    void put(CborWriter& writer) const;
    static Head take(CborReader& reader);

    friend bool operator==(const Head&, const Head&) = default;
};

[[nodiscard]] StateKey head_key(const AccountId& account, std::uint32_t slot);

enum class FilesMethod : std::uint16_t {
    set = 1,
    clear = 2,
};

struct SetArguments {
    std::uint32_t slot = 0;
    Bytes bytes; ///< 1 to head_size_max
};
Bytes to_bytes(const SetArguments& arguments);
SetArguments parse_set(ByteView bytes);

struct ClearArguments {
    std::uint32_t slot = 0;
};
Bytes to_bytes(const ClearArguments& arguments);
ClearArguments parse_clear(ByteView bytes);

[[nodiscard]] Module files_module();

} // namespace cairn
