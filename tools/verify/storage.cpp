// Proofs that shards are stored, the tags that they rest on, and what came of audits.

#include "storage.hpp"

#include "audit/storage_challenge.hpp"
#include "audit/transcript.hpp"
#include "base/error.hpp"
#include "base/hex.hpp"
#include "cli/progress.hpp"
#include "format/address.hpp"
#include "keyring/identities.hpp"
#include "os/input.hpp"
#include "os/process.hpp"
#include "os/random.hpp"
#include "proofs/key_file.hpp"
#include "proofs/stored_shard.hpp"

namespace cairn {
namespace {

/// Refuses to read two things from standard input.
void need_one_input(std::initializer_list<std::string> names)
{
    if (std::ranges::count(names, "-") > 1)
        throw Error{Exit::usage, "standard input is named more than once"};
}

/// "1 tag", "2 tags"
std::string counted(std::uint64_t count, const std::string& what)
{
    return std::to_string(count) + ' ' + what + (count == 1 ? "" : "s");
}

/// What is wrong when a key is not of the owner that the command line names.
std::string fault_of(const SignedAuditKey& key, const std::string& owner)
{
    if (owner.empty() || load_signer_key(owner).key == key.owner) return {};
    return "the key is of another owner: " + to_address(key.owner);
}

/// What is wrong that is seen without the shard.
std::string fault_before_tags(const StoredShard& shard, const SignedProverKey& key,
                              Entropy& entropy)
{
    const TagHeader& header = shard.header();
    if (!key.powers.belongs_to(key.audit.key, entropy))
        return "the prover key is not what its audit key says";
    if (header.key != key.audit.key.id()) return "the tags are of another key";
    if (header.owner != key.audit.owner)
        return "the tags are signed by somebody else: " + to_address(header.owner);
    return shard.is_signed() ? "" : "the tag file's signature is wrong";
}

/// No if there is a fault, else yes; in words or as JSON.
Exit answer(const std::string& fault, const std::string& yes, const Json& more, Console& console)
{
    if (console.json()) {
        Json json = Json::object().set("valid", fault.empty());
        if (!fault.empty()) json.set("reason", fault);
        console.result(json.merge(more));
    } else if (!fault.empty()) {
        console.warning(fault);
    } else if (!console.options().quiet) {
        console.print(yes + '\n');
    }
    return fault.empty() ? Exit::ok : Exit::no;
}

} // namespace

VerifyStorage::VerifyStorage() : threads_{available_cores()} {}

void VerifyStorage::declare(Cli& cli)
{
    proof_ = &cli.verb("storage", "Check a proof that shards are stored");
    proof_->usage("--challenge FILE --key FILE [-p OWNER] [PROOF]");
    proof_->operand("PROOF", file_, "The proof; '-' is standard input");
    proof_->option("--challenge", "FILE", challenge_, "What was asked");
    proof_->option("--key", "FILE", key_, "The owner's audit key");
    proof_->option("-p,--public-key", "OWNER", signer_, "Refuse the key of anybody else");

    tags_ = &cli.verb("tags", "Check all tags of a shard before promising to prove it");
    tags_->usage("--key FILE [--tags FILE] [SHARD]");
    tags_->operand("SHARD", file_, "What was tagged; '-' is standard input");
    tags_->option("--key", "FILE", key_, "The owner's prover key");
    tags_->option("-p,--public-key", "OWNER", signer_, "Refuse the key of anybody else");
    tags_->option("--tags", "FILE", tag_file_, "The tags; SHARD.tag if not given");
    tags_->number("-j,--threads", "N", threads_, {1, 64}, "Compute in N threads; all cores");

    transcript_ = &cli.verb("transcript", "Check what came of an audit, without a provider");
    transcript_->usage("[--key FILE] [-p AUDITOR] [FILE]");
    transcript_->operand("FILE", file_, "The transcript; '-' is standard input");
    transcript_->option("--key", "FILE", key_, "Refuse an audit with another audit key");
    transcript_->option("-p,--public-key", "AUDITOR", signer_, "Refuse any other auditor");
}

bool VerifyStorage::is_chosen() const noexcept
{
    return proof_->is_chosen() || tags_->is_chosen() || transcript_->is_chosen();
}

Exit VerifyStorage::run(Console& console) const
{
    if (transcript_->is_chosen()) return verify_transcript(console);
    if (key_.empty()) throw Error{Exit::usage, "no key", "use --key FILE"};
    return tags_->is_chosen() ? verify_tags(console) : verify_proof(console);
}

Exit VerifyStorage::verify_proof(Console& console) const
{
    if (challenge_.empty())
        throw Error{Exit::usage, "no challenge", "use --challenge FILE: a proof answers only one"};
    const std::string file = file_.value_or("-");
    need_one_input({file, challenge_, key_});
    // The proof comes last in a pipe, and the challenge is a whole file by then.
    const AnsweredChallenge answered =
        parse_storage_proof(read_small_file(file, challenge_size_max + 2 * StorageProof::size));
    const StorageChallenge challenge =
        parse_challenge(read_small_file(challenge_, challenge_size_max));
    const SignedAuditKey key = read_audit_key(key_);
    const StorageStatement statement = statement_of(challenge, key.key);
    std::string fault = fault_of(key, signer_);
    if (fault.empty() && !(answered.challenge == challenge))
        fault = "the proof answers another challenge";
    if (fault.empty() && !verify(statement, answered.proof)) fault = "the proof is wrong";
    const std::string what = counted(statement.challenge.blocks.size(), "block") + " of " +
                             counted(statement.files.size(), "shard");
    return answer(fault, "valid: " + what + " of " + to_address(key.owner),
                  Json::object()
                      .set("owner", to_address(key.owner))
                      .set("key", to_hex_text(key.key.id().bytes))
                      .set("blocks", statement.challenge.blocks.size())
                      .set("files", statement.files.size()),
                  console);
}

Exit VerifyStorage::verify_tags(Console& console) const
{
    const std::string file = file_.value_or("-");
    need_one_input({file, tag_file_.value_or(""), key_});
    if (file == "-" && !tag_file_)
        throw Error{Exit::usage, "no tags for standard input", "use --tags FILE"};
    const SignedProverKey key = read_prover_key(key_);
    StoredShard shard{Input::open_operand(file_),
                      Input::open_regular(tag_file_.value_or(file + ".tag"))};
    const TagHeader& header = shard.header();
    SystemEntropy entropy;
    std::string fault = fault_of(key.audit, signer_);
    if (fault.empty()) fault = fault_before_tags(shard, key, entropy);
    if (fault.empty()) {
        Progress progress{console, "verify", header.file_size};
        if (!are_tags_right(shard, key, entropy,
                            {.workers = static_cast<unsigned>(threads_),
                             .done = [&](std::uint64_t bytes) { progress.add(bytes); }}))
            fault = "a tag, or the shard, is wrong";
    }
    return answer(
        fault, "valid: " + counted(header.blocks(), "tag") + " of " + to_address(key.audit.owner),
        Json::object()
            .set("owner", to_address(key.audit.owner))
            .set("key", to_hex_text(header.key.bytes))
            .set("file", to_hex_text(header.file_id().bytes))
            .set("root", to_hex_text(header.root.bytes))
            .set("size_bytes", header.file_size)
            .set("blocks", header.blocks()),
        console);
}

Exit VerifyStorage::verify_transcript(Console& console) const
{
    const std::string file = file_.value_or("-");
    need_one_input({file, key_});
    const Transcript transcript = parse_transcript(read_small_file(file, transcript_size_max));
    std::vector<std::string> faults = faults_of(transcript);
    if (!key_.empty() && !(read_audit_key(key_).key == transcript.key.key))
        faults.emplace_back("the audit key is another");
    if (!signer_.empty() && load_signer_key(signer_).key != transcript.auditor)
        faults.push_back("the auditor is another: " + to_address(transcript.auditor));
    Json providers = Json::array();
    std::string lines;
    for (const AuditedProvider& audited : transcript.providers) {
        const std::string provider = to_address(audited.provider);
        providers.push(Json::object()
                           .set("provider", provider)
                           .set("outcome", to_text(audited.outcome))
                           .set("files", audited.files.size())
                           .set("blocks", audited.blocks));
        lines += provider + '\t' + to_text(audited.outcome) + '\t' +
                 std::to_string(audited.files.size()) + '\t' + std::to_string(audited.blocks) +
                 '\n';
    }
    if (console.json()) {
        Json reasons = Json::array();
        for (const std::string& fault : faults) reasons.push(fault);
        Json json = Json::object()
                        .set("valid", faults.empty())
                        .set("reasons", reasons)
                        .set("owner", to_address(transcript.key.owner))
                        .set("key", to_hex_text(transcript.key.key.id().bytes))
                        .set("auditor", to_address(transcript.auditor))
                        .set("time_s", transcript.time_s)
                        .set("providers", providers);
        if (transcript.beacon) json.set("beacon", to_hex_text(transcript.beacon->bytes));
        console.result(json);
    } else {
        for (const std::string& fault : faults) console.warning(fault);
        if (faults.empty() && !console.options().quiet) console.print(lines);
    }
    return faults.empty() ? Exit::ok : Exit::no;
}

} // namespace cairn
