#include "fuzz.hpp"
#include "ledger/coins.hpp"
#include "ledger/files.hpp"
#include "ledger/group.hpp"
#include "ledger/ledger.hpp"
#include "ledger/memory_state.hpp"
#include "ledger/policy.hpp"
#include "ledger/registry.hpp"

#include <cstdlib>

// Transactions of a few accounts that the input draws, in the blocks of a small chain: money stays,
// the tree is that of the values, and each block can be taken back.

namespace cairn {
namespace {

constexpr std::size_t people = 4;         // that have keys
constexpr std::size_t accounts_count = 6; // theirs, one of two of them, one that has nothing
constexpr std::size_t nodes_count = 3;
constexpr std::size_t blocks_max = 24;
constexpr Amount fee{4000};

Ed25519KeyPair pair(unsigned number)
{
    Secret seed{Ed25519KeyPair::seed_size};
    seed.bytes()[0] = static_cast<std::byte>(number);
    return Ed25519KeyPair{std::move(seed)};
}

/// Everybody there is. The keys of accounts sign nothing here: others check signatures.
struct World {
    std::vector<Ed25519PublicKey> keys; // ascending
    Descriptor both;                    // of the first two
    Descriptor last{1, {}};
    std::array<AccountId, accounts_count> accounts;
    std::array<Ed25519PublicKey, nodes_count> nodes;
    std::array<Genesis, 2> geneses;
    std::array<std::array<std::array<Ed25519Signature, nodes_count>, accounts_count>, 2> consents;
    Ed25519KeyPair sealer = pair(99);

    World()
    {
        for (unsigned i = 0; i < people; ++i) keys.push_back(pair(i).public_key());
        std::ranges::sort(keys);
        both = {2, {keys[0], keys[1]}};
        last.keys = {keys[people - 1]};
        for (std::size_t i = 0; i < people; ++i) accounts.at(i) = account_id(keys[i]);
        accounts[people] = account_id(descriptor_id(both));
        accounts[people + 1] = {};
        for (std::size_t chain = 0; chain < 2; ++chain) {
            geneses.at(chain) = make_genesis(chain == 1);
            const NetworkId id = network_id(geneses.at(chain));
            for (unsigned node = 0; node < nodes_count; ++node) {
                const Ed25519KeyPair signer = pair(10 + node);
                nodes.at(node) = signer.public_key();
                for (std::size_t i = 0; i < accounts_count; ++i)
                    consents.at(chain).at(i).at(node) =
                        signer.sign(consent_message(id, accounts.at(i)));
            }
        }
    }

    [[nodiscard]] Genesis make_genesis(bool is_points) const
    {
        Genesis genesis = parse_genesis(*genesis_profile("dev"));
        if (is_points)
            genesis.policy = PointsPolicy{.inflation_per_mille = 25,
                                          .epoch_blocks = 2,
                                          .year_epochs = 3,
                                          .foundation = accounts[people + 1]};
        else
            genesis.policy = CccPolicy{.is_recycling = true, .recycle_blocks = 8};
        genesis.block = {.size_max = 8192,
                         .weight_max = 8000,
                         .valid_blocks = 4,
                         .memory_blocks = 16,
                         .reward_blocks = 3};
        genesis.fee = {.weight_atoms = 1, .byte_atoms = 1};
        genesis.registry = {.bond_min = {1000},
                            .bond_max = {1'000'000},
                            .professional_blocks = 4,
                            .earnings_blocks = 3,
                            .unbond_blocks = 2,
                            .assign_blocks = 1,
                            .revoke_blocks = 2};
        constexpr std::array<std::uint64_t, 5> balances{std::uint64_t{1} << 58U, 10'000'000,
                                                        1'000'000, 30'000, 10'000'000};
        for (std::size_t i = 0; i < balances.size(); ++i)
            genesis.accounts.push_back({accounts.at(i), {balances.at(i)}});
        std::ranges::sort(genesis.accounts, {}, &FirstAccount::account);
        return parse_genesis(to_json(genesis).dump());
    }
};

/// What an input says, byte by byte; zeros behind its end.
class Dice {
public:
    explicit Dice(ByteView input) : input_{input} {}

    std::size_t below(std::size_t count)
    {
        if (is_empty()) return 0;
        const auto byte = std::to_integer<std::size_t>(input_.front());
        input_ = input_.subspan(1);
        return byte % count;
    }
    [[nodiscard]] bool is_empty() const { return input_.empty(); }
    Amount amount()
    {
        constexpr std::array<std::uint64_t, 12> amounts{
            1,         255,       256,        999,         1000,        20'000,
            1'000'000, 1'000'001, 50'000'000, 1ULL << 57U, 1ULL << 63U, UINT64_MAX};
        return {amounts.at(below(amounts.size()))};
    }

private:
    ByteView input_;
};

class Chain {
public:
    Chain(const World& world, ByteView input)
        : world_{&world},
          dice_{input},
          which_{dice_.below(2)},
          genesis_{world.geneses.at(which_)}
    {
        FirstBlock first = first_block(genesis_);
        state_.write(first.effects.changes, first.effects.tree);
        tip_ = first.header;
    }

    void run()
    {
        for (std::size_t i = 0; i < blocks_max && !dice_.is_empty(); ++i) add_block();
    }

private:
    void add_block()
    {
        BlockContext context;
        context.chain = tip_.chain;
        context.height = tip_.height + 1;
        context.parent = block_id(tip_);
        context.producer = world_->accounts.at(dice_.below(accounts_count));
        context.sealer = world_->sealer.public_key();
        context.space_bytes = dice_.amount().atoms;
        used_.clear();
        Block block;
        BlockExecution execution{genesis_, context, state_};
        for (std::size_t count = dice_.below(12); count > 0; --count) {
            const auto used = used_;
            const Transaction transaction = make();
            if (execution.add(transaction))
                used_ = used;
            else
                block.transactions.push_back(transaction);
        }
        const BlockEffects effects = execution.finish(state_);
        for (const TransactionReceipt& receipt : effects.receipts)
            require(parse_transaction_receipt(to_bytes(receipt)) == receipt,
                    "a receipt is read as it was written");
        Header& header = block.header;
        header.chain = context.chain;
        header.height = context.height;
        header.parent = context.parent;
        header.producer = context.producer;
        header.transactions = transactions_root(block.transactions);
        header.receipts = receipts_root(effects.receipts);
        header.state = effects.tree.root;
        const auto applied =
            apply(genesis_, context, tip_, parse_block(to_bytes(block)), {state_, state_});
        const auto* const same = std::get_if<BlockEffects>(&applied);
        require(same, "a block is applied as it was made");
        require(same->changes == effects.changes && same->receipts == effects.receipts,
                "what was refused has changed nothing");
        check_inverse(effects);
        state_.write(effects.changes, effects.tree);
        tip_ = header;
        check_state();
    }

    void check_inverse(const BlockEffects& effects)
    {
        const auto values = state_.values();
        const std::size_t nodes = state_.node_count();
        state_.write(effects.changes, effects.tree);
        const std::vector<StateChange> back = inverse(effects.changes);
        const TreeUpdate tree = update_tree(state_, leaf_changes(back));
        state_.write(back, tree);
        require(tree.root == tip_.state && state_.values() == values &&
                    state_.node_count() == nodes,
                "a block can be taken back");
    }

    void check_state() const
    {
        Uint128 sum = 0;
        for (const auto& [path, value] : state_.values()) {
            const StateTable table = table_of({value.first, path});
            sum += find_module(table.module)->atoms_in(table.number, value.second).atoms;
        }
        const Supply supply = find<Supply>(supply_key()).value();
        require(sum + supply.burnt.atoms == supply.minted.atoms, "money is what was made");
        require(state_.root() == tip_.state, "the tree is that of the values");
    }

    template <class Record>
    [[nodiscard]] std::optional<Record> find(const StateKey& key) const
    {
        const std::optional<Bytes> bytes = state_.get(key);
        return bytes ? std::optional{parse_record<Record>(*bytes)} : std::nullopt;
    }

    Transaction make()
    {
        Transaction transaction;
        TransactionBody& body = transaction.body;
        body.chain = tip_.chain;
        body.fee = fee;
        body.valid_until = tip_.height + static_cast<std::uint32_t>(1 + dice_.below(5));
        const std::size_t members = dice_.below(8);
        if (members < 5) {
            body.call = call(transaction);
        } else {
            body.call = empty_call(transaction);
            std::vector<Call> calls;
            for (std::size_t i = 4; i < members; ++i) calls.push_back(call(transaction));
            body.call.module = module_number::group;
            body.call.method = group_method;
            body.call.arguments = to_bytes(std::span<const Call>{calls});
        }
        return transaction;
    }

    /// By somebody, who signs, with the next number of a lane.
    Call empty_call(Transaction& transaction)
    {
        Call call;
        const std::size_t sender = dice_.below(people + 1);
        call.sender = world_->accounts.at(sender);
        call.lane.value = static_cast<std::uint16_t>(dice_.below(3));
        const auto account = find<Account>(account_key(call.sender));
        auto& used = used_[{sender, call.lane}];
        call.sequence = account ? account->next_sequence(call.lane) + used++ : 0;
        if (dice_.below(32) == 31) ++call.sequence;
        const bool has_controller = account && account->controller;
        if (has_controller && *account->controller == descriptor_id(world_->last))
            authorise(transaction, world_->last);
        else if (has_controller || sender == people)
            authorise(transaction, world_->both);
        else
            sign_by(transaction, world_->keys[std::min(sender, people - 1)]);
        return call;
    }

    static void authorise(Transaction& transaction, const Descriptor& descriptor)
    {
        attach(transaction, descriptor);
        for (const Ed25519PublicKey& key : descriptor.keys) sign_by(transaction, key);
    }

    static void sign_by(Transaction& transaction, const Ed25519PublicKey& key)
    {
        auto& all = transaction.signatures;
        const auto place = std::ranges::lower_bound(all, key, {}, &KeySignature::key);
        if (place == all.end() || place->key != key) all.insert(place, {key, {}});
    }

    Call call(Transaction& transaction)
    {
        Call call = empty_call(transaction);
        constexpr std::array<std::pair<std::uint16_t, std::uint16_t>, 4> methods{
            {{module_number::coins, 3},
             {module_number::registry, 11},
             {module_number::files, 2},
             {module_number::policy, 4}}};
        std::size_t choice = dice_.below(24) % 20; // more of coins
        for (const auto& [module, count] : methods) {
            if (choice < count) {
                call.module = module;
                call.method = static_cast<std::uint16_t>(choice + 1);
                call.arguments = arguments_of(call);
                return call;
            }
            choice -= count;
        }
        std::abort();
    }

    Bytes arguments_of(const Call& call)
    {
        if (call.module == module_number::coins) return of(static_cast<CoinsMethod>(call.method));
        if (call.module == module_number::policy) return of(static_cast<PolicyMethod>(call.method));
        if (call.module == module_number::registry)
            return of(static_cast<RegistryMethod>(call.method), call.sender);
        const auto slot = static_cast<std::uint32_t>(dice_.below(2));
        if (static_cast<FilesMethod>(call.method) == FilesMethod::clear)
            return to_bytes(ClearArguments{slot});
        return to_bytes(SetArguments{slot, Bytes(1 + dice_.below(200))});
    }

    const AccountId& somebody() { return world_->accounts.at(dice_.below(accounts_count)); }

    Bytes of(CoinsMethod method)
    {
        if (method == CoinsMethod::close) return to_bytes(CloseArguments{somebody()});
        if (method == CoinsMethod::controller) {
            const std::array<std::optional<DescriptorId>, 3> all{
                std::nullopt, descriptor_id(world_->both), descriptor_id(world_->last)};
            return to_bytes(ControllerArguments{all.at(dice_.below(3))});
        }
        TransferArguments arguments;
        for (std::size_t i = dice_.below(3) + 1; i > 0; --i) {
            const AccountId& to = somebody();
            arguments.transfers.push_back({to, dice_.amount()});
        }
        return to_bytes(arguments);
    }

    Bytes of(RegistryMethod method, const AccountId& sender)
    {
        const std::size_t node = dice_.below(nodes_count);
        const Ed25519PublicKey& key = world_->nodes.at(node);
        const auto place = std::ranges::find(world_->accounts, sender);
        const Ed25519Signature& consent =
            world_->consents.at(which_)
                .at(static_cast<std::size_t>(place - world_->accounts.begin()))
                .at(node);
        switch (method) {
        case RegistryMethod::join: {
            const auto kind = static_cast<ProviderClass>(dice_.below(2));
            return to_bytes(JoinArguments{key, consent, kind, dice_.amount(), {}});
        }
        case RegistryMethod::offer:
            return to_bytes(Offer{{"localhost:1"}, 5, dice_.amount()});
        case RegistryMethod::bond:
        case RegistryMethod::unbond:
            return to_bytes(AmountArguments{dice_.amount()});
        case RegistryMethod::withdraw:
        case RegistryMethod::leave:
        case RegistryMethod::settle:
            return no_arguments();
        case RegistryMethod::rotate:
            return to_bytes(RotateArguments{key, consent});
        case RegistryMethod::release: {
            const auto ago = static_cast<std::uint32_t>(dice_.below(6));
            return to_bytes(
                ReleaseArguments{{{tip_.height.value - std::min(ago, tip_.height.value)}}});
        }
        case RegistryMethod::assign:
            return to_bytes(AssignArguments{0, key});
        case RegistryMethod::revoke:
            return to_bytes(RevokeArguments{0});
        }
        std::abort();
    }

    Bytes of(PolicyMethod method)
    {
        switch (method) {
        case PolicyMethod::attach: {
            const AccountId& provider = somebody();
            return to_bytes(AttachArguments{provider, dice_.amount(), {}});
        }
        case PolicyMethod::sweep:
            return to_bytes(SweepArguments{somebody()});
        case PolicyMethod::touch:
            return no_arguments();
        case PolicyMethod::evidence:
            break;
        }
        Header other = tip_;
        ++other.time_s;
        return to_bytes(EvidenceArguments{{to_bytes(tip_), to_bytes(other)},
                                          {to_bytes(seal(block_id(tip_), world_->sealer)),
                                           to_bytes(seal(block_id(other), world_->sealer))}});
    }

    const World* world_;
    Dice dice_;
    std::size_t which_;
    const Genesis& genesis_;
    MemoryState state_;
    Header tip_;
    std::map<std::pair<std::size_t, Lane>, std::uint64_t> used_; // numbers, in this block
};

} // namespace

void fuzz(ByteView input)
{
    static const World world;
    Chain{world, input}.run();
}

} // namespace cairn
