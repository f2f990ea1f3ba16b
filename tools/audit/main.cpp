// cairn-audit: have all providers of an object prove that they still have it. See cairn-audit(1).

#include "base/error.hpp"
#include "base/hex.hpp"
#include "base/number.hpp"
#include "base/text.hpp"
#include "cli/cli.hpp"
#include "cli/progress.hpp"
#include "client/audit.hpp"
#include "connect/connection.hpp"
#include "format/receipt_lines.hpp"
#include "keyring/link_operand.hpp"
#include "keyring/owner.hpp"
#include "keyring/passphrase.hpp"
#include "os/clock.hpp"
#include "os/input.hpp"
#include "os/output.hpp"
#include "os/random.hpp"
#include "proofs/key_file.hpp"

using namespace cairn;

namespace {

struct Options {
    std::optional<std::string> link;
    std::optional<std::string> identity;
    PassphraseOptions passphrase;
    std::optional<std::string> key;
    std::optional<std::uint64_t> sectors;
    std::uint64_t blocks = 32;
    std::optional<std::string> beacon;
    std::optional<std::string> receipts;
    std::optional<std::string> output;
    bool force = false;
    ConnectionOptions connection;
};

void check(const Options& options)
{
    if (!options.key && !options.identity)
        throw Error{Exit::usage, "whose object it is is not known",
                    "use -i FILE for yours, or --key FILE"};
    if (options.key && options.sectors)
        throw Error{Exit::usage, "--sectors and --key exclude each other: the key says it"};
    const bool is_path = options.link && !is_standard_input(*options.link);
    refuse_shared_standard_input(
        is_path ? "/" : options.link,
        {options.identity.value_or("/"), options.key.value_or("/"), options.receipts.value_or("/")},
        options.passphrase);
}

/// The audit key that is named, or that of the identity.
SignedAuditKey key_of(const Options& options, const Owner& owner)
{
    if (options.key) return read_audit_key(*options.key);
    const AuditSecret secret{owner.identity->derive("por").bytes()};
    const auto sectors = static_cast<std::uint32_t>(options.sectors.value_or(sectors_usual));
    return sign(secret.audit_key(sectors), owner.key());
}

std::optional<AuditBeacon> beacon_of(const Options& options)
{
    if (!options.beacon) return std::nullopt;
    if (const auto beacon = parse_hex<AuditBeacon>(*options.beacon)) return beacon;
    throw Error{Exit::usage, "a beacon is 64 hex digits"};
}

/// What providers have signed for, where that is known. Receipts that are not signed count for
/// nothing.
std::vector<PromisedShard> promises_of(const Options& options, Console& console)
{
    std::vector<PromisedShard> promised;
    if (!options.receipts) return promised;
    Input input = Input::open(*options.receipts);
    ReceiptLines receipts{[&](MutableByteView buffer) { return input.read(buffer); }};
    while (const auto receipt = receipts.next()) {
        if (!is_signed(*receipt)) {
            console.warning("line " + std::to_string(receipts.line()) +
                            " of the receipts is not signed, and is left out");
            continue;
        }
        for (const ShardItem& item : receipt->items)
            promised.push_back({receipt->node_key, item.root});
    }
    return promised;
}

Json to_json(const AuditReport& report, const SignedAuditKey& key, const Link& link,
             const Connection& connection)
{
    Json providers = Json::array();
    for (const ProviderAudit& audit : report.providers) {
        Json json = Json::object()
                        .set("provider", connection.name_of(audit.provider))
                        .set("outcome", to_text(audit.outcome))
                        .set("shards", audit.shards)
                        .set("size_bytes", audit.bytes);
        if (!audit.reason.empty()) json.set("reason", audit.reason);
        providers.push(json);
    }
    return Json::object()
        .set("id", to_hex_text(link.id.bytes))
        .set("key", to_hex_text(key.key.id().bytes))
        .set("good", report.is_good())
        .set("shards", report.shards)
        .set("missing", report.missing)
        .set("silent_providers", report.silent)
        .set("providers", providers);
}

/// Who failed, in one line: what cron sends.
void require_good(const AuditReport& report, const Connection& connection)
{
    std::string failed;
    for (const ProviderAudit& audit : report.providers)
        if (audit.outcome != AuditOutcome::passed)
            failed.append(failed.empty() ? "" : ", ").append(connection.name_of(audit.provider));
    if (!failed.empty()) throw Error{Exit::no, "failed: " + failed};
    if (report.missing > 0)
        throw Error{Exit::no,
                    std::to_string(report.missing) + " of " + std::to_string(report.shards) +
                        " shards have no provider",
                    report.silent > 0
                        ? std::to_string(report.silent) + " providers did not answer; cairn-repair "
                                                          "rebuilds what stays lost"
                        : "cairn-repair rebuilds them"};
}

/// The table, and warnings of all that is not as it should be.
void tell(const AuditReport& report, const Connection& connection, Console& console)
{
    std::string table;
    for (const ProviderAudit& audit : report.providers) {
        const std::string name = connection.name_of(audit.provider);
        table += std::string{to_text(audit.outcome)} + '\t' + std::to_string(audit.shards) + '\t' +
                 format_size(audit.bytes) + '\t' + name + '\n';
        if (audit.outcome != AuditOutcome::passed)
            console.warning(name + ": " + to_text(audit.outcome) + ": " + escape(audit.reason));
    }
    if (!console.json() && !console.options().quiet) console.print(table);
}

Exit run(const Options& options, const LinkOperands& links, Console& console)
{
    check(options);
    const Link link = links.read(options.link, console);
    SystemEntropy entropy;
    const Owner owner = load_owner(options.identity, options.passphrase, entropy);
    const SignedAuditKey key = key_of(options, owner);
    const std::vector<PromisedShard> promised = promises_of(options, console);
    std::optional<Output> transcript;
    const auto existing = options.force ? Output::Existing::replace : Output::Existing::refuse;
    if (options.output) transcript.emplace(Output::open(*options.output, existing));
    Connection connection{options.connection, link.network, link.hints, &owner.key()};
    Progress progress{console, "audit", std::nullopt};
    const AuditReport report =
        audit(connection.session(), entropy, link.kind, link.id,
              {.network = link.network,
               .key = &key,
               .auditor = &owner.key(),
               .blocks = options.blocks,
               .beacon = beacon_of(options),
               .promised = promised,
               .is_recorded = options.output.has_value(),
               .patience_ms = options.connection.timeout_ms,
               .now_s = [] { return wall_clock_ms() / 1000; },
               .checked = [&](std::uint64_t bytes) { progress.add(bytes); }});
    progress.finish();
    if (transcript) {
        transcript->write(to_bytes(report.transcript));
        transcript->commit();
    }
    if (console.json()) console.result(to_json(report, key, link, connection));
    tell(report, connection, console);
    require_good(report, connection);
    return Exit::ok;
}

} // namespace

int main(int argc, char** argv)
{
    const LinkOperands links{argc, argv};
    Options options;
    Cli cli{"audit", "Have all providers of an object prove that they have it"};
    cli.environment();
    cli.usage("(-i FILE | --key FILE) [-n BLOCKS] [-o FILE] [LINK]");
    cli.formats("cairn-link 1, audit key 1, transcript 1");
    cli.operand("LINK", options.link,
                "'-', @FILE, fd:N, or the link itself; its key is not needed");
    cli.group("Keys");
    cli.option("-i,--identity", "FILE", options.identity, "Whose object it is, and who asks");
    options.passphrase.declare(cli, "--passphrase");
    cli.option("--key", "FILE", options.key, "The owner's audit key, where somebody else asks");
    cli.number("--sectors", "N", options.sectors, {sectors_stored_min, sectors_stored_max},
               "As for cairn-put; 1024");
    cli.group("The question");
    cli.number("-n,--blocks", "N", options.blocks, {1, prove_blocks_max},
               "Ask for N blocks of what a provider has; 32");
    cli.option("--beacon", "HEX", options.beacon, "Draw from 32 public bytes, such as a block");
    cli.option("--receipts", "FILE", options.receipts, "Ask for all that providers signed for too");
    cli.group("Output");
    cli.option("-o,--output", "FILE", options.output, "Write the signed transcript to FILE");
    cli.flag("-f,--force", options.force, "Replace FILE if it exists");
    options.connection.declare(cli);
    cli.example("cairn-audit -i me.key --providers list @backup.link", "0: all have shown it");
    cli.example("cairn-share -l @backup.link | cairn-audit --key me.audit -o transcript -",
                "without the object's key, with a record that others can check");
    return cli.run(argc, argv, [&](Console& console) { return run(options, links, console); });
}
