#include "ledger/files.hpp"
#include "ledger/group.hpp"
#include "ledger/ledger.hpp"
#include "ledger/registry.hpp"
#include "ledger/testing.hpp"

#include <clocale>
#include <cstdlib>
#include <ctime>
#include <set>

#include <doctest/doctest.h>

// Chains of random transactions of all modules.

using namespace cairn;

namespace {

constexpr unsigned people = 8;

const Ed25519KeyPair& person(std::uint64_t number)
{
    static const std::vector<Ed25519KeyPair> all = [] {
        std::vector<Ed25519KeyPair> pairs;
        for (unsigned i = 0; i < 2 * people; ++i)
            pairs.push_back(counting_pair(i < people ? 32 * i : 7 + 32 * i));
        return pairs;
    }();
    return all.at(number);
}

AccountId id(std::uint64_t number)
{
    return account_id(person(number).public_key());
}

/// The first half of the people act; all are nodes and receivers.
Genesis genesis_of(bool is_points)
{
    Genesis genesis = test_genesis(people);
    genesis.block.memory_blocks = 16;
    genesis.registry.bond_min = {1'000'000};
    genesis.registry.bond_max = {100'000'000};
    genesis.registry.professional_blocks = 6;
    genesis.registry.earnings_blocks = 4;
    genesis.registry.unbond_blocks = 3;
    genesis.registry.assign_blocks = 2;
    genesis.registry.revoke_blocks = 3;
    if (is_points) {
        PointsPolicy points;
        points.epoch_blocks = 3;
        points.year_epochs = 4;
        points.foundation = filled<AccountId>(0xf0);
        genesis.policy = points;
    } else {
        auto& ccc = std::get<CccPolicy>(genesis.policy);
        ccc.is_recycling = true;
        ccc.recycle_blocks = 8;
        ccc.space_bytes = 0;
    }
    return genesis;
}

/// Draws calls.
class Caller {
public:
    Caller(const TestChain& chain, Dice& dice) : chain_{&chain}, dice_{&dice} {}

    /// A transaction by one of the people, or a group of a few.
    Transaction next()
    {
        const std::uint64_t who = dice_->below(people);
        const std::uint64_t ahead = dice_->below(12) == 0 ? 1 : 0; // some are out of order
        Transaction transaction = of_call(who, ahead);
        if (dice_->below(10) == 0) return group(who);
        if (dice_->below(15) == 0) transaction.body.fee.atoms /= 2; // some do not pay enough
        return transaction;
    }

private:
    Transaction of_call(std::uint64_t who, std::uint64_t ahead)
    {
        const Lane lane{static_cast<std::uint16_t>(dice_->below(3))};
        const auto make = [&](std::uint16_t module, auto method, Bytes arguments) {
            return chain_->make(person(who), module, static_cast<std::uint16_t>(method),
                                std::move(arguments), lane, ahead);
        };
        switch (dice_->below(4)) {
        case 0:
            return coins(make);
        case 1:
            return files(make);
        case 2:
            return policy(make);
        default:
            return registry(make, who);
        }
    }

    template <class Make>
    Transaction coins(const Make& make)
    {
        switch (dice_->below(6)) {
        case 0:
            return make(module_number::coins, CoinsMethod::close,
                        to_bytes(CloseArguments{anyone()}));
        case 1:
            return make(module_number::coins, CoinsMethod::controller,
                        to_bytes(ControllerArguments{}));
        default:
            TransferArguments arguments;
            for (std::uint64_t i = 0; i <= dice_->below(4); ++i)
                arguments.transfers.push_back({anyone(), amount()});
            return make(module_number::coins, CoinsMethod::transfer, to_bytes(arguments));
        }
    }

    template <class Make>
    Transaction files(const Make& make)
    {
        const auto slot = static_cast<std::uint32_t>(dice_->below(3));
        if (dice_->below(3) == 0)
            return make(module_number::files, FilesMethod::clear, to_bytes(ClearArguments{slot}));
        return make(module_number::files, FilesMethod::set,
                    to_bytes(SetArguments{slot, noise(1 + dice_->below(300))}));
    }

    template <class Make>
    Transaction policy(const Make& make)
    {
        switch (dice_->below(4)) {
        case 0:
            return make(module_number::policy, PolicyMethod::sweep,
                        to_bytes(SweepArguments{anyone()}));
        case 1:
            return make(module_number::policy, PolicyMethod::touch, no_arguments());
        case 2: {
            const auto& tip = chain_->tip();
            const std::uint32_t back = static_cast<std::uint32_t>(dice_->below(6));
            if (tip.height.value < back)
                return make(module_number::policy, PolicyMethod::touch, no_arguments());
            const Header& ours = chain_->header(tip.height.value - back);
            Header other = ours;
            ++other.time_s;
            const Ed25519KeyPair& sealer = person(dice_->below(2));
            EvidenceArguments evidence{{to_bytes(ours), to_bytes(other)}, {}};
            evidence.seals = {to_bytes(seal(block_id(ours), sealer)),
                              to_bytes(seal(block_id(other), sealer))};
            return make(module_number::policy, PolicyMethod::evidence, to_bytes(evidence));
        }
        default:
            return make(module_number::policy, PolicyMethod::attach,
                        to_bytes(AttachArguments{id(dice_->below(people)), amount(), {}}));
        }
    }

    template <class Make>
    Transaction registry(const Make& make, std::uint64_t who)
    {
        const auto call = [&](RegistryMethod method, Bytes arguments) {
            return make(module_number::registry, method, std::move(arguments));
        };
        const Ed25519KeyPair& node = person(dice_->below(2 * people));
        const Ed25519Signature consent = node.sign(consent_message(chain_->tip().chain, id(who)));
        const auto method = static_cast<RegistryMethod>(1 + dice_->below(11));
        switch (method) {
        case RegistryMethod::join: {
            JoinArguments arguments{node.public_key(), consent, {}, amount(), {}};
            arguments.kind = static_cast<ProviderClass>(dice_->below(2));
            return call(method, to_bytes(arguments));
        }
        case RegistryMethod::offer:
            return call(method, to_bytes(Offer{{"host:1"}, dice_->below(1000), amount()}));
        case RegistryMethod::bond:
        case RegistryMethod::unbond: {
            const auto provider = chain_->find<Provider>(provider_key(id(who)));
            const bool is_all = provider && provider->bond != Amount{} && dice_->below(2) == 0;
            return call(method, to_bytes(AmountArguments{is_all ? provider->bond : amount()}));
        }
        case RegistryMethod::rotate:
            return call(method, to_bytes(RotateArguments{node.public_key(), consent}));
        case RegistryMethod::release:
            return call(method, to_bytes(ReleaseArguments{
                                    {{static_cast<std::uint32_t>(dice_->below(60))}}}));
        case RegistryMethod::assign:
            return call(method,
                        to_bytes(AssignArguments{static_cast<std::uint32_t>(dice_->below(3)),
                                                 node.public_key()}));
        case RegistryMethod::revoke:
            return call(method,
                        to_bytes(RevokeArguments{static_cast<std::uint32_t>(dice_->below(3))}));
        case RegistryMethod::withdraw:
        case RegistryMethod::leave:
        case RegistryMethod::settle:
            break;
        }
        return call(method, no_arguments());
    }

    Transaction group(std::uint64_t who)
    {
        Transaction transaction = of_call(who, 0);
        const std::uint64_t other = (who + 1 + dice_->below(people - 1)) % people;
        std::vector<Call> calls{of_call(other, 0).body.call};
        if (dice_->below(2) == 0) calls.push_back(of_call(who, 1).body.call);
        transaction.body.call.module = module_number::group;
        transaction.body.call.method = group_method;
        transaction.body.call.arguments = to_bytes(calls);
        std::vector<Ed25519KeyPair> keys;
        keys.push_back(person(who).clone());
        keys.push_back(person(other).clone());
        chain_->finish(transaction, keys);
        return transaction;
    }

    AccountId anyone() { return id(dice_->below(2 * people)); }

    Amount amount() { return {1 + (dice_->below(std::uint64_t{1} << 37U) >> dice_->below(30))}; }

    const TestChain* chain_;
    Dice* dice_;
};

/// Adds a block of random transactions; counts what became of them.
void add_random(TestChain& chain, Dice& dice, std::map<std::string, std::size_t>& seen)
{
    Caller caller{chain, dice};
    std::vector<Transaction> transactions;
    for (std::uint64_t i = dice.below(16); i > 0; --i) {
        transactions.push_back(caller.next());
        if (dice.below(20) == 0) transactions.push_back(transactions.back());
    }
    BlockContext context = chain.next_context();
    context.producer = id(people + dice.below(2));
    context.sealer = person(dice.below(2)).public_key();
    context.space_bytes = dice.below(std::uint64_t{1} << 47U) << dice.below(13);
    context.beacon = filled<Beacon>(static_cast<unsigned>(dice.below(256)));
    for (const Outcome& outcome : chain.add(context, transactions)) ++seen[text_of(outcome)];
}

Amount supply(const TestChain& chain)
{
    const auto supply = chain.find<Supply>(supply_key()).value();
    return minus(supply.minted, supply.burnt).value();
}

/// The tip after so many random blocks.
BlockId tip_of(bool is_points, std::uint64_t seed, int blocks)
{
    Dice dice{seed};
    TestChain chain{genesis_of(is_points)};
    std::map<std::string, std::size_t> seen;
    for (int i = 0; i < blocks; ++i) add_random(chain, dice, seen);
    return block_id(chain.tip());
}

/// A chain that lives through much, and back.
void check_history(bool is_points, std::uint64_t seed, int blocks,
                   std::map<std::string, std::size_t>& seen)
{
    CAPTURE(seed);
    CAPTURE(is_points);
    Dice dice{seed};
    TestChain chain{genesis_of(is_points)};
    const TestChain first{genesis_of(is_points)};
    for (int i = 0; i < blocks; ++i) {
        add_random(chain, dice, seen);
        REQUIRE(chain.audit() == supply(chain));
        REQUIRE(chain.state().root() == chain.tip().state);
        if (dice.below(8) == 0) { // some are taken back and others come
            chain.undo();
            REQUIRE(chain.state().root() == chain.tip().state);
        }
    }
    while (chain.tip().height != Height{}) {
        chain.undo();
        REQUIRE(chain.state().root() == chain.tip().state);
        REQUIRE(chain.audit() == supply(chain));
    }
    CHECK(chain.state() == first.state()); // also its nodes
}

} // namespace

TEST_CASE("whatever happens, no money is made or lost, roots are those of what there is, and all "
          "blocks can be taken back")
{
    std::map<std::string, std::size_t> seen;
    for (const bool is_points : {false, true})
        for (std::uint64_t seed = 1; seed <= 3; ++seed) check_history(is_points, seed, 50, seen);
    for (const char* const outcome :
         {"done", "no-funds", "absent", "exists", "locked", "not-allowed", "too-small",
          "no-sequence", "not-true", "fault used-sequence", "fault early-sequence",
          "fault low-fee"})
        CHECK_MESSAGE(seen[outcome] > 0, outcome);
    CHECK(seen["done"] > 300);
}

TEST_CASE("long histories are as sound as short ones" * doctest::test_suite("exhaustive"))
{
    std::map<std::string, std::size_t> seen;
    for (const bool is_points : {false, true}) check_history(is_points, 100, 300, seen);
}

TEST_CASE("neither locale nor time zone change what a chain becomes")
{
    const BlockId tip = tip_of(false, 5, 20);
    const BlockId points_tip = tip_of(true, 5, 20);
    CHECK(tip != tip_of(false, 6, 20));
    const char* const zone = std::getenv("TZ");
    const std::string old_zone = zone ? zone : "";
    const std::string old_locale = std::setlocale(LC_ALL, nullptr);
    for (const char* const locale : {"de_DE.UTF-8", "tr_TR.UTF-8", "C.UTF-8", "C"}) {
        (void)std::setlocale(LC_ALL, locale); // where it is there
        for (const char* const other : {"Pacific/Kiritimati", "America/St_Johns"}) {
            (void)::setenv("TZ", other, 1);
            ::tzset();
            CHECK(tip_of(false, 5, 20) == tip);
        }
        CHECK(tip_of(true, 5, 20) == points_tip);
        CHECK(to_text(Amount{1'500'000'000}) == "1.5");
        CHECK(parse_amount("1.5") == Amount{1'500'000'000});
        CHECK(network_id(parse_genesis(*genesis_profile("dev"))) ==
              network_id(parse_genesis(*genesis_profile("dev"))));
    }
    (void)std::setlocale(LC_ALL, old_locale.c_str());
    if (zone)
        (void)::setenv("TZ", old_zone.c_str(), 1);
    else
        (void)::unsetenv("TZ");
    ::tzset();
}
