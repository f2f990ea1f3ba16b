#include "wallet/spend.hpp"

#include "ledger/group.hpp"
#include "ledger/ledger_json.hpp"
#include "ledger/registry.hpp"
#include "ledger/testing.hpp"
#include "wallet/effect.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

const Ed25519KeyPair& key(unsigned number)
{
    static const std::array pairs{counting_pair(0), counting_pair(32), counting_pair(64),
                                  counting_pair(200)};
    return pairs.at(number);
}

AccountId id_of(unsigned number)
{
    return account_id(key(number).public_key());
}

/// Answers as a node over a chain in memory does.
class FakeNode {
public:
    FakeNode() : chain{test_genesis(3)} { chain.add_empty(1); }

    NodeClient client()
    {
        return NodeClient{[this](const LocalRequest& request) { return answer(request); }};
    }

    TestChain chain;
    std::uint64_t fee_factor = 1;
    std::vector<Transaction> waiting;
    std::string refusal;
    std::size_t requests = 0;

private:
    LocalReply answer(const LocalRequest& request)
    {
        ++requests;
        const Json json = Json::parse(request.json, "the request");
        const std::string& method = request.method;
        const Height height = chain.tip().height;
        if (method == "genesis") {
            const std::string text = to_json(chain.genesis()).dump();
            const ByteView bytes = as_bytes(text);
            return local_reply(CallStatus::ok, Json::object(), {bytes.begin(), bytes.end()});
        }
        if (method == "status")
            return local_reply(CallStatus::ok,
                               Json::object()
                                   .set("chain", to_hex_text(chain.tip().chain.bytes))
                                   .set("height", height.value)
                                   .set("is_synced", true)
                                   .set("mempool_transactions", waiting.size()));
        if (method == "account") return answer_account(json);
        if (method == "estimate") {
            const std::uint64_t weight = *json.member("weight").number();
            const Amount least = least_fee(chain.genesis(), weight);
            return local_reply(CallStatus::ok,
                               Json::object()
                                   .set("fee_atoms", Json::decimal(least.atoms * fee_factor))
                                   .set("least_fee_atoms", Json::decimal(least.atoms)));
        }
        if (method == "transaction") return answer_transaction(json);
        if (method == "mempool") return answer_mempool(json);
        if (method == "history")
            return local_reply(CallStatus::ok, Json::object().set("entries", Json::array()));
        if (method == "value") return answer_value(json);
        if (method == "send" && refusal.empty()) return local_reply(CallStatus::ok, Json::object());
        if (method == "send") return local_refusal(CallStatus::no, refusal);
        return local_refusal(CallStatus::failed, "broken");
    }

    LocalReply answer_account(const Json& json)
    {
        const auto id = *parse_hex<AccountId>(*json.member("account").text());
        const auto bytes = chain.state().get(account_key(id));
        Json reply = Json::object()
                         .set("height", chain.tip().height.value)
                         .set("is_here", bytes.has_value())
                         .set("next_sequence", Json::decimal(sequence_end(chain.next_height())))
                         .set("waiting", Json::array())
                         .set("maturing", Json::array())
                         .set("earned", Json::array());
        if (!bytes) return local_reply(CallStatus::ok, reply);
        const auto account = parse_record<Account>(*bytes);
        Json list = Json::array();
        for (const Transaction& each : waiting)
            if (each.body.call.sender == id)
                list.push(Json::object()
                              .set("id", to_hex_text(transaction_id(each.body).bytes))
                              .set("lane", each.body.call.lane.value)
                              .set("sequence", Json::decimal(each.body.call.sequence)));
        reply.merge(record_json(account_key(id), *bytes).member("record"))
            .set("next_sequence", Json::decimal(account.next_sequence({})))
            .set("waiting", list);
        return local_reply(CallStatus::ok, reply);
    }

    /// Of the accounts that there are, as providers.
    LocalReply answer_value(const Json& json)
    {
        for (unsigned number = 0; number < 4; ++number) {
            const StateKey name = provider_key(id_of(number));
            if (to_hex_text(name.bytes) != json.member("key").text()) continue;
            const auto bytes = chain.state().get(name);
            return local_reply(CallStatus::ok,
                               Json::object()
                                   .set("is_here", bytes.has_value())
                                   .set("value", bytes ? record_json(name, *bytes)
                                                       : key_json(name).set("record", Json{})));
        }
        return local_refusal(CallStatus::failed, "broken");
    }

    [[nodiscard]] LocalReply answer_mempool(const Json& json) const
    {
        const auto after = json.member("after").number();
        const std::size_t begin = after ? *after + 1 : 0;
        const std::size_t count = *json.member("count").number();
        Json entries = Json::array();
        Bytes body;
        CborWriter writer{body};
        for (std::size_t i = begin; i < waiting.size() && i < begin + count; ++i) {
            put_transaction(writer, waiting[i]);
            entries.push(Json::object()
                             .set("id", to_hex_text(transaction_id(waiting[i].body).bytes))
                             .set("arrival", Json::decimal(i)));
        }
        return local_reply(CallStatus::ok, Json::object().set("entries", entries), body);
    }

    LocalReply answer_transaction(const Json& json)
    {
        for (const Transaction& each : waiting)
            if (to_hex_text(transaction_id(each.body).bytes) == json.member("id").text())
                return local_reply(CallStatus::ok, Json::object().set("state", "waiting"),
                                   to_bytes(each));
        return local_refusal(CallStatus::no, "no such transaction");
    }
};

Call transfer(const AccountId& to, std::uint64_t atoms)
{
    Call call;
    call.module = module_number::coins;
    call.method = static_cast<std::uint16_t>(CoinsMethod::transfer);
    call.arguments = to_bytes(TransferArguments{{{to, {atoms}}}, {}});
    return call;
}

Transaction prepared(FakeNode& fake, unsigned from, const Call& call, const SpendTerms& terms = {})
{
    const NodeClient node = fake.client();
    const ChainFacts facts = node.facts();
    const AccountView sender = node.account(id_of(from));
    return prepare({node, facts, sender}, call, {}, terms);
}

/// What is wrong with a transaction that is to be made; nothing where it is made.
std::string fault_of(FakeNode& fake, unsigned from, const Call& call, const SpendTerms& terms = {})
{
    try {
        (void)prepared(fake, from, call, terms);
        return "";
    } catch (const Error& error) {
        return error.code() == Exit::no ? error.what() : "another error";
    }
}

} // namespace

TEST_CASE("what is prepared is what the chain takes")
{
    FakeNode fake;
    Transaction draft = prepared(fake, 0, transfer(id_of(1), 5));
    CHECK(draft.body.valid_until == fake.chain.tip().height + 240);
    sign(draft, key(0));
    CHECK(fake.chain.try_one(draft) == "done");
    CHECK(fake.chain.balance(id_of(1)) == *plus(test_balance, {5}));
    CHECK(fake.chain.try_one(draft) == "fault used-sequence");
}

TEST_CASE("the next number is behind what waits, in each lane by itself")
{
    FakeNode fake;
    const Transaction first = prepared(fake, 0, transfer(id_of(1), 1));
    Transaction waits = first;
    sign(waits, key(0));
    fake.waiting.push_back(waits);
    const Transaction second = prepared(fake, 0, transfer(id_of(1), 2));
    CHECK(second.body.call.sequence == first.body.call.sequence + 1);
    const Transaction beside = prepared(fake, 0, transfer(id_of(1), 3), {.lane = {9}});
    CHECK(beside.body.call.sequence == first.body.call.sequence);
    CHECK(beside.body.call.lane == Lane{9});
}

TEST_CASE("fees follow the node, within a limit")
{
    FakeNode fake;
    const Amount least = prepared(fake, 0, transfer(id_of(1), 1)).body.fee;
    fake.fee_factor = 50;
    const Amount more = prepared(fake, 0, transfer(id_of(1), 1)).body.fee;
    CHECK(more.atoms >= 49 * least.atoms);
    CHECK(more.atoms <= 51 * least.atoms + 10'000);
    CHECK(fault_of(fake, 0, transfer(id_of(1), 1), {.fee_max = least})
              .starts_with("the fee would be "));
    fake.fee_factor = 1000;
    CHECK(fault_of(fake, 0, transfer(id_of(1), 1)).starts_with("the fee would be "));
    CHECK(fault_of(fake, 0, transfer(id_of(1), 1), {.fee_max = Amount{UINT64_MAX}}).empty());
    CHECK(prepared(fake, 0, transfer(id_of(1), 1), {.fee = least}).body.fee == least);
    CHECK(fault_of(fake, 0, transfer(id_of(1), 1), {.fee = Amount{least.atoms - 1}})
              .starts_with("low-fee: "));
}

TEST_CASE("what cannot be paid is refused before anybody signs")
{
    FakeNode fake;
    const std::uint64_t all = test_balance.atoms;
    for (const std::uint64_t atoms : {all, all + 1, UINT64_MAX - 1, UINT64_MAX})
        CHECK(fault_of(fake, 0, transfer(id_of(1), atoms)).starts_with("no-funds: "));
    const Amount fee = prepared(fake, 0, transfer(id_of(1), all - 1'000'000)).body.fee;
    CHECK(fault_of(fake, 0, transfer(id_of(1), all - fee.atoms)).empty());
    CHECK(fault_of(fake, 0, transfer(id_of(1), all - fee.atoms + 1)).starts_with("no-funds: "));
    CHECK(fault_of(fake, 3, transfer(id_of(1), 1)).starts_with("no-funds: "));
}

TEST_CASE("whose account is new is told of its deposit, and too little for it is refused")
{
    FakeNode fake;
    const NodeClient node = fake.client();
    const ChainFacts facts = node.facts();
    const AccountView sender = node.account(id_of(0));
    const Circumstances now{node, facts, sender};
    const std::uint64_t deposit = account_deposit_bytes * facts.genesis.fee.byte_atoms;
    const auto notes = [&](const AccountId& to, std::uint64_t atoms) {
        return recipient_notes(now, prepared(fake, 0, transfer(to, atoms))).size();
    };
    CHECK(notes(id_of(1), 1) == 0);
    CHECK(notes(id_of(3), deposit) == 1);
    CHECK(exit_of([&] { (void)notes(id_of(3), deposit - 1); }) == Exit::no);
}

TEST_CASE("calls of a group get the numbers that they leave out")
{
    FakeNode fake;
    Call first = transfer(id_of(1), 1);
    Call other = transfer(id_of(0), 2);
    other.sender = id_of(2);
    const std::vector<Call> calls{first, other, first};
    Call group;
    group.module = module_number::group;
    group.method = group_method;
    group.arguments = to_bytes(std::span<const Call>{calls});
    Transaction draft = prepared(fake, 0, group, {.fee = Amount{1'000'000}});
    const std::vector<Call> filled = parse_group(draft.body.call.arguments);
    CHECK(filled[0].sequence == draft.body.call.sequence + 1);
    CHECK(filled[2].sequence == draft.body.call.sequence + 2);
    CHECK(filled[0].sender == id_of(0));
    sign(draft, key(0));
    sign(draft, key(2));
    CHECK(fake.chain.try_one(draft) == "done");
}

TEST_CASE("a call that says whose it is is nobody else's")
{
    FakeNode fake;
    Call call = transfer(id_of(1), 1);
    call.sender = id_of(2);
    CHECK(fault_of(fake, 0, call) == "the call is by another account");
    CHECK(fault_of(fake, 2, call).empty());
}

TEST_CASE("a balance shows what waits, both ways")
{
    FakeNode fake;
    Transaction waits = prepared(fake, 0, transfer(id_of(1), 5));
    sign(waits, key(0));
    fake.waiting.push_back(waits);
    const NodeClient node = fake.client();
    const ChainFacts facts = node.facts();
    const auto balance = [&](unsigned number) {
        const AccountView view = node.account(id_of(number));
        return balance_of({node, facts, view});
    };
    CHECK(balance(0).pending_out == Amount{5 + waits.body.fee.atoms});
    CHECK(balance(0).available == test_balance);
    CHECK(balance(1).pending_in == Amount{5});
    CHECK(balance(3).total == Amount{});
}

TEST_CASE("what a provider has in its bond and as its deposit is its own")
{
    FakeNode fake;
    const NodeClient node = fake.client();
    CHECK(node.bonded(id_of(0)) == Amount{});
    const Ed25519KeyPair& server = key(3);
    const Amount bond{fake.chain.genesis().registry.bond_min.atoms + 5};
    Call join;
    join.module = module_number::registry;
    join.method = static_cast<std::uint16_t>(RegistryMethod::join);
    join.arguments =
        to_bytes(JoinArguments{server.public_key(),
                               server.sign(consent_message(fake.chain.tip().chain, id_of(0))),
                               {},
                               bond,
                               {}});
    Transaction transaction = prepared(fake, 0, join);
    sign(transaction, key(0));
    REQUIRE(fake.chain.try_one(transaction) == "done");
    const std::uint64_t deposit = provider_deposit_bytes * fake.chain.genesis().fee.byte_atoms;
    CHECK(node.bonded(id_of(0)) == Amount{bond.atoms + deposit});
    CHECK(node.bonded(id_of(1)) == Amount{});
}

TEST_CASE("much that waits is looked through in few requests, up to a limit")
{
    FakeNode fake;
    const std::uint64_t first = sequence_end(fake.chain.next_height());
    const auto requests_for = [&](std::uint64_t count) {
        while (fake.waiting.size() < count) {
            const std::uint64_t number = fake.waiting.size();
            const SpendTerms terms{.sequence = first + number, .fee = Amount{1'000'000}};
            Transaction& waits =
                fake.waiting.emplace_back(prepared(fake, 0, transfer(id_of(1), number + 1), terms));
            sign(waits, key(0));
        }
        const NodeClient node = fake.client();
        const ChainFacts facts = node.facts();
        const AccountView view = node.account(id_of(1));
        fake.requests = 0;
        const Balance balance = balance_of({node, facts, view});
        const std::uint64_t shown = std::min<std::uint64_t>(count, 500);
        CHECK(balance.pending_in == Amount{shown * (shown + 1) / 2});
        CHECK(balance.is_pool_whole == (count <= 500));
        return fake.requests;
    };
    const std::size_t none = requests_for(0);
    CHECK(requests_for(200) == none + 1);
    CHECK(requests_for(501) == none + 2); // the empty page at the end is not asked for
}

TEST_CASE("a node that hands out other transactions than it names is found out")
{
    FakeNode fake;
    Transaction waits = prepared(fake, 0, transfer(id_of(1), 5));
    sign(waits, key(0));
    const auto exit = [&](const TransactionId& id, std::size_t count) {
        Json entries = Json::array();
        for (std::size_t i = 0; i < count; ++i)
            entries.push(
                Json::object().set("id", to_hex_text(id.bytes)).set("arrival", Json::decimal(i)));
        const NodeClient node{[&](const LocalRequest&) {
            return local_reply(CallStatus::ok, Json::object().set("entries", entries),
                               to_bytes(waits));
        }};
        return exit_of([&] { (void)node.pool(1); });
    };
    CHECK(exit(transaction_id(waits.body), 1) == Exit::ok);
    CHECK(exit(transaction_id(waits.body), 2) == Exit::protocol);
    CHECK(exit(filled<TransactionId>(1), 1) == Exit::protocol);
}

TEST_CASE("a refusal is told, but not to who sends again what the node has")
{
    FakeNode fake;
    Transaction transaction = prepared(fake, 0, transfer(id_of(1), 5));
    sign(transaction, key(0));
    CHECK(fake.client().send(transaction).empty());
    fake.refusal = "known";
    CHECK(fake.client().send_again(transaction) == "known");
    fake.waiting.push_back(transaction);
    CHECK(fake.client().send(transaction) == "known");
    CHECK(fake.client().send_again(transaction).empty());
}

TEST_CASE("replies that are not as they should be are the node's fault")
{
    const auto exit = [](const LocalReply& reply) {
        const NodeClient node{[&](const LocalRequest&) { return reply; }};
        return exit_of([&] { (void)node.account(id_of(0)); });
    };
    CHECK(exit(local_reply(CallStatus::ok, Json::object())) == Exit::protocol);
    CHECK(exit(local_reply(CallStatus::ok, Json::object().set("height", "x"))) == Exit::protocol);
    CHECK(exit(local_refusal(CallStatus::failed, "broken")) == Exit::unavail);
    CHECK(exit(local_refusal(CallStatus::unsupported, "what?")) == Exit::protocol);
}
