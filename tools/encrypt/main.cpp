// cairn-encrypt: encrypt a stream, or many files, as age files. See cairn-encrypt(1).

#include "base/error.hpp"
#include "cli/cli.hpp"
#include "cli/progress.hpp"
#include "keyring/identities.hpp"
#include "keyring/passphrase.hpp"
#include "os/input.hpp"
#include "os/output.hpp"
#include "os/pipeline.hpp"
#include "os/random.hpp"
#include "stream/age_batch.hpp"

using namespace cairn;

namespace {

constexpr std::size_t list_size_max = 256 * 1024 * 1024; // bytes

struct Options {
    std::optional<std::string> file;
    std::vector<std::string> recipients;
    std::vector<std::string> recipient_files;
    std::vector<std::string> identities;
    PassphraseOptions passphrase;
    std::optional<std::string> output;
    std::optional<std::string> list;
    std::optional<std::string> directory;
    bool is_list_nul = false;
    bool armor = false;
    bool force = false;
    std::uint64_t threads = default_workers();
};

std::vector<std::string> key_files(const Options& options)
{
    std::vector<std::string> files = options.recipient_files;
    files.insert(files.end(), options.identities.begin(), options.identities.end());
    return files;
}

std::vector<Recipient> load_all_recipients(const Options& options)
{
    std::vector<Recipient> recipients;
    for (const std::string& text : options.recipients) recipients.push_back(parse_recipient(text));
    for (const std::string& path : options.recipient_files)
        for (Recipient& recipient : load_recipients(path))
            recipients.push_back(std::move(recipient));
    for (const std::string& path : options.identities)
        for (const AgeIdentity& identity : load_age_identities(path, {})) {
            if (const auto* key = std::get_if<X25519Identity>(&identity))
                recipients.emplace_back(X25519Recipient{key->key});
            if (const auto* key = std::get_if<SshIdentity>(&identity))
                recipients.emplace_back(SshRecipient{key->pair.public_key()});
        }
    if (options.passphrase.is_given()) {
        if (!recipients.empty())
            throw Error{Exit::usage, "a passphrase cannot be combined with other recipients"};
        recipients.emplace_back(PassphraseRecipient{options.passphrase.read(true)});
    }
    if (recipients.empty())
        throw Error{Exit::usage, "no recipient", "use -r RECIPIENT, -R FILE, -i FILE or -p"};
    return recipients;
}

Exit encrypt_list(const Options& options, Console& console)
{
    if (!options.directory) throw Error{Exit::usage, "--files-from needs -d DIR"};
    if (options.file || options.output)
        throw Error{Exit::usage, "--files-from takes neither FILE nor -o"};
    refuse_shared_standard_input(options.list, key_files(options), options.passphrase);
    const Bytes list = read_small_file(*options.list, list_size_max);
    const std::vector<std::string> paths = parse_file_list(list, options.is_list_nul);
    const std::vector<Recipient> recipients = load_all_recipients(options);
    console.debug("threads: " + std::to_string(options.threads));
    SystemEntropy entropy;
    Progress progress{console, "encrypt", std::nullopt};
    const auto failures = encrypt_batch(paths, recipients, entropy,
                                        {.directory = *options.directory,
                                         .replace = options.force,
                                         .is_armored = options.armor,
                                         .workers = static_cast<unsigned>(options.threads)},
                                        [&](std::uint64_t bytes) { progress.add(bytes); });
    progress.finish();
    for (const BatchFailure& failure : failures) {
        const std::string text = "'" + failure.path + "' is left out: " + failure.reason;
        if (console.json())
            console.warning(text); // of errors there is one, the last line
        else
            console.error(failure.code, text);
    }
    console.event(
        "summary",
        Json::object().set("files", paths.size() - failures.size()).set("failed", failures.size()));
    if (failures.empty()) return Exit::ok;
    if (failures.size() == paths.size())
        throw Error{failures.front().code, "no file could be encrypted"};
    throw Error{Exit::partial, std::to_string(failures.size()) + " of " +
                                   std::to_string(paths.size()) + " files could not be encrypted"};
}

Exit encrypt_file(const Options& options, Console& console)
{
    if (options.list) return encrypt_list(options, console);
    if (options.directory || options.is_list_nul)
        throw Error{Exit::usage, "-d and -0 go with --files-from"};
    refuse_shared_standard_input(options.file, key_files(options), options.passphrase);
    const std::vector<Recipient> recipients = load_all_recipients(options);
    Input input = Input::open_operand(options.file);
    const auto existing = options.force ? Output::Existing::replace : Output::Existing::refuse;
    Output output = Output::open(options.output.value_or("-"), existing);
    if (output.is_terminal() && !options.armor && !options.output)
        throw Error{Exit::usage, "refusing to write binary data to a terminal",
                    "use -o FILE, redirect it, or use --armor; force it with -o -"};
    console.debug("threads: " + std::to_string(options.threads));
    SystemEntropy entropy;
    Progress progress{console, "encrypt", input.size()};
    std::uint64_t total = 0;
    encrypt_stream([&](MutableByteView buffer) { return input.read(buffer); },
                   [&](ByteView bytes) { output.write(bytes); }, recipients, entropy,
                   {.is_armored = options.armor,
                    .workers = static_cast<unsigned>(options.threads),
                    .size_hint = input.size(),
                    .done = [&](std::uint64_t bytes) {
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
    Cli cli{"encrypt", "Encrypt a stream, or many files, as age files"};
    cli.usage("(-r RECIPIENT | -R FILE | -i FILE | -p)... [-a] [-o FILE] [FILE]");
    cli.usage("(-r ... | -p)... [-a] --files-from LIST [-0] -d DIR");
    cli.formats("age v1");
    cli.operand("FILE", options.file, "What to encrypt; '-' is standard input");
    cli.group("Keys");
    cli.option("-r,--recipient", "RECIPIENT", options.recipients,
               "Encrypt to age1..., cairn1..., did:key:... or ssh-ed25519 ...");
    cli.option("-R,--recipients-file", "FILE", options.recipient_files,
               "Encrypt to the recipients in FILE");
    cli.option("-i,--identity", "FILE", options.identities, "Encrypt to the identity in FILE");
    options.passphrase.declare(cli, "-p,--passphrase");
    cli.group("Output");
    cli.option("-o,--output", "FILE", options.output, "Write to FILE; '-' is standard output");
    cli.flag("-a,--armor", options.armor, "Write text instead of binary data");
    cli.flag("-f,--force", options.force, "Replace files that exist");
    cli.group("Many files");
    cli.option("--files-from", "LIST", options.list, "Encrypt each file named in LIST");
    cli.flag("-0,--null", options.is_list_nul, "Names in LIST end in NUL, not in line feed");
    cli.option("-d,--directory", "DIR", options.directory, "Write DIR/NAME.age for each");
    cli.number("-j,--threads", "N", options.threads, {1, 64}, "Use N threads");
    cli.example("tar -c docs | cairn-encrypt -i me.key -o docs.age", "a stream to yourself");
    cli.example("cairn-encrypt -r $(cat bob.pub) -o note.age note.txt", "a file to somebody");
    return cli.run(argc, argv, [&](Console& console) { return encrypt_file(options, console); });
}
