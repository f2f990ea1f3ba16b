#include "format/link.hpp"

#include "base/bech32.hpp"
#include "base/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

Link example()
{
    Link link;
    for (std::size_t i = 0; i < ObjectId::size; ++i) link.id.bytes[i] = static_cast<std::byte>(i);
    return link;
}

std::string text_of(const Link& link)
{
    return std::string{as_text(to_link_text(link).bytes())};
}

bool is_refused(const std::string& text)
{
    return exit_of([&] { (void)parse_link(as_bytes(text)); }) == Exit::data;
}

} // namespace

TEST_CASE("a link of every shape reads as it was written")
{
    for (const bool has_key : {false, true})
        for (const bool has_network : {false, true})
            for (std::size_t hints = 0; hints <= link_hints_max; ++hints)
                for (const LinkKind kind : {LinkKind::object, LinkKind::nested, LinkKind::whole}) {
                    Link link = example();
                    link.kind = kind;
                    if (has_network) link.network.bytes[31] = std::byte{7};
                    if (has_key) link.key = Secret::copy(noise(16));
                    for (std::size_t i = 0; i < hints; ++i)
                        link.hints.push_back({{Ed25519PublicKey{}, Network::main}, "[::1]:7001"});
                    const std::string text = text_of(link);
                    CHECK(text.size() <= link_size_max);
                    const Link back = parse_link(as_bytes(text));
                    CHECK(text_of(back) == text);
                    CHECK(back.id == link.id);
                    CHECK(back.kind == kind);
                    CHECK(back.key.has_value() == has_key);
                }
}

TEST_CASE("a link with any character changed is refused")
{
    Link link = example();
    link.key = Secret::copy(noise(16));
    const std::string good = text_of(link);
    for (std::size_t i = 0; i < good.size(); ++i) {
        std::string text = good;
        text[i] = text[i] == 'q' ? 'p' : 'q';
        CHECK_MESSAGE(is_refused(text), i);
    }
}

TEST_CASE("near misses are not links")
{
    const std::string locator = text_of(example());
    const std::string peer = to_address(Ed25519PublicKey{});

    CHECK_FALSE(is_refused(locator));
    CHECK_FALSE(is_refused(locator + "?at=" + peer + "@example.org:80"));
    CHECK(is_refused(""));
    CHECK(is_refused("cairn:"));
    CHECK(is_refused(locator + "#"));
    CHECK(is_refused(locator + "?"));
    CHECK(is_refused(locator + "\n"));
    CHECK(is_refused(locator + "?at="));
    CHECK(is_refused(locator + "?at=" + peer + "@example.org"));
    CHECK(is_refused(locator + "?at=" + peer + "@example.org:0"));
    CHECK(is_refused(locator + "?at=" + peer + "@example.org:65536"));
    CHECK(is_refused(locator + "?at=" + peer + "@exa mple.org:80"));
    CHECK(is_refused(locator + "?at=me@example.org:80"));
    CHECK(is_refused(locator + "?to=" + peer + "@example.org:80"));
    CHECK(is_refused("CAIRN:" + locator.substr(6)));
}

TEST_CASE("a network of zeros has one representation: none")
{
    Bytes payload(65);
    payload[0] = std::byte{1};
    CHECK(is_refused("cairn:" + to_bech32("co", payload, Checksum::bech32m)));
    payload[1] = std::byte{1};
    CHECK_FALSE(is_refused("cairn:" + to_bech32("co", payload, Checksum::bech32m)));
}

TEST_CASE("an error about a link does not repeat its key")
{
    Link link = example();
    link.key = Secret::copy(noise(16));
    std::string text = text_of(link);
    const std::string key = text.substr(text.find('#') + 1);
    text[8] = text[8] == 'q' ? 'p' : 'q';
    try {
        (void)parse_link(as_bytes(text));
        FAIL("a damaged link was read");
    } catch (const Error& error) {
        CHECK(std::string{error.what()}.find(key.substr(4, 12)) == std::string::npos);
    }
}
