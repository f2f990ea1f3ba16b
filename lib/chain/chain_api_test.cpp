#include "chain/chain_api.hpp"

#include "base/hex.hpp"
#include "chain/block_maker.hpp"
#include "chain/messages.hpp"
#include "engine/solo.hpp"
#include "ledger/coins.hpp"
#include "ledger/policy.hpp"
#include "ledger/state_proof.hpp"
#include "ledger/testing.hpp"
#include "net/sim_hub.hpp"
#include "os/random.hpp"
#include "os/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

constexpr std::uint64_t seed = 7;

class NoFiles final : public NodeFiles {
public:
    [[nodiscard]] Bytes load(const std::string&) override { return {}; }
    void save(const std::string&, ByteView) override {}
};

Genesis solo_genesis()
{
    Genesis genesis = test_genesis();
    genesis.engine = SoloRules{.producer = counting_pair(0).public_key()};
    genesis.policy = PointsPolicy{};
    return genesis;
}

/// A node without peers that makes no blocks, and its API; the test makes blocks.
class Desk {
public:
    Desk()
        : consensus_{genesis_},
          store_{directory_.path(), genesis_, consensus_},
          mempool_{genesis_, {}, seed},
          hub_{network_.add({.address = "", .link_key = &key_})},
          node_{{hub_, store_, consensus_, mempool_, entropy_, files_},
                {.address = "", .check_threads = 0, .now_ms = [this] { return now_ms(); }},
                {[](const std::string&, const Json&) {}, [](const std::string&) {},
                 [](const std::string&) {}}},
          api_{node_, store_, mempool_, [] { return ChainNodeFacts{}; }}
    {
    }

    /// Puts a block on top that is not durable yet.
    void connect(std::vector<Transaction> transactions = {})
    {
        const KnownHeader& tip = store_.tip();
        const BlockMaker maker{genesis_, consensus_, key_, account_id(key_.public_key())};
        auto state = store_.state();
        auto draft =
            maker.draft(tip, {*state, *state},
                        {tip.id, tip.header.time_s + 1,
                         solo_consensus_data(tip.header.chain, tip.header.height + 1, key_)},
                        [&](BlockExecution& execution) {
                            for (const Transaction& transaction : transactions)
                                REQUIRE_FALSE(execution.add(transaction));
                            return transactions;
                        });
        state.reset(); // who reads must not begin to write
        REQUIRE(draft);
        maker.seal(*draft);
        store_.put_body(draft->block, draft->id);
        const KnownHeader known{draft->id, draft->block.header, draft->block.seal,
                                consensus_.next_state(tip.state, draft->block.header)};
        REQUIRE_FALSE(store_.connect(known, draft->block));
    }

    LocalReply ask(const std::string& method, const Json& request = Json::object(), Bytes body = {})
    {
        return api_.answer({method, request.dump(), std::move(body)});
    }

    /// What it is answered, which is ok.
    Json told(const std::string& method, const Json& request = Json::object(), Bytes body = {})
    {
        const LocalReply reply = ask(method, request, std::move(body));
        CHECK(reply.status == "ok");
        return Json::parse(reply.json, "the reply");
    }

    /// Takes the block on top back; what it has waits again.
    void take_back()
    {
        const Block block = store_.disconnect();
        mempool_.block_disconnected(block, *store_.state(), now_ms());
    }

    [[nodiscard]] const ChainStore& store() const { return store_; }

    /// Who makes the blocks, and sends.
    [[nodiscard]] std::string account() const
    {
        return to_hex_text(account_id(key_.public_key()).bytes);
    }

    /// To one account, or to so many.
    [[nodiscard]] Transaction transfer(std::uint64_t sequence, std::uint64_t atoms,
                                       std::size_t count = 1) const
    {
        Transaction transaction;
        TransactionBody& body = transaction.body;
        body.chain = network_id(genesis_);
        body.call.sender = account_id(key_.public_key());
        body.call.sequence = sequence;
        body.call.module = module_number::coins;
        body.call.method = static_cast<std::uint16_t>(CoinsMethod::transfer);
        const CoinTransfer one{account_id(counting_pair(32).public_key()), {atoms}};
        body.call.arguments =
            to_bytes(TransferArguments{std::vector<CoinTransfer>(count, one), {}});
        body.fee = {atoms_per_coin};
        body.valid_until = {1'000};
        sign(transaction, key_);
        return transaction;
    }

private:
    [[nodiscard]] std::uint64_t now_ms() const { return genesis_.time_s * 1000 + 60'000; }

    TestDirectory directory_;
    const Genesis genesis_ = solo_genesis();
    const Ed25519KeyPair key_ = counting_pair(0);
    SoloConsensus consensus_;
    ChainStore store_;
    Mempool mempool_;
    SimNetwork network_{seed};
    Hub& hub_;
    SystemEntropy entropy_;
    NoFiles files_;
    ChainNode node_;
    ChainApi api_;
};

std::string hex(const StateKey& key)
{
    return to_hex_text(key.bytes);
}

} // namespace

TEST_CASE("what is told of a block that came just now is of the state after it, and durable")
{
    Desk desk;
    desk.connect();
    CHECK(desk.store().has_uncommitted());
    CHECK(desk.told("header").member("height").number() == 1);
    CHECK_FALSE(desk.store().has_uncommitted());
    desk.connect();
    const LocalReply reply =
        desk.ask("value", Json::object().set("key", hex(supply_key())).set("is_proven", true));
    REQUIRE(reply.status == "ok");
    const StateProof proof = parse_state_proof(reply.body);
    CHECK(is_proven(proof));
    CHECK(proof.header.height == Height{2});
}

TEST_CASE("a block that was taken back is not told of")
{
    Desk desk;
    desk.connect();
    desk.connect();
    CHECK(desk.told("header").member("confirmations").number() == 1);
    desk.take_back();
    CHECK(desk.ask("header", Json::object().set("height", 2)).status == "no");
    CHECK(desk.told("header", Json::object().set("height", 1)).member("confirmations").number() ==
          1);
}

TEST_CASE("the record of a key says where it is beside what is asked of the chain")
{
    Desk desk;
    for (int i = 0; i < 3; ++i) desk.connect();
    const Json reply = desk.told("value", Json::object().set("key", hex(remembered_key({2}))));
    CHECK(reply.member("height").number() == 3);
    CHECK(reply.member("value").member("height").number() == 2);
    CHECK(reply.member("value").member("table").text() == "block");
    CHECK(reply.member("value").member("record").is_object());
    const Json none = desk.told("value", Json::object().set("key", hex(remembered_key({9}))));
    CHECK(none.member("is_here").boolean() == false);
    CHECK(none.member("value").member("record").is_null());
}

TEST_CASE("what waits is told page by page, also what came back from a block")
{
    Desk desk;
    const std::uint64_t first = sequence_end({0});
    const Transaction back = desk.transfer(first, 1'000'000);
    desk.connect({back});
    (void)desk.told(
        "send", Json::object(),
        transactions_bytes(std::array{desk.transfer(first + 1, 2), desk.transfer(first + 2, 3)}));
    desk.take_back();
    Json request = Json::object().set("count", 1);
    std::vector<std::string> ids;
    for (;;) {
        const LocalReply answer = desk.ask("mempool", request);
        const Json reply = Json::parse(answer.json, "the reply");
        CHECK(reply.member("transactions").number() == 3);
        const Json entries = reply.member("entries");
        if (entries.size() == 0) break;
        REQUIRE(entries.size() == 1);
        const TransactionBody body = parse_transaction(answer.body).body;
        CHECK(entries.item(0).member("lane").number() == 0);
        CHECK(entries.item(0).member("sequence").number() == body.call.sequence);
        ids.push_back(*entries.item(0).member("id").text());
        CHECK(ids.back() == to_hex_text(transaction_id(body).bytes));
        request.set("after", entries.item(0).member("arrival"));
        REQUIRE(ids.size() <= 3);
    }
    CHECK(ids.size() == 3);
    CHECK(ids.front() == to_hex_text(transaction_id(back.body).bytes));
}

TEST_CASE("a page of what waits has no more bytes than it may have")
{
    Desk desk;
    desk.connect();
    const std::uint64_t first = sequence_end({0});
    constexpr std::size_t count = 60;
    std::vector<Transaction> sent;
    for (std::size_t i = 0; i < count; ++i)
        sent.push_back(desk.transfer(first + i, 1, transfers_max));
    (void)desk.told("send", Json::object(), transactions_bytes(sent));
    Json request = Json::object();
    std::vector<std::size_t> pages;
    std::vector<Transaction> told;
    for (;;) {
        const LocalReply answer = desk.ask("mempool", request);
        const Json entries = Json::parse(answer.json, "the reply").member("entries");
        CHECK(answer.body.size() <= 512UL * 1024);
        const std::vector<Transaction> page = parse_transactions(answer.body, count);
        REQUIRE(page.size() == entries.size());
        if (page.empty()) break;
        pages.push_back(page.size());
        told.insert(told.end(), page.begin(), page.end());
        request.set("after", entries.item(page.size() - 1).member("arrival"));
        REQUIRE(pages.size() <= count);
    }
    CHECK(pages.size() == 2);
    CHECK(told == sent);
}

TEST_CASE("history is told page by page, blocks among it")
{
    Desk desk;
    for (int i = 0; i < 5; ++i) desk.connect();
    Json request = Json::object().set("account", desk.account()).set("count", 2);
    std::vector<std::uint64_t> heights;
    for (;;) {
        const Json entries = desk.told("history", request).member("entries");
        if (entries.size() == 0) break;
        for (std::size_t i = 0; i < entries.size(); ++i)
            heights.push_back(*entries.item(i).member("height").number());
        const Json last = entries.item(entries.size() - 1);
        request.set("before_height", last.member("height"))
            .set("before_index", last.member("index"));
        REQUIRE(heights.size() <= 5);
    }
    CHECK(heights == std::vector<std::uint64_t>{5, 4, 3, 2, 1});
    request.set("before_height", std::uint64_t{1} << 32U).set("before_index", 0);
    CHECK(desk.ask("history", request).status == "malformed");
}
