#include "client/remove.hpp"

#include "client/index_put.hpp"
#include "client/put_testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

/// A session of the world's owner, or of another one.
class RemoveWorld : public PutWorld {
public:
    explicit RemoveWorld(std::size_t count) : PutWorld{count} { options.profile.reset(); }

    RemoveReport remove(const std::vector<PutResult>& results, bool is_final = false)
    {
        return remove_as(owner, results, is_final);
    }

    RemoveReport remove_as(const Ed25519KeyPair& who, const std::vector<PutResult>& results,
                           bool is_final = false)
    {
        const Ed25519KeyPair link{Secret::copy(noise(32, 700 + runs_))};
        SessionOptions session_options;
        for (const auto& provider : providers)
            session_options.providers.push_back(provider->name());
        session_options.owner = &who;
        Hub& hub = network.add(
            {.address = "remover-" + std::to_string(++runs_) + ":1", .link_key = &link});
        Session session{hub, session_options};
        Remover remover{session, NetworkId{}, who, 2'000};
        for (const PutResult& result : results) remover.remove(*result.link);
        return remover.finish(is_final);
    }

    [[nodiscard]] std::size_t shards() const
    {
        std::size_t sum = 0;
        for (const auto& provider : providers) sum += provider->shards.size();
        return sum;
    }

private:
    std::size_t runs_ = 0;
};

std::vector<Bytes> small_objects(std::size_t count)
{
    std::vector<Bytes> objects;
    for (std::size_t i = 0; i < count; ++i) objects.push_back(noise(100, i + 1));
    return objects;
}

} // namespace

TEST_CASE("many objects are removed with few calls")
{
    RemoveWorld world{5};
    const auto results = world.put_all(small_objects(300));
    CHECK(world.shards() == 900);
    const RemoveReport report = world.remove(results);
    CHECK(report.dropped == 900);
    CHECK(report.silent == 0);
    CHECK(world.shards() == 0);
    for (const auto& provider : world.providers) CHECK(provider->drops == 3);
    CHECK(world.remove(results).dropped == 0);
}

TEST_CASE("what others own is not touched")
{
    RemoveWorld world{5};
    world.options.recipients.clear();
    const auto results = world.put_all(small_objects(10));
    const Ed25519KeyPair other{Secret::copy(noise(32, 600))};
    CHECK(world.remove_as(other, results).dropped == 0);
    CHECK(world.shards() == 30);
}

TEST_CASE("providers that do not answer are counted, and waited for once")
{
    RemoveWorld world{5};
    const auto results = world.put_all(small_objects(300));
    world.network.take_down(world.providers[1]->hub());
    const std::size_t left = world.providers[1]->shards.size();
    const std::uint64_t start_ms = world.network.now_ms();
    const RemoveReport report = world.remove(results);
    CHECK(report.silent == 1);
    CHECK(report.dropped == 900 - left);
    CHECK(world.network.now_ms() - start_ms < 10'000);
    world.network.bring_up(world.providers[1]->hub());
    CHECK(world.remove(results).dropped == left);
}

TEST_CASE("a record of the index has three copies, or fewer")
{
    for (const std::size_t dead : {0U, 2U, 3U, 5U}) {
        CAPTURE(dead);
        RemoveWorld world{5};
        for (std::size_t i = 0; i < dead; ++i) world.network.take_down(world.providers[i]->hub());
        const Ed25519KeyPair link{Secret::copy(noise(32, 800))};
        SessionOptions session_options;
        for (const auto& provider : world.providers)
            session_options.providers.push_back(provider->name());
        session_options.owner = &world.owner;
        Hub& hub = world.network.add({.address = "writer:1", .link_key = &link});
        Session session{hub, session_options};
        FixedEntropy entropy;
        const std::size_t copies = put_index_record(
            session, entropy, NetworkId{}, account_id(world.owner.public_key()), noise(600));
        CHECK(copies == std::min<std::size_t>(3, 5 - dead));
        std::size_t stored = 0;
        for (const auto& provider : world.providers) stored += provider->count(ShardClass::index);
        CHECK(stored == copies);
    }
}
