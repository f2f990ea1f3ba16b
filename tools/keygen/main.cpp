// cairn-keygen: make an identity, recover one from its words, or show its public forms.
// See cairn-keygen(1).

#include "base/error.hpp"
#include "base/text.hpp"
#include "cli/cli.hpp"
#include "format/words.hpp"
#include "keyring/identities.hpp"
#include "keyring/passphrase.hpp"
#include "os/input.hpp"
#include "os/output.hpp"
#include "os/random.hpp"
#include "os/terminal.hpp"

using namespace cairn;

namespace {

struct Options {
    std::optional<std::string> file;
    std::string output = "-";
    bool show_public = false;
    bool recover = false;
    bool words = false;
    bool address = false;
    bool recipient = false;
    bool did = false;
    bool minisign = false;
    PassphraseOptions passphrase;
};

Json to_json(const PublicForms& forms)
{
    return Json::object()
        .set("address", forms.address)
        .set("recipient", forms.recipient)
        .set("did", forms.did)
        .set("minisign", forms.minisign)
        .set("key", forms.key)
        .set("account", forms.account);
}

std::string to_text(const PublicForms& forms, const Options& options)
{
    if (options.address) return forms.address + '\n';
    if (options.recipient) return forms.recipient + '\n';
    if (options.did) return forms.did + '\n';
    if (options.minisign) return forms.minisign + '\n';
    return "address: " + forms.address + "\nrecipient: " + forms.recipient + "\ndid: " + forms.did +
           "\nminisign: " + forms.minisign + '\n';
}

Secret read_words(const std::optional<std::string>& file)
{
    refuse_secret_as_path(file.value_or("-"));
    Secret sentence{1024};
    sentence.shrink(read_secret_file(file.value_or("-"), sentence.bytes()));
    return sentence;
}

/// The identity file, encrypted if a passphrase is asked for. Durable when this returns.
void save(const Identity& identity, const Options& options)
{
    Output output = Output::open(options.output, Output::Existing::refuse, Output::Access::secret);
    const Secret text = identity.to_file();
    if (!options.passphrase.is_given()) {
        output.write(text.bytes());
        output.commit();
        return;
    }
    SystemEntropy entropy;
    std::vector<Recipient> recipients;
    recipients.emplace_back(PassphraseRecipient{options.passphrase.read(true)});
    const Source source = [&text, at = std::size_t{0}](MutableByteView buffer) mutable {
        const ByteView rest = ByteView{text.bytes()}.subspan(at);
        const std::size_t size = std::min(rest.size(), buffer.size());
        std::copy_n(rest.begin(), size, buffer.begin());
        at += size;
        return size;
    };
    encrypt_stream(source, [&](ByteView bytes) { output.write(bytes); }, recipients, entropy,
                   {.is_armored = true, .size_hint = text.size()});
    output.commit();
}

Exit show(const Options& options, Console& console)
{
    const Identity identity =
        load_identity(options.file.value_or("-"), [&] { return options.passphrase.read(false); });
    if (options.words) {
        const Secret words = identity.to_words();
        Output output = Output::open("-");
        output.write(words.bytes());
        output.write(as_bytes("\n"));
        return Exit::ok;
    }
    const PublicForms forms = public_forms(identity.signing().public_key());
    if (console.json())
        console.result(to_json(forms));
    else
        console.print(to_text(forms, options));
    return Exit::ok;
}

Exit make(const Options& options, Console& console)
{
    SystemEntropy entropy;
    const Identity identity = options.recover ? Identity::recover(read_words(options.file).bytes())
                                              : Identity::generate(entropy);
    save(identity, options);
    if (options.output != "-")
        console.info("the identity is in '" + escape(options.output) + "', on disk");
    const PublicForms forms = public_forms(identity.signing().public_key());
    if (options.output == "-") {
        if (!console.options().quiet) write_all(2, as_bytes(to_text(forms, options)), "stderr");
    } else if (console.json()) {
        console.result(to_json(forms));
    } else {
        console.print(to_text(forms, options));
    }
    if (options.words) {
        write_all(2, as_bytes("words: "), "stderr");
        write_all(2, identity.to_words().bytes(), "stderr");
        write_all(2, as_bytes("\n"), "stderr");
    }
    return Exit::ok;
}

Exit keygen(const Options& options, Console& console)
{
    const int forms = int{options.address} + int{options.recipient} + int{options.did} +
                      int{options.minisign} + int{options.words && options.show_public};
    if (forms > 1) throw Error{Exit::usage, "more than one public form is asked for"};
    if (options.show_public && options.recover)
        throw Error{Exit::usage, "--public and --recover exclude each other"};
    if (!options.show_public && !options.recover && options.file)
        throw Error{Exit::usage, "unexpected operand", "name the new file with -o FILE"};
    if (options.show_public && options.output != "-")
        throw Error{Exit::usage, "--public writes no file"};
    if (!options.show_public && options.output == "-" && console.json())
        throw Error{Exit::usage, "--json needs -o FILE when an identity is made"};
    if (options.show_public || options.recover) {
        if (!options.file && is_terminal(0))
            throw Error{Exit::usage, "no input: standard input is a terminal",
                        "name a file, or type it after '-'"};
        refuse_shared_standard_input(options.file, {}, options.passphrase);
    }
    return options.show_public ? show(options, console) : make(options, console);
}

} // namespace

int main(int argc, char** argv)
{
    Options options;
    Cli cli{"keygen", "Make an identity, recover it from its words, or show its public forms"};
    cli.usage("[-o FILE] [--words] [--passphrase]");
    cli.usage("-y [--address | --recipient | --did | --minisign | --words] [FILE]");
    cli.usage("--recover [-o FILE] [FILE]");
    cli.formats("identity 1");
    cli.operand("FILE", options.file, "The identity file, or with --recover the words");
    cli.group("Output");
    cli.option("-o,--output", "FILE", options.output, "Write the identity to FILE, never over one");
    cli.flag("--words", options.words, "Show the 24 words that recover the identity");
    cli.group("Public forms");
    cli.flag("-y,--public", options.show_public, "Show the public forms of the identity in FILE");
    cli.flag("--address", options.address, "Only the address, cairn1...");
    cli.flag("--recipient", options.recipient, "Only the age recipient, age1...");
    cli.flag("--did", options.did, "Only the did:key");
    cli.flag("--minisign", options.minisign, "Only the minisign public key");
    cli.group("Keys");
    cli.flag("--recover", options.recover, "Make the identity of the 24 words in FILE");
    options.passphrase.declare(cli, "-p,--passphrase");
    cli.example("cairn-keygen -o me.key > me.pub", "a new identity and its public forms");
    cli.example("cairn-keygen -y --recipient me.key", "whom others encrypt to");
    return cli.run(argc, argv, [&](Console& console) {
        if (is_standard_output(options.output)) options.output = "-";
        return keygen(options, console);
    });
}
