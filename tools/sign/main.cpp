// cairn-sign: sign a file so that minisign can check it. See cairn-sign(1).

#include "base/error.hpp"
#include "base/hex.hpp"
#include "base/text.hpp"
#include "cli/cli.hpp"
#include "cli/progress.hpp"
#include "keyring/identities.hpp"
#include "keyring/passphrase.hpp"
#include "os/clock.hpp"
#include "os/input.hpp"
#include "os/output.hpp"
#include "stream/digest_stream.hpp"

using namespace cairn;

namespace {

struct Options {
    std::optional<std::string> file;
    std::string identity;
    PassphraseOptions passphrase;
    std::optional<std::string> output;
    std::optional<std::string> comment;
    bool force = false;
};

/// As minisign writes it: when, and of what.
std::string default_comment(const Options& options)
{
    const std::string path = options.file.value_or("-");
    const std::string name = path.substr(path.find_last_of('/') + 1);
    return "timestamp:" + std::to_string(wall_clock_ms() / 1000) + "\tfile:" + escape(name) +
           "\thashed";
}

Exit sign(const Options& options, Console& console)
{
    if (options.identity.empty()) throw Error{Exit::usage, "no identity", "use -i FILE"};
    refuse_shared_standard_input(options.file, {options.identity}, options.passphrase);
    const MinisignSecret signer =
        load_signer(options.identity, [&] { return options.passphrase.read(false); });
    Input input = Input::open_operand(options.file);
    const auto existing = options.force ? Output::Existing::replace : Output::Existing::refuse;
    Output output = Output::open(options.output.value_or("-"), existing);

    Progress progress{console, "sign", input.size()};
    const Blake2bDigest digest =
        blake2b_of([&](MutableByteView buffer) { return input.read(buffer); },
                   [&](std::uint64_t bytes) { progress.add(bytes); });
    const SignatureFile signature =
        sign_digest(signer.pair, signer.number, digest.bytes, "signature by cairn-sign",
                    options.comment ? *options.comment : default_comment(options));
    output.write(as_bytes(to_text(signature)));
    output.commit();
    progress.finish();
    console.event("summary", Json::object()
                                 .set("key_number", to_hex_text(signer.number.bytes))
                                 .set("trusted_comment", signature.trusted_comment));
    return Exit::ok;
}

} // namespace

int main(int argc, char** argv)
{
    Options options;
    Cli cli{"sign", "Sign a file so that minisign can check it"};
    cli.usage("-i FILE [-o SIG] [FILE]");
    cli.formats("minisign prehashed");
    cli.operand("FILE", options.file, "What to sign; '-' is standard input");
    cli.group("Keys");
    cli.option("-i,--identity", "FILE", options.identity,
               "Sign with the identity, or the minisign secret key, in FILE");
    options.passphrase.declare(cli, "-p,--passphrase");
    cli.group("Output");
    cli.option("-o,--output", "SIG", options.output, "Write to SIG; '-' is standard output");
    cli.flag("-f,--force", options.force, "Replace SIG if it exists");
    cli.option("-t,--trusted-comment", "TEXT", options.comment,
               "Sign this line too, instead of time and file name");
    cli.example("cairn-sign -i me.key -o disk.img.minisig disk.img", "a signature beside a file");
    cli.example("cairn-sign -i me.key < disk.img > disk.img.minisig", "the same in a pipe");
    return cli.run(argc, argv, [&](Console& console) { return sign(options, console); });
}
