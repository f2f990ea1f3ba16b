#pragma once

#include "client/uploader.hpp"
#include "format/audit_message.hpp"

#include <functional>
#include <list>
#include <map>
#include <string>

namespace cairn {

/// What is sent so that a provider can prove that it has a shard.
struct OutgoingTags {
    ShardRoot shard;   ///< that the provider has
    AuditKeyId key_id; ///< the owner's
    OutgoingShard key; ///< the owner's prover key
    OutgoingShard set; ///< tag files, of this shard and perhaps others
};

/// Sends tag sets to providers, and before them the prover keys that these need, unless they are
/// there. A provider checks all tags before it takes them. Single-threaded, like the session.
class TagSender {
public:
    /// Told once: why a provider did not take the tags; empty when it did.
    using Done = std::function<void(const std::string& fault)>;

    /// Both must live longer.
    TagSender(Session& session, Uploader& uploader, std::uint64_t patience_ms);
    TagSender(const TagSender&) = delete;
    TagSender& operator=(const TagSender&) = delete;
    ~TagSender();

    /// Begins; `done` is called from Session::run() or tick(). `whose` names the caller to
    /// forget().
    void send(std::size_t provider, OutgoingTags tags, const void* whose, Done done);

    /// Does what is due by time; call it some times a second.
    void tick();

    /// `done` is called for no more of this caller's.
    void forget(const void* whose);

    [[nodiscard]] bool is_idle() const noexcept { return jobs_.empty(); }

private:
    enum class Step : std::uint8_t { asking, waiting_for_key, sending, pausing };
    struct Job {
        std::size_t provider = 0;
        OutgoingTags tags;
        const void* whose = nullptr;
        Done done;
        Step step = Step::asking;
        CallId call;
        UploadId upload;
        unsigned tries = 0;
        std::uint64_t due_ms = 0; ///< when to go on, while pausing
    };
    using Place = std::list<Job>::iterator;
    using KeyPlace = std::pair<std::size_t, ShardRoot>; // provider and prover key

    void ask(Place job);
    void settle_answer(Place job, const Reply& reply);
    void send_key(Place job);
    void settle_key(KeyPlace place, const UploadResult& result);
    void send_set(Place job);
    void settle_set(Place job, const UploadResult& result);
    void pause_or_end(Place job, const UploadResult& result);
    void end(Place job, const std::string& fault);

    Session* session_;
    Uploader* uploader_;
    std::uint64_t patience_ms_;
    std::list<Job> jobs_;
    std::map<KeyPlace, UploadId> keys_; // on their way
};

} // namespace cairn
