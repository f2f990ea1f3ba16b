#include "provider/testing.hpp"

#include <doctest/doctest.h>

// Streams under pressure: slow peers, many peers, little memory.

using namespace cairn;

namespace {

using Kind = HubEvent::Kind;

/// A provider that has one shard.
struct Library {
    explicit Library(ServiceLimits limits = {}) : provider{limits}
    {
        const LinkId link = provider.guest(1, &provider.owner);
        if (provider.put(link, shard).status != CallStatus::ok) std::abort();
    }

    Bytes shard = noise(3'000'000);
    TestProvider provider;
};

std::size_t sent_on(const TestProvider& provider, StreamId stream)
{
    const auto found = provider.hub.sent.find(stream);
    return found == provider.hub.sent.end() ? 0 : found->second.size();
}

} // namespace

TEST_CASE("a read goes as far as the credit, in any steps")
{
    Library library;
    TestProvider& provider = library.provider;
    const LinkId link = provider.guest(2, nullptr);
    const StreamId read = provider.begin_get(link, library.shard, 0);
    provider.run();
    CHECK(sent_on(provider, read) == 0);
    std::size_t granted = 0;
    for (std::size_t step = 1; !provider.hub.ends.contains(read); step = step * 3 % 400'009) {
        granted += step;
        provider.grant(read, link, step);
        provider.run();
        CHECK(sent_on(provider, read) <= granted);
        REQUIRE(granted < 100'000'000);
    }
    CHECK(provider.hub.ends.at(read).status == CallStatus::ok);
    const Bytes& sent = provider.hub.sent.at(read);
    const std::uint64_t proof = piece_proof_size({library.shard.size(), 0, 11});
    REQUIRE(sent.size() == proof + library.shard.size());
    CHECK(Bytes{sent.begin() + static_cast<long>(proof), sent.end()} == library.shard);
}

TEST_CASE("a range is sent as the whole pieces that hold it")
{
    Library library;
    TestProvider& provider = library.provider;
    const LinkId link = provider.guest(2, nullptr);
    const GetRequest request{blake3(library.shard), library.shard.size(), piece_size - 1, 2};
    const StreamId read =
        provider.call(link, method::shard_get, to_bytes(request), std::size_t{10} << 20U);
    provider.run();
    CHECK(provider.hub.ends.at(read).status == CallStatus::ok);
    const std::uint64_t proof = piece_proof_size({library.shard.size(), 0, 1});
    CHECK(sent_on(provider, read) == proof + 2 * piece_size);

    GetRequest other = request;
    other.size += 1;
    const StreamId wrong = provider.call(link, method::shard_get, to_bytes(other));
    CHECK(provider.hub.ends.at(wrong).status == CallStatus::no);
}

TEST_CASE("links take turns, whatever the number of their streams")
{
    Library library;
    TestProvider& provider = library.provider;
    const LinkId crowd = provider.guest(2, nullptr);
    const LinkId single = provider.guest(3, nullptr);
    constexpr std::size_t plenty = std::size_t{10} << 20U;
    std::vector<StreamId> many;
    for (unsigned i = 0; i < 20; ++i)
        many.push_back(provider.begin_get(crowd, library.shard, plenty));
    const StreamId one = provider.begin_get(single, library.shard, plenty);
    while (!provider.hub.ends.contains(one)) provider.service.advance();
    std::size_t all = 0;
    for (const StreamId stream : many) all += sent_on(provider, stream);
    CHECK(all <= sent_on(provider, one) + 20 * frame_payload_max);
    provider.run();
    for (const StreamId stream : many) CHECK(provider.hub.ends.at(stream).status == CallStatus::ok);
}

TEST_CASE("readers that stall neither stop others nor keep their pieces")
{
    Library library{{.pieces_max = 4}};
    TestProvider& provider = library.provider;
    const LinkId slow = provider.guest(2, nullptr);
    std::vector<StreamId> stalled;
    for (unsigned i = 0; i < 40; ++i)
        stalled.push_back(provider.begin_get(slow, library.shard, 100'000));
    provider.run();
    const LinkId quick = provider.guest(3, nullptr);
    const StreamId read = provider.begin_get(quick, library.shard, std::size_t{10} << 20U);
    provider.run();
    CHECK(provider.hub.ends.at(read).status == CallStatus::ok);
    // Those that were put aside go on where they were.
    for (const StreamId stream : stalled) provider.grant(stream, slow, std::size_t{10} << 20U);
    provider.run();
    for (const StreamId stream : stalled) {
        REQUIRE(provider.hub.ends.at(stream).status == CallStatus::ok);
        const Bytes& sent = provider.hub.sent.at(stream);
        CHECK(Bytes{sent.end() - static_cast<long>(library.shard.size()), sent.end()} ==
              library.shard);
    }
}

TEST_CASE("streams without a byte for too long are cut")
{
    Library library;
    TestProvider& provider = library.provider;
    const LinkId link = provider.guest(2, &provider.owner);
    const StreamId read = provider.begin_get(link, library.shard, 1'000);
    const StreamId put = provider.begin_put(link, {noise(1'000'000, 5)});
    provider.run();
    CHECK(provider.service.streams() == 2);
    provider.hub.time_ms += 29'000;
    provider.run();
    CHECK(provider.hub.resets.empty());
    provider.event(Kind::data, put, link, ByteView{noise(1'000'000, 5)}.first(1));
    provider.hub.time_ms += 2'000;
    provider.run();
    CHECK(provider.hub.resets.contains(read));
    CHECK(!provider.hub.resets.contains(put));
    provider.hub.time_ms += 30'000;
    provider.run();
    CHECK(provider.hub.resets.contains(put));
    CHECK(provider.depot.status().reserved == 0);
    CHECK(provider.service.streams() == 0);
    CHECK(!provider.service.deadline_ms());
}

TEST_CASE("a byte now and then is not enough")
{
    TestProvider provider;
    const LinkId link = provider.guest(1, &provider.owner);
    const Bytes shard = noise(100'000);
    const StreamId put = provider.begin_put(link, {shard});
    std::size_t at = 0;
    for (; !provider.hub.resets.contains(put) && at < 1'000; ++at) {
        provider.event(Kind::data, put, link, ByteView{shard}.subspan(at, 1));
        provider.hub.time_ms += 1'000;
        provider.run();
    }
    CHECK(provider.hub.resets.contains(put));
    CHECK(at < 60);
}

TEST_CASE("a new upload takes the place of an idle one, not of a busy one")
{
    TestProvider provider{{.uploads_max = 2}};
    const LinkId link = provider.guest(1, &provider.owner);
    const Bytes shard = noise(1'000);
    const StreamId idle = provider.begin_put(link, {shard});
    const StreamId busy = provider.begin_put(link, {shard});
    const StreamId third = provider.begin_put(link, {shard});
    CHECK(provider.hub.ends.at(third).status == CallStatus::busy);
    provider.hub.time_ms += 6'000;
    provider.event(Kind::data, busy, link, ByteView{shard}.first(1));
    const StreamId fourth = provider.begin_put(link, {shard});
    CHECK(provider.hub.resets.contains(idle));
    CHECK(!provider.hub.ends.contains(fourth));
    CHECK(provider.service.streams() == 2);
}

TEST_CASE("a new read takes the place of an idle one, not of a busy one")
{
    Library library{{.reads_max = 2}};
    TestProvider& provider = library.provider;
    const LinkId link = provider.guest(2, nullptr);
    const StreamId idle = provider.begin_get(link, library.shard, 0);
    const StreamId busy = provider.begin_get(link, library.shard, 0);
    const StreamId third = provider.begin_get(link, library.shard, 0);
    CHECK(provider.hub.ends.at(third).status == CallStatus::busy);
    provider.hub.time_ms += 6'000;
    provider.grant(busy, link, 1'000);
    provider.run();
    const StreamId fourth = provider.begin_get(link, library.shard, 0);
    CHECK(provider.hub.resets.contains(idle));
    CHECK(!provider.hub.ends.contains(fourth));
}

TEST_CASE("nothing stays of the streams of a link that is gone")
{
    Library library;
    TestProvider& provider = library.provider;
    const LinkId link = provider.guest(2, &provider.owner);
    const StreamId read = provider.begin_get(link, library.shard, 0);
    const StreamId put = provider.begin_put(link, {noise(1'000'000, 5)});
    provider.run();
    provider.event(Kind::reset, read, link);
    provider.event(Kind::reset, put, link);
    provider.event(Kind::unlinked, {}, link);
    CHECK(provider.service.streams() == 0);
    CHECK(provider.depot.status().reserved == 0);
    CHECK(provider.service.counts().links == 1);
}

TEST_CASE("a read that sends data breaks the rules")
{
    Library library;
    TestProvider& provider = library.provider;
    const LinkId link = provider.guest(2, nullptr);
    const StreamId read = provider.begin_get(link, library.shard, 0);
    provider.event(Kind::data, read, link, noise(10));
    CHECK(provider.hub.resets.contains(read));
    CHECK(provider.service.counts().faults == 1);
}
