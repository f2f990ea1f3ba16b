#include "ledger/registry.hpp"
#include "ledger/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

JoinArguments joining()
{
    JoinArguments arguments;
    arguments.node_key = filled<Ed25519PublicKey>(1);
    arguments.consent = filled<Ed25519Signature>(2);
    arguments.kind = ProviderClass::professional;
    arguments.bond = {3};
    arguments.offer = {{"a:1", "b:2"}, 4, {5}};
    return arguments;
}

/// Whether a record of the state is kept, and what is nearly it is refused.
template <class Record>
bool is_kept(const Record& record)
{
    const Bytes good = record_bytes(record);
    if (record_bytes(parse_record<Record>(good)) != good) return false;
    return std::ranges::all_of(near_misses_of(good), [](const Bytes& miss) {
        return exit_of([&] { (void)parse_record<Record>(miss); }) == Exit::data;
    });
}

Provider largest()
{
    Provider provider;
    provider.node_key = filled<Ed25519PublicKey>(1);
    provider.next_key = filled<Ed25519PublicKey>(2);
    provider.next_key_height = provider.registered = provider.bonded =
        provider.unbonds = {UINT32_MAX};
    provider.offer.addresses.assign(provider_addresses_max,
                                    std::string(endpoint_size_max - 6, 'a') + ":65535");
    provider.offer.capacity_bytes = UINT64_MAX;
    provider.offer.price = provider.bond = provider.unbonding = provider.deposit = {UINT64_MAX};
    provider.kind = ProviderClass::professional;
    provider.share = ~Uint128{0};
    return provider;
}

} // namespace

TEST_CASE("arguments of the registry are read exactly")
{
    CHECK(parser_fault(to_bytes(joining()), parse_join) == "");
    CHECK(parser_fault(to_bytes(joining().offer), parse_offer) == "");
    CHECK(parser_fault(to_bytes(AmountArguments{{1000}}), parse_amount_arguments) == "");
    CHECK(parser_fault(
              to_bytes(RotateArguments{filled<Ed25519PublicKey>(1), filled<Ed25519Signature>(2)}),
              parse_rotate) == "");
    CHECK(parser_fault(to_bytes(ReleaseArguments{{{1}, {500}, {70'000}}}), parse_release) == "");
    CHECK(parser_fault(to_bytes(AssignArguments{70'000, filled<Ed25519PublicKey>(1)}),
                       parse_assign) == "");
    CHECK(parser_fault(to_bytes(RevokeArguments{UINT32_MAX}), parse_revoke) == "");
    CHECK(no_arguments() == hex_bytes("80"));
}

TEST_CASE("arguments of the registry have their limits")
{
    const auto release = [](std::vector<Height> earned) {
        return is_refused(to_bytes(ReleaseArguments{std::move(earned)}), parse_release);
    };
    std::vector<Height> many;
    for (std::uint32_t i = 0; i < releases_max; ++i) many.push_back({i});
    CHECK_FALSE(release(many));
    many.push_back({1000});
    CHECK(release(many));
    CHECK(release({}));
    CHECK(release({{2}, {1}}));
    CHECK(release({{2}, {2}}));
    CHECK_FALSE(release({{0}, {UINT32_MAX}}));
    CHECK(is_refused(to_bytes(AmountArguments{}), parse_amount_arguments));
    CHECK_FALSE(is_refused(to_bytes(AmountArguments{{UINT64_MAX}}), parse_amount_arguments));
    JoinArguments join = joining();
    join.kind = static_cast<ProviderClass>(2);
    CHECK(is_refused(to_bytes(join), parse_join));
    CHECK(is_refused(hex_bytes("811b0000000100000000"), parse_revoke)); // a salt of 33 bits
    CHECK(is_refused(hex_bytes("811b0000000100000000"), parse_release));
}

TEST_CASE("an offer has at most four addresses, each a host and a port")
{
    const auto offers = [](std::vector<std::string> addresses) {
        return !is_refused(to_bytes(Offer{std::move(addresses), 1, {1}}), parse_offer);
    };
    CHECK(offers({}));
    CHECK(offers(std::vector<std::string>(provider_addresses_max, "host:1")));
    CHECK_FALSE(offers(std::vector<std::string>(provider_addresses_max + 1, "host:1")));
    CHECK(offers({std::string(endpoint_size_max - 6, 'a') + ":65535"}) ==
          is_endpoint(std::string(endpoint_size_max - 6, 'a') + ":65535"));
    for (const char* const bad : {"", "host", ":1", "host:", "host:0", "host:65536", "ho st:1"})
        CHECK_FALSE(offers({bad}));
    CHECK_FALSE(offers({std::string(endpoint_size_max, 'a') + ":1"}));
    CHECK_FALSE(offers({std::string("host:1\0", 7)}));
    CHECK(is_refused(hex_bytes("8101"), parse_offer)); // without a price
}

TEST_CASE("records of the registry are kept, and fit into the state and their deposit")
{
    CHECK(is_kept(largest()));
    CHECK(parse_record<Provider>(record_bytes(largest())) == largest());
    CHECK(is_kept(Provider{}));
    CHECK(is_kept(Earning{{UINT64_MAX}}));
    CHECK(is_kept(Assignment{filled<Ed25519PublicKey>(1), {5}, std::nullopt}));
    CHECK(is_kept(Assignment{filled<Ed25519PublicKey>(1), {UINT32_MAX}, Height{UINT32_MAX}}));
    const std::size_t node_keys = // two, each with its owner
        2 * (node_key_owner(filled<Ed25519PublicKey>(1)).bytes.size() + 1 + 2 + AccountId::size);
    const std::size_t size = provider_key(filled<AccountId>(1)).bytes.size() +
                             record_bytes(largest()).size() + node_keys;
    CHECK(size <= provider_deposit_bytes);
    CHECK(record_bytes(largest()).size() <= state_value_size_max);
}

TEST_CASE("consent is to one account on one chain")
{
    const NetworkId chain = filled<NetworkId>(1);
    const AccountId account = filled<AccountId>(2);
    Bytes expected = hex_bytes("636169726e2f70726f76696465722f763100"); // cairn/provider/v1, 0
    expected.insert(expected.end(), chain.bytes.begin(), chain.bytes.end());
    expected.insert(expected.end(), account.bytes.begin(), account.bytes.end());
    CHECK(consent_message(chain, account) == expected);
}

TEST_CASE("a node key is that of its height")
{
    Provider provider = largest();
    provider.next_key_height = {100};
    CHECK(provider.key_at({99}) == provider.node_key);
    CHECK(provider.key_at({100}) == *provider.next_key);
    provider.next_key.reset();
    CHECK(provider.key_at({100}) == provider.node_key);
}

TEST_CASE("keys of the registry's records are all different")
{
    std::map<Bytes, int> keys;
    for (const unsigned i : {1U, 2U}) {
        const AccountId account = filled<AccountId>(i);
        CHECK(keys.emplace(provider_key(account).bytes, 0).second);
        CHECK(keys.emplace(node_key_owner(filled<Ed25519PublicKey>(i)).bytes, 0).second);
        for (const std::uint32_t number : {0U, 1U, UINT32_MAX}) {
            CHECK(keys.emplace(earning_key(account, {number}).bytes, 0).second);
            CHECK(keys.emplace(assignment_key({account, number}).bytes, 0).second);
        }
    }
}
