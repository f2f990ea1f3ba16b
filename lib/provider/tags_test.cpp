#include "base/hex.hpp"
#include "provider/audit_testing.hpp"
#include "provider/detail/acceptance.hpp"

#include <doctest/doctest.h>

// What a provider takes of class tags.

using namespace cairn;

namespace {

constexpr ShardClass tags = ShardClass::tags;

/// A provider, an owner who may store, and one with an audit key.
struct Scene {
    TestProvider provider;
    LinkId link = provider.guest(1, &provider.owner);
    AuditOwner tagger{50, 64};
    Bytes shard = noise(7'000, 1);
    Bytes other = noise(300'000, 2);

    void put_key()
    {
        REQUIRE(provider.put_all(link, {tagger.prover_key()}, tags).status == CallStatus::ok);
    }

    std::string refusal_of(const std::vector<Bytes>& shards)
    {
        const std::uint64_t objects = provider.depot.status().objects;
        const PaperHub::End end = provider.put_all(link, shards, tags);
        CHECK(end.status == CallStatus::denied);
        CHECK(provider.depot.status().objects == objects);
        CHECK(provider.depot.status().reserved == 0);
        for (const ShardItem& item : items_of(shards))
            CHECK_FALSE(provider.depot.find(item.root, std::nullopt).is_here);
        CHECK(provider.service.streams() == 0);
        return end.text();
    }

    [[nodiscard]] std::string wrong_tags(const Bytes& of) const
    {
        return "the tags of shard " + to_hex_text(blake3(of).bytes) + " are wrong";
    }
};

} // namespace

TEST_CASE("right tags of a shard that is here have a receipt, and are found")
{
    Scene scene;
    scene.put_key();
    REQUIRE(scene.provider.put_all(scene.link, {scene.shard, scene.other}).status ==
            CallStatus::ok);
    const Bytes set = scene.tagger.tag_set({scene.other, scene.shard});
    const PaperHub::End end = scene.provider.put_all(scene.link, {set}, tags);
    REQUIRE(end.status == CallStatus::ok);
    CHECK(parse_receipt(end.reply).items == items_of({set}));

    const LinkId reader = scene.provider.guest(2, nullptr);
    for (const Bytes& shard : {scene.shard, scene.other}) {
        CHECK(tags_at(scene.provider, reader, blake3(shard)) == items_of({set}));
        CHECK(tags_at(scene.provider, reader, scene.tagger.id_of(shard)) == items_of({set}));
    }
    CHECK(tags_at(scene.provider, reader, scene.tagger.key.id()) ==
          items_of({scene.tagger.prover_key()}));
    CHECK(tags_at(scene.provider, reader, blake3(set)).empty());
    CHECK(scene.provider.service.counts().tags_refused == 0);
    CHECK(scene.provider.service.counts().tags_checked ==
          scene.tagger.header_of(scene.shard).blocks() +
              scene.tagger.header_of(scene.other).blocks());
    const auto list =
        scene.provider.ask(scene.link, method::shard_list, to_bytes(ListRequest{tags, 0}));
    CHECK(parse_list_reply(list.reply).entries.size() == 2);
}

TEST_CASE("a prover key and tags that follow it come in one upload")
{
    Scene scene;
    REQUIRE(scene.provider.put(scene.link, scene.shard).status == CallStatus::ok);
    const Bytes set = scene.tagger.tag_set({scene.shard});
    const Bytes key = scene.tagger.prover_key();
    CHECK(scene.refusal_of({set, key}) == "the prover key is not here");
    REQUIRE(scene.provider.put_all(scene.link, {key, set}, tags).status == CallStatus::ok);
    CHECK(tags_at(scene.provider, scene.link, blake3(scene.shard)) == items_of({set}));
    CHECK(tags_at(scene.provider, scene.link, scene.tagger.key.id()) == items_of({key}));
}

TEST_CASE("tags come after their shard and their prover key")
{
    Scene scene;
    const Bytes set = scene.tagger.tag_set({scene.shard, scene.other});
    CHECK(scene.refusal_of({set}) == "the prover key is not here");
    scene.put_key();
    CHECK(scene.refusal_of({set}) == "none of its shards is here");
    REQUIRE(scene.provider.put(scene.link, scene.shard).status == CallStatus::ok);
    CHECK(scene.provider.put_all(scene.link, {set}, tags).status == CallStatus::ok);
    CHECK(scene.provider.service.counts().tags_refused == 2);
}

TEST_CASE("tags of which one is wrong are refused")
{
    Scene scene;
    scene.put_key();
    REQUIRE(scene.provider.put_all(scene.link, {scene.shard, scene.other}).status ==
            CallStatus::ok);
    const TagHeader header = scene.tagger.header_of(scene.shard);
    const std::string wrong = scene.wrong_tags(scene.shard);

    Bytes changed = scene.shard;
    changed.back() ^= std::byte{1};
    CHECK(scene.refusal_of({scene.tagger.forged_of(header, changed)}) == wrong);
    CHECK(scene.refusal_of({scene.tagger.forged_of(header, scene.other)}) == wrong);
    const AuditOwner stranger{60, 64};
    TagHeader theirs = header;
    theirs.owner = stranger.signing.public_key();
    CHECK(scene.refusal_of({stranger.forged_of(theirs, scene.shard)}) == wrong);
    // Right ones in another order, and no points at all.
    const Bytes right = scene.tagger.tag_set({scene.shard});
    Bytes points{right.begin() + TagHeader::size,
                 right.end() - static_cast<long>(Ed25519Signature::size)};
    std::swap_ranges(points.begin(), points.begin() + G1::size, points.begin() + G1::size);
    CHECK(scene.refusal_of({scene.tagger.forged(header, points)}) == wrong);
    CHECK(scene.refusal_of({scene.tagger.forged(header, noise(points.size()))}) == wrong);
    // Those of one shard among right ones; and with them another upload's worth of right ones.
    Bytes set = scene.tagger.tag_set({scene.other});
    const Bytes bad = scene.tagger.forged_of(header, changed);
    set.insert(set.end(), bad.begin(), bad.end());
    CHECK(scene.refusal_of({set}) == wrong);
    CHECK(scene.refusal_of({scene.tagger.tag_set({scene.other}), bad}) == wrong);
    CHECK(tags_at(scene.provider, scene.link, blake3(scene.other)).empty());
    CHECK(scene.provider.put_all(scene.link, {right}, tags).status == CallStatus::ok);
}

TEST_CASE("a tag set is whole, signed, of one audit key, and has each shard once")
{
    Scene scene;
    scene.put_key();
    REQUIRE(scene.provider.put(scene.link, scene.shard).status == CallStatus::ok);
    const Bytes right = scene.tagger.tag_set({scene.shard});
    for (const std::size_t at : {right.size() - 1, std::size_t{TagHeader::size} + 50}) {
        Bytes changed = right;
        changed[at] ^= std::byte{1};
        CHECK(scene.refusal_of({changed}) == "the tag file has a wrong signature");
    }
    CHECK(scene.refusal_of({Bytes{right.begin(), right.end() - 1}}) == "the tag file is truncated");
    TagHeader header = scene.tagger.header_of(scene.shard);
    header.sectors = 65;
    CHECK(scene.refusal_of({scene.tagger.forged_of(header, scene.shard)})
              .ends_with("are of other blocks than those of the audit key"));
    Bytes twice = right;
    twice.insert(twice.end(), right.begin(), right.end());
    CHECK(scene.refusal_of({twice}).ends_with("are there twice"));
    const AuditOwner stranger{60, 64};
    Bytes mixed = right;
    const Bytes theirs = stranger.tag_set({scene.other});
    mixed.insert(mixed.end(), theirs.begin(), theirs.end());
    CHECK(scene.refusal_of({mixed}).ends_with("are of another audit key than others"));
    header = scene.tagger.header_of(scene.shard);
    header.file_size -= 1; // of no shard that there is
    CHECK(scene.refusal_of({scene.tagger.forged_of(header, scene.shard)}) ==
          "none of its shards is here");
}

TEST_CASE("a prover key is signed and belongs to its audit key")
{
    Scene scene;
    const SignedAuditKey audit = sign(scene.tagger.key, scene.tagger.signing);
    SignedAuditKey forged = audit;
    forged.signature.bytes[5] ^= std::byte{1};
    CHECK(scene.refusal_of({to_bytes(SignedProverKey{
              forged, scene.tagger.secret.prover_key(scene.tagger.key.sectors())})}) ==
          "the prover key's signature is wrong");
    const AuditOwner stranger{60, 64};
    CHECK(scene.refusal_of({to_bytes(
              SignedProverKey{audit, stranger.secret.prover_key(scene.tagger.key.sectors())})}) ==
          "the prover key does not belong to its audit key");
    std::vector<G1> powers = scene.tagger.secret.prover_key(64).powers();
    powers[40] = powers[3];
    CHECK(scene.refusal_of({to_bytes(SignedProverKey{audit, ProverKey{powers}})}) ==
          "the prover key does not belong to its audit key");
    CHECK(tags_at(scene.provider, scene.link, scene.tagger.key.id()).empty());
    scene.put_key();
}

TEST_CASE("what is neither a tag set nor a prover key is no shard of class tags")
{
    Scene scene;
    scene.put_key();
    Bytes cut = scene.tagger.prover_key();
    cut.pop_back();
    for (const Bytes& garbage : {Bytes{}, noise(1), noise(100'000), cut,
                                 to_bytes(sign(scene.tagger.key, scene.tagger.signing))})
        CHECK(scene.refusal_of({garbage}).starts_with("neither a tag set nor a prover key"));
    const ByteView magic = as_bytes("CAIRNTAG");
    CHECK(scene.refusal_of({Bytes{magic.begin(), magic.end()}}).starts_with("the tag file"));
}

TEST_CASE("a set that is put again when another of its shards has come is linked for it too")
{
    Scene scene;
    scene.put_key();
    const Bytes set = scene.tagger.tag_set({scene.shard, scene.other});
    REQUIRE(scene.provider.put(scene.link, scene.shard).status == CallStatus::ok);
    REQUIRE(scene.provider.put_all(scene.link, {set}, tags).status == CallStatus::ok);
    CHECK(tags_at(scene.provider, scene.link, blake3(scene.other)).empty());
    REQUIRE(scene.provider.put(scene.link, scene.other).status == CallStatus::ok);
    CHECK(tags_at(scene.provider, scene.link, blake3(scene.other)).empty());
    const std::uint64_t checked = scene.provider.service.counts().tags_checked;
    REQUIRE(scene.provider.put_all(scene.link, {set}, tags).status == CallStatus::ok);
    CHECK(scene.provider.service.counts().tags_checked ==
          checked + scene.tagger.header_of(scene.other).blocks());
    for (const Bytes& shard : {scene.shard, scene.other})
        CHECK(tags_at(scene.provider, scene.link, scene.tagger.id_of(shard)) == items_of({set}));
}

TEST_CASE("a set that was dropped is not found any more")
{
    Scene scene;
    scene.put_key();
    const Bytes set = scene.tagger.tag_set({scene.shard});
    REQUIRE(scene.provider.put(scene.link, scene.shard).status == CallStatus::ok);
    const Receipt receipt = parse_receipt(scene.provider.put_all(scene.link, {set}, tags).reply);
    DropRequest drop;
    drop.provider = account_id(scene.provider.node.public_key());
    drop.items = {{blake3(set), receipt.serial}};
    sign(drop, scene.provider.owner);
    REQUIRE(scene.provider.ask(scene.link, method::shard_drop, to_bytes(drop)).status ==
            CallStatus::ok);
    CHECK(tags_at(scene.provider, scene.link, blake3(scene.shard)).empty());
    CHECK(tags_at(scene.provider, scene.link, scene.tagger.id_of(scene.shard)).empty());
    CHECK(tags_at(scene.provider, scene.link, scene.tagger.key.id()).size() == 1);
}

TEST_CASE("no more of class tags is taken at a time than can be checked")
{
    Scene scene;
    const std::uint64_t half = detail::tags_put_size_max / 2;
    PutRequest request{.kind = tags, .expiry_s = 0, .items = {{{}, half}, {{}, half + 1}}};
    StreamId stream = scene.provider.call(scene.link, method::shard_put, to_bytes(request));
    CHECK(scene.provider.hub.ends.at(stream).status == CallStatus::malformed);
    request.kind = ShardClass::data;
    stream = scene.provider.call(scene.link, method::shard_put, to_bytes(request));
    CHECK_FALSE(scene.provider.hub.ends.contains(stream));
    scene.provider.event(HubEvent::Kind::reset, stream, scene.link);
    const Bytes large(sectors_stored_max * 48 + 2000);
    CHECK(scene.refusal_of({large}) ==
          "neither a tag set nor a prover key of at most 8192 sectors");

    // One sector is one block: more of them than is checked.
    const AuditOwner fine{70, 1};
    const Bytes shard(31 * (detail::tags_put_points_max + 1));
    REQUIRE(scene.provider.put(scene.link, shard).status == CallStatus::ok);
    REQUIRE(scene.provider.put_all(scene.link, {fine.prover_key()}, tags).status == CallStatus::ok);
    const TagHeader header = fine.header_of(shard);
    const Bytes set = fine.forged(header, Bytes(header.blocks() * 48));
    CHECK(scene.refusal_of({set}) == "there is too much to be checked in one upload");
}

TEST_CASE("only so many uploads wait to be checked, and a link has a share of that")
{
    Scene scene;
    scene.put_key();
    REQUIRE(scene.provider.put(scene.link, scene.shard).status == CallStatus::ok);
    const Bytes set = scene.tagger.tag_set({scene.shard});
    std::vector<LinkId> links{scene.link};
    for (std::uint64_t number = 2; number < 6; ++number)
        links.push_back(scene.provider.guest(number, &scene.provider.owner));
    const auto is_busy = [&](LinkId link) {
        const StreamId stream = scene.provider.send_put(link, {set}, tags);
        const auto found = scene.provider.hub.ends.find(stream);
        if (found == scene.provider.hub.ends.end()) return false;
        CHECK(found->second.status == CallStatus::busy);
        return true;
    };
    // The guarantor has 8 places here, 2 for a link.
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK_FALSE(is_busy(links[i]));
        CHECK_FALSE(is_busy(links[i]));
        CHECK(is_busy(links[i]));
    }
    CHECK(scene.provider.guarantor.pending() == 8);
    CHECK(is_busy(links[4]));
    scene.provider.run();
    CHECK(scene.provider.guarantor.pending() == 0);
    CHECK_FALSE(is_busy(links[4]));
}

TEST_CASE("an upload whose peer is gone is not checked")
{
    Scene scene;
    scene.put_key();
    REQUIRE(scene.provider.put(scene.link, scene.shard).status == CallStatus::ok);
    const std::uint64_t checked = scene.provider.service.counts().tags_checked;
    const Bytes set = scene.tagger.tag_set({scene.shard});
    const StreamId stream = scene.provider.send_put(scene.link, {set}, tags);
    CHECK(scene.provider.service.streams() == 1);
    scene.provider.event(HubEvent::Kind::reset, stream, scene.link);
    CHECK(scene.provider.service.streams() == 0);
    scene.provider.run();
    CHECK(scene.provider.service.counts().tags_checked == checked);
    CHECK_FALSE(scene.provider.depot.find(blake3(set), std::nullopt).is_here);
    CHECK(scene.provider.depot.status().reserved == 0);
    CHECK_FALSE(scene.provider.hub.ends.contains(stream));
}

TEST_CASE("tags of a shard that has rotted cannot be checked")
{
    Scene scene;
    scene.put_key();
    REQUIRE(scene.provider.put(scene.link, scene.other).status == CallStatus::ok);
    const std::string name = to_hex_text(blake3(scene.other).bytes);
    spoil(scene.provider.directory / "depot", scene.other);
    const Bytes set = scene.tagger.tag_set({scene.other});
    CHECK(scene.refusal_of({set}) == "shard " + name + " has rotted");
    CHECK(scene.refusal_of({set}) == "none of its shards is here");
}
