#pragma once

#include "ledger/module.hpp"

// Accounts and what they have, cairn-ledger(7).

namespace cairn {

inline constexpr std::size_t lanes_max = 16;              // of an account
inline constexpr std::size_t transfers_max = 256;         // of one call
inline constexpr std::size_t reference_size_max = 64;     // bytes
inline constexpr std::size_t account_deposit_bytes = 320; // that an account may have in the state

/// The next sequence number of a lane.
struct LaneState {
    Lane lane;
    std::uint64_t next = 0;

    friend bool operator==(const LaneState&, const LaneState&) = default;
};

struct Account {
    Amount balance;
    Amount deposit;                         ///< given back when it is closed
    Height created;                         ///< since when it is there
    Height active;                          ///< when it last had a call done or made a block
    std::optional<DescriptorId> controller; ///< who acts for it in place of its own key
    std::vector<LaneState> lanes;           ///< ascending; at most lanes_max

    void put(CborWriter& writer) const;
    static Account take(CborReader& reader);

    /// The sequence number that a lane's next call has. Calls in a block have numbers below
    /// sequence_end() of its height, and lanes begin at that of the block that made the account: so
    /// nothing that an older account of this id has sent can be sent again, nor anything in that
    /// block.
    [[nodiscard]] std::uint64_t next_sequence(Lane lane) const;

    friend bool operator==(const Account&, const Account&) = default;
};

/// (height + 1) 2^16.
[[nodiscard]] constexpr std::uint64_t sequence_end(Height height)
{
    return (std::uint64_t{height.value} + 1) << 16U;
}

[[nodiscard]] StateKey account_key(const AccountId& id);
[[nodiscard]] std::optional<Account> find_account(Execution& execution, const AccountId& id);

/// Takes an amount from an account; false when it has less.
[[nodiscard]] bool take_coins(Execution& execution, const AccountId& from, Amount amount);

/// Gives an amount to an account and tells of it. One that is not there is made, without a deposit:
/// for what the rules themselves pay.
void give_coins(Execution& execution, const AccountId& to, Amount amount);

/// The same for what somebody sends: a new account's deposit comes out of it, and too_small is told
/// when it is less.
[[nodiscard]] Status send_coins(Execution& execution, const AccountId& to, Amount amount);

/// What the module tells.
enum class CoinsEvent : std::uint16_t {
    given = 1, ///< [account, atoms]: the rules have paid an amount that no transfer names
};

// Methods of the module.

enum class CoinsMethod : std::uint16_t {
    transfer = 1,   ///< [to, atoms, ...] and a reference
    controller = 2, ///< who acts for the account from now on
    close = 3,      ///< gives all to another, deposit included, and is gone
};

struct CoinTransfer {
    AccountId to;
    Amount amount;

    friend bool operator==(const CoinTransfer&, const CoinTransfer&) = default;
};

/// To 1 to transfers_max accounts.
struct TransferArguments {
    std::vector<CoinTransfer> transfers;
    Bytes reference; ///< whatever those who send and receive have agreed on; at most 64 bytes

    friend bool operator==(const TransferArguments&, const TransferArguments&) = default;
};
Bytes to_bytes(const TransferArguments& arguments);
TransferArguments parse_transfer(ByteView bytes);

struct ControllerArguments {
    std::optional<DescriptorId> controller; ///< none: its own key again
};
Bytes to_bytes(const ControllerArguments& arguments);
ControllerArguments parse_controller(ByteView bytes);

struct CloseArguments {
    AccountId to;
};
Bytes to_bytes(const CloseArguments& arguments);
CloseArguments parse_close(ByteView bytes);

[[nodiscard]] Module coins_module();

} // namespace cairn
