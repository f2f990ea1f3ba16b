#include "client/index_catalog.hpp"

#include "client/put_testing.hpp"

using namespace cairn;

namespace {

/// An owner whose index records are at some providers.
class IndexWorld {
public:
    explicit IndexWorld(std::size_t count)
    {
        for (std::size_t i = 0; i < count; ++i)
            providers.push_back(std::make_unique<SimProvider>(network, i));
    }

    static Bytes text_of(std::uint8_t object)
    {
        Link link;
        link.id.bytes[0] = std::byte{object};
        const Secret text = to_link_text(link);
        return {text.bytes().begin(), text.bytes().end()};
    }

    Bytes record(IndexOp op, std::uint64_t time_s, const std::string& name, std::uint8_t object)
    {
        IndexRecord record{.op = op,
                           .time_s = time_s,
                           .sequence = ++sequence_,
                           .name = name,
                           .size = object,
                           .link = Secret::copy(text_of(object))};
        return seal_index_record(record, key, entropy_);
    }

    void add(std::size_t provider, const Bytes& file, ShardClass kind = ShardClass::index)
    {
        SimProvider::Entry& entry = providers[provider]->shards[blake3(file)];
        entry.bytes = file;
        entry.kind = kind;
        entry.serials[account_id(owner.public_key())] = ++serial_;
    }

    void put(std::uint64_t time_s, const std::string& name, std::uint8_t object)
    {
        add_everywhere(record(IndexOp::put, time_s, name, object));
    }

    void remove(std::uint64_t time_s, std::uint8_t object)
    {
        add_everywhere(record(IndexOp::rm, time_s, {}, object));
    }

    /// The names that are there, with '*' behind those that a later object has too.
    std::vector<std::string> read()
    {
        SessionOptions session_options;
        for (const auto& provider : providers)
            session_options.providers.push_back(provider->name());
        session_options.owner = &owner;
        const std::string address = "reader-" + std::to_string(++runs_) + ":1";
        const Ed25519KeyPair link_key{Secret::copy(noise(32, 7'000 + runs_))};
        Session session{network.add({.address = address, .link_key = &link_key}), session_options};
        const AgeIdentity opener = to_identity(Secret::copy(secret.bytes()));
        IndexCatalog catalog{session, opener, options};
        catalog.read();
        facts = catalog.facts();
        std::vector<std::string> names;
        for (std::size_t i = 0; i < catalog.size(); ++i) {
            const CatalogEntry entry = catalog.at(i);
            names.push_back(entry.record.name + (entry.is_latest ? "" : "*"));
        }
        return names;
    }

    SimNetwork network{1};
    std::vector<std::unique_ptr<SimProvider>> providers;
    Ed25519KeyPair owner{Secret::copy(noise(32, 1))};
    Secret secret = Secret::copy(noise(32, 2));
    X25519PublicKey key = to_identity(Secret::copy(noise(32, 2))).key;
    CatalogOptions options;
    CatalogFacts facts;

private:
    void add_everywhere(const Bytes& file)
    {
        for (std::size_t i = 0; i < providers.size(); ++i) add(i, file);
    }

    FixedEntropy entropy_{5};
    std::uint64_t sequence_ = 0;
    std::uint64_t serial_ = 0;
    std::size_t runs_ = 0;
};

using Names = std::vector<std::string>;

} // namespace

TEST_CASE("objects are in the order in which they were stored, each once")
{
    IndexWorld world{3};
    world.put(30, "c", 3);
    world.put(10, "a", 1);
    world.put(20, "b", 2);
    world.put(20, "b2", 4);
    CHECK(world.read() == Names{"a", "b", "b2", "c"});
    CHECK(world.facts.answered == 3);
    CHECK(world.facts.silent == 0);
    CHECK(world.facts.records == 4);
    std::size_t reads = 0;
    for (const auto& provider : world.providers) reads += provider->gets;
    CHECK(reads == 4);
}

TEST_CASE("what was removed is gone, until it is stored again")
{
    IndexWorld world{3};
    world.put(10, "a", 1);
    world.put(10, "b", 2);
    world.remove(20, 1);
    CHECK(world.read() == Names{"b"});
    world.put(30, "again", 1);
    CHECK(world.read() == Names{"b", "again"});
    world.remove(5, 2); // before it was stored
    CHECK(world.read() == Names{"b", "again"});
}

TEST_CASE("of objects with one name the last is the latest")
{
    IndexWorld world{2};
    world.put(10, "a", 1);
    world.put(20, "a", 2);
    world.put(30, "a", 1);
    CHECK(world.read() == Names{"a*", "a"});
    world.remove(40, 1);
    CHECK(world.read() == Names{"a"});
}

TEST_CASE("records that only some providers have are found, and data is not read")
{
    IndexWorld world{3};
    world.add(0, world.record(IndexOp::put, 1, "zero", 1));
    world.add(2, world.record(IndexOp::put, 2, "two", 2));
    world.add(1, noise(600), ShardClass::data);
    CHECK(world.read() == Names{"zero", "two"});
    CHECK(world.providers[1]->gets == 0);
}

TEST_CASE("more records than fit one answer are read")
{
    IndexWorld world{2};
    Names names;
    for (unsigned i = 0; i < 3 * list_entries_max + 1; ++i) {
        names.push_back("object-" + std::to_string(i));
        world.put(1000 + i, names.back(), static_cast<std::uint8_t>(i));
    }
    const Names found = world.read();
    CHECK(world.facts.records == names.size());
    CHECK(found == names);
}

TEST_CASE("providers that are down or lie do not hide what others have")
{
    IndexWorld world{4};
    const Bytes file = world.record(IndexOp::put, 1, "a", 1);
    for (std::size_t i = 0; i < 3; ++i) world.add(i, file);
    world.network.take_down(world.providers[0]->hub());
    world.providers[1]->shards[blake3(file)].manner = GetManner::flips;
    CHECK(world.read() == Names{"a"});
    CHECK(world.facts.answered == 3);
    CHECK(world.facts.silent == 1);
    CHECK(world.facts.missing == 0);
    world.providers[2]->shards[blake3(file)].manner = GetManner::has_lost;
    CHECK(world.read() == Names{});
    CHECK(world.facts.missing == 1);
}

TEST_CASE("records of another key and nonsense are counted")
{
    IndexWorld world{2};
    world.put(1, "a", 1);
    world.add(0, noise(700));
    world.key = to_identity(Secret::copy(noise(32, 99))).key;
    world.put(2, "b", 2);
    world.add(0, noise(index_file_size_max + 1)); // no record, and not read
    CHECK(world.read() == Names{"a"});
    CHECK(world.facts.foreign == 1);
    CHECK(world.facts.damaged == 1);
    CHECK(world.facts.missing == 0);
}

TEST_CASE("with nothing stored nothing is found, and nobody there is told apart from it")
{
    IndexWorld world{2};
    CHECK(world.read().empty());
    CHECK(world.facts.answered == 2);
    for (const auto& provider : world.providers) world.network.take_down(provider->hub());
    CHECK(world.read().empty());
    CHECK(world.facts.answered == 0);
    CHECK(world.facts.silent == 2);
}

TEST_CASE("there is a limit to how many records are taken")
{
    IndexWorld world{1};
    world.options.records_max = 3;
    for (std::uint8_t i = 0; i < 5; ++i) world.put(i, "object", i);
    CHECK(world.read().size() == 3);
    CHECK(world.facts.is_cut);
}
