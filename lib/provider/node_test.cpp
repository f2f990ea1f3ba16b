#include "provider/node.hpp"

#include "base/testing.hpp"
#include "crypto/testing.hpp"
#include "os/output.hpp"
#include "os/testing.hpp"
#include "provider/lists.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

NodeFacts facts_of(const Ed25519KeyPair& link)
{
    return {.addresses = {"127.0.0.1:4100"},
            .capabilities = capability_stores,
            .network = {},
            .link_key = link.public_key()};
}

} // namespace

TEST_CASE("records of a node grow, with the clock or against it")
{
    const TestDirectory directory;
    const Ed25519KeyPair node{Secret::copy(noise(32, 1))};
    const Ed25519KeyPair link{Secret::copy(noise(32, 2))};
    CHECK(!load_record(directory.path()));
    const NodeRecord first = renew_record(directory.path(), node, facts_of(link), 1'000);
    CHECK(is_signed(first));
    CHECK(first.sequence == 1'000);
    CHECK(first.expiry_s == 1'000 + record_life_s);
    CHECK(renew_record(directory.path(), node, facts_of(link), 1'000).sequence == 1'001);
    CHECK(renew_record(directory.path(), node, facts_of(link), 5).sequence == 1'002);
    CHECK(renew_record(directory.path(), node, facts_of(link), 2'000).sequence == 2'000);
    CHECK(load_record(directory.path())->sequence == 2'000);
    put_file(directory / "node.record", "garbage");
    CHECK(!load_record(directory.path()));
    CHECK(renew_record(directory.path(), node, facts_of(link), 3'000).sequence == 3'000);
}

TEST_CASE("a record is a line of a provider list, renewed before it expires")
{
    const TestDirectory directory;
    const Ed25519KeyPair node{Secret::copy(noise(32, 1))};
    const Ed25519KeyPair link{Secret::copy(noise(32, 2))};
    const NodeRecord record = renew_record(directory.path(), node, facts_of(link), 1'000);
    const auto providers = parse_providers(file_text(directory / "node.record"), {});
    REQUIRE(providers.size() == 1);
    CHECK(providers[0].node_key == node.public_key());
    CHECK(providers[0].link_key == link.public_key());
    CHECK(!is_renewal_due(record, 1'000));
    CHECK(is_renewal_due(record, record.expiry_s - record_renewal_s));
}

TEST_CASE("of a list of peers only what is to be trusted is told")
{
    const TestDirectory directory;
    CHECK(load_peers(directory.path(), {}).empty());
    const Ed25519KeyPair node{Secret::copy(noise(32, 1))};
    NodeRecord good;
    good.addresses = {"127.0.0.1:1"};
    sign(good, node);
    NodeRecord changed = good;
    changed.sequence += 1;
    NodeRecord foreign = good;
    foreign.network.bytes[0] = std::byte{1};
    sign(foreign, node);
    put_file(directory / "peers", "# peers\n" + to_text(changed) + '\n' + to_text(foreign) +
                                      "\ncairn-node:xx\n\n" + to_text(good));
    const auto peers = load_peers(directory.path(), {});
    REQUIRE(peers.size() == 1);
    CHECK(to_text(peers[0]) == to_text(good));
}

TEST_CASE("a deny list has roots and comments, and nothing else")
{
    const std::string root(64, 'a');
    CHECK(parse_deny_list("").empty());
    CHECK(parse_deny_list("# none\n\n  \t\n").empty());
    CHECK(parse_deny_list(root + "\n  " + std::string(64, '0') + "  # why\r\n").size() == 2);
    for (const std::string& text : {root + "a", root.substr(1), std::string(64, 'A'), root + " x"})
        CHECK(exit_of([&] { parse_deny_list(text); }) == Exit::config);
}

TEST_CASE("without a file of grants only the node may store")
{
    const TestDirectory directory;
    AccountId node;
    node.bytes[0] = std::byte{7};
    OperatorFiles files{{}, {}, directory.path(), node};
    CHECK(load_lists(files).grants.at(0).owner == node);
    put_file(directory / "grants", "anyone 1KiB 1\n");
    CHECK(!load_lists(files).grants.at(0).owner);
    CHECK(load_lists(files).denied.empty());
    files.denied = directory / "denied";
    CHECK(exit_of([&] { load_lists(files); }) == Exit::noinput);
    put_file(files.denied, "x");
    CHECK(exit_of([&] { load_lists(files); }) == Exit::config);
    files.denied.clear();
    files.grants = directory / "other";
    put_file(files.grants, "");
    CHECK(load_lists(files).grants.empty());
}
