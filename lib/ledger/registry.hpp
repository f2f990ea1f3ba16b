#pragma once

#include "ledger/module.hpp"

// Providers, their bonds and what they earn, and who may seal blocks for a plot, cairn-ledger(7).

namespace cairn {

inline constexpr std::size_t provider_addresses_max = 4;
inline constexpr std::size_t provider_deposit_bytes = 1536; // that a provider may have in the state

enum class ProviderClass : std::uint8_t { amateur = 0, professional = 1 };

/// What a provider says of itself.
struct Offer {
    std::vector<std::string> addresses; ///< "host:port", at most provider_addresses_max
    std::uint64_t capacity_bytes = 0;
    Amount price; ///< for a GiB and a window

    friend bool operator==(const Offer&, const Offer&) = default;
};

struct Provider {
    Ed25519PublicKey node_key;                ///< signs receipts and proofs
    std::optional<Ed25519PublicKey> next_key; ///< from next_key_height on
    Height next_key_height;
    Offer offer;
    ProviderClass kind = ProviderClass::amateur;
    Height registered;
    Amount bond;
    Height bonded; ///< when it was last added to
    Amount unbonding;
    Height unbonds; ///< when that can be withdrawn
    Amount deposit;
    Uint128 share = 0; ///< of what is minted, what was settled: PointsState::share

    /// The key that signs at a height.
    [[nodiscard]] Ed25519PublicKey key_at(Height height) const
    {
        return next_key && next_key_height <= height ? *next_key : node_key;
    }

    void put(CborWriter& writer) const;
    static Provider take(CborReader& reader);

    friend bool operator==(const Provider&, const Provider&) = default;
};

[[nodiscard]] StateKey provider_key(const AccountId& account);

/// Whose node a key is; the value is the account's id.
[[nodiscard]] StateKey node_key_owner(const Ed25519PublicKey& node_key);

/// What an account gets at a height: a professional's earnings.
struct Earning {
    Amount amount;

    void put(CborWriter& writer) const;
    static Earning take(CborReader& reader);
};
[[nodiscard]] StateKey earning_key(const AccountId& account, Height earned);

/// Who seals blocks for a plot in place of its owner.
struct Assignment {
    Ed25519PublicKey key;
    Height from;
    std::optional<Height> until; ///< where it was revoked

    void put(CborWriter& writer) const;
    static Assignment take(CborReader& reader);

    friend bool operator==(const Assignment&, const Assignment&) = default;
};
[[nodiscard]] StateKey assignment_key(const WinningPlot& plot);

/// Whether a key may seal the block of a height for a plot: the assignee's while there is one, else
/// that of the account, or of its controller where that is one key.
[[nodiscard]] bool may_seal(Execution& execution, const WinningPlot& plot,
                            const Ed25519PublicKey& key);

/// Gives a provider what it earned: at once, or where it is a professional, when the lock ends.
void give_earnings(Execution& execution, const AccountId& account, const Provider& provider,
                   Amount amount);

enum class RegistryMethod : std::uint16_t {
    join = 1,
    offer = 2,
    bond = 3,
    unbond = 4,
    withdraw = 5, ///< what was unbonded
    leave = 6,
    rotate = 7,
    settle = 8,  ///< its share of what was minted
    release = 9, ///< earnings whose lock has ended
    assign = 10,
    revoke = 11,
};

struct JoinArguments {
    Ed25519PublicKey node_key;
    Ed25519Signature consent; ///< of the node key, of consent_message()
    ProviderClass kind = ProviderClass::amateur;
    Amount bond;
    Offer offer;
};
Bytes to_bytes(const JoinArguments& arguments);
JoinArguments parse_join(ByteView bytes);

/// "cairn/provider/v1", a zero byte, chain, account: that a node serves an account.
[[nodiscard]] Bytes consent_message(const NetworkId& chain, const AccountId& account);

Bytes to_bytes(const Offer& offer);
Offer parse_offer(ByteView bytes);

/// Of bond and unbond.
struct AmountArguments {
    Amount amount;
};
Bytes to_bytes(const AmountArguments& arguments);
AmountArguments parse_amount_arguments(ByteView bytes);

/// Of withdraw, leave and settle.
Bytes no_arguments();

struct RotateArguments {
    Ed25519PublicKey node_key;
    Ed25519Signature consent;
};
Bytes to_bytes(const RotateArguments& arguments);
RotateArguments parse_rotate(ByteView bytes);

inline constexpr std::size_t releases_max = 64; // of one call

struct ReleaseArguments {
    std::vector<Height> earned; ///< ascending, 1 to releases_max
};
Bytes to_bytes(const ReleaseArguments& arguments);
ReleaseArguments parse_release(ByteView bytes);

struct AssignArguments {
    std::uint32_t salt = 0;
    Ed25519PublicKey key;
};
Bytes to_bytes(const AssignArguments& arguments);
AssignArguments parse_assign(ByteView bytes);

struct RevokeArguments {
    std::uint32_t salt = 0;
};
Bytes to_bytes(const RevokeArguments& arguments);
RevokeArguments parse_revoke(ByteView bytes);

[[nodiscard]] Module registry_module();

} // namespace cairn
