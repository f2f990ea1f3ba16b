// cairn-verify: check what others claim; exit 0 for yes, 1 for no. See cairn-verify(1).

#include "base/error.hpp"
#include "base/text.hpp"
#include "cli/cli.hpp"
#include "cli/progress.hpp"
#include "keyring/identities.hpp"
#include "keyring/passphrase.hpp"
#include "os/input.hpp"
#include "stream/digest_stream.hpp"

using namespace cairn;

namespace {

constexpr std::size_t legacy_size_max = 1024 * 1024 * 1024; // bytes: these must fit memory

struct Options {
    std::optional<std::string> file;
    std::string key;
    std::optional<std::string> signature;
};

std::string signature_path(const Options& options)
{
    if (options.signature) return *options.signature;
    if (!options.file || *options.file == "-")
        throw Error{Exit::usage, "no signature", "use -s SIG"};
    return *options.file + ".minisig";
}

const char* to_text(SignatureKind kind)
{
    switch (kind) {
    case SignatureKind::prehashed:
        return "minisign";
    case SignatureKind::legacy:
        return "minisign-legacy";
    case SignatureKind::signify:
        return "signify";
    }
    return "";
}

Exit verify_signature(const Options& options, Console& console)
{
    if (options.key.empty()) throw Error{Exit::usage, "no public key", "use -p KEY"};
    const std::string signature_file = signature_path(options);
    refuse_shared_standard_input(options.file, {options.key, signature_file}, {});
    const SignerKey key = load_signer_key(options.key);
    const Bytes text = read_small_file(signature_file, signature_file_size_max);
    const SignatureFile signature = parse_signature(as_text(text));
    Input input = Input::open_operand(options.file);
    const Source source = [&](MutableByteView buffer) { return input.read(buffer); };

    Progress progress{console, "verify", input.size()};
    bool is_good = false;
    if (signature.kind == SignatureKind::prehashed) {
        const Blake2bDigest digest =
            blake2b_of(source, [&](std::uint64_t bytes) { progress.add(bytes); });
        is_good = is_signed(signature, key, digest.bytes);
    } else {
        is_good = is_signed(signature, key, read_all(source, legacy_size_max));
    }
    progress.finish();
    if (console.json())
        console.result(Json::object()
                           .set("valid", is_good)
                           .set("kind", to_text(signature.kind))
                           .set("trusted_comment", is_good ? signature.trusted_comment : ""));
    if (!is_good) {
        if (!console.json()) console.warning("the signature is not valid for this key and file");
        return Exit::no;
    }
    if (!console.json() && !console.options().quiet)
        console.print("valid signature" +
                      (signature.trusted_comment.empty()
                           ? std::string{}
                           : ": " + escape(signature.trusted_comment)) +
                      '\n');
    return Exit::ok;
}

} // namespace

int main(int argc, char** argv)
{
    Options options;
    Cli cli{"verify", "Check what others claim: 0 is yes, 1 is no"};
    cli.formats("minisign, signify");
    Cli& signature = cli.verb("signature", "Check a detached signature of a file");
    signature.usage("-p KEY [-s SIG] [FILE]");
    signature.operand("FILE", options.file, "What is signed; '-' is standard input");
    signature.option("-p,--public-key", "KEY", options.key,
                     "Whose signature: RW..., cairn1..., did:key:... or a file with one");
    signature.option("-s,--signature", "SIG", options.signature,
                     "The signature; FILE.minisig if not given");
    cli.example("cairn-verify signature -p me.pub disk.img", "with disk.img.minisig beside it");
    cli.example("cairn-verify signature -p $(cat address) -s sig < disk.img", "in a pipe");
    return cli.run(argc, argv,
                   [&](Console& console) { return verify_signature(options, console); });
}
