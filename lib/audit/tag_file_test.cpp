#include "audit/tag_file.hpp"

#include "audit/testing.hpp"
#include "base/cursor.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

bool is_refused(ByteView bytes)
{
    return exit_of([&] { (void)parse_tag_set(bytes); }) == Exit::data;
}

bool is_header_refused(ByteView bytes)
{
    return exit_of([&] { (void)parse_tag_header(bytes); }) == Exit::data;
}

TagHeader header_of(const Tagged& tagged, const Ed25519KeyPair& owner)
{
    return {tagged.key.sectors(), tagged.data.size(), tagged.root, tagged.key.id(),
            owner.public_key()};
}

/// A header, these bytes and what signs both.
Bytes signed_file(ByteView header, const TagHeader& signed_as, ByteView tags)
{
    Bytes bytes{header.begin(), header.end()};
    Writer writer{bytes};
    writer.put(tags);
    writer.put(sign_tags(signed_as, sha256(tags).bytes, golden_owner()).bytes);
    return bytes;
}

/// Its bytes as an owner makes them.
Bytes tag_file_of(const Tagged& tagged)
{
    const AuditSecret secret = golden_secret();
    const Ed25519KeyPair owner = golden_owner();
    return make_tag_file({&secret, &owner, tagged.key}, tagged.root, tagged.data);
}

Bytes golden_header()
{
    const Bytes file = golden_record("tag_file");
    return {file.begin(), file.begin() + TagHeader::size};
}

/// The golden header with a number of it replaced, as it is written: little-endian.
template <class Int>
Bytes header_with(std::size_t at, Int value)
{
    Bytes bytes = golden_header();
    Bytes number;
    Writer{number}.integer(value);
    std::ranges::copy(number, bytes.begin() + static_cast<std::ptrdiff_t>(at));
    return bytes;
}

/// What to_bytes writes for a file of so many bytes, and so many sectors.
Bytes header_about(std::uint32_t sectors, std::uint64_t file_size)
{
    return to_bytes(TagHeader{sectors, file_size, {}, {}, {}});
}

constexpr std::size_t sectors_at = 12;
constexpr std::size_t blocks_at = 24;

} // namespace

TEST_CASE("a tag file is what another implementation writes")
{
    const std::vector<Tagged> files = golden_files();
    CHECK(tag_file_of(files[0]) == golden_record("tag_file"));
    const Bytes set = golden_record("tag_set");
    const std::vector<TagFile> read = parse_tag_set(set);
    REQUIRE(read.size() == 2);
    for (std::size_t i = 0; i < 2; ++i) {
        CHECK(to_bytes(read[i].header) == to_bytes(header_of(files[i], golden_owner())));
        CHECK(read[i].header.file_id() == files[i].file.id);
        CHECK(read[i].header.blocks() == 1);
        CHECK(read[i].header.tag_file_size() == set.size() / 2);
        CHECK(read[i].offset == i * set.size() / 2);
        CHECK(read[i].tags.size() == G1::size);
        CHECK(read[i].tag(0) == files[i].tags[0]);
        CHECK(is_tag_file(ByteView{set}.subspan(read[i].offset)));
    }
    CHECK(parse_tag_set(golden_record("tag_file")).size() == 1);
}

TEST_CASE("a tag set with any bit changed is refused")
{
    const Bytes good = golden_record("tag_set");
    for (std::size_t bit = 0; bit < 8 * good.size(); ++bit)
        CHECK_MESSAGE(is_refused(with_bit_changed(good, bit)), bit);
}

TEST_CASE("a tag set cut short or continued is refused, unless what is left is one")
{
    const Bytes good = golden_record("tag_set");
    const std::size_t half = good.size() / 2;
    for (std::size_t size = 0; size < good.size(); ++size)
        CHECK_MESSAGE(is_refused(ByteView{good}.first(size)) == (size != half), size);
    CHECK_FALSE(is_refused(ByteView{good}.subspan(half)));
    CHECK(is_refused(ByteView{good}.subspan(1)));
    Bytes more = good;
    more.push_back(std::byte{0});
    CHECK(is_refused(more));
    CHECK(is_refused(Bytes(TagHeader::size)));
    CHECK_FALSE(is_tag_file({}));
    CHECK_FALSE(is_tag_file(as_bytes("CAIRNTA")));
    CHECK(is_tag_file(as_bytes("CAIRNTAG")));
}

TEST_CASE("tag files of many sizes are read as they were written")
{
    const AuditSecret secret = golden_secret();
    Bytes set;
    std::vector<Tagged> files;
    for (const std::size_t size : {0U, 1U, 30U, 31U, 123U, 124U, 125U, 247U, 248U, 249U, 1000U}) {
        files.push_back(tag_file(secret, 4, noise(size, size)));
        Writer{set}.put(tag_file_of(files.back()));
    }
    const std::vector<TagFile> read = parse_tag_set(set);
    REQUIRE(read.size() == files.size());
    std::size_t offset = 0;
    for (std::size_t i = 0; i < files.size(); ++i) {
        CHECK(read[i].header.file_size == files[i].data.size());
        CHECK(read[i].header.blocks() == files[i].tags.size());
        CHECK(read[i].offset == offset);
        for (std::uint64_t k = 0; k < files[i].tags.size(); ++k)
            CHECK(read[i].tag(k) == files[i].tags[k]);
        offset += read[i].header.tag_file_size();
    }
    CHECK(offset == set.size());
}

TEST_CASE("the signature of a tag file is its owner's, of this header and these tags")
{
    const Tagged tagged = tag_file(golden_secret(), 4, noise(300));
    const TagHeader header = header_of(tagged, golden_owner());
    const Bytes tags = noise(header.tags_size());
    const Sha256Digest digest = sha256(tags);
    const Ed25519Signature signature = sign_tags(header, digest.bytes, golden_owner());
    CHECK(are_signed(header, digest.bytes, signature));
    CHECK_FALSE(are_signed(header, sha256(noise(3)).bytes, signature));
    CHECK_FALSE(are_signed(header, digest.bytes, {}));
    CHECK_FALSE(are_signed(header, digest.bytes, sign_tags(header, digest.bytes, golden_node())));
    CHECK_FALSE(are_signed(header_of(tagged, golden_node()), digest.bytes, signature));

    TagHeader other = header;
    other.file_size = 301;
    CHECK_FALSE(are_signed(other, digest.bytes, signature));
    CHECK(is_refused(signed_file(to_bytes(other), header, tags)));
    CHECK_FALSE(is_refused(signed_file(to_bytes(header), header, tags)));
    // As many tags as blocks.
    CHECK(is_refused(signed_file(to_bytes(header), header, ByteView{tags}.first(2 * G1::size))));
    CHECK(is_refused(signed_file(to_bytes(header), header, noise(4 * G1::size))));
}

TEST_CASE("a tag that is no point of the group is none")
{
    const TagHeader header = header_of(tag_file(golden_secret(), 4, noise(500)), golden_owner());
    REQUIRE(header.blocks() == 5);
    Bytes tags(header.tags_size());
    G1::generator().encode(MutableByteView{tags}.first(G1::size));
    tags[G1::size] = std::byte{0x80};                               // x is 0: of order 3
    tags[2 * G1::size] = std::byte{0xc0};                           // at infinity
    tags[3 * G1::size] = std::byte{0xe0};                           // and with a sign
    const Bytes file = signed_file(to_bytes(header), header, tags); // the owner may sign anything
    const TagFile read = parse_tag_set(file).at(0);
    CHECK(read.tag(0) == G1::generator());
    CHECK_FALSE(read.tag(1));
    CHECK(read.tag(2) == G1{});
    CHECK_FALSE(read.tag(3));
    CHECK_FALSE(read.tag(4));
}

TEST_CASE("headers of tag files have limits, and numbers that follow from each other")
{
    CHECK_FALSE(is_header_refused(header_with(0, std::uint8_t{'C'})));
    CHECK(is_header_refused(header_with(0, std::uint8_t{'c'})));
    for (const std::uint32_t version : {0U, 2U, 0x100U, 0x1000001U})
        CHECK(is_header_refused(header_with(8, version)));
    for (const std::uint32_t sectors : {0U, 15U, 17U, sectors_max + 1, UINT32_MAX})
        CHECK(is_header_refused(header_with(sectors_at, sectors)));
    for (const std::uint64_t blocks :
         {std::uint64_t{0}, std::uint64_t{2}, std::uint64_t{1} << 32U | 1U, UINT64_MAX})
        CHECK(is_header_refused(header_with(blocks_at, blocks)));
    for (std::size_t at = 16; at < 128; ++at) // the size, blocks, root, key and id
        CHECK(is_header_refused(with_bit_changed(golden_header(), 8 * at)));

    for (const std::uint32_t sectors : {1U, 4U, sectors_usual, sectors_bulk, sectors_max})
        for (const std::uint64_t size :
             {std::uint64_t{0}, std::uint64_t{1} << 32U, tagged_size_max - 1, tagged_size_max}) {
            const TagHeader header = parse_tag_header(header_about(sectors, size));
            CHECK(header.sectors == sectors);
            CHECK(header.file_size == size);
            CHECK(header.tag_file_size() > header.tags_size());
            CHECK(header.tags_size() / G1::size == header.blocks()); // did not wrap around
            // Nobody makes room for tags that are not there.
            Bytes alone = header_about(sectors, size);
            CHECK(is_refused(alone));
            alone.resize(alone.size() + G1::size - 1);
            CHECK(is_refused(alone));
        }
    CHECK(is_header_refused(header_about(0x10001, 5)));
    for (const std::uint64_t size : {tagged_size_max + 1, std::uint64_t{1} << 63U, UINT64_MAX})
        for (const std::uint32_t sectors : {1U, sectors_max})
            CHECK(is_header_refused(header_about(sectors, size)));
    Bytes longer = header_about(4, 5);
    longer.push_back(std::byte{0});
    CHECK(is_header_refused(longer));
}

TEST_CASE("a file has as many blocks as it takes, and one when it is empty")
{
    CHECK(block_count(0, 4) == 1);
    CHECK(block_count(1, 4) == 1);
    CHECK(block_count(124, 4) == 1);
    CHECK(block_count(125, 4) == 2);
    CHECK(block_count(248, 4) == 2);
    CHECK(block_count(31, 1) == 1);
    CHECK(block_count(32, 1) == 2);
    CHECK(block_count(tagged_size_max, 1) == 148'764'065'110'560'901);
    CHECK(block_count(UINT64_MAX, 1) == 595'056'260'442'243'601);
    CHECK(block_count(UINT64_MAX, sectors_max) == 9'079'837'958'409);
}

TEST_CASE("a tag set has at most 256 files")
{
    const Bytes one = golden_record("tag_file");
    Bytes set;
    for (std::size_t i = 0; i < tag_set_files_max; ++i) Writer{set}.put(one);
    CHECK(parse_tag_set(set).size() == tag_set_files_max);
    Writer{set}.put(one);
    CHECK(is_refused(set));
}

TEST_CASE("a tag set has at most 64 MiB")
{
    TagHeader header{1, 0, {}, {}, golden_owner().public_key()};
    const std::size_t blocks =
        (tag_set_size_max - TagHeader::size - Ed25519Signature::size) / G1::size;
    header.file_size = blocks * sector_size;
    const Bytes largest = signed_file(to_bytes(header), header, Bytes(blocks * G1::size));
    CHECK(largest.size() <= tag_set_size_max);
    CHECK_FALSE(is_refused(largest));
    header.file_size += 2 * sector_size;
    const Bytes larger = signed_file(to_bytes(header), header, Bytes((blocks + 2) * G1::size));
    CHECK(larger.size() > tag_set_size_max);
    CHECK(is_refused(larger));
}
