#include "crypto/testing.hpp"
#include "hash/digest.hpp"
#include "stream/age_stream.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include <doctest/doctest.h>
#include <zlib.h>

// The test kit of the age format: files, the keys to try and what must come out.

using namespace cairn;

namespace {

struct KitFile {
    std::string name;
    std::multimap<std::string, std::string> fields;
    std::string file;

    [[nodiscard]] std::string field(const std::string& key) const
    {
        const auto found = fields.find(key);
        return found == fields.end() ? std::string{} : found->second;
    }
};

std::string inflate_all(const std::string& packed)
{
    for (std::size_t size = 1 << 16;; size *= 2) {
        std::string plain(size, '\0');
        uLongf actual = size;
        const int result =
            ::uncompress(reinterpret_cast<Bytef*>(plain.data()), &actual,
                         reinterpret_cast<const Bytef*>(packed.data()), packed.size());
        plain.resize(actual);
        if (result == Z_OK) return plain;
        REQUIRE(result == Z_BUF_ERROR);
    }
}

KitFile parse_kit_file(const std::string& name)
{
    KitFile kit{name, {}, test_data("age/" + name)};
    for (;;) {
        const std::string line = kit.file.substr(0, kit.file.find('\n'));
        kit.file.erase(0, line.size() + 1);
        if (line.empty()) break;
        const std::size_t colon = line.find(": ");
        REQUIRE(colon != line.npos);
        kit.fields.emplace(line.substr(0, colon), line.substr(colon + 2));
    }
    if (kit.field("compressed") == "zlib") kit.file = inflate_all(kit.file);
    return kit;
}

std::vector<KitFile> load_kit()
{
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator{CAIRN_TEST_DATA "/age"})
        if (entry.path().extension() != ".md") names.insert(entry.path().filename());
    std::vector<KitFile> kit;
    for (const std::string& name : names) kit.push_back(parse_kit_file(name));
    return kit;
}

bool is_hybrid(const std::string& identity)
{
    return identity.starts_with("AGE-SECRET-KEY-PQ-");
}

bool is_hybrid(const KitFile& kit)
{
    const auto [begin, end] = kit.fields.equal_range("identity");
    return std::any_of(begin, end, [](const auto& field) { return is_hybrid(field.second); });
}

std::vector<AgeIdentity> identities_of(const KitFile& kit)
{
    std::vector<AgeIdentity> identities;
    const auto [begin, end] = kit.fields.equal_range("identity");
    for (auto field = begin; field != end; ++field) {
        if (is_hybrid(field->second)) continue;
        for (AgeIdentity& identity : parse_age_identities(as_bytes(field->second)))
            identities.push_back(std::move(identity));
    }
    return identities;
}

std::vector<AgeIdentity> passphrases_of(const KitFile& kit)
{
    std::vector<AgeIdentity> passphrases;
    const auto [begin, end] = kit.fields.equal_range("passphrase");
    for (auto field = begin; field != end; ++field)
        passphrases.push_back(PassphraseIdentity{Secret::copy(as_bytes(field->second))});
    return passphrases;
}

struct Outcome {
    Exit code = Exit::ok;
    std::string message;
    std::string released;
};

Outcome decrypt(std::string_view file, const std::vector<AgeIdentity>& identities,
                const AskPassphrase& ask = {}, unsigned workers = 1)
{
    Outcome outcome;
    const Source source = [&](MutableByteView buffer) {
        const std::size_t size = std::min(buffer.size(), file.size());
        std::ranges::copy(as_bytes(file.substr(0, size)), buffer.begin());
        file.remove_prefix(size);
        return size;
    };
    const Sink sink = [&](ByteView bytes) { outcome.released += as_text(bytes); };
    try {
        decrypt_stream(source, sink, identities, ask, {.workers = workers});
    } catch (const Error& error) {
        outcome.code = error.code();
        outcome.message = error.what();
    }
    return outcome;
}

void check(const KitFile& kit, const Outcome& outcome)
{
    const std::map<std::string, Exit> codes{
        {"success", Exit::ok},           {"no match", Exit::noperm},
        {"header failure", Exit::data},  {"armor failure", Exit::data},
        {"payload failure", Exit::data}, {"HMAC failure", Exit::data},
    };
    CAPTURE(kit.name);
    CAPTURE(outcome.message);
    const std::string expected = kit.field("expect");
    CHECK(outcome.code == codes.at(expected));
    if (expected == "HMAC failure") CHECK(outcome.message.find("MAC") != std::string::npos);
    if (const std::string digest = kit.field("payload"); !digest.empty())
        CHECK(std::ranges::equal(sha256(as_bytes(outcome.released)).bytes, hex_bytes(digest)));
    else if (expected != "armor failure") // which may show after the payload's beginning
        CHECK(outcome.released.empty());
}

} // namespace

TEST_CASE("every file of the age test kit is decrypted or refused as it says, by any workers")
{
    std::map<std::string, int> counts;
    for (const KitFile& kit : load_kit()) {
        if (is_hybrid(kit)) continue;
        ++counts[kit.field("expect")];
        std::vector<AgeIdentity> keys = identities_of(kit);
        for (AgeIdentity& passphrase : passphrases_of(kit)) keys.push_back(std::move(passphrase));
        for (unsigned workers = 1; workers <= 4; ++workers)
            check(kit, decrypt(kit.file, keys, {}, workers));
    }
    CHECK(counts == std::map<std::string, int>{{"success", 11},
                                               {"no match", 5},
                                               {"header failure", 35},
                                               {"armor failure", 16},
                                               {"payload failure", 11},
                                               {"HMAC failure", 1}});
}

TEST_CASE("a passphrase that is asked for does what one that is given does")
{
    int count = 0;
    for (const KitFile& kit : load_kit()) {
        const std::string passphrase = kit.field("passphrase");
        if (passphrase.empty()) continue;
        ++count;
        check(kit, decrypt(kit.file, identities_of(kit),
                           [&] { return Secret::copy(as_bytes(passphrase)); }));
    }
    CHECK(count == 19);
}

TEST_CASE("files for post-quantum keys are never opened, and malformed ones are told as such")
{
    int count = 0;
    int malformed = 0;
    for (const KitFile& kit : load_kit()) {
        if (!is_hybrid(kit)) continue;
        ++count;
        CAPTURE(kit.name);
        for (auto [field, end] = kit.fields.equal_range("identity"); field != end; ++field)
            if (is_hybrid(field->second))
                CHECK(exit_of([text = field->second] { parse_age_identities(as_bytes(text)); }) ==
                      Exit::data);

        // Not canonical base64 of a body, or an X25519 stanza of a wrong size: bad for everybody.
        const bool is_malformed =
            kit.name == "hybrid_not_canonical_body" || kit.name == "hybrid_x25519_arg";
        malformed += is_malformed ? 1 : 0;
        const Exit expected = is_malformed ? Exit::data : Exit::noperm;
        std::vector<AgeIdentity> keys = identities_of(kit);
        keys.emplace_back(to_identity(Secret::copy(noise(32)))); // of a stranger
        const Outcome outcome = decrypt(kit.file, keys);
        CHECK(outcome.code == expected);
        CHECK(outcome.released.empty());
    }
    CHECK(count == 11);
    CHECK(malformed == 2);
}

TEST_CASE("the files of Debian's age are decrypted")
{
    const auto with_identity = parse_age_identities(as_bytes(test_data("age-debian/id.txt")));
    const std::string plain = test_data("age-debian/pt");
    for (const char* const name : {"xa.age", "both.age"}) {
        CAPTURE(name);
        const Outcome outcome =
            decrypt(test_data(std::string{"age-debian/"} + name), with_identity);
        CHECK(outcome.code == Exit::ok);
        CHECK(outcome.released == plain);
    }
    const std::string large = test_data("age-debian/x.age");
    for (unsigned workers = 1; workers <= 4; ++workers) {
        const Outcome outcome = decrypt(large, with_identity, {}, workers);
        CHECK(outcome.code == Exit::ok);
        CHECK(outcome.released.size() == 200'000);
        CHECK(sha256(as_bytes(outcome.released)).bytes ==
              hex<32>("2d55884346f1d160755ad4a9ab0f685cc0c0c413b913cb23803a15c26d237484"));
    }
}
