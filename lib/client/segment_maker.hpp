#pragma once

#include "client/encoder_pool.hpp"
#include "client/put_options.hpp"
#include "format/message.hpp"

#include <atomic>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace cairn {

/// An object while it is read, encrypted and encoded.
struct PutSource {
    PutInput input;
    std::unique_ptr<ObjectStream> stream;
    std::unique_ptr<PutJournal> journal; ///< null: not resumed
    std::shared_ptr<const ObjectKeys> keys;
    std::optional<std::uint64_t> stored_size; ///< bytes, as far as it is known before the end
    std::uint64_t segments = 0;               ///< read so far
    std::atomic<bool> is_abandoned = false;   ///< nobody wants the rest
    bool is_known = false;                    ///< to the one who takes the units

    std::shared_ptr<const void> ticket; ///< of the pool, for as long as the object is on its way

    explicit PutSource(PutInput object) : input{std::move(object)} {}
};

/// A segment that is ready to be sent, or a small object, or why there is none.
struct PutUnit {
    std::shared_ptr<PutSource> source;
    std::uint64_t index = 0;
    bool is_last = false;
    std::shared_ptr<SegmentEncoder> segment; ///< null at the end of an object without segments
    std::shared_ptr<const Bytes> whole;      ///< an object stored in whole copies
    ShardRoot root;                          ///< of it
    std::shared_ptr<const Bytes> record;     ///< its index record
    std::shared_ptr<const Bytes> tags;       ///< the tag set of its shards; null: not wanted
    std::exception_ptr failure;
};

/// Reads objects one after another and makes of them what is sent: encrypted, encoded, hashed, and
/// noted in the journal. Works in threads of its own, or in the caller's.
class SegmentMaker {
public:
    /// The next object to be stored; none at the end. From worker threads, one call at a time.
    using Next = std::function<std::optional<PutInput>()>;

    /// `wake` is called from worker threads when there is something to take. `options` must live
    /// longer.
    SegmentMaker(const PutOptions& options, Entropy& entropy, Next next,
                 std::function<void()> wake);
    SegmentMaker(const SegmentMaker&) = delete;
    SegmentMaker& operator=(const SegmentMaker&) = delete;
    ~SegmentMaker();

    /// What is ready. Units of an object may be out of order by as many as there are workers.
    std::vector<PutUnit> take();

    /// Whether nothing more will come, after what take() gave.
    [[nodiscard]] bool is_at_end() const;

    [[nodiscard]] EncoderPool& pool() noexcept { return *pool_; }
    [[nodiscard]] const Profile& profile() const noexcept { return profile_; }

    /// The record of an object that was stored.
    [[nodiscard]] Bytes make_record(const PutInput& input, std::uint64_t size, const Link& link);

    /// The tag set of shards with their roots; null where objects are not tagged.
    [[nodiscard]] std::shared_ptr<const Bytes> make_tags(std::span<const ShardRoot> roots,
                                                         std::span<const ByteView> shards) const;

private:
    struct Worker {
        std::thread thread;
        Bytes scratch; // where small objects stay
    };
    /// What a worker does between reading and handing over.
    struct Job {
        PutUnit unit;
        SegmentPart part;
        bool is_whole = false;
    };

    void work(Worker& worker) noexcept;
    bool make(Worker& worker);
    std::optional<Job> read(Worker& worker);
    void open(PutSource& source);
    void open_journal(PutSource& source, const FileState& file);
    void read_part(Worker& worker, Job& job);
    void read_segment(ByteView front, Job& job);
    void compute(Worker& worker, Job& job);
    void compute_whole(Worker& worker, Job& job);
    void push(PutUnit unit);

    const PutOptions* options_;
    Entropy* entropy_;
    Next next_;
    std::function<void()> wake_;
    Profile profile_;
    Code code_;
    std::shared_ptr<EncoderPool> pool_;
    std::mutex turn_; // to read
    std::shared_ptr<PutSource> current_;
    std::atomic<bool> is_stopped_ = false;
    std::atomic<std::uint64_t> records_ = 0;
    mutable std::mutex mutex_; // of what follows
    std::deque<PutUnit> ready_;
    bool is_input_at_end_ = false;
    unsigned busy_ = 0; // units being made
    std::vector<Worker> workers_;
};

} // namespace cairn
