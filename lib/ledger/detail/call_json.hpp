#pragma once

#include "ledger/detail/json_archive.hpp"
#include "ledger/transaction.hpp"

namespace cairn::detail {

/// What the JSON of a call must have.
enum class CallParts : std::uint8_t {
    all,
    what_is_asked, ///< sender, lane and sequence number may be missing
};

/// The members of a call; others are left to the caller. Throws Error{data}.
[[nodiscard]] Call take_call(JsonIn& in, CallParts parts);

/// Empty where there is no such module.
[[nodiscard]] std::string module_name(std::uint16_t number);

} // namespace cairn::detail
