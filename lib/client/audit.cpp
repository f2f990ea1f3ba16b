#include "client/audit.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "client/detail/object_census.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace cairn {
namespace {

using detail::Census;
using detail::ObjectCensus;
using detail::SegmentState;
using detail::ShardCensus;

constexpr std::uint64_t tick_ms = 50;
constexpr std::uint64_t pause_ms = 500; // before a provider that is busy is asked again
constexpr unsigned tries_max = 8;

/// One question to a provider: about as many shards as go into one.
struct Question {
    std::size_t provider = 0; // index in Session::providers()
    std::string reason;
    unsigned tries = 0;
    std::uint64_t due_ms = 0; // when to ask; UINT64_MAX: not any more
    bool is_asked = false;
    bool is_over = false;
};

class Auditor {
public:
    Auditor(Session& session, Entropy& entropy, const AuditOptions& options)
        : session_{&session},
          entropy_{&entropy},
          options_{&options},
          context_{session, {.patience_ms = options.patience_ms}},
          census_{context_, {}}
    {
        report_.transcript.auditor = options.auditor->public_key();
        report_.transcript.network = options.network;
        report_.transcript.beacon = options.beacon;
        for (std::size_t i = 0; i < session.providers().size(); ++i)
            by_key_.emplace(session.providers()[i].node_key, i);
    }

    void look_at(LinkKind kind, const ObjectId& id)
    {
        ObjectReader reader{
            *session_, kind, id, {.patience_ms = options_->patience_ms, .threads = 0}};
        if (kind != LinkKind::whole) {
            if (const auto manifest = reader.manifest()) look_at_segments(*manifest);
            look_at_segments(reader);
        }
        note(detail::count_copies(census_, reader, id));
    }

    void look_at_segments(ObjectReader& reader)
    {
        ObjectCensus object{reader, census_};
        for (;;) {
            const std::vector<SegmentState> states = object.next();
            if (states.empty()) return;
            for (const SegmentState& state : states) note(state);
        }
    }

    void ask_all()
    {
        plan();
        if (options_->is_recorded && !is_within_limits(report_.transcript))
            throw Error{Exit::usage, "a transcript of so many shards would be too large",
                        "ask for fewer blocks, or audit without a transcript"};
        for (;;) {
            if (session_->run([this] { return is_over(); }, session_->now_ms() + tick_ms)) return;
            const std::uint64_t now = session_->now_ms();
            for (std::size_t i = 0; i < questions_.size(); ++i)
                if (!questions_[i].is_over && !questions_[i].is_asked &&
                    questions_[i].due_ms <= now && !busy_.contains(questions_[i].provider))
                    ask(i);
        }
    }

    AuditReport finish()
    {
        judge(report_.transcript);
        report_.transcript.time_s = options_->now_s();
        sign(report_.transcript, *options_->auditor);
        std::map<std::size_t, ProviderAudit> audits;
        for (std::size_t i = 0; i < questions_.size(); ++i) {
            const AuditedProvider& audited = report_.transcript.providers[i];
            const Question& question = questions_[i];
            ProviderAudit& total = audits[question.provider];
            total.provider = question.provider;
            total.shards += audited.files.size();
            for (const ChallengedFile& file : audited.files) total.bytes += file.size;
            if (total.outcome != AuditOutcome::passed || audited.outcome == AuditOutcome::passed)
                continue;
            total.outcome = audited.outcome;
            total.reason =
                audited.outcome == AuditOutcome::wrong ? "its proof is wrong" : question.reason;
        }
        for (auto& [provider, total] : audits) report_.providers.push_back(std::move(total));
        report_.silent = census_.silent();
        return std::move(report_);
    }

private:
    void note(const SegmentState& state)
    {
        for (const ShardCensus* shard : state.distinct()) {
            if (!sizes_.emplace(shard->item.root, shard->item.size).second) continue;
            ++report_.shards;
            if (shard->holders.empty()) ++report_.missing;
            for (const std::size_t provider : shard->holders)
                held_[provider].emplace(shard->item.root);
        }
    }

    /// What each provider is asked about: what it says that it has, and what it has promised.
    void plan()
    {
        for (const PromisedShard& promise : options_->promised)
            if (const auto provider = by_key_.find(promise.provider);
                provider != by_key_.end() && sizes_.contains(promise.root))
                held_[provider->second].insert(promise.root);
        for (const auto& [provider, roots] : held_) {
            std::vector<ChallengedFile> files;
            for (const ShardRoot& root : roots) files.push_back({root, sizes_.at(root)});
            arrange(files, options_->key->key.id(), options_->key->key.sectors());
            for (std::size_t at = 0; at < files.size(); at += prove_files_max) {
                const auto first = files.begin() + static_cast<std::ptrdiff_t>(at);
                const auto count = std::min(prove_files_max, files.size() - at);
                add_question(provider, {first, first + static_cast<std::ptrdiff_t>(count)});
            }
        }
    }

    void add_question(std::size_t provider, std::vector<ChallengedFile> files)
    {
        std::vector<AuditedProvider>& asked = report_.transcript.providers;
        AuditedProvider& audited = asked.emplace_back();
        audited.provider = session_->providers()[provider].node_key;
        if (options_->beacon)
            audited.nonce = nonce_of(*options_->beacon, audited.provider, asked.size() - 1);
        else
            entropy_->fill(audited.nonce.bytes);
        audited.blocks = options_->blocks;
        audited.files = std::move(files);
        questions_.push_back({.provider = provider, .reason = {}});
    }

    void ask(std::size_t number)
    {
        Question& question = questions_[number];
        question.is_asked = true;
        busy_.insert(question.provider);
        const AuditedProvider& audited = report_.transcript.providers[number];
        ProveRequest request{.key = options_->key->key.id(),
                             .nonce = audited.nonce,
                             .blocks = audited.blocks,
                             .files = {}};
        for (const ChallengedFile& file : audited.files)
            request.files.push_back(audit_file_id(options_->key->key, file.size, file.root.bytes));
        SessionCall call;
        call.provider = question.provider;
        call.method = method::shard_prove;
        call.request = to_bytes(request);
        call.stall_ms = options_->patience_ms;
        call.done = [this, number](Reply&& reply) { settle(number, reply); };
        session_->start(std::move(call));
    }

    void settle(std::size_t number, const Reply& reply)
    {
        Question& question = questions_[number];
        AuditedProvider& audited = report_.transcript.providers[number];
        question.is_asked = false;
        busy_.erase(question.provider);
        const bool is_busy = reply.failure.empty() && reply.status == CallStatus::busy;
        if (is_busy && ++question.tries < tries_max) {
            question.due_ms = session_->now_ms() + pause_ms * question.tries;
            return;
        }
        question.is_over = true;
        if (options_->checked)
            for (const ChallengedFile& file : audited.files) options_->checked(file.size);
        if (!reply.failure.empty()) {
            question.reason = reply.failure;
            return;
        }
        audited.outcome = AuditOutcome::refused;
        if (reply.status != CallStatus::ok) {
            question.reason = is_utf8(as_text(reply.body)) && !reply.body.empty()
                                  ? std::string{as_text(reply.body)}
                                  : to_text(reply.status);
            return;
        }
        try {
            audited.proof = StorageProof::decode(parse_prove_reply(reply.body).proof.bytes);
        } catch (const Error&) { // told of below
        }
        if (audited.proof)
            audited.outcome = AuditOutcome::passed; // until it is judged
        else
            question.reason = "its proof is malformed";
    }

    [[nodiscard]] bool is_over() const
    {
        return std::ranges::all_of(questions_, &Question::is_over);
    }

    Session* session_;
    Entropy* entropy_;
    const AuditOptions* options_;
    detail::ReadContext context_;
    Census census_;
    std::map<Ed25519PublicKey, std::size_t> by_key_;
    std::map<ShardRoot, std::uint64_t> sizes_;        // bytes
    std::map<std::size_t, std::set<ShardRoot>> held_; // by provider
    std::vector<Question> questions_;                 // as the transcript has them
    std::set<std::size_t> busy_;                      // providers that have a question
    AuditReport report_{.transcript = {.key = *options_->key}};
};

} // namespace

bool AuditReport::is_good() const
{
    return missing == 0 && std::ranges::all_of(providers, [](const ProviderAudit& audit) {
               return audit.outcome == AuditOutcome::passed;
           });
}

AuditReport audit(Session& session, Entropy& entropy, LinkKind kind, const ObjectId& id,
                  const AuditOptions& options)
{
    Auditor auditor{session, entropy, options};
    auditor.look_at(kind, id);
    auditor.ask_all();
    return auditor.finish();
}

} // namespace cairn
