#include "chain/peer_book.hpp"

#include "format/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

Ed25519PublicKey key_of(unsigned number)
{
    return filled<Ed25519PublicKey>(number);
}

/// One of each part of the network.
std::string honest(unsigned number)
{
    return std::to_string(20 + number) + ".7.0.1:4100";
}

/// The addresses that are called until so many are connected.
std::set<std::string> connect(PeerBook& book, std::size_t count, Entropy& entropy)
{
    std::set<std::string> taken;
    while (taken.size() < count) {
        const auto address = book.next(taken, 1, entropy);
        if (!address) break;
        taken.insert(*address);
    }
    return taken;
}

} // namespace

TEST_CASE("an address of a node is a host and a port")
{
    for (const char* const good : {"a:1", "1.2.3.4:65535", "[::1]:80", "node.example:4100"})
        CHECK(is_node_address(good));
    for (const char* const bad : {"", ":", "a", "a:", ":1", "a:0", "a:65536", "a:-1", "a:1x",
                                  "a b:1", "a\n:1", "\xc3\xa9:1", "a:99999999999999999999"})
        CHECK_FALSE(is_node_address(bad));
    std::string long_name(node_address_size_max, 'a');
    long_name += ":1"; // gcc 12 mistakes the sum of both for an overflow
    CHECK_FALSE(is_node_address(long_name));
}

TEST_CASE("addresses are in groups that cost something to be in many of")
{
    const auto group = PeerBook::group_of;
    CHECK(group("1.2.3.4:5") == group("1.2.250.4:77"));
    CHECK(group("1.2.3.4:5") != group("1.3.3.4:5"));
    CHECK(group("[2001:db8::1]:5") == group("[2001:db8:7::9]:6"));
    CHECK(group("[2001:db8::1]:5") != group("[2001:db9::1]:5"));
    CHECK(group("a.example.com:5") == group("b.c.example.com:6"));
    CHECK(group("example.com:5") == group("a.example.com:6"));
    CHECK(group("example.com:5") != group("example.org:5"));
    CHECK(group("127.0.0.1:5") != group("127.0.0.1:6"));
    CHECK(group("127.evil.com:5") == group("127.a.evil.com:6"));
    for (const char* const local :
         {"127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "localhost:1", "127.0.0.1", "::1"})
        CHECK(is_loopback(local));
    for (const char* const other : {"128.0.0.1:1", "127.evil.com:1", "[::2]:1", "localhost.a:1"})
        CHECK_FALSE(is_loopback(other));
}

TEST_CASE("what others tell of is taken in the usual way to write it alone")
{
    PeerBook book;
    const std::vector<std::string> odd{
        "0x7f.1:80",       "2130706433:80", "10.1:80",           "010.1.2.3:80",
        "1.2.3.256:80",    "1.2.3.4.5:80",  "1.2.3.:80",         "[2001:0db8::1]:5",
        "[2001:DB8::1]:5", "[2001]:5",      "[2001:db8::1%a]:5", "Example.com:80",
        "a_b.com:80",      "a.:80",         "1.2.3.0x4:80"};
    for (const std::string& address : odd) {
        CAPTURE(address);
        book.add({address, key_of(1)});
        CHECK(book.entries().empty());
    }
    for (const char* const good :
         {"10.0.0.1:80", "[2001:db8::1]:5", "[2001:db8:0:1::]:5", "a-b.example:80", "node1:4100"})
        book.add({good, key_of(1)});
    CHECK(book.entries().size() == 5);
}

TEST_CASE("a thousand addresses of few groups get a small share of what is called")
{
    FixedEntropy entropy;
    std::size_t evil = 0;
    std::size_t all = 0;
    for (unsigned round = 0; round < 200; ++round) {
        PeerBook book;
        for (unsigned i = 0; i < 1000; ++i)
            book.add({"66." + std::to_string(i % 4) + '.' + std::to_string(i / 4) + ".1:4100",
                      key_of(1)});
        CHECK(book.entries().size() == 4 * PeerBook::group_max);
        for (unsigned i = 0; i < 50; ++i) book.add({honest(i), key_of(2)});
        for (const std::string& address : connect(book, 8, entropy)) {
            evil += address.starts_with("66.") ? 1 : 0;
            ++all;
        }
    }
    CHECK(all == 8 * 200);
    CAPTURE(evil);
    CHECK(evil * 100 < all * 15);
}

TEST_CASE("those that were good are called first, and few of one group")
{
    FixedEntropy entropy;
    PeerBook book;
    for (unsigned i = 0; i < 30; ++i) book.add({honest(i), key_of(2)});
    for (unsigned i = 0; i < 6; ++i)
        book.note_good("9.9.0." + std::to_string(i) + ":1", key_of(3), 100);
    const auto taken = connect(book, 20, entropy);
    std::size_t good = 0;
    for (const std::string& address : taken) good += address.starts_with("9.9.") ? 1 : 0;
    CHECK(taken.size() == 20);
    CHECK(good == PeerBook::connected_max);
    book.fix("9.9.0.77:1");
    book.fix("9.9.0.78:1");
    auto next = book.next(taken, 1'000'000, entropy);
    REQUIRE(next);
    CHECK((*next == "9.9.0.77:1" || *next == "9.9.0.78:1"));
}

TEST_CASE("keys count when somebody was met with them, and not for ever")
{
    PeerBook book;
    book.add({"10.0.0.1:80", key_of(1)});
    CHECK_FALSE(book.key_of("10.0.0.1:80"));
    CHECK_FALSE(book.is_good("10.0.0.1:80", key_of(1)));
    CHECK_FALSE(book.key_of("10.0.0.2:80"));
    book.note_good("10.0.0.1:80", key_of(2), 50);
    CHECK(book.key_of("10.0.0.1:80") == key_of(2));
    CHECK(book.is_good("10.0.0.1:80", key_of(2)));
    CHECK_FALSE(book.is_good("10.0.0.1:80", key_of(1)));
    book.add({"10.0.0.1:80", key_of(7)});
    CHECK(book.key_of("10.0.0.1:80") == key_of(2));
    for (unsigned i = 0; i < 8; ++i) book.note_failure("10.0.0.1:80", 0);
    CHECK_FALSE(book.key_of("10.0.0.1:80")); // it may have got another one
    CHECK(book.entries().size() == 1);
}

TEST_CASE("who fails is called later, and forgotten if it was never good")
{
    FixedEntropy entropy;
    PeerBook book;
    book.add({"10.0.0.1:80", key_of(1)});
    book.fix("10.9.0.1:80");
    std::uint64_t pause_ms = 5'000;
    for (unsigned i = 0; i < 7; ++i) {
        book.note_failure("10.0.0.1:80", 1'000);
        book.note_failure("10.9.0.1:80", 1'000);
        const std::set<std::string> fixed{"10.9.0.1:80"};
        CHECK_FALSE(book.next(fixed, 1'000 + pause_ms - 1, entropy));
        CHECK(book.next(fixed, 1'000 + pause_ms, entropy));
        CHECK(book.next({}, 1'000 + 5'000, entropy) == "10.9.0.1:80");
        pause_ms = std::min<std::uint64_t>(2 * pause_ms, 600'000);
    }
    book.note_failure("10.0.0.1:80", 1'000);
    CHECK(book.entries().size() == 1);
}

TEST_CASE("a book is limited, and floods do not drive out those that were good")
{
    PeerBook book;
    for (unsigned i = 0; i < 200; ++i)
        book.note_good(std::to_string(20 + i) + ".1.1.1:4100", key_of(1), 1 + i);
    for (unsigned i = 0; i < 5'000; ++i)
        book.add({std::to_string(i % 200) + '.' + std::to_string(i / 200) + ".2.2:80", key_of(2)});
    CHECK(book.entries().size() == PeerBook::entries_max);
    std::size_t good = 0;
    for (const auto& [address, entry] : book.entries()) good += entry.good_s > 0 ? 1 : 0;
    CHECK(good == 200);
}

TEST_CASE("a book is written and read again, as far as it is readable")
{
    FixedEntropy entropy;
    PeerBook book;
    for (unsigned i = 0; i < 20; ++i) book.note_good(honest(i), key_of(i), 1000 + i);
    book.add({"10.0.0.1:80", key_of(1)});
    book.fix("10.9.0.1:80");
    const std::string text = book.to_text();
    PeerBook other;
    other.parse(text);
    CHECK(other.entries().size() == 20);
    CHECK(other.to_text() == text);
    for (std::size_t size = 0; size < text.size(); size += 7) {
        PeerBook part;
        part.parse(std::string_view{text}.substr(0, size));
        CHECK(part.entries().size() <= 20);
    }
    PeerBook none;
    none.parse("a b c\n\n \n  \nx:1 00 5\n" + std::string(1000, 'a') + '\n' + std::string(5, '\0'));
    CHECK(none.entries().empty());
    const auto some = book.good(5, entropy);
    CHECK(some.size() == 5);
    CHECK(book.good(100, entropy).size() == 20);
    CHECK(book.good(0, entropy).empty());
}
