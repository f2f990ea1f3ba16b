#include "chain/testing.hpp"
#include "os/testing.hpp"

#include <set>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

/// What an account has to do with, the newest first, without the code under test.
std::vector<TransactionPlace> history_of(const SoloChain& chain, const AccountId& account)
{
    std::vector<TransactionPlace> places;
    for (const MadeBlock& made : chain.blocks()) {
        const Block& block = made.block;
        if (block.header.height == Height{}) continue;
        std::uint32_t index = 0;
        for (const Transaction& transaction : block.transactions) {
            const auto to = parse_transfer(transaction.body.call.arguments).transfers.front().to;
            if (transaction.body.call.sender == account || to == account)
                places.push_back({block.header.height, index});
            ++index;
        }
        if (block.header.producer == account) places.push_back({block.header.height, block_itself});
    }
    std::ranges::reverse(places);
    return places;
}

std::string index_fault(const ChainStore& store, const SoloChain& chain,
                        const std::vector<MadeBlock>& gone)
{
    std::set<TransactionId> here;
    for (const MadeBlock& made : chain.blocks()) {
        std::uint32_t index = 0;
        const auto receipts = store.receipts(made.known.header.height);
        if (made.known.header.height != Height{} &&
            receipts_root(receipts) != made.known.header.receipts)
            return "receipts are others";
        for (const Transaction& transaction : made.block.transactions) {
            const TransactionId id = transaction_id(transaction.body);
            here.insert(id);
            const auto place = store.find(id);
            if (place != TransactionPlace{made.known.header.height, index})
                return "a transaction is elsewhere";
            if (receipts.at(index++).id != id) return "a receipt is another's";
        }
    }
    for (const MadeBlock& made : gone) {
        if (store.height_of(made.known.id) &&
            store.at(made.known.header.height)->id != made.known.id)
            return "a block that is gone has a height";
        for (const Transaction& transaction : made.block.transactions) {
            const TransactionId id = transaction_id(transaction.body);
            if (!here.contains(id) && store.find(id)) return "a transaction that is gone is found";
        }
    }
    std::set<AccountId> accounts;
    for (unsigned i = 0; i < 4; ++i) accounts.insert(SoloChain::id(i));
    for (unsigned i = 0; i < 50; ++i) accounts.insert(SoloChain::receiver(i));
    for (const AccountId& account : accounts) {
        const auto expected = history_of(chain, account);
        if (store.history(account, {}, 100'000) != expected) return "a history is another";
        for (const std::size_t page : {1U, 3U}) {
            std::vector<TransactionPlace> found;
            std::optional<TransactionPlace> before;
            for (;;) {
                const auto more = store.history(account, before, page);
                if (more.size() > page) return "a page is too long";
                found.insert(found.end(), more.begin(), more.end());
                if (more.size() < page) break;
                before = more.back();
            }
            if (found != expected) return "the pages are others";
        }
        if (!store.history(account, {}, 0).empty()) return "nothing is something";
        if (!store.history(account, TransactionPlace{}, 5).empty()) return "before all is more";
    }
    return "";
}

} // namespace

TEST_CASE("transactions, receipts and histories are found, after steps to the side too")
{
    SoloChain chain;
    const TestDirectory directory;
    ChainStore store{directory.path(), chain.genesis(), chain.consensus()};
    CHECK(index_fault(store, chain, {}) == "");
    std::vector<MadeBlock> gone;
    for (unsigned round = 0; round < 6; ++round) {
        for (unsigned i = 0; i < 7; ++i)
            REQUIRE(put_on(store, chain.add_some(31 * round + i)) == "");
        store.commit();
        CHECK(index_fault(store, chain, gone) == "");
        for (unsigned i = 0; i < round; ++i) {
            gone.push_back(chain.tip());
            store.disconnect();
            chain.undo();
        }
        store.commit();
        CHECK(index_fault(store, chain, gone) == "");
    }
}

TEST_CASE("without an index there is the chain, but nothing is found in it")
{
    SoloChain chain;
    const TestDirectory directory;
    ChainStore store{directory.path(), chain.genesis(), chain.consensus(), {.has_index = false}};
    for (unsigned i = 0; i < 5; ++i) REQUIRE(put_on(store, chain.add_some(i)) == "");
    store.disconnect();
    store.commit();
    CHECK_FALSE(store.find(transaction_id(chain.blocks()[1].block.transactions.at(0).body)));
    CHECK(store.history(SoloChain::id(0), {}, 10).empty());
    CHECK(store.receipts({1}).size() == chain.blocks()[1].block.transactions.size());
}
