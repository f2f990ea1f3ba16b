#include "audit/tag_file.hpp"
#include "base/cursor.hpp"
#include "fuzz.hpp"
#include "hash/digest.hpp"

// A tag set as it is; and one of a header and tags that are made of the input, with the numbers and
// the signatures that belong to them.

namespace cairn {
namespace {

constexpr std::uint64_t blocks_max = 8; // of a set that is made

const Ed25519KeyPair& owner()
{
    static const Ed25519KeyPair pair{Secret{Ed25519KeyPair::seed_size}};
    return pair;
}

void check_header(const TagHeader& header)
{
    const Bytes bytes = to_bytes(header);
    const auto read = accepted([&] { return parse_tag_header(bytes); });
    const bool is_within = header.sectors <= sectors_max && header.file_size <= tagged_size_max;
    require(read.has_value() == is_within, "a header within the limits is read, and no other");
    if (read) require(is_same(to_bytes(*read), bytes), "a header is written as it was read");
}

/// The same file twice.
void check_set(const TagHeader& header, ByteView input)
{
    Bytes tags{input.begin(), input.end()};
    tags.resize(header.tags_size());
    Bytes set;
    Writer writer{set};
    for (int turn = 0; turn < 2; ++turn) {
        writer.put(to_bytes(header));
        writer.put(tags);
        writer.put(sign_tags(header, sha256(tags).bytes, owner()).bytes);
    }
    const std::vector<TagFile> files = parse_tag_set(set);
    require(files.size() == 2 && files[1].offset == header.tag_file_size(), "a file follows");
    for (const TagFile& file : files) {
        require(is_same(file.tags, tags), "tags are read as they were written");
        for (std::uint64_t i = 0; i < header.blocks(); ++i)
            if (const auto tag = file.tag(i)) {
                Bytes bytes(G1::size);
                tag->encode(bytes);
                require(is_same(bytes, file.tags.subspan(i * G1::size, G1::size)),
                        "a tag is written as it was read");
            }
    }
    const std::uint64_t at = take_number(input) % set.size();
    set[at] ^= std::byte{1};
    require(!accepted([&] { return parse_tag_set(set).size(); }), "a changed set is refused");
}

} // namespace

void fuzz(ByteView input)
{
    const auto header = accepted([&] { return parse_tag_header(input); });
    if (header) require(is_same(to_bytes(*header), input), "a header is written as it was read");
    const auto files = accepted([&] { return parse_tag_set(input); });
    if (files) {
        std::uint64_t size = 0;
        for (const TagFile& file : *files) size += file.header.tag_file_size();
        require(size == input.size(), "a set has no gaps");
    }

    TagHeader made;
    made.sectors = static_cast<std::uint32_t>(take_number(input));
    made.file_size = take_number(input);
    if (made.sectors == 0) return;
    made.owner = owner().public_key();
    check_header(made);
    made.sectors = made.sectors % sectors_max + 1;
    made.file_size %= blocks_max * made.sectors * sector_size;
    if (is_sampled(input, 4)) check_set(made, input);
}

} // namespace cairn
