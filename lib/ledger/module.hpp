#pragma once

#include "ledger/execution.hpp"

// What a chain can do is in modules: one file and one line of the table in module.cpp each.

namespace cairn {

/// What a call is, by itself.
struct CallShape {
    std::uint64_t writes = 0; ///< records it may change, besides the sender's account
    Amount takes{};           ///< that it names, from the sender's balance; deposits not counted
    bool takes_all = false;   ///< nothing of the balance is left
};

struct Module {
    std::uint16_t number = 0; ///< never used again
    const char* name = "";

    /// Looks at method and arguments alone. Throws Error{data} where there is no such method or the
    /// arguments are malformed.
    CallShape (*shape_of)(const Call& call) = nullptr;

    /// Does what shape_of has accepted. What it has changed is taken back unless it is done.
    Status (*run)(Execution& execution, const Call& call) = nullptr;

    /// Money in a record of one of its tables.
    Amount (*atoms_in)(std::uint8_t table, ByteView value) = nullptr;
};

namespace module_number {
inline constexpr std::uint16_t group = 0; ///< calls of several accounts, all or none
inline constexpr std::uint16_t coins = 1;
inline constexpr std::uint16_t registry = 2;
inline constexpr std::uint16_t files = 3;
inline constexpr std::uint16_t policy = 4;
} // namespace module_number

/// All but groups, by number.
[[nodiscard]] std::span<const Module> modules();

/// None when there is no such module.
[[nodiscard]] const Module* find_module(std::uint16_t number);

} // namespace cairn
