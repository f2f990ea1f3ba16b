#include "ledger/ledger_json.hpp"

#include "ledger/files.hpp"
#include "ledger/group.hpp"
#include "ledger/registry.hpp"
#include "ledger/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

/// Every method, with arguments that another implementation made.
struct Sample {
    std::uint16_t module = 0;
    std::uint16_t method = 0;
    std::string name;
    std::string arguments;
};

const std::vector<Sample>& samples()
{
    static const std::vector<Sample> all{
        {0, 1, "group.calls", "group"},
        {1, 1, "coins.transfer", "transfer"},
        {1, 2, "coins.controller", "controller"},
        {1, 2, "coins.controller", "controller_none"},
        {1, 3, "coins.close", "close"},
        {2, 1, "registry.join", "join"},
        {2, 2, "registry.offer", "offer"},
        {2, 3, "registry.bond", "amount"},
        {2, 4, "registry.unbond", "amount"},
        {2, 5, "registry.withdraw", "none"},
        {2, 6, "registry.leave", "none"},
        {2, 7, "registry.rotate", "rotate"},
        {2, 8, "registry.settle", "none"},
        {2, 9, "registry.release", "release"},
        {2, 10, "registry.assign", "assign"},
        {2, 11, "registry.revoke", "revoke"},
        {3, 1, "files.set", "set"},
        {3, 2, "files.clear", "clear"},
        {4, 1, "policy.attach", "attach"},
        {4, 2, "policy.sweep", "sweep"},
        {4, 3, "policy.touch", "none"},
        {4, 4, "policy.evidence", "evidence"},
    };
    return all;
}

Call call_of(const Sample& sample)
{
    return {filled<AccountId>(7), Lane{9},       sequence_max,
            sample.module,        sample.method, golden_bytes("arguments_" + sample.arguments)};
}

std::string id_text(unsigned byte)
{
    return to_hex_text(filled<AccountId>(byte).bytes);
}

Json json(const std::string& text)
{
    return Json::parse(text, "the test");
}

/// What is wrong with a call in JSON; nothing where it is read.
std::string fault_of(const std::string& text)
{
    try {
        (void)call_from_json(json(text));
        return "";
    } catch (const Error& error) {
        return error.code() == Exit::data ? error.what() : "another error";
    }
}

std::string call_text(const std::string& module, const std::string& method,
                      const std::string& arguments)
{
    return R"({"module":")" + module + R"(","method":")" + method + R"(","arguments":)" +
           arguments + "}";
}

} // namespace

TEST_CASE("every method of every module is read from JSON as it was written")
{
    for (const Sample& sample : samples()) {
        CAPTURE(sample.name);
        const Call call = call_of(sample);
        const Json written = to_json(call);
        CHECK(written.member("module").text().value() + '.' +
                  written.member("method").text().value() ==
              sample.name);
        CHECK(written.member("arguments").is_object());
        CHECK(call_from_json(json(written.dump())) == call);
        TransactionBody body{filled<NetworkId>(3), call, {UINT64_MAX}, {UINT32_MAX}};
        CHECK(body_from_json(json(to_json(body).dump())) == body);
    }
}

TEST_CASE("there is no method that JSON does not name")
{
    for (const Module& module : modules())
        for (std::uint16_t method = 0; method < 64; ++method) {
            bool is_method = true;
            try {
                Call call;
                call.module = module.number;
                call.method = method;
                call.arguments = {std::byte{0xff}};
                (void)module.shape_of(call);
            } catch (const Error& error) {
                is_method = !std::string_view{error.what()}.ends_with("has no such method");
            }
            const bool is_named = std::ranges::any_of(samples(), [&](const Sample& sample) {
                return sample.module == module.number && sample.method == method;
            });
            CAPTURE(module.name);
            CAPTURE(method);
            // What touch takes is looked at together with whether there is such a method.
            CHECK((is_method || std::string_view{module.name} == "policy") >= is_named);
            CHECK(is_named >= is_method);
        }
}

TEST_CASE("arguments are shown by name")
{
    const Call call{
        filled<AccountId>(1),
        {},
        65536,
        1,
        1,
        to_bytes(TransferArguments{{{filled<AccountId>(2), {1'500'000'000}}}, {std::byte{0xab}}})};
    CHECK(to_json(call).dump() ==
          R"({"sender":")" + id_text(1) +
              R"(","lane":0,"sequence":65536,"module":"coins","method":"transfer",)"
              R"("arguments":{"transfers":[{"to":")" +
              id_text(2) + R"(","atoms":"1500000000"}],"reference":"ab"}})");
    const Json join = to_json(call_of(samples().at(5))).member("arguments");
    CHECK(join.member("class").text() == "professional");
    CHECK(join.member("bond_atoms").text() == "1000000000");
    CHECK(join.member("offer").dump() == R"({"capacity_bytes":"1099511627776","price_atoms":"7",)"
                                         R"("addresses":["localhost:7000","[::1]:80"]})");
    const Json group = to_json(call_of(samples().at(0))).member("arguments").member("calls");
    CHECK(group.size() == 3);
    CHECK(group.item(2).member("method").text() == "controller");
}

TEST_CASE("what is no call of a method is shown as it is")
{
    Call call = call_of(samples().at(1));
    call.arguments = {std::byte{0xff}};
    CHECK(to_json(call).member("arguments").text() == "ff");
    call.method = 99;
    CHECK(to_json(call).member("module").text() == "coins");
    CHECK(to_json(call).member("method").number() == 99);
    call.module = 77;
    CHECK(to_json(call).member("module").number() == 77);
    CHECK(exit_of([&] { (void)call_from_json(to_json(call)); }) == Exit::data);
}

TEST_CASE("a wallet says what is asked, and fills in the rest")
{
    const Ed25519PublicKey key = counting_pair(0).public_key();
    const Call call = call_from_json(
        json(call_text("coins", "transfer",
                       R"({"transfers":[{"to":")" + to_address(key) + R"(","atoms":"5"}]})")));
    CHECK(call == Call{{}, {}, 0, 1, 1, to_bytes(TransferArguments{{{account_id(key), {5}}}, {}})});
    const Call assign = call_from_json(
        json(call_text("registry", "assign", R"({"salt":1,"key":")" + to_address(key) + R"("})")));
    CHECK(assign.arguments == to_bytes(AssignArguments{1, key}));
    const std::string touch = call_text("policy", "touch", "{}");
    CHECK(fault_of(call_text("group", "calls", R"({"calls":[)" + touch + "]}")) == "");
    // But a whole transaction is whole.
    TransactionBody body;
    body.call = call;
    const Json whole = to_json(body);
    CHECK(body_from_json(whole) == body);
    for (const std::string& name : whole.names()) {
        Json part = Json::object();
        for (const std::string& other : whole.names())
            if (other != name) part.set(other, whole.member(other));
        CAPTURE(name);
        CHECK(exit_of([&] { (void)body_from_json(part); }) == Exit::data);
    }
    Json more = whole;
    CHECK(exit_of([&] { (void)body_from_json(more.set("more", 1)); }) == Exit::data);
}

TEST_CASE("what is nearly a call is refused")
{
    const std::string to = R"({"to":")" + id_text(2) + R"(",)";
    const auto transfer = [&](const std::string& rest) {
        return call_text("coins", "transfer", R"({"transfers":[)" + to + rest + "]}");
    };
    REQUIRE(fault_of(transfer(R"("atoms":"5"})")) == "");
    for (const std::string& text :
         {std::string{"[]"},
          std::string{"{}"},
          call_text("coins", "nothing", "{}"),
          call_text("nothing", "transfer", "{}"),
          call_text("coins", "join", "{}"),
          call_text("coins", "transfer", "[]"),
          call_text("coins", "transfer", "null"),
          call_text("coins", "transfer", R"({"transfers":[]})"),
          transfer(R"("atoms":5})"),
          transfer(R"("atoms":"-5"})"),
          transfer(R"("atoms":"0"})"),
          transfer(R"("atoms":"1.5"})"),
          transfer(R"("atoms":"18446744073709551616"})"),
          transfer(R"("atoms":"5","fee":"1"})"),
          transfer(R"("atoms":"5"}],"reference":"0"})"),
          call_text("coins", "close", R"({"to":"cairn1nobody"})"),
          call_text("files", "set", R"({"slot":1})"),
          call_text("files", "clear", R"({"slot":4294967296})"),
          call_text("files", "set", R"({"slot":1,"head":")" + std::string(2050, '0') + R"("})"),
          call_text("registry", "release", R"({"heights":[2,1]})"),
          call_text("registry", "withdraw", R"({"all":true})"),
          call_text("group", "calls", R"({"calls":[]})"),
          call_text("group", "calls",
                    R"({"calls":[)" + call_text("group", "calls", R"({"calls":[]})") + "]}")}) {
        CAPTURE(text);
        CHECK(fault_of(text) != "");
        CHECK(fault_of(text) != "another error");
    }
}

TEST_CASE("records of every table are shown by name")
{
    const std::vector<std::pair<std::string, std::string>> tables{
        {"account", "account"}, {"provider", "provider"},     {"owner", "node-key"},
        {"earning", "earning"}, {"assignment", "assignment"}, {"head", "head"},
        {"supply", "supply"},   {"reward", "reward"},         {"remembered", "block"},
        {"ccc", "ccc"},         {"points", "points"}};
    for (const auto& named : tables) {
        const std::string& name = named.first;
        CAPTURE(name);
        const Bytes bytes = golden_bytes(name + "_key");
        const StateKey key = state_key(
            {static_cast<std::uint16_t>(bytes.at(1)), static_cast<std::uint8_t>(bytes.at(2))},
            ByteView{bytes}.subspan(3));
        REQUIRE(key.bytes == bytes);
        const Bytes value = golden_bytes("state_" + name);
        const Json shown = record_json(key, value);
        CHECK(shown.member("table").text() == named.second);
        CHECK(shown.member("record").is_object());
        CHECK(key_json(key).names().size() + 1 == shown.names().size());
        // A value of another form is not hidden, nor a key.
        CHECK(record_json(key, Bytes{std::byte{0x80}}).member("record").text() == "80");
        Bytes longer = bytes;
        longer.push_back({});
        const StateKey unknown = state_key(table_of(key), ByteView{longer}.subspan(3));
        CHECK(record_json(unknown, value).dump() == Json::object()
                                                        .set("key", to_hex_text(longer))
                                                        .set("record", to_hex_text(value))
                                                        .dump());
    }
    Provider provider;
    provider.share = ~Uint128{0};
    CHECK(record_json(provider_key({}), record_bytes(provider))
              .member("record")
              .member("share")
              .text() == "340282366920938463463374607431768211455");
    CHECK(key_json(earning_key(filled<AccountId>(1), {258})).dump() ==
          R"({"module":"registry","table":"earning","account":")" + id_text(1) +
              R"(","height":258})");
}

TEST_CASE("transactions, blocks and receipts are shown whole")
{
    const Json transaction = to_json(parse_transaction(golden_bytes("transaction")));
    CHECK(transaction.member("id").text() == golden("transaction_id"));
    CHECK(transaction.member("signed").boolean() == true);
    CHECK(transaction.member("descriptors").size() == 2);
    const Json block = to_json(parse_block(golden_bytes("block")));
    CHECK(block.member("id").text() == golden("block_id"));
    CHECK(block.member("seal").member("signed").boolean() == true);
    CHECK(block.member("transactions").item(1).dump() == transaction.dump());
    const Json receipt = to_json(parse_transaction_receipt(golden_bytes("receipt")));
    CHECK(receipt.member("status").text() == "done");
    CHECK(receipt.member("events").item(0).dump() == R"({"module":"coins","event":1,"data":"80"})");
    CHECK(to_json(parse_transaction_receipt(golden_bytes("receipt_failed")))
              .member("status")
              .text() == "not-true");
    Bytes given;
    CborWriter writer{given};
    writer.array(2);
    writer.bytes(filled<AccountId>(4).bytes);
    writer.number(5);
    const TransactionReceipt told{{}, Status::done, 1, {{1, 1, given}}};
    CHECK(to_json(told).member("events").item(0).dump() ==
          R"({"module":"coins","event":"given","account":")" + id_text(4) + R"(","atoms":"5"})");
    const Json first = to_json(Block{parse_header(golden_bytes("header")), {}, {}});
    CHECK(first.member("seal").is_null());
    Block strange{parse_header(golden_bytes("header")), {std::byte{1}}, {}};
    CHECK(to_json(strange).member("seal").text() == "01");
}
