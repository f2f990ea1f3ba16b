#include "wallet/consent.hpp"

#include "ledger/ledger_json.hpp"
#include "ledger/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

Call joining(Amount bond)
{
    Call call;
    call.module = module_number::registry;
    call.method = static_cast<std::uint16_t>(RegistryMethod::join);
    call.arguments = to_bytes(JoinArguments{{}, {}, {}, bond, {{"a.example:1"}, 5, {7}}});
    return call;
}

Call rotating()
{
    Call call;
    call.module = module_number::registry;
    call.method = static_cast<std::uint16_t>(RegistryMethod::rotate);
    call.arguments = to_bytes(RotateArguments{});
    return call;
}

} // namespace

TEST_CASE("a consent is of one key, for one account of one chain")
{
    const Genesis genesis = test_genesis();
    const NetworkId chain = network_id(genesis);
    const Ed25519KeyPair node = counting_pair(32);
    for (Call call : {joining(genesis.registry.bond_min), rotating()}) {
        call.sender = filled<AccountId>(1);
        CHECK(fault_of_joining(call, genesis, chain).starts_with("not-true: "));
        add_consent(call, node, chain, call.sender);
        CHECK(fault_of_joining(call, genesis, chain).empty());
        CHECK(fault_of_joining(call, genesis, filled<NetworkId>(1)).starts_with("not-true: "));
        call.sender = filled<AccountId>(2);
        CHECK(fault_of_joining(call, genesis, chain).starts_with("not-true: "));
        add_consent(call, counting_pair(64), chain, call.sender);
        CHECK(fault_of_joining(call, genesis, chain).empty());
    }
}

TEST_CASE("the rest of what a provider says stays as it is")
{
    const Genesis genesis = test_genesis();
    Call call = joining({genesis.registry.bond_min.atoms + 3});
    add_consent(call, counting_pair(32), network_id(genesis), filled<AccountId>(1));
    const JoinArguments arguments = parse_join(call.arguments);
    CHECK(arguments.node_key == counting_pair(32).public_key());
    CHECK(arguments.bond == Amount{genesis.registry.bond_min.atoms + 3});
    CHECK(arguments.offer == Offer{{"a.example:1"}, 5, {7}});
}

TEST_CASE("a bond that is too small is told of, and other calls have no node key")
{
    Genesis genesis = test_genesis();
    genesis.registry.bond_min = {10};
    const NetworkId chain = network_id(genesis);
    Call call = joining({9});
    add_consent(call, counting_pair(32), chain, call.sender);
    CHECK(fault_of_joining(call, genesis, chain).starts_with("too-small: "));
    call.method = static_cast<std::uint16_t>(RegistryMethod::leave);
    call.arguments = no_arguments();
    CHECK(fault_of_joining(call, genesis, chain).empty());
    CHECK(exit_of([&] { add_consent(call, counting_pair(32), chain, call.sender); }) == Exit::data);
}

TEST_CASE("node key and consent may be left out of a call's JSON")
{
    const Ed25519PublicKey key = counting_pair(32).public_key();
    const Json rotate = Json::parse(R"({"module":"registry","method":"rotate"})", "the call");
    CHECK(parse_rotate(call_from_json(with_node_key(rotate, key)).arguments).node_key == key);
    const Json join = Json::parse(R"({"module":"registry","method":"join","arguments":{)"
                                  R"("class":"professional","bond_atoms":"8","offer":{)"
                                  R"("addresses":[],"capacity_bytes":"1","price_atoms":"2"}}})",
                                  "the call");
    const JoinArguments arguments = parse_join(call_from_json(with_node_key(join, key)).arguments);
    CHECK(arguments.node_key == key);
    CHECK(arguments.kind == ProviderClass::professional);
    CHECK(arguments.bond == Amount{8});
}
