#pragma once

#include "ledger/block.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace cairn {

/// Checks the signatures of blocks in threads of its own, in any order.
class BlockChecker {
public:
    struct Job {
        BlockId id;
        std::shared_ptr<const Block> block;
        std::vector<bool> known; ///< of each transaction, whether it was checked before
    };
    struct Outcome {
        BlockId id;
        std::shared_ptr<const Block> block;
        bool is_signed = false;
    };

    /// With 0 threads, jobs are done when the outcomes are asked for. `wake` is called from the
    /// threads whenever there are some.
    BlockChecker(unsigned threads, std::function<void()> wake);
    BlockChecker(const BlockChecker&) = delete;
    BlockChecker& operator=(const BlockChecker&) = delete;
    ~BlockChecker();

    void add(Job job);

    /// What is done and was not asked for before.
    [[nodiscard]] std::vector<Outcome> outcomes();

    /// Jobs whose outcome was not yet taken.
    [[nodiscard]] std::size_t pending() const;

private:
    void run();

    std::function<void()> wake_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Job> jobs_;
    std::vector<Outcome> outcomes_;
    std::size_t working_ = 0;
    bool is_ending_ = false;
    std::vector<std::thread> threads_;
};

} // namespace cairn
