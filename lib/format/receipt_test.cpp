#include "format/receipt_lines.hpp"
#include "format/testing.hpp"

#include <algorithm>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

constexpr std::uint64_t time_s = 1'800'000'000;

Receipt golden()
{
    Receipt receipt;
    receipt.owner = account_id(golden_owner().public_key());
    receipt.serial = 1000;
    receipt.time_s = time_s;
    receipt.expiry_s = time_s + 86400;
    receipt.items = {{filled<ShardRoot>(1), 0},
                     {filled<ShardRoot>(2), 65536},
                     {filled<ShardRoot>(3), shard_size_max}};
    sign(receipt, golden_node());
    return receipt;
}

bool is_refused(const Receipt& receipt)
{
    return exit_of([&] { (void)parse_receipt(to_bytes(receipt)); }) == Exit::data;
}

/// How many receipts are read; none when something is refused.
std::optional<std::size_t> count_lines(std::string_view text)
{
    ReceiptLines lines{[text](MutableByteView buffer) mutable {
        const std::size_t size = std::min(text.size(), buffer.size());
        std::ranges::copy(as_bytes(text.substr(0, size)), buffer.begin());
        text.remove_prefix(size);
        return size;
    }};
    std::size_t count = 0;
    const Exit status = exit_of([&] {
        while (const auto receipt = lines.next())
            if (is_signed(*receipt) && lines.line() == count + 1) ++count;
    });
    if (status != Exit::ok) return std::nullopt;
    return count;
}

} // namespace

TEST_CASE("the golden receipt is written, read and verified")
{
    CHECK(to_bytes(golden()) == golden_record("receipt"));
    CHECK(to_text(golden()) == as_text(golden_record("receipt_text")));
    const Receipt receipt = parse_receipt(golden_record("receipt"));
    CHECK(is_signed(receipt));
    CHECK(receipt.node_key == golden_node().public_key());
    CHECK(receipt.items == golden().items);
    CHECK(receipt.serial == 1000);
    CHECK(receipt.expiry_s == time_s + 86400);
}

TEST_CASE("a receipt with any bit changed is refused or not signed")
{
    const Bytes good = golden_record("receipt");
    for (std::size_t i = 0; i < good.size() * 8; ++i) {
        Bytes bytes = good;
        bytes[i / 8] ^= static_cast<std::byte>(1U << i % 8);
        bool is_good = true;
        if (exit_of([&] { is_good = is_signed(parse_receipt(bytes)); }) == Exit::data)
            is_good = false;
        CHECK_MESSAGE(!is_good, i);
    }
}

TEST_CASE("near misses of a receipt are refused")
{
    CHECK_FALSE(is_refused(golden()));
    Receipt receipt = golden();
    receipt.serial = 0;
    CHECK(is_refused(receipt));
    receipt.serial = UINT64_MAX;
    CHECK(is_refused(receipt));
    receipt = golden();
    receipt.items.clear();
    CHECK(is_refused(receipt));
    receipt.items = {{filled<ShardRoot>(1), shard_size_max + 1}};
    CHECK(is_refused(receipt));
    receipt = golden();
    receipt.time_s = time_max_s + 1;
    CHECK(is_refused(receipt));
    receipt = golden();
    receipt.expiry_s = time_max_s + 1;
    CHECK(is_refused(receipt));
}

TEST_CASE("the text of a receipt is read exactly")
{
    const std::string text = to_text(golden());
    REQUIRE(parse_receipt_text(text));
    CHECK(to_bytes(*parse_receipt_text(text)) == to_bytes(golden()));
    CHECK_FALSE(parse_receipt_text(text.substr(1)));
    CHECK_FALSE(parse_receipt_text(""));
    for (const std::string& bad :
         {text + "=", text + "A", text + "\n", text.substr(0, text.size() - 1),
          std::string{"cairn-receipt:"}, "cairn-receipt:/" + text.substr(15)})
        CHECK_MESSAGE((exit_of([&] { (void)parse_receipt_text(bad); }) == Exit::data), bad);
}

TEST_CASE("a receipts file is lines, of any number and length")
{
    const std::string line = to_text(golden()) + '\n';
    CHECK(count_lines("") == 0);
    CHECK(count_lines(line) == 1);
    CHECK(count_lines(line + line) == 2);
    Receipt large = golden();
    large.items.assign(put_items_max, {filled<ShardRoot>(255), shard_size_max});
    sign(large, golden_node());
    std::string text;
    for (int i = 0; i < 50; ++i) text += to_text(large) + '\n' + line;
    CHECK(count_lines(text) == 100);
}

TEST_CASE("near misses of a receipts file are refused")
{
    const std::string line = to_text(golden()) + '\n';
    for (const std::string& bad :
         {line + "\n", "\n" + line, line.substr(0, line.size() - 1), " " + line,
          "# comment\n" + line, line + line.substr(0, 100), to_text(golden()) + "\r\n",
          std::string(100, '\0'), line + std::string(receipt_line_size_max, 'A'),
          "cairn-receipt:" + std::string(receipt_line_size_max, 'A') + '\n',
          std::string(100'000, 'A')})
        CHECK_FALSE(count_lines(bad));
}
