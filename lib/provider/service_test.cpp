#include "provider/service.hpp"

#include "provider/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

using Kind = HubEvent::Kind;

HasEntry look_up(TestProvider& provider, LinkId link, const Bytes& shard)
{
    const auto end = provider.ask(link, method::shard_has, to_bytes(HasRequest{{blake3(shard)}}));
    REQUIRE(end.status == CallStatus::ok);
    return parse_has_reply(end.reply).entries.at(0);
}

DropRequest drop_of(const TestProvider& provider, const Bytes& shard, std::uint64_t serial)
{
    DropRequest request;
    request.provider = account_id(provider.node.public_key());
    request.items = {{blake3(shard), serial}};
    sign(request, provider.owner);
    return request;
}

} // namespace

TEST_CASE("hello comes first, and tells who the provider is")
{
    TestProvider provider;
    const LinkId link{1};
    provider.link(link);
    const Bytes has = to_bytes(HasRequest{{ShardRoot{}}});
    CHECK(provider.ask(link, method::shard_has, has).status == CallStatus::denied);
    const auto end = provider.ask(link, method::hello, to_bytes(HelloRequest{}));
    REQUIRE(end.status == CallStatus::ok);
    const HelloReply reply = parse_hello_reply(end.reply);
    CHECK(is_signed(reply.record));
    CHECK(reply.record.node_key == provider.node.public_key());
    CHECK(reply.free_size == 0);
    CHECK(reply.time_s == TestProvider::now_s);
    CHECK(provider.ask(link, method::shard_has, has).status == CallStatus::ok);
}

TEST_CASE("an owner is bound to the link that the signature names")
{
    TestProvider provider;
    provider.link({1});
    HelloRequest hello;
    hello.owner = provider.owner.public_key();
    sign(hello, provider.owner, TestProvider::peer_key({2}), provider.hub.link_key());
    CHECK(provider.ask({1}, method::hello, to_bytes(hello)).status == CallStatus::malformed);
    sign(hello, provider.owner, TestProvider::peer_key({1}), TestProvider::peer_key({1}));
    CHECK(provider.ask({1}, method::hello, to_bytes(hello)).status == CallStatus::malformed);
    sign(hello, provider.owner, TestProvider::peer_key({1}), provider.hub.link_key());
    const auto end = provider.ask({1}, method::hello, to_bytes(hello));
    REQUIRE(end.status == CallStatus::ok);
    CHECK(parse_hello_reply(end.reply).free_size == std::uint64_t{32} << 20U);
    hello.network.bytes[0] = std::byte{1};
    sign(hello, provider.owner, TestProvider::peer_key({1}), provider.hub.link_key());
    CHECK(provider.ask({1}, method::hello, to_bytes(hello)).status == CallStatus::denied);
}

TEST_CASE("what was put has a receipt, is found, listed, read and dropped")
{
    TestProvider provider;
    const LinkId link = provider.guest(1, &provider.owner);
    const Bytes shard = noise(600'000);
    const auto end = provider.put(link, shard);
    REQUIRE(end.status == CallStatus::ok);
    const Receipt receipt = parse_receipt(end.reply);
    CHECK(is_signed(receipt));
    CHECK(receipt.node_key == provider.node.public_key());
    CHECK(receipt.owner == account_id(provider.owner.public_key()));
    CHECK(receipt.items == std::vector{ShardItem{blake3(shard), shard.size()}});

    const HasEntry entry = look_up(provider, link, shard);
    CHECK(entry.is_here);
    CHECK(entry.size == shard.size());
    CHECK(entry.serial == receipt.serial);
    const auto list = provider.ask(link, method::shard_list, to_bytes(ListRequest{}));
    REQUIRE(list.status == CallStatus::ok);
    CHECK(parse_list_reply(list.reply).entries.at(0).item == receipt.items[0]);

    const LinkId stranger = provider.guest(2, nullptr);
    CHECK(look_up(provider, stranger, shard).serial == 0);
    const StreamId read = provider.begin_get(stranger, shard, 2'000'000);
    provider.run();
    REQUIRE(provider.hub.ends.at(read).status == CallStatus::ok);
    const PieceRange range{shard.size(), 0, 2};
    const ByteView sent = provider.hub.sent.at(read);
    REQUIRE(sent.size() == piece_proof_size(range) + shard.size());
    CHECK(Bytes{sent.end() - static_cast<long>(shard.size()), sent.end()} == shard);

    const auto dropped = provider.ask(stranger, method::shard_drop,
                                      to_bytes(drop_of(provider, shard, receipt.serial)));
    REQUIRE(dropped.status == CallStatus::ok);
    CHECK(parse_drop_reply(dropped.reply).dropped == 1);
    CHECK(!look_up(provider, link, shard).is_here);
}

TEST_CASE("a drop is for one provider, one network and signed by the owner")
{
    TestProvider provider;
    const LinkId link = provider.guest(1, &provider.owner);
    const Bytes shard = noise(100);
    const std::uint64_t serial = parse_receipt(provider.put(link, shard).reply).serial;
    const auto status_of = [&](const DropRequest& request) {
        return provider.ask(link, method::shard_drop, to_bytes(request)).status;
    };
    DropRequest request = drop_of(provider, shard, serial);
    request.provider.bytes[0] ^= std::byte{1};
    CHECK(status_of(request) == CallStatus::denied);
    request = drop_of(provider, shard, serial);
    request.network.bytes[0] = std::byte{1};
    CHECK(status_of(request) == CallStatus::denied);
    request = drop_of(provider, shard, serial);
    request.items[0].serial += 1;
    CHECK(status_of(request) == CallStatus::malformed);
    CHECK(look_up(provider, link, shard).is_here);
}

TEST_CASE("only owners with a grant may store")
{
    TestProvider provider;
    const Bytes shard = noise(100);
    const LinkId stranger = provider.guest(1, nullptr);
    const StreamId first = provider.begin_put(stranger, {shard});
    CHECK(provider.hub.ends.at(first).status == CallStatus::denied);
    const Ed25519KeyPair other{Secret::copy(noise(32, 3))};
    const StreamId second = provider.begin_put(provider.guest(2, &other), {shard});
    CHECK(provider.hub.ends.at(second).status == CallStatus::denied);
    CHECK(provider.depot.status().objects == 0);
}

TEST_CASE("an upload has the bytes that were declared, all of them and no more")
{
    TestProvider provider;
    const LinkId link = provider.guest(1, &provider.owner);
    const Bytes shard = noise(100'000);

    const StreamId shorter = provider.begin_put(link, {shard});
    provider.event(Kind::data, shorter, link, ByteView{shard}.first(99'999));
    provider.event(Kind::half_end, shorter, link);
    CHECK(provider.hub.ends.at(shorter).status == CallStatus::malformed);

    const StreamId longer = provider.begin_put(link, {shard});
    provider.event(Kind::data, longer, link, shard);
    provider.event(Kind::data, longer, link, ByteView{shard}.first(1));
    CHECK(provider.hub.ends.at(longer).status == CallStatus::malformed);

    Bytes other = shard;
    other.back() ^= std::byte{1};
    const StreamId changed = provider.begin_put(link, {shard});
    provider.event(Kind::data, changed, link, other);
    CHECK(provider.hub.ends.at(changed).status == CallStatus::malformed);

    provider.run();
    CHECK(provider.depot.status().objects == 0);
    CHECK(provider.depot.status().reserved == 0);
    CHECK(provider.service.streams() == 0);
    CHECK(provider.put(link, shard).status == CallStatus::ok);
}

TEST_CASE("several shards come in one call, cut anywhere")
{
    TestProvider provider;
    const LinkId link = provider.guest(1, &provider.owner);
    const std::vector<Bytes> shards{noise(10, 1), noise(70'000, 2), Bytes{}, noise(5'000, 3)};
    Bytes all;
    for (const Bytes& shard : shards) all.insert(all.end(), shard.begin(), shard.end());
    for (const std::size_t step : {std::size_t{1'777}, all.size()}) {
        const StreamId stream = provider.begin_put(link, shards);
        for (ByteView rest = all; !rest.empty();) {
            const std::size_t size = std::min(step, rest.size());
            provider.event(Kind::data, stream, link, rest.first(size));
            rest = rest.subspan(size);
        }
        provider.event(Kind::half_end, stream, link);
        provider.run();
        REQUIRE(provider.hub.ends.at(stream).status == CallStatus::ok);
        CHECK(parse_receipt(provider.hub.ends.at(stream).reply).items.size() == shards.size());
        CHECK(provider.hub.taken.at(stream) == all.size());
    }
    for (const Bytes& shard : shards) CHECK(look_up(provider, link, shard).is_here);
}

TEST_CASE("a shard without bytes needs no data, but its root")
{
    TestProvider provider;
    const LinkId link = provider.guest(1, &provider.owner);
    const StreamId stream = provider.begin_put(link, {Bytes{}});
    provider.event(Kind::half_end, stream, link);
    provider.run();
    CHECK(provider.hub.ends.at(stream).status == CallStatus::ok);
    CHECK(look_up(provider, link, {}).is_here);
    const PutRequest wrong{
        .kind = ShardClass::data, .expiry_s = 0, .items = {{blake3(noise(1)), 0}}};
    const StreamId other = provider.call(link, method::shard_put, to_bytes(wrong));
    provider.event(Kind::half_end, other, link);
    CHECK(provider.hub.ends.at(other).status == CallStatus::malformed);
}

TEST_CASE("requests that break the rules cost the link")
{
    TestProvider provider;
    const LinkId link = provider.guest(1, &provider.owner);
    const Bytes garbage = noise(20);
    for (const std::string_view each :
         {method::hello, method::shard_put, method::shard_get, method::shard_has,
          method::shard_drop, method::shard_list}) {
        const StreamId stream = provider.call(link, each, garbage);
        CHECK(provider.hub.ends.at(stream).status == CallStatus::malformed);
    }
    CHECK(provider.ask(link, method::peers, garbage).status == CallStatus::malformed);
    CHECK(provider.hub.closed.empty());
    CHECK(provider.ask(link, "no.such", garbage).status == CallStatus::unsupported);
    CHECK(provider.hub.closed.contains(link));
    const StreamId late = provider.call(link, method::peers, {});
    CHECK(!provider.hub.ends.contains(late));
}

TEST_CASE("a peer that asks for too much is told to wait, and the others are not")
{
    TestProvider provider;
    const LinkId flooder = provider.guest(1, nullptr);
    const LinkId honest = provider.guest(2, nullptr);
    HasRequest request;
    request.roots.resize(has_roots_max);
    const Bytes bytes = to_bytes(request);
    unsigned served = 0;
    while (provider.ask(flooder, method::shard_has, bytes).status == CallStatus::ok) ++served;
    CHECK(served > 100);
    CHECK(served < 10'000);
    CHECK(provider.ask(honest, method::shard_has, bytes).status == CallStatus::ok);
    provider.hub.time_ms += 1'000;
    CHECK(provider.ask(flooder, method::shard_has, bytes).status == CallStatus::ok);
}

TEST_CASE("peers are told as many as fit")
{
    TestProvider provider;
    const LinkId link = provider.guest(1, nullptr);
    std::vector<NodeRecord> records(200);
    for (NodeRecord& record : records) {
        record.addresses = {"127.0.0.1:1"};
        sign(record, provider.owner);
    }
    provider.service.set_peers(records);
    const auto end = provider.ask(link, method::peers, {});
    REQUIRE(end.status == CallStatus::ok);
    const PeersReply reply = parse_peers_reply(end.reply);
    CHECK(reply.records.at(0).node_key == provider.node.public_key());
    CHECK(reply.records.size() > 10);
    CHECK(reply.records.size() < 200);
}
