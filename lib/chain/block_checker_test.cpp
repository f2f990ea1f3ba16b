#include "chain/block_checker.hpp"

#include "chain/testing.hpp"

#include <atomic>
#include <semaphore>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

/// Blocks of three transactions, of which some have a wrong signature at one place.
struct Jobs {
    std::vector<BlockChecker::Job> list;
    std::map<BlockId, bool> is_right;

    explicit Jobs(std::size_t count)
    {
        const SoloChain chain;
        for (std::size_t i = 0; i < count; ++i) {
            auto block = std::make_shared<Block>();
            for (std::uint64_t j = 0; j < 3; ++j)
                block->transactions.push_back(
                    chain.transfer(0, SoloChain::receiver(i), 1'000'000 + i, j));
            std::vector<bool> known(3, false);
            const std::size_t kind = i % 5; // 3: known to be right; 4: all is right
            if (kind < 4)
                block->transactions[kind % 3].signatures[0].signature.bytes[i % 64] ^= std::byte{1};
            if (kind == 3) known[0] = true;
            const BlockId id{sha256(noise(8, i)).bytes};
            is_right[id] = kind >= 3;
            list.push_back({id, block, known});
        }
    }
};

} // namespace

TEST_CASE("signatures are looked at but for those that are known, with threads or without")
{
    for (const unsigned threads : {0U, 1U, 3U}) {
        const Jobs jobs{60};
        std::counting_semaphore<> woken{0};
        BlockChecker checker{threads, [&] { woken.release(); }};
        CHECK(checker.outcomes().empty());
        for (const auto& job : jobs.list) checker.add(job);
        if (threads == 0) CHECK(checker.pending() == 60);
        std::map<BlockId, bool> found;
        while (found.size() < 60) {
            if (threads > 0) woken.acquire();
            for (const auto& outcome : checker.outcomes())
                CHECK(found.emplace(outcome.id, outcome.is_signed).second);
        }
        CHECK(found == jobs.is_right);
        CHECK(checker.pending() == 0);
        CHECK(checker.outcomes().empty());
    }
}

TEST_CASE("a checker ends at any time, whatever is still to be done")
{
    const Jobs jobs{40};
    for (unsigned i = 0; i < 20; ++i) {
        std::atomic<unsigned> wakes = 0;
        BlockChecker checker{2, [&] { ++wakes; }};
        for (std::size_t j = 0; j < 2 * i; ++j) checker.add(jobs.list[j]);
        if (i % 2 == 0) (void)checker.outcomes();
    }
}
