#include "audit/tag_file.hpp"

#include "base/cursor.hpp"
#include "hash/digest.hpp"

#include <algorithm>
#include <cassert>

namespace cairn {
namespace {

constexpr std::string_view magic = "CAIRNTAG";
constexpr std::uint32_t version = 1;
constexpr std::string_view context = "cairn/tags/v1";
constexpr const char* what = "the tag file";

[[noreturn]] void refuse(const char* why)
{
    throw Error{Exit::data, std::string{what} + ' ' + why};
}

Bytes message_of(const TagHeader& header, ByteView tags_digest)
{
    Bytes message;
    Writer writer{message};
    writer.put(as_bytes(context));
    writer.zeros(1);
    writer.put(to_bytes(header));
    writer.put(tags_digest);
    return message;
}

} // namespace

bool is_tag_file(ByteView front)
{
    return as_text(front).starts_with(magic);
}

Bytes to_bytes(const TagHeader& header)
{
    Bytes bytes;
    Writer writer{bytes};
    writer.put(as_bytes(magic));
    writer.integer(version);
    writer.integer(header.sectors);
    writer.integer(header.file_size);
    writer.integer(header.blocks());
    writer.put(header.root.bytes);
    writer.put(header.key.bytes);
    writer.put(header.file_id().bytes);
    writer.put(header.owner.bytes);
    return bytes;
}

TagHeader parse_tag_header(ByteView bytes)
{
    Reader reader{bytes, what};
    if (as_text(reader.take(magic.size())) != magic) refuse("is not one");
    if (reader.integer<std::uint32_t>() != version) refuse("has an unknown version");
    TagHeader header;
    header.sectors = reader.integer<std::uint32_t>();
    if (header.sectors == 0 || header.sectors > sectors_max) refuse("has no such sectors");
    header.file_size = reader.integer<std::uint64_t>();
    if (header.file_size > tagged_size_max) refuse("is of more than can be tagged");
    if (reader.integer<std::uint64_t>() != header.blocks()) refuse("has a wrong number of blocks");
    header.root = reader.fixed<Blake3Digest>();
    header.key = reader.fixed<AuditKeyId>();
    if (reader.fixed<AuditFileId>() != header.file_id()) refuse("has a wrong file id");
    header.owner = reader.fixed<Ed25519PublicKey>();
    reader.finish();
    return header;
}

Ed25519Signature sign_tags(const TagHeader& header, ByteView tags_digest,
                           const Ed25519KeyPair& owner)
{
    return owner.sign(message_of(header, tags_digest));
}

bool are_signed(const TagHeader& header, ByteView tags_digest, const Ed25519Signature& signature)
{
    return verify(header.owner, message_of(header, tags_digest), signature);
}

void make_tags(const Tagger& tagger, const AuditFileId& file, std::uint64_t first,
               std::span<const Scalar> values, MutableByteView tags)
{
    assert(tags.size() == values.size() * G1::size);
    for (std::size_t i = 0; i < values.size(); ++i)
        tagger.secret->tag(index_point(file, first + i), values[i])
            .encode(tags.subspan(i * G1::size, G1::size));
}

Bytes make_tag_file(const Tagger& tagger, const Blake3Digest& root, ByteView shard)
{
    const TagHeader header = tagger.header(root, shard.size());
    std::vector<Scalar> values(header.blocks());
    const std::size_t block_size = tagger.key.block_size();
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::size_t begin = i * block_size;
        values[i] = tagger.secret->value_of(
            shard.subspan(begin, std::min(block_size, shard.size() - begin)));
    }
    Bytes bytes = to_bytes(header);
    bytes.resize(header.tag_file_size());
    const MutableByteView tags =
        MutableByteView{bytes}.subspan(TagHeader::size, header.tags_size());
    make_tags(tagger, header.file_id(), 0, values, tags);
    const Ed25519Signature signature = sign_tags(header, sha256(tags).bytes, *tagger.owner);
    std::ranges::copy(signature.bytes, bytes.end() - Ed25519Signature::size);
    return bytes;
}

std::optional<G1> TagFile::tag(std::uint64_t index) const
{
    return G1::decode(tags.subspan(index * G1::size, G1::size));
}

std::vector<TagFile> parse_tag_set(ByteView bytes)
{
    if (bytes.size() > tag_set_size_max) refuse("is too large");
    Reader reader{bytes, what};
    std::vector<TagFile> files;
    do {
        const std::size_t offset = bytes.size() - reader.left();
        const TagHeader header = parse_tag_header(reader.take(TagHeader::size));
        if (header.tags_size() > reader.left()) refuse("is truncated");
        const ByteView tags = reader.take(header.tags_size());
        if (!are_signed(header, sha256(tags).bytes, reader.fixed<Ed25519Signature>()))
            refuse("has a wrong signature");
        files.push_back({header, tags, offset});
        if (files.size() > tag_set_files_max) refuse("has too many parts");
    } while (reader.left() > 0);
    return files;
}

} // namespace cairn
