#include "client/put_testing.hpp"
#include "format/index.hpp"

using namespace cairn;

TEST_CASE("objects of all sizes are stored and come back")
{
    for (const std::size_t size : {0UL, 1UL, 4096UL, 65000UL, 65536UL, 200'000UL, 1'000'000UL}) {
        CAPTURE(size);
        PutWorld world{6};
        const Bytes object = noise(size);
        const PutResult result = world.put(object);
        if (result.error) FAIL(std::string{result.error->what()});
        REQUIRE(result.link.has_value());
        CHECK(result.is_complete);
        CHECK(result.stored_least == 6);
        CHECK(result.plain_size == size);
        CHECK(result.link->kind == LinkKind::object);
        CHECK(world.get(*result.link) == object);
        CHECK(world.spread_of(*result.link) == 6);
        CHECK(world.holders({result.link->id.bytes}).size() == 6);
        CHECK(result.link->hints.size() == 3);
    }
}

namespace {

/// A put of one object where one provider of six behaves in a certain way.
PutResult put_with(PutWorld& world, PutManner manner, const Bytes& object)
{
    world.providers[0]->manner = manner;
    PutResult result = world.put(object);
    if (result.link) CHECK(world.get(*result.link) == object);
    return result;
}

bool is_stored_by(const PutWorld& world, std::size_t provider)
{
    return !world.providers[provider]->shards.empty();
}

} // namespace

TEST_CASE("small objects are stored in three whole copies")
{
    for (const std::size_t size : {0UL, 1UL, 4096UL, 65'000UL}) {
        CAPTURE(size);
        PutWorld world{6};
        world.options.profile.reset();
        const Bytes object = noise(size);
        const PutResult result = world.put(object);
        REQUIRE(result.link.has_value());
        CHECK(result.is_complete);
        CHECK(result.link->kind == LinkKind::whole);
        CHECK(world.holders({result.link->id.bytes}).size() == 3);
        CHECK(result.stored_least == 3);
        CHECK(world.get(*result.link) == object);
    }
}

TEST_CASE("what is 64 KiB and more as it is stored is encoded")
{
    PutWorld world{6};
    world.options.profile.reset();
    world.options.recipients.clear(); // public: stored as it is
    CHECK(world.put(noise(65535)).link->kind == LinkKind::whole);
    CHECK(world.put(noise(65536)).link->kind == LinkKind::object);
    CHECK(world.put(Bytes{}).link->kind == LinkKind::whole);
}

TEST_CASE("public objects have no key and are what was given")
{
    PutWorld world{6};
    world.options.recipients.clear();
    for (const std::size_t size : {0UL, 1UL, 65536UL, 131072UL, 300'000UL}) {
        const Bytes object = noise(size);
        const PutResult result = world.put(object);
        REQUIRE(result.link.has_value());
        CHECK_FALSE(result.link->key.has_value());
        CHECK(world.get(*result.link) == object);
        // The same object again is the same link.
        CHECK(world.put(object).link->id == result.link->id);
    }
}

TEST_CASE("with fewer providers than shards, enough are enough")
{
    const Bytes object = noise(300'000);
    PutWorld five{5};
    const PutResult result = five.put(object);
    REQUIRE(result.link.has_value());
    CHECK_FALSE(result.is_complete);
    CHECK(result.stored_least == 5);
    CHECK(five.get(*result.link) == object);

    PutWorld four{4};
    const PutResult failed = four.put(object);
    CHECK_FALSE(failed.link.has_value());
    REQUIRE(failed.error.has_value());
    CHECK(failed.error->code() == Exit::unavail);

    PutWorld two{2};
    two.options.profile.reset();
    const PutResult copies = two.put(noise(100));
    CHECK(copies.link.has_value());
    CHECK_FALSE(copies.is_complete);
    PutWorld one{1};
    one.options.profile.reset();
    CHECK(one.put(noise(100)).error->code() == Exit::unavail);
}

TEST_CASE("no receipt that is wrong in any way counts")
{
    const Bytes object = noise(300'000);
    for (const PutManner manner :
         {PutManner::wrong_signature, PutManner::wrong_key, PutManner::wrong_network,
          PutManner::wrong_owner, PutManner::wrong_root, PutManner::no_receipt}) {
        CAPTURE(static_cast<int>(manner));
        PutWorld world{6};
        const PutResult result = put_with(world, manner, object);
        REQUIRE(result.link.has_value());
        CHECK_FALSE(result.is_complete);
        CHECK(result.stored_least == 5);
        CHECK_FALSE(result.fault.empty());
        for (const Bytes& receipt : world.receipts) CHECK(is_signed(parse_receipt(receipt)));
        // With one more provider nothing is missing.
        PutWorld more{7};
        CHECK(put_with(more, manner, object).is_complete);
    }
}

TEST_CASE("who refuses or fails is replaced at once")
{
    const Bytes object = noise(300'000);
    for (const PutManner manner : {PutManner::full, PutManner::denies, PutManner::fails,
                                   PutManner::resets, PutManner::busy}) {
        CAPTURE(static_cast<int>(manner));
        PutWorld world{7};
        const PutResult result = put_with(world, manner, object);
        CHECK(result.is_complete);
        CHECK(world.elapsed_ms < 2'000);
        PutWorld narrow{6};
        const PutResult less = put_with(narrow, manner, object);
        REQUIRE(less.link.has_value());
        CHECK(less.is_complete == (manner == PutManner::busy));
        CHECK(less.stored_least == (manner == PutManner::busy ? 6 : 5));
        CHECK(narrow.elapsed_ms < 10'000);
    }
}

TEST_CASE("a call or a connection that breaks once is tried again")
{
    const Bytes object = noise(300'000);
    for (const PutManner manner : {PutManner::resets_once, PutManner::breaks_once}) {
        CAPTURE(static_cast<int>(manner));
        PutWorld world{6};
        CHECK(put_with(world, manner, object).is_complete);
        CHECK(is_stored_by(world, 0));
        CHECK(world.elapsed_ms < 5'000);
    }
}

TEST_CASE("the tail is cut where there are spare providers")
{
    const Bytes object = noise(1'000'000);
    for (const PutManner manner : {PutManner::never_answers, PutManner::answers_late}) {
        CAPTURE(static_cast<int>(manner));
        PutWorld world{8};
        world.providers[1]->manner = manner;
        const PutResult result = put_with(world, manner, object);
        CHECK(result.is_complete);
        CHECK(world.elapsed_ms < 2'000);
    }
}

TEST_CASE("without spare providers a put waits for a slow one, but not for ever")
{
    const Bytes object = noise(1'000'000);
    PutWorld late{6};
    const PutResult patient = put_with(late, PutManner::never_answers, object);
    REQUIRE(patient.link.has_value());
    CHECK_FALSE(patient.is_complete);
    CHECK(patient.stored_least == 5);
    CHECK(late.elapsed_ms < 60'000);
}

TEST_CASE("dead providers are replaced, and below enough nothing is promised")
{
    const Bytes object = noise(300'000);
    for (std::size_t dead = 0; dead <= 4; ++dead) {
        CAPTURE(dead);
        PutWorld world{8};
        for (std::size_t i = 0; i < dead; ++i) world.network.take_down(world.providers[i]->hub());
        const PutResult result = world.put(object);
        CHECK(result.link.has_value() == (dead <= 3));
        CHECK(result.is_complete == (dead <= 2));
        if (result.link) CHECK(world.get(*result.link) == object);
        if (dead == 4) CHECK(result.error->code() == Exit::unavail);
        CHECK(world.elapsed_ms < 20'000);
    }
}

TEST_CASE("providers that die at any point of a put do no harm")
{
    const Bytes object = noise(1'000'000);
    for (std::size_t at = 1; at <= 14; ++at) {
        CAPTURE(at);
        PutWorld world{9};
        for (std::size_t i = 0; i < 2; ++i) {
            SimProvider& provider = *world.providers[i];
            provider.on_put = [&world, &provider, at] {
                if (provider.puts == at) world.network.take_down(provider.hub());
            };
        }
        const PutResult result = world.put(object);
        REQUIRE(result.link.has_value());
        CHECK(world.get(*result.link) == object);
        CHECK(world.elapsed_ms < 20'000);
    }
}

TEST_CASE("a lossy network changes the time, not the bytes")
{
    const Bytes object = noise(1'000'000);
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        CAPTURE(seed);
        PutWorld world{7, seed};
        world.network.set_path(
            {.delay_ms = 5, .jitter_ms = 20, .rate = 20'000'000, .reset_per_million = 3'000});
        const PutResult result = world.put(object);
        if (!result.link) continue; // too many resets in a row: nothing was promised
        CHECK(world.get(*result.link) == object);
    }
}

TEST_CASE("a manifest that is too large is an object itself")
{
    PutWorld world{6};
    world.options.manifest_size_max = 1'000;
    const Bytes object = noise(1'000'000);
    const PutResult result = world.put(object);
    REQUIRE(result.link.has_value());
    CHECK(result.is_complete);
    CHECK(result.link->kind == LinkKind::nested);
    CHECK(world.get(*result.link) == object);
    CHECK(world.holders({result.link->id.bytes}).size() == 6);
}

TEST_CASE("many small objects go in few calls")
{
    PutWorld world{6};
    world.options.profile.reset();
    std::vector<Bytes> objects;
    for (std::size_t i = 0; i < 500; ++i) objects.push_back(noise(1'000, i + 10));
    const auto results = world.put_all(objects);
    REQUIRE(results.size() == objects.size());
    for (const PutResult& result : results) {
        REQUIRE(result.link.has_value());
        CHECK(result.is_complete);
        CHECK(world.get(*result.link) == objects[result.number]);
    }
    std::size_t puts = 0;
    std::size_t items = 0;
    for (const auto& provider : world.providers) {
        puts += provider->puts;
        items += provider->items;
        CHECK(provider->items > 150); // all share the load
    }
    CHECK(items == 1'500);
    CHECK(puts < 200);
}

TEST_CASE("an index record goes to three of the object's providers, and the identity finds it")
{
    for (const std::size_t size : {100UL, 300'000UL}) {
        CAPTURE(size);
        PutWorld world{8};
        if (size == 100) world.options.profile.reset();
        world.options.index_key = world.identity.key;
        const PutResult result = world.put(noise(size));
        REQUIRE(result.link.has_value());
        CHECK(result.is_complete);
        std::size_t copies = 0;
        for (const auto& provider : world.providers) {
            CHECK(provider->count(ShardClass::index) <= 1);
            for (const auto& [root, entry] : provider->shards) {
                if (entry.kind != ShardClass::index) continue;
                ++copies;
                CHECK(provider->count(ShardClass::data) > 0);
                std::vector<AgeIdentity> identities;
                identities.emplace_back(to_identity(Secret::copy(world.identity.secret.bytes())));
                const auto record = open_index_record(entry.bytes, identities.front());
                REQUIRE(record.has_value());
                CHECK(record->op == IndexOp::put);
                CHECK(record->name == "object-0");
                CHECK(record->size == size);
                CHECK(record->time_s == 1'700'000'000);
                const Link link = parse_link(record->link.bytes());
                CHECK(link.id == result.link->id);
                CHECK(link.kind == result.link->kind);
                CHECK(link.key.has_value());
            }
        }
        CHECK(copies == 3);
    }
}

TEST_CASE("content that cannot be read fails alone")
{
    PutWorld world{6};
    SessionOptions session_options;
    for (const auto& provider : world.providers)
        session_options.providers.push_back(provider->name());
    session_options.owner = &world.owner;
    const Ed25519KeyPair link{Secret::copy(noise(32, 9'999))};
    Hub& hub = world.network.add({.address = "reader:1", .link_key = &link});
    Session session{hub, session_options};
    PutOptions options;
    options.owner = &world.owner;
    options.workers = 0;
    FixedEntropy entropy;
    Putter putter{hub, session, std::move(options), entropy};
    std::size_t next = 0;
    std::vector<PutResult> results;
    putter.run({.next = [&]() -> std::optional<PutInput> {
                    if (next == 4) return std::nullopt;
                    PutInput input;
                    input.number = next++;
                    input.open = [number = input.number]() -> PutContent {
                        if (number == 1) throw Error{Exit::noinput, "cannot open"};
                        return {[number, left = 3](MutableByteView buffer) mutable {
                                    if (left-- == 0) return std::size_t{0};
                                    if (number == 2 && left == 0)
                                        throw Error{Exit::ioerr, "cannot read"};
                                    std::ranges::fill(buffer, std::byte{7});
                                    return buffer.size();
                                },
                                std::nullopt};
                    };
                    return input;
                },
                .done = [&](PutResult&& result) { results.push_back(std::move(result)); },
                .receipt = {},
                .sent = {}});
    REQUIRE(results.size() == 4);
    for (const PutResult& result : results) {
        const bool is_good = result.number == 0 || result.number == 3;
        CHECK(result.link.has_value() == is_good);
        if (result.number == 1) CHECK(result.error->code() == Exit::noinput);
        if (result.number == 2) CHECK(result.error->code() == Exit::ioerr);
    }
}
