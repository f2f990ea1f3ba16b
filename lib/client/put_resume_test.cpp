#include "base/hex.hpp"
#include "client/put_testing.hpp"
#include "erasure/segment.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

constexpr std::size_t object_size = 700'000; // bytes: 11 segments of 64 KiB

const FileState file{.device = 1, .inode = 2, .size = object_size, .modified_ns = 3, .mode = 0600};

/// What kill -9 is to a process, to a run.
struct Killed {};

/// A world whose client is killed when its providers have got so many puts.
class ResumeWorld : public PutWorld {
public:
    explicit ResumeWorld(std::size_t count = 6) : PutWorld{count}
    {
        options.journal_directory = directory_.path();
        options.memory_max = 120 * 1024; // one segment at a time
        for (auto& provider : providers)
            provider->on_put = [this] {
                if (++puts_ == kill_at) throw Killed{};
            };
    }

    /// None when it was killed.
    std::optional<PutResult> put_until(const Bytes& object, std::size_t kill_at_put)
    {
        kill_at = kill_at_put;
        puts_ = 0;
        for (auto& provider : providers) provider->seen.clear();
        try {
            return put(object, file);
        } catch (const Killed&) {
            kill_at = SIZE_MAX;
            network.run_until(network.now_ms() + 5'000); // what it has sent arrives
            return std::nullopt;
        }
    }

    /// The keys in the journal that a killed put has left.
    std::shared_ptr<const ObjectKeys> journalled_keys() const
    {
        const auto names = list_directory(directory_.path());
        if (names.size() != 1) return nullptr;
        const auto key = parse_hex<PutJournal::Key>(std::string_view{names.front()}.substr(0, 64));
        REQUIRE(key.has_value());
        return PutJournal{directory_.path(), *key}.keys();
    }

    [[nodiscard]] bool has_journal() const { return !list_directory(directory_.path()).empty(); }

    std::size_t kill_at = SIZE_MAX;

private:
    TestDirectory directory_;
    std::size_t puts_ = 0;
};

/// The roots of each segment that an object has with these keys.
std::vector<std::vector<ShardRoot>>
roots_of(const Bytes& object, const std::shared_ptr<const ObjectKeys>& keys, const Profile& profile)
{
    ObjectStream stream{source_of(object), keys, profile.segment_size};
    const Code code{{profile.k, profile.m}};
    std::vector<std::vector<ShardRoot>> all;
    while (!stream.is_at_end()) {
        SegmentEncoder encoder{profile};
        SegmentPart part;
        REQUIRE(stream.read(part, encoder.input()));
        stream.seal(part, encoder.input());
        encoder.encode(code, part.length, all.size() * profile.segment_size);
        all.push_back(encoder.roots());
    }
    return all;
}

/// Of which segments a shard has left the client since the beginning of the last put.
std::set<std::size_t> sent_segments(const ResumeWorld& world,
                                    const std::vector<std::vector<ShardRoot>>& roots)
{
    std::set<std::size_t> sent;
    for (const auto& provider : world.providers)
        for (std::size_t i = 0; i < roots.size(); ++i)
            if (std::ranges::any_of(
                    roots[i], [&](const ShardRoot& root) { return provider->seen.contains(root); }))
                sent.insert(i);
    return sent;
}

} // namespace

TEST_CASE("a put that was killed at any point is completed by the next one")
{
    const Bytes object = noise(object_size);
    for (std::size_t kill_at = 1; kill_at <= 80; kill_at += 7) {
        CAPTURE(kill_at);
        ResumeWorld world;
        const auto first = world.put_until(object, kill_at);
        if (first) { // there are not so many
            CHECK(kill_at > 60);
            CHECK_FALSE(world.has_journal());
            continue;
        }
        CHECK(world.has_journal());
        const auto keys = world.journalled_keys();
        REQUIRE(keys != nullptr);
        const auto second = world.put_until(object, SIZE_MAX);
        REQUIRE(second.has_value());
        REQUIRE(second->link.has_value());
        CHECK(second->is_complete);
        CHECK(constant_time_equal(second->link->key->bytes(), keys->file_key.bytes()));
        CHECK(world.get(*second->link) == object);
        CHECK_FALSE(world.has_journal());
        // Each shard was stored once, and a manifest at most twice.
        CHECK(world.items() <= 11 * 6 + 2 * 6 + 6);
    }
}

TEST_CASE("receipts of a put that was killed count, and nothing is sent twice")
{
    const Bytes object = noise(object_size);
    ResumeWorld world;
    REQUIRE_FALSE(world.put_until(object, 40).has_value());
    const std::size_t stored = world.items();
    const std::size_t receipts = world.receipts.size();
    CHECK(receipts > 20);
    world.receipts.clear();
    const auto second = world.put_until(object, SIZE_MAX);
    REQUIRE(second->is_complete);
    CHECK(world.items() - stored == 11 * 6 + 6 - receipts);
    // The receipts of both runs are given out.
    std::set<ShardRoot> roots;
    for (const Bytes& bytes : world.receipts)
        for (const ShardItem& item : parse_receipt(bytes).items) roots.insert(item.root);
    CHECK(roots.size() == 11 * 6 + 1);
}

TEST_CASE("what providers have lost since is sent again")
{
    const Bytes object = noise(object_size);
    ResumeWorld world;
    REQUIRE_FALSE(world.put_until(object, 40).has_value());
    world.providers[2]->shards.clear();
    world.network.take_down(world.providers[4]->hub());
    const auto second = world.put_until(object, SIZE_MAX);
    REQUIRE(second->link.has_value());
    CHECK(second->stored_least == 5);
    CHECK(world.spread_of(*second->link) >= 5);
    CHECK(world.has_journal()); // the next run may complete it
    world.network.bring_up(world.providers[4]->hub());
    const auto third = world.put_until(object, SIZE_MAX);
    CHECK(third->is_complete);
    CHECK(third->link->id == second->link->id);
    CHECK(world.get(*third->link) == object);
    CHECK_FALSE(world.has_journal());
}

TEST_CASE("no key stream is ever used for two plaintexts" * doctest::test_suite("exhaustive"))
{
    const Bytes object = noise(object_size);
    std::size_t refused = 0;
    std::size_t completed = 0;
    for (std::size_t kill_at = 1; kill_at <= 66; kill_at += 9)
        for (std::size_t changed = 10'000; changed < object_size; changed += 127'001) {
            CAPTURE(kill_at);
            CAPTURE(changed);
            ResumeWorld world;
            REQUIRE_FALSE(world.put_until(object, kill_at).has_value());
            const auto keys = world.journalled_keys();
            REQUIRE(keys != nullptr);
            const auto before = roots_of(object, keys, *world.options.profile);
            const auto sent_before = sent_segments(world, before);

            Bytes other = object; // the same time of change and size
            other[changed] ^= std::byte{1};
            const auto after = roots_of(other, keys, *world.options.profile);
            const auto second = world.put_until(other, SIZE_MAX);
            for (const std::size_t segment : sent_segments(world, after))
                if (sent_before.contains(segment)) CHECK(after[segment] == before[segment]);
            REQUIRE(second.has_value());
            if (second->link) {
                ++completed;
                CHECK(world.get(*second->link) == other);
                continue;
            }
            ++refused;
            CHECK(second->error->code() == Exit::data);
            CHECK_FALSE(world.has_journal());
            // The next one begins anew.
            const auto third = world.put_until(other, SIZE_MAX);
            REQUIRE(third->link.has_value());
            CHECK_FALSE(constant_time_equal(third->link->key->bytes(), keys->file_key.bytes()));
            CHECK(world.get(*third->link) == other);
        }
    CHECK(refused > 10);
    CHECK(completed > 10);
}

TEST_CASE("a file that has become shorter or longer is not taken for the same")
{
    const Bytes object = noise(object_size);
    for (const std::size_t size : {object_size - 1, object_size - 100'000, object_size + 1}) {
        ResumeWorld world;
        REQUIRE_FALSE(world.put_until(object, 60).has_value());
        Bytes other = object;
        other.resize(size);
        const auto second = world.put_until(other, SIZE_MAX); // by the same name and time
        REQUIRE(second.has_value());
        if (second->link) CHECK(world.get(*second->link) == other);
        FileState now = file;
        now.size = size;
        const auto third = world.put(other, now);
        REQUIRE(third.link.has_value());
        CHECK(world.get(*third.link) == other);
    }
}
