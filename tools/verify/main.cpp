// cairn-verify: check what others claim; exit 0 for yes, 1 for no. See cairn-verify(1).

#include "base/error.hpp"
#include "base/hex.hpp"
#include "base/lines.hpp"
#include "base/text.hpp"
#include "cli/cli.hpp"
#include "cli/progress.hpp"
#include "format/receipt_lines.hpp"
#include "keyring/identities.hpp"
#include "keyring/link_operand.hpp"
#include "keyring/passphrase.hpp"
#include "mining/batch.hpp"
#include "mining/round.hpp"
#include "os/input.hpp"
#include "os/process.hpp"
#include "state.hpp"
#include "storage.hpp"
#include "stream/digest_stream.hpp"

using namespace cairn;

namespace {

constexpr std::size_t legacy_size_max = 1024 * 1024 * 1024; // bytes: these must fit memory

struct Options {
    std::optional<std::string> file;
    std::string key;
    std::optional<std::string> signature;
    std::optional<std::string> link;
    std::uint64_t threads = available_cores();
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

Json to_json(const Receipt& receipt)
{
    Json items = Json::array();
    for (const ShardItem& item : receipt.items)
        items.push(
            Json::object().set("root", to_hex_text(item.root.bytes)).set("size_bytes", item.size));
    Json json = Json::object().set("provider", to_address(receipt.node_key));
    if (receipt.network != NetworkId{}) json.set("network", to_hex_text(receipt.network.bytes));
    return json.set("owner", to_hex_text(receipt.owner.bytes))
        .set("serial", Json::decimal(receipt.serial))
        .set("time_s", receipt.time_s)
        .set("expiry_s", receipt.expiry_s)
        .set("items", items);
}

/// Tells of one receipt: what is good in it, or what is wrong.
void tell(const Receipt& receipt, std::uint64_t line, const std::string& fault, Console& console)
{
    if (console.json()) {
        Json json = Json::object().set("valid", fault.empty()).set("line", line);
        console.result(fault.empty() ? json.merge(to_json(receipt)) : json.set("reason", fault));
        return;
    }
    if (!fault.empty()) {
        console.warning("line " + std::to_string(line) + ": " + fault);
        return;
    }
    if (console.options().quiet) return;
    const std::string provider = to_address(receipt.node_key);
    std::string lines;
    for (const ShardItem& item : receipt.items)
        lines += to_hex_text(item.root.bytes) + '\t' + std::to_string(item.size) + '\t' + provider +
                 '\n';
    console.print(lines);
}

Exit verify_receipt(const Options& options, Console& console)
{
    refuse_shared_standard_input(options.file, {options.key}, {});
    std::optional<SignerKey> provider;
    if (!options.key.empty()) provider = load_signer_key(options.key);
    Input input = Input::open_operand(options.file);
    Progress progress{console, "verify", input.size()};
    ReceiptLines receipts{[&](MutableByteView buffer) {
        const std::size_t size = input.read(buffer);
        progress.add(size);
        return size;
    }};
    Exit answer = Exit::ok;
    while (const auto receipt = receipts.next()) {
        std::string fault;
        if (!is_signed(*receipt))
            fault = "the signature is not valid";
        else if (provider && provider->key != receipt->node_key)
            fault = "the receipt is of another provider";
        if (!fault.empty()) answer = Exit::no;
        tell(*receipt, receipts.line(), fault, console);
    }
    progress.finish();
    if (receipts.line() == 0) throw Error{Exit::data, "'" + input.name() + "' has no receipts"};
    return answer;
}

Exit verify_link(const Options& options, const LinkOperands& links, Console& console)
{
    const Secret text = links.read_text(options.link, console);
    try {
        const Link link = parse_link(text.bytes());
        if (console.json())
            console.result(Json::object()
                               .set("valid", true)
                               .set("locator", to_locator_text(link))
                               .set("has_key", link.key.has_value()));
        else if (!console.options().quiet)
            console.print(std::string{link.key ? "valid link: " : "valid locator: "} +
                          to_locator_text(link) + '\n');
        return Exit::ok;
    } catch (const Error& error) {
        if (error.code() != Exit::data) throw;
        if (console.json())
            console.result(Json::object().set("valid", false).set("reason", error.what()));
        else
            console.warning(error.what());
        return Exit::no;
    }
}

/// Tells of one answer to a round.
void tell(const Answer& answer, const std::string& fault, std::uint64_t line, Console& console)
{
    if (console.json()) {
        Json json = Json::object().set("valid", fault.empty()).set("line", line);
        if (!fault.empty()) json.set("reason", fault);
        return console.result(json.merge(to_json(answer)));
    }
    if (!fault.empty()) return console.warning("line " + std::to_string(line) + ": " + fault);
    if (!console.options().quiet) console.print("line " + std::to_string(line) + ": valid\n");
}

Exit verify_capacity(const Options& options, Console& console)
{
    Input input = Input::open_operand(options.file);
    Progress progress{console, "verify", input.size()};
    Lines lines{[&](MutableByteView buffer) {
                    const std::size_t size = input.read_some(buffer);
                    progress.add(size);
                    return size;
                },
                round_line_size_max};
    Exit status = Exit::ok;
    std::uint64_t line = 0;
    std::exception_ptr malformed; // told after all that came before it
    for (bool has_more = true; has_more && !malformed;) {
        // As many as have come, so that one is answered at once, and many together.
        std::vector<Answer> answers;
        std::vector<Claim> claims;
        do {
            const auto text = lines.next();
            has_more = text.has_value();
            if (!has_more) break;
            try {
                answers.push_back(parse_answer(Json::parse(*text, "the answer")));
            } catch (const Error& error) {
                malformed = std::make_exception_ptr(Error{
                    error.code(), "line " + std::to_string(lines.number()) + ": " + error.what()});
                break;
            }
            claims.push_back(answers.back().claim);
        } while (lines.has_whole());
        const std::vector<Hit> hits =
            hits_in_parallel(claims, static_cast<unsigned>(options.threads));
        for (std::size_t i = 0; i < answers.size(); ++i) {
            const std::string fault = fault_of(answers[i], hits[i]);
            if (!fault.empty()) status = Exit::no;
            tell(answers[i], fault, ++line, console);
        }
    }
    progress.finish();
    if (malformed) std::rethrow_exception(malformed);
    if (line == 0) throw Error{Exit::data, "'" + input.name() + "' has no answers"};
    return status;
}

} // namespace

int main(int argc, char** argv)
{
    const LinkOperands links{argc, argv};
    Options options;
    Cli cli{"verify", "Check what others claim: 0 is yes, 1 is no"};
    cli.formats("minisign, signify, receipt 1, link 1, round 1, x1 1, poc2, challenge 1, "
                "storage proof 1, tags 1, audit key 1, prover key 1, transcript 1, state proof 1, "
                "snapshot 1");

    Cli& signature = cli.verb("signature", "Check a detached signature of a file");
    signature.usage("-p KEY [-s SIG] [FILE]");
    signature.operand("FILE", options.file, "What is signed; '-' is standard input");
    signature.option("-p,--public-key", "KEY", options.key,
                     "Whose signature: RW..., cairn1..., did:key:... or a file with one");
    signature.option("-s,--signature", "SIG", options.signature,
                     "The signature; FILE.minisig if not given");

    Cli& receipt = cli.verb("receipt", "Check providers' receipts, and list what they are for");
    receipt.usage("[-p KEY] [FILE]");
    receipt.operand("FILE", options.file, "The receipts; '-' is standard input");
    receipt.option("-p,--public-key", "KEY", options.key,
                   "Whose receipts: cairn1..., RW..., did:key:... or a file with one");

    Cli& link = cli.verb("link", "Check that a link is complete and not mistyped");
    link.operand("LINK", options.link, "'-' for standard input, @FILE, fd:N, or the link itself");

    Cli& capacity = cli.verb("capacity", "Check answers to rounds of a chain, without a plot");
    capacity.usage("[--threads N] [FILE]");
    capacity.operand("FILE", options.file,
                     "JSON of cairn-prove, one a line; '-' is standard input");
    capacity.number("--threads", "N", options.threads, {1, 1024},
                    "Compute in N threads; all cores");

    VerifyStorage storage;
    storage.declare(cli);
    VerifyState state;
    state.declare(cli);

    cli.example("cairn-verify signature -p me.pub disk.img", "with disk.img.minisig beside it");
    cli.example("cairn-verify signature -p $(cat address) -s sig < disk.img", "in a pipe");
    cli.example("cairn-verify receipt -p $(cat provider) receipts", "did this provider promise?");
    return cli.run(argc, argv, [&](Console& console) {
        if (storage.is_chosen()) return storage.run(console);
        if (state.is_chosen()) return state.run(console);
        if (capacity.is_chosen()) return verify_capacity(options, console);
        if (receipt.is_chosen()) return verify_receipt(options, console);
        if (link.is_chosen()) return verify_link(options, links, console);
        return verify_signature(options, console);
    });
}
