// cairn-tag: make the tags by which anybody can check that a shard is still stored. See
// cairn-tag(1).

#include "audit/signed_key.hpp"
#include "base/error.hpp"
#include "base/hex.hpp"
#include "cli/cli.hpp"
#include "cli/environment.hpp"
#include "cli/progress.hpp"
#include "keyring/identities.hpp"
#include "keyring/passphrase.hpp"
#include "os/input.hpp"
#include "os/output.hpp"
#include "os/pipeline.hpp"
#include "os/random.hpp"
#include "proofs/tagging.hpp"

#include <algorithm>

using namespace cairn;

namespace {

struct Options {
    std::optional<std::string> shard;
    std::string identity;
    PassphraseOptions passphrase;
    std::optional<std::string> output;
    std::optional<std::string> audit_key;
    std::optional<std::string> prover_key;
    std::uint64_t sectors = sectors_usual;
    std::uint64_t threads = default_workers(64);
    bool force = false;

    /// The keys alone are wanted.
    [[nodiscard]] bool is_without_shard() const
    {
        return !shard && !output && (audit_key || prover_key);
    }
    [[nodiscard]] std::optional<std::string> tag_file() const
    {
        if (output || !shard || *shard == "-") return output;
        return *shard + ".tag";
    }
};

/// The files that are asked for. All are opened before any is made.
struct Outputs {
    explicit Outputs(const Options& options)
    {
        const auto existing = options.force ? Output::Existing::replace : Output::Existing::refuse;
        if (options.audit_key) audit_key = Output::open(*options.audit_key, existing);
        if (options.prover_key) prover_key = Output::open(*options.prover_key, existing);
        if (!options.is_without_shard()) tags = Output::open_binary(options.tag_file(), existing);
    }

    std::optional<Output> audit_key;
    std::optional<Output> prover_key;
    std::optional<Output> tags;
};

/// Whether the result must not be printed, because a file is. Throws Error{usage} when two files
/// are to be written to one place.
bool is_printing(const Options& options)
{
    std::vector<std::string> paths;
    if (options.audit_key) paths.push_back(*options.audit_key);
    if (options.prover_key) paths.push_back(*options.prover_key);
    if (!options.is_without_shard()) paths.push_back(options.tag_file().value_or("-"));
    const auto count = std::ranges::count_if(paths, is_standard_output);
    if (count > 1) throw Error{Exit::usage, "standard output cannot have more than one file"};
    std::ranges::sort(paths);
    if (const auto same = std::ranges::adjacent_find(paths); same != paths.end())
        throw Error{Exit::usage, "two files cannot both be " + *same};
    return count == 1;
}

void write_keys(const Tagger& tagger, Outputs& outputs)
{
    const SignedAuditKey key = sign(tagger.key, *tagger.owner);
    if (outputs.audit_key) {
        outputs.audit_key->write(as_bytes(to_text(key) + '\n'));
        outputs.audit_key->commit();
    }
    if (outputs.prover_key) {
        outputs.prover_key->write(
            to_bytes(SignedProverKey{key, tagger.secret->prover_key(key.key.sectors())}));
        outputs.prover_key->commit();
    }
}

TagHeader write_tags(Input& input, Output& output, const Options& options, const Tagger& tagger,
                     Console& console)
{
    Progress progress{console, "tag", input.size()};
    SystemEntropy entropy;
    const TagHeader header =
        tag_stream([&](MutableByteView buffer) { return input.read(buffer); },
                   [&](ByteView bytes) { output.write(bytes); }, tagger, entropy,
                   {.workers = static_cast<unsigned>(options.threads),
                    .temporary_directory = temporary_directory(),
                    .done = [&](std::uint64_t bytes) { progress.add(bytes); }});
    output.commit();
    progress.finish();
    return header;
}

Exit tag(const Options& options, Console& console)
{
    if (options.identity.empty()) throw Error{Exit::usage, "no identity", "use -i FILE"};
    const auto operand = options.is_without_shard() ? std::string{} : options.shard;
    refuse_shared_standard_input(operand, {options.identity}, options.passphrase);
    const bool prints = is_printing(options);
    const Identity identity =
        load_identity(options.identity, [&] { return options.passphrase.read(false); });
    const AuditSecret secret{identity.derive("por").bytes()};
    const Tagger tagger{&secret, &identity.signing(),
                        secret.audit_key(static_cast<std::uint32_t>(options.sectors))};
    std::optional<Input> input;
    if (!options.is_without_shard()) input = Input::open_operand(options.shard);
    Outputs outputs{options};
    Json result = Json::object()
                      .set("key", to_hex_text(tagger.key.id().bytes))
                      .set("sectors", tagger.key.sectors());
    if (input) {
        const TagHeader header = write_tags(*input, *outputs.tags, options, tagger, console);
        result.set("file", to_hex_text(header.file_id().bytes))
            .set("root", to_hex_text(header.root.bytes))
            .set("size_bytes", header.file_size)
            .set("blocks", header.blocks())
            .set("tag_file_bytes", header.tag_file_size());
    }
    write_keys(tagger, outputs);
    if (prints)
        console.event("summary", result);
    else if (console.json())
        console.result(result);
    return Exit::ok;
}

} // namespace

int main(int argc, char** argv)
{
    Options options;
    Cli cli{"tag", "Make the tags by which anybody can check that a shard is stored"};
    cli.usage("-i FILE [-o FILE] [SHARD]");
    cli.usage("-i FILE [--public FILE] [--prover FILE]");
    cli.formats("tags 1, audit key 1, prover key 1");
    cli.operand("SHARD", options.shard, "What to tag; '-' is standard input");
    cli.group("Keys");
    cli.option("-i,--identity", "FILE", options.identity, "Tag as the identity in FILE");
    options.passphrase.declare(cli, "-p,--passphrase");
    cli.number("--sectors", "N", options.sectors, {1, sectors_max},
               "Make blocks of N times 31 bytes; 1024");
    cli.group("Output");
    cli.option("-o,--output", "FILE", options.output, "Write the tags to FILE; else SHARD.tag");
    cli.option("--public", "FILE", options.audit_key, "Write the audit key, for who checks proofs");
    cli.option("--prover", "FILE", options.prover_key,
               "Write the prover key, for who makes proofs");
    cli.flag("-f,--force", options.force, "Replace files that exist");
    cli.number("-j,--threads", "N", options.threads, {1, 64}, "Use N threads");
    cli.example("cairn-tag -i me.key --public me.audit --prover me.prover", "the keys, once");
    cli.example("cairn-tag -i me.key 000.shard", "000.shard.tag beside it");
    return cli.run(argc, argv, [&](Console& console) { return tag(options, console); });
}
