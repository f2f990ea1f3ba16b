#include "ledger/genesis.hpp"

#include "ledger/testing.hpp"

#include <set>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

const std::array profiles{"dev", "ccc", "points"};

std::string profile(const char* name)
{
    return std::string{genesis_profile(name).value()};
}

/// The text with `part`, which is there once, replaced by another.
std::string with(std::string text, std::string_view part, std::string_view other)
{
    const std::size_t at = text.find(part);
    if (at == text.npos || text.find(part, at + 1) != text.npos) std::abort();
    return text.replace(at, part.size(), other);
}

std::string dev_with(std::string_view part, std::string_view other)
{
    return with(profile("dev"), part, other);
}

Exit exit_of_parsing(const std::string& text)
{
    return exit_of([&] { (void)parse_genesis(text); });
}

std::string id_of(const std::string& text)
{
    return to_hex_text(network_id(parse_genesis(text)).bytes);
}

/// A profile without white space.
std::string packed(const char* name)
{
    return Json::parse(profile(name), "it").dump();
}

/// The value with the members of all objects in the opposite order.
Json turned(const Json& json)
{
    if (json.is_array()) {
        Json list = Json::array();
        for (std::size_t i = 0; i < json.size(); ++i) list.push(turned(json.item(i)));
        return list;
    }
    if (!json.is_object()) return json;
    auto names = json.names();
    std::ranges::reverse(names);
    Json object = Json::object();
    for (const std::string& name : names) object.set(name, turned(json.member(name)));
    return object;
}

/// All texts that a value becomes by a change of one of its members, which `change` makes.
template <class Change>
std::vector<Json> changed(const Json& json, const Change& change)
{
    std::vector<Json> all;
    if (json.is_array()) {
        for (std::size_t at = 0; at < json.size(); ++at)
            for (const Json& item : changed(json.item(at), change)) {
                Json list = Json::array();
                for (std::size_t i = 0; i < json.size(); ++i)
                    list.push(i == at ? item : json.item(i));
                all.push_back(list);
            }
        return all;
    }
    if (!json.is_object()) return all;
    for (const std::string& name : json.names()) {
        for (const Json& other : change(json, name)) all.push_back(other);
        for (const Json& inner : changed(json.member(name), change))
            all.push_back(Json{json}.set(name, inner));
    }
    return all;
}

} // namespace

TEST_CASE("the profiles are read, and their ids are what they were")
{
    // As Python has them: sha256(b"cairn/genesis/v1" + json.dumps(profile, sort_keys=True,
    // separators=(",", ":")).encode()).
    CHECK(id_of(profile("dev")) ==
          "7fb1a5b5d03c092d4cc8704bc6a4a34463027d356ff707f822e3ab3a90ce0487");
    CHECK(id_of(profile("ccc")) ==
          "f4174df6f06146b211c6c6c6f4e8d539bf50f445402bd005e7e2de3c02f5e7ac");
    CHECK(id_of(profile("points")) ==
          "7bcd5a432c92f4fffb5d7874c233ab4b58b65f6e3e9cec0ea1579e5f442f661f");
    CHECK(genesis_profile("other") == std::nullopt);
    CHECK(genesis_profile("") == std::nullopt);
    for (const char* const name : profiles) {
        const Genesis genesis = parse_genesis(profile(name));
        CHECK(genesis.name == name);
        CHECK(parse_genesis(to_json(genesis).dump()) == genesis);
    }
}

TEST_CASE("a genesis with one engine or policy in place of the other is read, too")
{
    const std::string solo =
        with(packed("dev"), Json::parse(packed("dev"), "").member("engine").dump(),
             R"({"solo":{"producer":")" + std::string(64, 'a') +
                 R"(","interval_ms":1000,"future_s":5}})");
    const Genesis genesis = parse_genesis(solo);
    CHECK(std::get<SoloRules>(genesis.engine).producer == filled<Ed25519PublicKey>(0xaa));
    CHECK(parse_genesis(to_json(genesis).dump()) == genesis);
    // Coins need space that is certified: solo has none.
    CHECK(exit_of_parsing(with(solo, R"("test":true)", R"("test":false)")) == Exit::config);
    CHECK(exit_of_parsing(with(solo, "1152921504606846976", "0")) == Exit::config);
    CHECK(exit_of_parsing(with(packed("dev"), "1152921504606846976", "0")) == Exit::ok);
    const std::string engine = Json::parse(solo, "").member("engine").dump();
    CHECK(exit_of_parsing(
              with(with(packed("points"), Json::parse(packed("points"), "").member("engine").dump(),
                        engine),
                   R"("test":true)", R"("test":false)")) == Exit::ok);
}

TEST_CASE("ids do not depend on white space or on the order of members")
{
    for (const char* const name : profiles) {
        const std::string id = id_of(profile(name));
        const Json json = Json::parse(profile(name), "it");
        CHECK(id_of(json.dump()) == id);
        CHECK(id_of(json.dump(4)) == id);
        CHECK(id_of("\n\t " + json.dump(1) + " \r\n") == id);
        CHECK(id_of(turned(json).dump()) == id);
    }
}

TEST_CASE("each value that is another makes another id")
{
    for (const char* const name : profiles) {
        std::set<std::string> ids{id_of(profile(name))};
        std::size_t count = 1;
        const auto others = [](const Json& json, const std::string& member) {
            const Json value = json.member(member);
            std::vector<Json> all;
            if (value.boolean()) all.push_back(Json{json}.set(member, !*value.boolean()));
            for (const char* const text : {"family", "poc2", "other", "3", "5"})
                if (value.text()) all.push_back(Json{json}.set(member, text));
            if (value.text() && value.text()->size() == 64)
                all.push_back(Json{json}.set(member, std::string(64, '7')));
            if (!value.text() && value.number())
                for (const std::uint64_t by : {1U, 2U})
                    all.push_back(Json{json}.set(member, *value.number() + by));
            return all;
        };
        for (const Json& json : changed(Json::parse(profile(name), "it"), others)) {
            std::string id;
            if (exit_of([&] { id = id_of(json.dump()); }) != Exit::ok) continue;
            CHECK(ids.insert(id).second);
            ++count;
        }
        CHECK(count > 40);
    }
}

TEST_CASE("a member that is missing, not known, null or of another type is refused")
{
    for (const char* const name : profiles) {
        const Json whole = Json::parse(profile(name), "it");
        std::size_t count = 0;
        const auto bad = [](const Json& json, const std::string& member) {
            std::vector<Json> all;
            Json without = Json::object();
            for (const std::string& each : json.names())
                if (each != member) without.set(each, json.member(each));
            all.push_back(without);
            all.push_back(Json{json}.set(member + "x", 1));
            const Json value = json.member(member);
            for (const Json& other :
                 {Json{}, Json{1.5}, Json{-1}, Json{"-1"}, Json{"1e3"}, Json{"01"}, Json{" 1"},
                  Json{""}, Json{"1.0"}, Json{"99999999999999999999"}, Json{Json::array().push(1)},
                  Json{Json::object().set("x", 1)}})
                if (member != "name") all.push_back(Json{json}.set(member, other));
            if (value.boolean() || !value.number() || value.text())
                all.push_back(Json{json}.set(member, 1));
            if (!value.boolean()) all.push_back(Json{json}.set(member, true));
            if (!value.text()) all.push_back(Json{json}.set(member, "1"));
            return all;
        };
        for (const Json& json : changed(whole, bad)) {
            CHECK_MESSAGE((exit_of_parsing(json.dump()) == Exit::data), json.dump());
            ++count;
        }
        CHECK(count > 500);
    }
    for (const char* const text : {"", "[]", "1", "null", "{}", "{", "\"dev\"", "nonsense"})
        CHECK_MESSAGE((exit_of_parsing(text) == Exit::data), text);
    CHECK(exit_of_parsing(profile("dev") + "{}") == Exit::data);
    CHECK(exit_of_parsing(profile("dev") + std::string(genesis_size_max, ' ')) == Exit::data);
}

TEST_CASE("a member that is named twice is refused, whatever its values")
{
    CHECK(exit_of_parsing(dev_with(R"("name": "dev",)", R"("name": "dev", "name": "dev",)")) ==
          Exit::data);
    CHECK(exit_of_parsing(dev_with(R"("test": true,)", R"("test": false, "test": true,)")) ==
          Exit::data);
    CHECK(exit_of_parsing(dev_with(R"("form": "x1",)", R"("form": "x1", "f\u006frm": "poc2",)")) ==
          Exit::data);
    CHECK(exit_of_parsing(dev_with(R"({"height": 0, "rules": 1})",
                                   R"({"height": 0, "height": 0, "rules": 1})")) == Exit::data);
    CHECK(exit_of_parsing(dev_with(R"("name": "dev")", R"("n\u0061me": "dev")")) == Exit::ok);
}

TEST_CASE("numbers have limits")
{
    const auto exit = [](const char* name, const std::string& value) {
        const std::string text = packed("dev");
        const std::string front = '"' + std::string{name} + "\":";
        const std::size_t at = text.find(front);
        REQUIRE(at != text.npos);
        const std::size_t begin = at + front.size();
        std::string other = text;
        other.replace(begin, text.find_first_of(",}", begin) - begin, value);
        return exit_of_parsing(other);
    };
    struct Limits {
        const char* name;
        std::uint64_t min;
        std::uint64_t max;
    };
    for (const Limits& limits : {Limits{"time_s", 0, time_max_s},
                                 Limits{"block_time_s", 1, 3600},
                                 Limits{"epoch_blocks", 1, 1024},
                                 Limits{"retarget_s", 1, 8'640'000},
                                 Limits{"future_s", 0, 86'400},
                                 Limits{"reorganisation_max", 1, 10'000},
                                 Limits{"scale", 0, 8},
                                 Limits{"space_per_mille", 1, 10'000},
                                 Limits{"size_max", 4096, 16'777'216},
                                 Limits{"recycle_blocks", 8, 100'000'000},
                                 Limits{"weight_max", 1000, 1'000'000'000},
                                 Limits{"valid_blocks", 1, 100'000'000},
                                 Limits{"final_blocks", 1, 100'000},
                                 Limits{"memory_blocks", 16, 100'000},
                                 Limits{"reward_blocks", 1, 100'000},
                                 Limits{"weight_atoms", 0, 1'000'000'000},
                                 Limits{"byte_atoms", 0, 1'000'000'000},
                                 Limits{"professional_blocks", 0, 100'000'000},
                                 Limits{"earnings_blocks", 0, 100'000'000},
                                 Limits{"unbond_blocks", 0, 100'000'000},
                                 Limits{"assign_blocks", 0, 100'000'000},
                                 Limits{"revoke_blocks", 0, 100'000'000}}) {
        CAPTURE(limits.name);
        CHECK(exit(limits.name, std::to_string(limits.min)) == Exit::ok);
        CHECK(exit(limits.name, std::to_string(limits.max)) == Exit::ok);
        CHECK(exit(limits.name, std::to_string(limits.max + 1)) == Exit::data);
        if (limits.min > 0) CHECK(exit(limits.name, std::to_string(limits.min - 1)) == Exit::data);
        CHECK(exit(limits.name, "-1") == Exit::data);
        CHECK(exit(limits.name, "1.0") == Exit::data);
        CHECK(exit(limits.name, "1e1") == Exit::data);
        CHECK(exit(limits.name, "18446744073709551616") == Exit::data);
    }
    CHECK(exit("space_bytes", "\"1152921504606846976\"") == Exit::ok);
    CHECK(exit("space_bytes", "\"1152921504606846977\"") == Exit::data);
    CHECK(exit("bond_max", "\"4611686018427387904\"") == Exit::ok);
    CHECK(exit("bond_max", "\"4611686018427387905\"") == Exit::data);
    CHECK(exit("bond_max", "4611") == Exit::data);
}

TEST_CASE("values that do not go together are refused")
{
    for (const char* const name : {"", "Dev", "dev net", "d\xc3\xa9v", "dev_1"})
        CHECK(exit_of_parsing(dev_with(R"("name": "dev")",
                                       R"("name": ")" + std::string{name} + '"')) == Exit::config);
    for (const std::size_t size : {1U, 32U, 33U})
        CHECK(exit_of_parsing(dev_with(R"("dev")", '"' + std::string(size, 'z') + '"')) ==
              (size <= 32 ? Exit::ok : Exit::config));
    const auto rules = [](std::string_view list) {
        return exit_of_parsing(dev_with(R"([{"height": 0, "rules": 1}])", list));
    };
    CHECK(rules("[]") == Exit::config);
    CHECK(rules(R"([{"height": 1, "rules": 1}])") == Exit::config);
    CHECK(rules(R"([{"height": 0, "rules": 1}, {"height": 5, "rules": 1}])") == Exit::ok);
    CHECK(rules(R"([{"height": 0, "rules": 1}, {"height": 0, "rules": 1}])") == Exit::config);
    CHECK(rules(R"([{"height": 0, "rules": 1}, {"height": 9, "rules": 1},
                   {"height": 5, "rules": 1}])") == Exit::config);
    CHECK(rules(R"([{"height": 0, "rules": 2}])") == Exit::config); // not known
    CHECK(rules(R"([{"height": 0, "rules": 1}, {"height": 5, "rules": 2}])") == Exit::ok);
    const auto scales = [](std::string_view list) {
        return exit_of_parsing(dev_with(R"([{"height": 0, "scale": 0}])", list));
    };
    CHECK(scales("[]") == Exit::config);
    CHECK(scales(R"([{"height": 1, "scale": 0}])") == Exit::config);
    CHECK(scales(R"([{"height": 0, "scale": 0}, {"height": 1, "scale": 1}])") == Exit::ok);
    CHECK(scales(R"([{"height": 0, "scale": 0}, {"height": 0, "scale": 1}])") == Exit::config);
    CHECK(exit_of_parsing(dev_with("144115188075855872", "0")) == Exit::config);
    CHECK(exit_of_parsing(dev_with("144115188075855872", "4611686018427387904")) == Exit::ok);
    CHECK(exit_of_parsing(dev_with("4611686018427387904", "144115188075855871")) == Exit::config);
    CHECK(exit_of_parsing(dev_with("7634929486", "0")) == Exit::config);
    CHECK(exit_of_parsing(with(dev_with("7634929486", "0"), R"("bending": true)",
                               R"("bending": false)")) == Exit::ok);
}

TEST_CASE("blocks are taken back no longer than rewards wait, and remembered as long")
{
    const auto ccc = [](std::string_view from, std::string_view to, bool is_test = false) {
        const std::string text = with(profile("ccc"), from, to);
        return exit_of_parsing(is_test ? with(text, R"("test": false)", R"("test": true)") : text);
    };
    CHECK(ccc(R"("reward_blocks": 720)", R"("reward_blocks": 719)") == Exit::config);
    CHECK(ccc(R"("reward_blocks": 720)", R"("reward_blocks": 719)", true) == Exit::ok);
    CHECK(ccc(R"("reorganisation_max": 720)", R"("reorganisation_max": 721)") == Exit::config);
    CHECK(ccc(R"("reorganisation_max": 720)", R"("reorganisation_max": 719)") == Exit::ok);
    CHECK(ccc(R"("memory_blocks": 1440)", R"("memory_blocks": 719)") == Exit::config);
    CHECK(ccc(R"("memory_blocks": 1440)", R"("memory_blocks": 719)", true) == Exit::ok);
    CHECK(ccc(R"("memory_blocks": 1440)", R"("memory_blocks": 720)") == Exit::ok);
}

TEST_CASE("no bond has to be larger than what counts")
{
    CHECK(exit_of_parsing(dev_with(R"("bond_max": "1000000000000")",
                                   R"("bond_max": "999999999")")) == Exit::config);
    CHECK(exit_of_parsing(dev_with(R"("bond_max": "1000000000000")",
                                   R"("bond_max": "1000000000")")) == Exit::ok);
}

TEST_CASE("accounts ascend, each once, and have no more than there can be")
{
    const auto accounts = [](std::initializer_list<std::pair<char, const char*>> list,
                             std::string text = profile("dev")) {
        std::string all;
        for (const auto& [digit, atoms] : list)
            all += (all.empty() ? "" : ",") + (R"({"account":")" + std::string(64, digit)) +
                   R"(","atoms":")" + atoms + R"("})";
        const std::size_t begin = text.rfind('[');
        return exit_of_parsing(text.replace(begin, text.rfind(']') + 1 - begin, '[' + all + ']'));
    };
    constexpr const char* cap = "1073741824000000000";
    CHECK(accounts({{'0', "1"}, {'1', "0"}, {'f', "5"}}) == Exit::ok);
    CHECK(accounts({{'1', "1"}, {'0', "1"}}) == Exit::config);
    CHECK(accounts({{'1', "1"}, {'1', "1"}}) == Exit::config);
    CHECK(accounts({{'1', cap}}) == Exit::ok);
    CHECK(accounts({{'1', cap}, {'2', "1"}}) == Exit::config);
    CHECK(accounts({{'1', "1073741824000000001"}}) == Exit::config);
    CHECK(accounts({{'1', "4611686018427387905"}}) == Exit::data);
    const std::string points = profile("points");
    CHECK(accounts({}, points) == Exit::config); // nothing grows from nothing
    CHECK(accounts({{'1', "0"}}, points) == Exit::config);
    CHECK(accounts({{'1', "2305843009213693952"}}, points) == Exit::ok); // 2^61
    CHECK(accounts({{'1', "2305843009213693952"}, {'2', "1"}}, points) == Exit::config);
    CHECK(accounts({{'1', "4611686018427387904"},
                    {'2', "4611686018427387904"},
                    {'3', "4611686018427387904"},
                    {'4', "4611686018427387904"}},
                   points) == Exit::config); // 2^64
}

TEST_CASE("rules are those of the last height that was reached")
{
    Genesis genesis;
    genesis.rules = {{{0}, 1}, {{10}, 2}, {{20}, 3}};
    CHECK(rules_at(genesis, {0}) == 1);
    CHECK(rules_at(genesis, {9}) == 1);
    CHECK(rules_at(genesis, {10}) == 2);
    CHECK(rules_at(genesis, {19}) == 2);
    CHECK(rules_at(genesis, {20}) == 3);
    CHECK(rules_at(genesis, {UINT32_MAX}) == 3);
}
