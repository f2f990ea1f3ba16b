#include "provider/api.hpp"

#include "daemon/metrics_server.hpp"
#include "os/clock.hpp"
#include "os/poll.hpp"
#include "os/socket.hpp"
#include "provider/audit_testing.hpp"
#include "provider/json_calls.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

/// The local API of a provider whose node may store.
struct Bench {
    Bench()
    {
        provider.depot.set_grants({{account_id(provider.node.public_key()), 1'000'000, 100, 0}});
    }

    LocalReply ask(const std::string& method, const std::string& json = "{}", Bytes body = {})
    {
        return api.answer({method, json, std::move(body)});
    }

    Json ok(const std::string& method, const std::string& json = "{}", Bytes body = {})
    {
        const LocalReply reply = ask(method, json, std::move(body));
        REQUIRE(reply.status == "ok");
        return Json::parse(reply.json, "it");
    }

    TestProvider provider;
    StoreApi api{provider.depot, provider.guarantor, provider.node.public_key(), [this] {
                     return ProviderFacts{.node = "cairn1",
                                          .listening = "here",
                                          .uptime_s = 5,
                                          .depot = provider.depot.status(),
                                          .hub = {},
                                          .counts = &provider.service.counts()};
                 }};
};

/// What a server at an address answers.
std::string http(const std::string& address, const std::string& request)
{
    const Fd socket = start_connect(resolve(address).front());
    const std::uint64_t end_ms = monotonic_ms() + 5'000;
    std::string answer;
    std::string_view rest = request;
    for (;;) {
        std::array<Watch, 1> watches{};
        watches[0].descriptor = socket.number();
        watches[0].wants_read = true;
        watches[0].wants_write = !rest.empty();
        wait_for(watches, end_ms);
        if (!rest.empty() && watches[0].can_write)
            rest.remove_prefix(send(socket, as_bytes(rest)).size);
        std::array<std::byte, 4096> buffer{};
        const Transfer transfer = receive(socket, buffer);
        answer += as_text(ByteView{buffer}.first(transfer.size));
        const bool is_over =
            transfer.state == Transfer::State::ended || transfer.state == Transfer::State::broken;
        if (is_over || monotonic_ms() >= end_ms) return answer;
    }
}

} // namespace

TEST_CASE("the local API puts, finds, lists and gets")
{
    Bench bench;
    const Bytes shard = noise(300'000);
    const Json stored = bench.ok("put", "{}", shard);
    const std::string root = *stored.member("root").text();
    CHECK(root == to_hex_text(blake3(shard).bytes));
    const LocalReply got = bench.ask("get", R"({"root":")" + root + "\"}");
    CHECK(got.status == "ok");
    CHECK(got.body == shard);
    const Json has = bench.ok("has", R"({"roots":[")" + root + "\"]}");
    CHECK(has.member("entries").item(0).member("is_here").boolean() == true);
    CHECK(has.member("entries").item(0).member("serial").text() == stored.member("serial").text());
    const Json list = bench.ok("list");
    CHECK(list.member("entries").item(0).member("root").text() == root);
    CHECK(bench.ok("list", R"({"class":"index"})").member("entries").size() == 0);
    CHECK(bench.ok("status").member("objects").number() == 1U);
}

TEST_CASE("the local API looks at tags like the network")
{
    Bench bench;
    const AuditOwner tagger{50, 4};
    const Bytes shard = noise(300);
    const std::string tags = R"({"class":"tags"})";
    bench.ok("put", "{}", shard);
    LocalReply reply = bench.ask("put", tags, tagger.tag_set({shard}));
    CHECK(reply.status == "denied");
    CHECK(Json::parse(reply.json, "it").member("message").text() == "the prover key is not here");
    CHECK(bench.ask("put", tags, shard).status == "denied");
    CHECK(bench.ask("put", tags, Bytes(17'000'000)).status == "malformed");
    bench.ok("put", tags, tagger.prover_key());
    bench.ok("put", tags, tagger.tag_set({shard}));
    CHECK(bench.ok("list", tags).member("entries").size() == 2);
    const LinkId link = bench.provider.guest(1, nullptr);
    CHECK(tags_at(bench.provider, link, tagger.id_of(shard)).size() == 1);
}

TEST_CASE("the local API tells why not")
{
    Bench bench;
    const std::string root(64, '0');
    CHECK(bench.ask("get", R"({"root":")" + root + "\"}").status == "no");
    CHECK(bench.ask("nothing").status == "unsupported");
    CHECK(bench.ask("put", "{}", noise(2'000'000)).status == "full");
    bench.provider.depot.set_grants({});
    CHECK(bench.ask("put", "{}", noise(10)).status == "denied");
    for (const char* method : {"status", "drain", "scrub", "collect", "put", "get", "has", "list"})
        for (const char* json : {"", "[]", "{", R"({"x":1})"}) {
            CAPTURE(method);
            CAPTURE(json);
            CHECK(bench.ask(method, json).status == "malformed");
        }
    CHECK(bench.ask("drain", R"({"on":1})").status == "malformed");
    CHECK(bench.ask("get", R"({"root":"0"})").status == "malformed");
    CHECK(bench.ask("has", R"({"roots":["0"]})").status == "malformed");
    CHECK(bench.ask("list", R"({"class":"other"})").status == "malformed");
}

TEST_CASE("the local API drains, scrubs and collects")
{
    Bench bench;
    bench.ok("put", "{}", noise(1'000));
    CHECK(bench.ok("scrub").member("damaged").size() == 0);
    CHECK(bench.ok("collect", R"({"size_bytes":1000})").member("has_more").boolean() == false);
    CHECK(bench.ok("drain").member("is_draining").boolean() == true);
    CHECK(bench.ask("put", "{}", noise(10)).status != "ok");
    CHECK(bench.ok("drain", R"({"on":false})").member("is_draining").boolean() == false);
    bench.ok("put", "{}", noise(10));
}

TEST_CASE("requests and replies in JSON are those in CBOR")
{
    const Ed25519KeyPair owner{Secret::copy(noise(32, 2))};
    const Bytes shard = noise(100);
    const std::vector<ByteView> shards{shard};
    const CallMaterial material{
        .network = {}, .provider = owner.public_key(), .owner = &owner, .shards = shards};
    const auto request = [&](std::string_view method, const std::string& json) {
        return to_request(method, Json::parse(json, "it"), material);
    };
    const std::string root = to_hex_text(blake3(shard).bytes);
    CHECK(parse_put_request(request(method::shard_put, "{}")).items.at(0).root == blake3(shard));
    const auto get = parse_get_request(request(
        method::shard_get, R"({"root":")" + root + R"(","size_bytes":100,"offset_bytes":7})"));
    CHECK(get.length == 93);
    const auto drop = parse_drop_request(
        request(method::shard_drop, R"({"items":[{"root":")" + root + R"(","serial":"18"}]})"));
    CHECK(is_signed(drop));
    CHECK(drop.items.at(0).serial == 18);
    CHECK(parse_list_request(request(method::shard_list, R"({"class":"index","after":3})")).after ==
          3);
    const std::string higher(64, 'f');
    const auto prove =
        parse_prove_request(request(method::shard_prove, R"({"key":")" + root + R"(","nonce":")" +
                                                             higher + R"(","blocks":9,"files":[")" +
                                                             higher + R"(",")" + root + R"("]})"));
    CHECK(prove.files.at(0).bytes == blake3(shard).bytes);
    CHECK(prove.files.at(1).bytes == prove.nonce.bytes);
    CHECK(prove.blocks == 9);
    const auto tags =
        parse_tags_request(request(method::shard_tags, R"({"subjects":[")" + root + R"("]})"));
    CHECK(tags.subjects.at(0).bytes == blake3(shard).bytes);
    const Json told = reply_to_json(method::shard_tags,
                                    to_bytes(TagsReply{{{}, {ShardItem{blake3(shard), 100}}}}));
    CHECK(told.member("items").item(0).size() == 0);
    CHECK(told.member("items").item(1).item(0).member("root").text() == root);
    CHECK(reply_to_json(method::shard_prove, to_bytes(ProveReply{})).member("proof").text() ==
          std::string(256, '0'));
    CHECK(request(method::peers, "{}").empty());
    CHECK(exit_of([&] { request("nothing", "{}"); }) == Exit::usage);
    CHECK(exit_of([&] { request(method::peers, R"({"x":1})"); }) == Exit::data);
    CHECK(exit_of([&] { request(method::shard_get, R"({"root":")" + root + "\"}"); }) ==
          Exit::data);
    CHECK(exit_of([&] { request(method::shard_prove, R"({"key":")" + root + "\"}"); }) ==
          Exit::data);
}

TEST_CASE("metrics are served by HTTP, to those who ask for them")
{
    Bench bench;
    bench.ok("put", "{}", noise(1'000));
    bench.provider.guest(1, nullptr);
    const ProviderFacts facts{.node = "n",
                              .listening = "l",
                              .uptime_s = 5,
                              .depot = bench.provider.depot.status(),
                              .hub = {},
                              .counts = &bench.provider.service.counts()};
    const MetricsServer server{"127.0.0.1:0", [&] { return to_metrics(facts); }};
    const std::string answer = http(server.listening(), "GET /metrics HTTP/1.1\r\n\r\n");
    CHECK(answer.starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(answer.find("\ncairn_store_objects 1\n") != answer.npos);
    CHECK(answer.find("\ncairn_store_calls_total{method=\"hello\",status=\"ok\"} 1\n") !=
          answer.npos);
    for (const char* const name : {"tags_checked", "tags_refused", "proofs", "proofs_refused"})
        CHECK(answer.find("\ncairn_store_" + std::string{name} + "_total 0\n") != answer.npos);
    CHECK(http(server.listening(), "GET /x HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 404"));
    CHECK(http(server.listening(), std::string(10'000, 'x')).empty());
    CHECK(http(server.listening(), "GET / HTTP/1.0\r\n\r\n").starts_with("HTTP/1.1 200"));
}
