#pragma once

#include "audit/storage_challenge.hpp"
#include "net/hub.hpp"
#include "provider/committer.hpp"

namespace cairn {

struct GuarantorOptions {
    Committer::Runs runs = Committer::Runs::in_thread;
    std::function<void()> wake;    ///< from its threads, whenever something is done
    Entropy* entropy = nullptr;    ///< used from its threads, which it must outlive
    std::size_t waiting_max = 128; ///< checks, and as many proofs; a quarter for one link
};

/// What a provider computes for storage proofs, in threads of its own, so that the loop that serves
/// peers does not: it looks at tags and prover keys before it answers for them, and proves.
class Guarantor {
public:
    /// What came of an upload of class tags.
    struct Checked {
        StreamId stream;
        std::optional<Upload> upload; ///< with its notes, to be committed; none: refused
        CallStatus status = CallStatus::ok;
        std::string text;       ///< why it is refused
        std::uint64_t tags = 0; ///< that were checked
    };

    /// What came of a call of shard.prove.
    struct Proven {
        StreamId stream;
        CallStatus status = CallStatus::ok;
        Bytes reply; ///< or why not, in words
    };

    Guarantor(Depot& depot, const GuarantorOptions& options);
    Guarantor(const Guarantor&) = delete;
    Guarantor& operator=(const Guarantor&) = delete;

    /// Ends what it is doing; what waits is not done.
    ~Guarantor();

    /// Whether shards are more than may come in one upload of class tags.
    [[nodiscard]] static bool is_too_large(std::span<const ShardItem> items);

    /// Checks a complete upload; false when too many wait.
    [[nodiscard]] bool check(LinkId link, StreamId stream, Upload upload);

    /// The same at once, for callers that may wait. From any thread.
    [[nodiscard]] Checked check_now(Upload upload);

    /// About how many microseconds a proof takes; none when its prover key is not here.
    [[nodiscard]] std::optional<std::uint64_t> proof_cost(const ProveRequest& request) const;

    /// Makes a proof; false when too many wait. The seed is the one that the provider has derived.
    [[nodiscard]] bool prove(LinkId link, StreamId stream, ProveRequest request,
                             const ChallengeSeed& seed);

    /// The stream is gone: what it waits for is not done.
    void forget(StreamId stream);

    /// What is done and was not asked for before.
    std::vector<Checked> checked();
    std::vector<Proven> proven();

    /// What was asked for and not yet taken.
    [[nodiscard]] std::size_t pending() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace cairn
