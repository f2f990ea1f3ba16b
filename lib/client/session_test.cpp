#include "client/session.hpp"

#include "client/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

constexpr std::uint64_t long_ms = 600'000;

/// A call whose outcome is kept.
struct Outcome {
    std::optional<Reply> reply;
    Bytes data;

    SessionCall call(std::size_t provider, std::string_view name = "echo")
    {
        SessionCall call;
        call.provider = provider;
        call.method = name;
        call.data = [this](ByteView bytes) {
            data.insert(data.end(), bytes.begin(), bytes.end());
            return true;
        };
        call.done = [this](Reply&& result) {
            CHECK(!reply);
            reply = std::move(result);
        };
        return call;
    }
};

struct Fixture {
    explicit Fixture(std::size_t count = 1) : hub{count}, session{hub, {.providers = hub.names()}}
    {
    }

    Outcome make(SessionCall call, Outcome& outcome)
    {
        session.start(std::move(call));
        CHECK(session.run([&] { return outcome.reply.has_value(); }, hub.now_ms() + long_ms));
        return outcome;
    }

    Reply echo(std::size_t provider = 0)
    {
        Outcome outcome;
        make(outcome.call(provider), outcome);
        return *outcome.reply;
    }

    ScriptedHub hub;
    Session session;
};

SessionCall get_call(Outcome& outcome, const ShardRoot& root, std::uint64_t size)
{
    SessionCall call = outcome.call(0, method::shard_get);
    call.request = to_bytes(GetRequest{root, size, 0, size});
    return call;
}

} // namespace

TEST_CASE("a call connects, greets and is answered; the next uses the same link")
{
    Fixture fixture;
    CHECK(fixture.session.hello(0) == nullptr);
    CHECK(fixture.echo().status == CallStatus::ok);
    CHECK(fixture.session.health(0).is_up);
    CHECK(fixture.session.hello(0) != nullptr);
    CHECK(fixture.echo().failure.empty());
    CHECK(fixture.hub.connections == 1);
    CHECK(fixture.session.health(0).calls == 0);
    CHECK(fixture.session.health(0).first_byte_ms >= 1);
}

TEST_CASE("a body of any size and shape arrives within the credit")
{
    Fixture fixture;
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{65'536},
                                   std::size_t{65'537}, std::size_t{1'000'000}}) {
        const Bytes body = noise(size);
        Outcome outcome;
        SessionCall call = outcome.call(0);
        const ByteView all{body};
        call.body = {all.first(size / 3), {}, all.subspan(size / 3)};
        fixture.make(std::move(call), outcome);
        CAPTURE(size);
        CHECK(outcome.reply->body == body);
    }
}

TEST_CASE("more calls than a link takes wait for their turn")
{
    Fixture fixture;
    std::vector<Outcome> outcomes(200);
    for (Outcome& outcome : outcomes) fixture.session.start(outcome.call(0));
    CHECK(fixture.session.health(0).calls == 200);
    const auto all_done = [&] {
        return std::ranges::all_of(outcomes, [](const Outcome& o) { return o.reply.has_value(); });
    };
    CHECK(fixture.session.run(all_done, long_ms));
    CHECK(fixture.hub.streams_max == link_streams_max);
    for (const Outcome& outcome : outcomes) CHECK(outcome.reply->status == CallStatus::ok);
}

TEST_CASE("the addresses of a provider are tried in turn")
{
    ScriptedHub hub{1};
    ProviderName name = hub.providers[0]->name();
    name.addresses.insert(name.addresses.begin(), {"127.0.0.1:1", "127.0.0.1:2"});
    Session session{hub, {.providers = {name}}};
    Outcome outcome;
    session.start(outcome.call(0));
    CHECK(session.run([&] { return outcome.reply.has_value(); }, long_ms));
    CHECK(outcome.reply->status == CallStatus::ok);
    CHECK(hub.connections == 3);
}

TEST_CASE("who is not the node that was named gets no call")
{
    Fixture fixture;
    SUBCASE("another node")
    {
        fixture.hub.providers[0]->manner = Manner::impostor;
        CHECK(fixture.echo().failure == "is not the node that was named");
    }
    SUBCASE("another network")
    {
        fixture.hub.network.bytes[0] = std::byte{1};
        CHECK(fixture.echo().failure == "is of another network");
    }
    SUBCASE("another link key than the list says")
    {
        ProviderName name = fixture.hub.providers[0]->name();
        name.link_key = name.node_key;
        Session session{fixture.hub, {.providers = {name}}};
        Outcome outcome;
        session.start(outcome.call(0));
        CHECK(session.run([&] { return outcome.reply.has_value(); }, long_ms));
        CHECK(outcome.reply->failure == "connection refused");
    }
    SUBCASE("a record that has expired")
    {
        Session session{fixture.hub,
                        {.providers = fixture.hub.names(), .now_s = [] { return 4'000'000'001; }}};
        Outcome outcome;
        session.start(outcome.call(0));
        CHECK(session.run([&] { return outcome.reply.has_value(); }, long_ms));
        CHECK(outcome.reply->failure == "has a record that has expired");
    }
    CHECK_FALSE(fixture.session.health(0).is_up);
}

TEST_CASE("a provider that cannot be reached fails its calls, and is left alone for a while")
{
    Fixture fixture;
    ScriptedProvider& provider = *fixture.hub.providers[0];
    provider.manner = Manner::refuses;
    CHECK(fixture.echo().failure == "connection refused");
    CHECK(fixture.session.health(0).is_down);
    CHECK(fixture.echo().failure == "connection refused");
    CHECK(fixture.hub.connections == 1);

    provider.manner = Manner::honest;
    fixture.session.run([] { return false; }, fixture.hub.now_ms() + 1'000);
    CHECK(fixture.echo().failure.empty());
    CHECK(fixture.session.health(0).is_up);
    CHECK_FALSE(fixture.session.health(0).is_down);
}

TEST_CASE("a connection that does not come up is given up in time")
{
    Fixture fixture;
    fixture.hub.providers[0]->manner = Manner::silent;
    const std::uint64_t start_ms = fixture.hub.now_ms();
    const Reply reply = fixture.echo();
    CHECK(reply.failure == "does not answer");
    CHECK(reply.is_time_out);
    CHECK(fixture.hub.now_ms() - start_ms == 5'000);
    CHECK(fixture.echo().is_time_out); // it is left alone for a while
    CHECK(fixture.hub.now_ms() - start_ms == 5'000);
}

TEST_CASE("a call without an answer is a time-out, and others go on")
{
    Fixture fixture{2};
    fixture.hub.providers[0]->manner = Manner::mute;
    Outcome slow;
    SessionCall call = slow.call(0);
    call.stall_ms = 2'000;
    fixture.session.start(std::move(call));
    CHECK(fixture.echo(1).failure.empty());
    CHECK_FALSE(slow.reply);
    CHECK(fixture.session.run([&] { return slow.reply.has_value(); }, long_ms));
    CHECK(slow.reply->is_time_out);
    CHECK(slow.reply->failure == "no byte in 2.0 s");
    CHECK(fixture.session.health(0).faults == 1);
}

TEST_CASE("when a link breaks its calls fail, and the next call connects again")
{
    Fixture fixture;
    ScriptedProvider& provider = *fixture.hub.providers[0];
    CHECK(fixture.echo().failure.empty());
    fixture.session.run([] { return false; }, fixture.hub.now_ms() + 2'000);
    provider.manner = Manner::mute;
    std::vector<Outcome> outcomes(3);
    for (Outcome& outcome : outcomes) fixture.session.start(outcome.call(0));
    fixture.session.run([] { return false; }, fixture.hub.now_ms() + 100);
    fixture.hub.break_links(provider);
    CHECK(fixture.session.run([&] { return outcomes[2].reply.has_value(); }, long_ms));
    for (const Outcome& outcome : outcomes)
        CHECK(outcome.reply->failure == "the call was cut: connection reset");
    fixture.session.run([] { return false; }, fixture.hub.now_ms() + 1);
    CHECK(fixture.session.health(0).faults == 1);
    CHECK(fixture.session.health(0).reason == "the link broke: connection reset");

    provider.manner = Manner::honest;
    CHECK(fixture.echo().failure.empty());
    CHECK(fixture.hub.connections == 2);
}

TEST_CASE("data comes in order, and the caller may refuse or cancel in the middle")
{
    Fixture fixture;
    const Bytes shard = noise(600'000);
    fixture.hub.providers[0]->store(shard);
    const ShardRoot root = blake3(shard);

    Outcome outcome;
    fixture.make(get_call(outcome, root, shard.size()), outcome);
    const std::size_t proof_size = outcome.data.size() - shard.size();
    CHECK(std::ranges::equal(ByteView{outcome.data}.subspan(proof_size), shard));
    CHECK(fixture.session.health(0).rate > 1'000'000);

    Outcome refused;
    SessionCall call = get_call(refused, root, shard.size());
    call.data = [](ByteView) { return false; };
    fixture.make(std::move(call), refused);
    CHECK(refused.reply->failure == "refused by caller");

    Outcome cancelled;
    CallId id;
    bool has_data = false;
    call = get_call(cancelled, root, shard.size());
    call.data = [&](ByteView) {
        has_data = true;
        fixture.session.cancel(id);
        return true;
    };
    id = fixture.session.start(std::move(call));
    fixture.session.run([] { return false; }, fixture.hub.now_ms() + 10'000);
    CHECK(has_data);
    CHECK_FALSE(cancelled.reply);
    CHECK(fixture.session.health(0).calls == 0);
    fixture.session.cancel(id); // nothing any more
    CHECK(fixture.echo().failure.empty());
}

TEST_CASE("a refusal is an answer, not a failure")
{
    Fixture fixture;
    Outcome outcome;
    fixture.make(get_call(outcome, blake3(Bytes(3)), 3), outcome);
    CHECK(outcome.reply->status == CallStatus::no);
    CHECK(outcome.reply->failure.empty());
    CHECK(fixture.session.health(0).faults == 0);
}

TEST_CASE("done comes from within run, and may start the next call")
{
    Fixture fixture;
    Outcome second;
    SessionCall call;
    call.method = "echo";
    call.done = [&](Reply&&) { fixture.session.start(second.call(0)); };
    fixture.session.start(std::move(call));
    CHECK(fixture.session.run([&] { return second.reply.has_value(); }, long_ms));
    CHECK(fixture.session.run([] { return true; }, 0));
    CHECK_FALSE(fixture.session.run([] { return false; }, 0));
}

TEST_CASE("what is started while run asks whether it is done does not wait for an event")
{
    Fixture fixture{2};
    CHECK(fixture.echo().failure.empty());
    CHECK(fixture.echo(1).failure.empty());
    fixture.hub.providers[1]->manner = Manner::refuses;
    fixture.hub.break_links(*fixture.hub.providers[1]);
    fixture.session.run([] { return false; }, fixture.hub.now_ms() + 1);

    const std::uint64_t start_ms = fixture.hub.now_ms();
    for (const std::size_t provider : {std::size_t{0}, std::size_t{1}}) {
        Outcome outcome;
        bool is_started = false;
        const auto is_done = [&] {
            if (!std::exchange(is_started, true)) fixture.session.start(outcome.call(provider));
            return outcome.reply.has_value();
        };
        CHECK(fixture.session.run(is_done, long_ms));
        CHECK(outcome.reply->failure.empty() == (provider == 0));
    }
    CHECK(fixture.hub.now_ms() - start_ms < 100);
}
