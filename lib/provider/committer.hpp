#pragma once

#include "depot/depot.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cairn {

/// Does what has to wait for the disk, so that the loop that serves peers does not: complete
/// uploads become durable and entries are dropped, in groups, in the order in which they came.
class Committer {
public:
    enum class Runs {
        in_thread, ///< in a thread of its own
        when_asked ///< in outcomes(), for simulated networks: the same each time
    };

    /// What came of one job.
    struct Outcome {
        std::uint64_t job = 0;
        std::optional<Stored> stored; ///< of an upload that is durable
        std::uint64_t dropped = 0;    ///< entries
        std::string failure;          ///< not empty where the disk failed
    };

    /// `wake` is called, from the thread, whenever there are outcomes.
    Committer(Depot& depot, Runs runs, std::function<void()> wake);
    Committer(const Committer&) = delete;
    Committer& operator=(const Committer&) = delete;

    /// Does what was added before it ends.
    ~Committer();

    /// Both give the number of the job, under which its outcome comes.
    std::uint64_t add(Upload upload);
    std::uint64_t add_drop(const AccountId& owner, std::vector<DropItem> items);

    /// What is done and was not asked for before.
    std::vector<Outcome> outcomes();

    /// Jobs whose outcome was not yet taken.
    [[nodiscard]] std::size_t pending() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace cairn
