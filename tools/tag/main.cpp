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

void write_file(const std::string& path, ByteView bytes, const Options& options)
{
    const auto existing = options.force ? Output::Existing::replace : Output::Existing::refuse;
    Output output = Output::open(path, existing);
    output.write(bytes);
    output.commit();
}

void write_keys(const Options& options, const Tagger& tagger)
{
    const SignedAuditKey key = sign(tagger.key, *tagger.owner);
    if (options.audit_key) write_file(*options.audit_key, as_bytes(to_text(key) + '\n'), options);
    if (options.prover_key)
        write_file(*options.prover_key,
                   to_bytes(SignedProverKey{key, tagger.secret->prover_key(key.key.sectors())}),
                   options);
}

TagHeader write_tag_file(const Options& options, const Tagger& tagger, Console& console)
{
    Input input = Input::open_operand(options.shard);
    const auto existing = options.force ? Output::Existing::replace : Output::Existing::refuse;
    Output output = Output::open_binary(options.tag_file(), existing);
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
    refuse_shared_standard_input(options.shard, {options.identity}, options.passphrase);
    const Identity identity =
        load_identity(options.identity, [&] { return options.passphrase.read(false); });
    const AuditSecret secret{identity.derive("por").bytes()};
    const Tagger tagger{&secret, &identity.signing(),
                        secret.audit_key(static_cast<std::uint32_t>(options.sectors))};
    write_keys(options, tagger);
    Json result = Json::object()
                      .set("key", to_hex_text(tagger.key.id().bytes))
                      .set("sectors", tagger.key.sectors());
    if (!options.is_without_shard()) {
        const TagHeader header = write_tag_file(options, tagger, console);
        result.set("file", to_hex_text(header.file_id().bytes))
            .set("root", to_hex_text(header.root.bytes))
            .set("size_bytes", header.file_size)
            .set("blocks", header.blocks())
            .set("tag_file_bytes", header.tag_file_size());
        if (is_standard_output(options.tag_file().value_or("-"))) {
            console.event("summary", result);
            return Exit::ok;
        }
    }
    if (console.json()) console.result(result);
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
