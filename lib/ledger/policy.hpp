#pragma once

#include "ledger/emission.hpp"
#include "ledger/module.hpp"

// How much there is, and who gets what is new, cairn-ledger(7).

namespace cairn {

/// All that was ever made and destroyed.
struct Supply {
    Amount minted;
    Amount burnt;

    void put(CborWriter& writer) const;
    static Supply take(CborReader& reader);

    friend bool operator==(const Supply&, const Supply&) = default;
};
[[nodiscard]] StateKey supply_key();

/// What a block's producer gets when it matures.
struct Reward {
    AccountId account;
    Amount amount;
    Ed25519PublicKey sealer;

    void put(CborWriter& writer) const;
    static Reward take(CborReader& reader);

    friend bool operator==(const Reward&, const Reward&) = default;
};
[[nodiscard]] StateKey reward_key(Height height);

/// What the state remembers of a block for a while.
struct RememberedBlock {
    BlockId parent;
    Beacon beacon;
    std::uint64_t space_bytes = 0;

    void put(CborWriter& writer) const;
    static RememberedBlock take(CborReader& reader);
};
[[nodiscard]] StateKey remembered_key(Height height);

/// The id of an earlier block, as far back as the state remembers.
[[nodiscard]] std::optional<BlockId> id_of(Execution& execution, Height height);

/// State of the policy ccc.
struct CccState {
    static constexpr std::size_t parts = 8; // of its array

    CccEmission emission;
    Uint128 space_sum = 0;    ///< of the blocks that are remembered, without the first
    std::uint64_t blocks = 0; ///< that are
    Amount pool;              ///< that was swept, and is found again

    void put(CborWriter& writer) const;
    static CccState take(CborReader& reader);

    friend bool operator==(const CccState&, const CccState&) = default;
};
[[nodiscard]] StateKey ccc_key();

/// State of the policy points.
struct PointsState {
    static constexpr std::size_t parts = 7; // of its array

    Amount base;       ///< the supply when the year began
    Amount users;      ///< what users are to get when they can be told apart
    Amount servers;    ///< what servers are to get, not yet shared out
    Amount owed;       ///< shared out, not yet settled
    Amount bonded;     ///< bonds that count
    Uint128 share = 0; ///< of each bonded atom since the beginning, in 2^-32 atoms

    void put(CborWriter& writer) const;
    static PointsState take(CborReader& reader);

    friend bool operator==(const PointsState&, const PointsState&) = default;
};
[[nodiscard]] StateKey points_key();

/// Settles what a bond has earned since its share was `entry`, which becomes that of now. Nothing
/// where the policy mints nothing for bonds.
[[nodiscard]] Amount settle_share(Execution& execution, Amount counted, Uint128& entry);

/// That a bond counts with another amount from now on; it must be settled.
void count_bond(Execution& execution, Amount was, Amount is);

/// Makes coins; the caller gives them to somebody.
void mint(Execution& execution, Amount amount);

/// Destroys coins, which the caller has taken from somebody.
void burn(Execution& execution, Amount amount);

/// What happens at the end of a block, with the fees that were paid in it.
void end_block(Execution& execution, Amount fees);

/// What is in the state before the first block, besides the accounts.
void begin_chain(Execution& execution);

enum class PolicyMethod : std::uint16_t {
    attach = 1,   ///< points to a provider for a request, of which the foundation gets its share
    sweep = 2,    ///< an account that sleeps
    touch = 3,    ///< nothing, but that the account is awake
    evidence = 4, ///< that a key has sealed two blocks for one place
};

struct AttachArguments {
    AccountId provider;
    Amount amount;
    Bytes reference; ///< at most reference_size_max
};
Bytes to_bytes(const AttachArguments& arguments);
AttachArguments parse_attach(ByteView bytes);

struct SweepArguments {
    AccountId account;
};
Bytes to_bytes(const SweepArguments& arguments);
SweepArguments parse_sweep(ByteView bytes);

/// Two headers of one height and parent, with the seals that one key has given both.
struct EvidenceArguments {
    std::array<Bytes, 2> headers;
    std::array<Bytes, 2> seals;
};
Bytes to_bytes(const EvidenceArguments& arguments);
EvidenceArguments parse_evidence(ByteView bytes);

/// Whether it shows what it is meant to, whatever chain it is for.
[[nodiscard]] bool is_equivocation(const EvidenceArguments& arguments);

[[nodiscard]] Amount policy_atoms_in(std::uint8_t table, ByteView value);

[[nodiscard]] Module policy_module();

} // namespace cairn
