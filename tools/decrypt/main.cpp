// cairn-decrypt: decrypt an age file. See cairn-decrypt(1).

#include "base/error.hpp"
#include "cli/cli.hpp"
#include "cli/progress.hpp"
#include "keyring/identities.hpp"
#include "keyring/passphrase.hpp"
#include "os/input.hpp"
#include "os/output.hpp"
#include "os/pipeline.hpp"
#include "stream/terminal_output.hpp"

using namespace cairn;

namespace {

struct Options {
    std::optional<std::string> file;
    std::vector<std::string> identities;
    PassphraseOptions passphrase;
    std::string output = "-";
    bool is_output_named = false;
    bool force = false;
    std::uint64_t threads = default_workers();
};

Exit decrypt(const Options& options, Console& console)
{
    if (options.identities.empty() && !options.passphrase.is_given())
        throw Error{Exit::usage, "nothing to decrypt with", "use -i FILE or -p"};
    refuse_shared_standard_input(options.file, options.identities, options.passphrase);
    const AskPassphrase ask = [&] { return options.passphrase.read(false); };
    std::vector<AgeIdentity> identities;
    for (const std::string& path : options.identities)
        for (AgeIdentity& identity : load_age_identities(path, ask))
            identities.push_back(std::move(identity));

    Input input = Input::open_operand(options.file);
    const auto existing = options.force ? Output::Existing::replace : Output::Existing::refuse;
    Output output = Output::open(options.output, existing);
    const bool is_guarded = output.is_terminal() && !options.is_output_named;
    const Sink sink =
        is_guarded ? to_terminal(output) : [&output](ByteView bytes) { output.write(bytes); };
    console.debug("threads: " + std::to_string(options.threads));
    Progress progress{console, "decrypt", input.size()};
    std::uint64_t total = 0;
    decrypt_stream(
        [&](MutableByteView buffer) { return input.read(buffer); }, sink, identities,
        options.passphrase.is_given() ? ask : AskPassphrase{},
        {.workers = static_cast<unsigned>(options.threads), .done = [&](std::uint64_t bytes) {
             total += bytes;
             progress.add(bytes);
         }});
    output.commit();
    progress.finish();
    console.event("summary", Json::object().set("plain_bytes", total));
    return Exit::ok;
}

} // namespace

int main(int argc, char** argv)
{
    Options options;
    std::optional<std::string> output;
    Cli cli{"decrypt", "Decrypt an age file"};
    cli.usage("(-i FILE | -p)... [-o FILE] [FILE]");
    cli.formats("age v1");
    cli.operand("FILE", options.file, "The encrypted file, armored or not; '-' is standard input");
    cli.group("Keys");
    cli.option("-i,--identity", "FILE", options.identities, "Decrypt with the identity in FILE");
    options.passphrase.declare(cli, "-p,--passphrase");
    cli.group("Output");
    cli.option("-o,--output", "FILE", output, "Write to FILE; '-' is standard output");
    cli.flag("-f,--force", options.force, "Replace FILE if it exists");
    cli.number("-j,--threads", "N", options.threads, {1, 64}, "Use N threads");
    cli.example("cairn-decrypt -i me.key -o notes.txt notes.age", "with an identity");
    cli.example("cairn-decrypt -i me.key < backup.age | tar -x", "in a pipe");
    return cli.run(argc, argv, [&](Console& console) {
        options.is_output_named = output.has_value();
        options.output = output.value_or("-");
        return decrypt(options, console);
    });
}
