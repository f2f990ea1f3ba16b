#include "format/audit_message.hpp"

#include "format/testing.hpp"

#include <algorithm>

#include <doctest/doctest.h>

// What message_test.cpp shows of all messages it shows of these too: any bit changed, cut short,
// continued, written loosely, of another type or version.

using namespace cairn;

namespace {

/// Whether a parser takes these bytes, and writes them again.
template <auto Parse>
bool is_read(const Bytes& bytes)
{
    Bytes written;
    const Exit exit = exit_of([&] { written = to_bytes(Parse(bytes)); });
    CHECK((exit == Exit::ok || exit == Exit::data));
    return exit == Exit::ok && written == bytes;
}

template <auto Parse>
bool is_read(const std::string& digits)
{
    return is_read<Parse>(hex_bytes(digits));
}

ProveRequest prove_request()
{
    const Bytes golden = golden_record("prove_request");
    return parse_prove_request(golden);
}

/// So many ids, in order.
std::vector<AuditFileId> ascending(std::size_t count)
{
    std::vector<AuditFileId> ids(count);
    for (std::size_t i = 0; i < count; ++i) {
        ids[i].bytes[0] = static_cast<std::byte>(i / 256);
        ids[i].bytes[31] = static_cast<std::byte>(i);
    }
    return ids;
}

std::string bytes_digits(unsigned value, std::size_t size = 32)
{
    const Bytes bytes(size, static_cast<std::byte>(value));
    return (size == 128 ? "5880" : "5820") + to_hex_text(bytes);
}

} // namespace

TEST_CASE("messages about proofs are written as another implementation writes them")
{
    const ProveRequest request = prove_request();
    CHECK(request.nonce == filled<AuditNonce>(0x5e));
    CHECK(request.blocks == prove_blocks_max);
    CHECK(request.files.size() == 2);
    CHECK(to_bytes(request) == golden_record("prove_request"));

    const Bytes reply = golden_record("prove_reply");
    ProveReply proof;
    std::copy_n(reply.end() - storage_proof_size, storage_proof_size, proof.proof.bytes.begin());
    CHECK(to_bytes(proof) == reply);

    TagSubject key;
    key.bytes = request.key.bytes;
    CHECK(to_bytes(TagsRequest{{filled<TagSubject>(2), filled<TagSubject>(1), key}}) ==
          golden_record("tags_request"));
    ShardRoot root;
    root.bytes = request.key.bytes;
    CHECK(to_bytes(TagsReply{{{},
                              {{filled<ShardRoot>(1), 0},
                               {filled<ShardRoot>(2), 65536},
                               {filled<ShardRoot>(3), shard_size_max}},
                              {{root, 1024}}}}) == golden_record("tags_reply"));
}

TEST_CASE("a provider is asked for 1 to 512 blocks")
{
    ProveRequest request = prove_request();
    for (const std::uint64_t blocks : {std::uint64_t{1}, std::uint64_t{23}, std::uint64_t{24},
                                       prove_blocks_max - 1, prove_blocks_max}) {
        request.blocks = blocks;
        CHECK(is_read<parse_prove_request>(to_bytes(request)));
    }
    for (const std::uint64_t blocks :
         {std::uint64_t{0}, prove_blocks_max + 1, (std::uint64_t{1} << 32U) + 1, UINT64_MAX}) {
        request.blocks = blocks;
        CHECK_FALSE(is_read<parse_prove_request>(to_bytes(request)));
    }
}

TEST_CASE("a provider is asked about 1 to 200 files, which ascend")
{
    ProveRequest request = prove_request();
    for (const std::size_t count :
         {std::size_t{1}, std::size_t{23}, std::size_t{24}, prove_files_max - 1, prove_files_max}) {
        request.files = ascending(count);
        CHECK(is_read<parse_prove_request>(to_bytes(request)));
        CHECK(to_bytes(request).size() <= message_size_max);
    }
    for (const std::size_t count : {std::size_t{0}, prove_files_max + 1, std::size_t{230}}) {
        request.files = ascending(count);
        CHECK_FALSE(is_read<parse_prove_request>(to_bytes(request)));
    }
    const std::vector<AuditFileId> good = ascending(10);
    for (std::size_t i = 1; i < good.size(); ++i) {
        request.files = good;
        std::swap(request.files[i - 1], request.files[i]);
        CHECK_FALSE(is_read<parse_prove_request>(to_bytes(request)));
        request.files = good;
        request.files[i] = request.files[i - 1];
        CHECK_FALSE(is_read<parse_prove_request>(to_bytes(request)));
    }
}

TEST_CASE("tags are asked for by 1 to 16 subjects, in any order")
{
    CHECK(is_read<parse_tags_request>(to_bytes(TagsRequest{std::vector<TagSubject>(1)})));
    CHECK(
        is_read<parse_tags_request>(to_bytes(TagsRequest{std::vector<TagSubject>(tags_ids_max)})));
    CHECK_FALSE(is_read<parse_tags_request>(to_bytes(TagsRequest{})));
    CHECK_FALSE(is_read<parse_tags_request>(
        to_bytes(TagsRequest{std::vector<TagSubject>(tags_ids_max + 1)})));
    CHECK(is_read<parse_tags_request>(
        to_bytes(TagsRequest{{filled<TagSubject>(2), filled<TagSubject>(1)}})));
}

TEST_CASE("a provider names up to 8 items of each of 16 subjects")
{
    const ShardItem largest{filled<ShardRoot>(255), shard_size_max};
    const std::vector<ShardItem> most(tags_items_max, largest);
    TagsReply reply{std::vector<std::vector<ShardItem>>(tags_ids_max, most)};
    CHECK(is_read<parse_tags_reply>(to_bytes(reply)));
    CHECK(to_bytes(reply).size() <= message_size_max);
    reply.items.push_back({});
    CHECK_FALSE(is_read<parse_tags_reply>(to_bytes(reply)));
    reply.items.resize(tags_ids_max);
    for (std::vector<ShardItem>& items : reply.items) {
        items.push_back(largest);
        CHECK_FALSE(is_read<parse_tags_reply>(to_bytes(reply)));
        items.pop_back();
        items[0].size = shard_size_max + 1;
        CHECK_FALSE(is_read<parse_tags_reply>(to_bytes(reply)));
        items[0].size = UINT64_MAX;
        CHECK_FALSE(is_read<parse_tags_reply>(to_bytes(reply)));
        items[0].size = 0;
        CHECK(is_read<parse_tags_reply>(to_bytes(reply)));
    }
    CHECK(is_read<parse_tags_reply>(to_bytes(TagsReply{})));
    CHECK(is_read<parse_tags_reply>(to_bytes(TagsReply{{{}, {}}})));
}

TEST_CASE("near misses of messages about proofs are refused")
{
    const std::string id = bytes_digits(1);
    CHECK(is_read<parse_prove_request>("861701" + id + id + "01" + "81" + id));
    CHECK_FALSE(is_read<parse_prove_request>("851701" + id + id + "01")); // no list
    CHECK_FALSE(
        is_read<parse_prove_request>("861701" + id + id + "01" + id)); // a file in its place
    CHECK_FALSE(is_read<parse_prove_request>("861701" + id + id + "01" + "82" + id)); // one too few
    CHECK_FALSE(
        is_read<parse_prove_request>("861701" + id + id + "01" + "8181" + id)); // a list of lists
    CHECK_FALSE(is_read<parse_prove_request>("861701" + id + id + "f6" + "81" + id));
    CHECK_FALSE(is_read<parse_prove_request>("861701" + id + "f6" + "01" + "81" + id));
    CHECK_FALSE(is_read<parse_prove_request>("861701" + id + id + "01" + "9f" + id +
                                             "ff")); // without a count
    CHECK_FALSE(
        is_read<parse_prove_request>("861701" + id + id + "01" + "9b0000000100000000" + id));

    CHECK(is_read<parse_prove_reply>("83181801" + bytes_digits(0, 128)));
    CHECK(is_read<parse_prove_reply>(
        "83181801" + bytes_digits(255, 128))); // whether it is one its reader finds out
    CHECK_FALSE(is_read<parse_prove_reply>("83181801" + id));
    CHECK_FALSE(is_read<parse_prove_reply>("83181801587f" + std::string(254, '0')));
    CHECK_FALSE(is_read<parse_prove_reply>("831818015881" + std::string(258, '0')));
    CHECK_FALSE(is_read<parse_prove_reply>("83181801f6"));
    CHECK_FALSE(is_read<parse_prove_reply>("82181801"));

    CHECK(is_read<parse_tags_request>("8318190181" + id));
    CHECK_FALSE(is_read<parse_tags_request>("8318190181581f" + std::string(62, '0')));
    CHECK_FALSE(is_read<parse_tags_request>("83181901815821" + std::string(66, '0')));
    CHECK_FALSE(is_read<parse_tags_request>("83181901" + id));

    CHECK(is_read<parse_tags_reply>("83181a0180"));
    CHECK(is_read<parse_tags_reply>("83181a018180"));
    CHECK(is_read<parse_tags_reply>("83181a01818182" + id + "00"));
    CHECK_FALSE(is_read<parse_tags_reply>("83181a01818181" + id));
    CHECK_FALSE(is_read<parse_tags_reply>("83181a01818183" + id + "0000"));
    CHECK_FALSE(is_read<parse_tags_reply>("83181a018182" + id + "00"));
    CHECK_FALSE(is_read<parse_tags_reply>("83181a0181f6"));
}
