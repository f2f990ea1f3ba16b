// cairn-repair: rebuild and store the shards that an object has lost. See cairn-repair(1).

#include "base/error.hpp"
#include "base/hex.hpp"
#include "cli/cli.hpp"
#include "cli/progress.hpp"
#include "client/repair.hpp"
#include "connect/connection.hpp"
#include "connect/faults.hpp"
#include "keyring/link_operand.hpp"
#include "keyring/owner.hpp"
#include "keyring/passphrase.hpp"
#include "os/output.hpp"
#include "os/random.hpp"

using namespace cairn;

namespace {

struct Options {
    std::optional<std::string> link;
    std::optional<std::string> identity;
    PassphraseOptions passphrase;
    std::optional<std::string> receipts;
    bool force = false;
    bool deep = false;
    bool dry_run = false;
    ConnectionOptions connection;
};

void check(const Options& options)
{
    if (options.dry_run && options.receipts)
        throw Error{Exit::usage, "a dry run stores nothing, so there are no receipts"};
    const bool is_path = options.link && !is_standard_input(*options.link);
    refuse_shared_standard_input(is_path ? "/" : options.link, {options.identity.value_or("/")},
                                 options.passphrase);
}

std::string count_of(std::uint64_t count, const std::string& thing)
{
    return std::to_string(count) + ' ' + thing + (count == 1 ? "" : "s");
}

std::string name_of(const RepairedShard& shard)
{
    if (!shard.segment) return "a copy";
    return "shard " + std::to_string(shard.index) + " of segment " + std::to_string(*shard.segment);
}

const char* to_health(const RepairReport& report)
{
    if (report.lost > 0) return "lost";
    return report.is_healthy() ? "good" : "degraded";
}

Json to_json(const RepairReport& report, const Link& link, const Connection& connection)
{
    return Json::object()
        .set("id", to_hex_text(link.id.bytes))
        .set("health", to_health(report))
        .set("total_bytes", report.size)
        .set("k", report.profile.k)
        .set("m", report.profile.m)
        .set("segments", report.segments)
        .set("shards", report.shards)
        .set("missing", report.missing)
        .set("damaged", report.damaged)
        .set("repaired", report.repaired)
        .set("manifests", report.manifests)
        .set("manifests_missing", report.manifests_missing)
        .set("manifests_repaired", report.manifests_repaired)
        .set("tags_missing", report.tags_missing)
        .set("tags_repaired", report.tags_repaired)
        .set("lost_segments", report.lost)
        .set("silent_providers", report.silent)
        .set("faults", to_json(report.faults, connection));
}

/// What is not as it should be; nothing is printed when there is nothing.
void tell(const RepairReport& report, const Options& options, Console& console)
{
    const std::uint64_t missing = report.missing + report.manifests_missing;
    if (report.tags_missing > 0)
        console.info(count_of(report.tags_missing, "shard") + " without tags at a provider, " +
                     std::to_string(report.tags_repaired) + " of them given theirs");
    if (missing == 0) return console.info("all " + count_of(report.shards, "shard") + " are there");
    std::string text = count_of(missing, "shard") + (missing == 1 ? " is" : " are") + " missing";
    if (!options.dry_run)
        text += ", " + std::to_string(report.repaired + report.manifests_repaired) +
                " of them repaired";
    console.info(text);
    if (options.dry_run || report.is_healthy() || report.fault.empty()) return;
    console.warning("not all is repaired: " + report.fault);
}

Exit verdict(const RepairReport& report)
{
    if (report.lost > 0)
        throw Error{report.silent > 0 ? Exit::unavail : Exit::data,
                    count_of(report.lost, "segment") + " of " + std::to_string(report.segments) +
                        " cannot be rebuilt from what the providers have",
                    report.silent > 0 ? "try again when " + count_of(report.silent, "provider") +
                                            " more can be reached"
                                      : std::string{}};
    return report.is_healthy() ? Exit::ok : Exit::partial;
}

Exit run(const Options& options, const LinkOperands& links, Console& console)
{
    check(options);
    const Link link = links.read(options.link, console);
    SystemEntropy entropy;
    const Owner owner = load_owner(options.identity, options.passphrase, entropy);
    std::optional<Output> receipts;
    const auto existing = options.force ? Output::Existing::replace : Output::Existing::refuse;
    if (options.receipts) receipts.emplace(Output::open(*options.receipts, existing));
    Connection connection{options.connection, link.network, link.hints, &owner.key()};
    Progress progress{console, "repair", std::nullopt};
    const RepairReport report = repair(
        connection.session(), entropy, link.kind, link.id,
        {.network = link.network,
         .owner = account_id(owner.key().public_key()),
         .is_deep = options.deep,
         .is_dry_run = options.dry_run,
         .patience_ms = options.connection.timeout_ms,
         .receipt =
             [&](ByteView bytes) {
                 if (receipts) receipts->write(as_bytes(to_text(parse_receipt(bytes)) + '\n'));
             },
         .repaired =
             [&](const RepairedShard& shard) {
                 console.debug(name_of(shard) + " is at " + connection.name_of(shard.provider));
             },
         .checked = [&](std::uint64_t bytes) { progress.add(bytes); }});
    progress.finish();
    if (receipts) receipts->commit();
    tell_faults(report.faults, connection, console);
    if (console.json()) console.result(to_json(report, link, connection));
    tell(report, options, console);
    return verdict(report);
}

} // namespace

int main(int argc, char** argv)
{
    const LinkOperands links{argc, argv};
    Options options;
    Cli cli{"repair", "Rebuild and store the shards that an object has lost"};
    cli.environment();
    cli.usage("[-n] [--deep] [-i FILE] [--providers FILE] [LINK]");
    cli.formats("cairn-link 1, manifest 1, receipt 1");
    cli.operand("LINK", options.link,
                "'-', @FILE, fd:N, or the link itself; its key is not needed");
    cli.flag("-n,--dry-run", options.dry_run, "Only look; 3: something is missing");
    cli.flag("--deep", options.deep, "Read and verify every shard, wherever it is");
    cli.option("--receipts", "FILE", options.receipts, "Write what providers signed to FILE");
    cli.flag("-f,--force", options.force, "Replace the file of receipts if it exists");
    cli.group("Keys");
    cli.option("-i,--identity", "FILE", options.identity,
               "Whose the new shards are; nobody's if not given");
    options.passphrase.declare(cli, "--passphrase");
    options.connection.declare(cli);
    cli.example("cairn-repair --providers list @backup.link", "0: all shards are there now");
    cli.example("cairn-share -l @backup.link | cairn-repair -n --deep -", "look, without the key");
    return cli.run(argc, argv, [&](Console& console) { return run(options, links, console); });
}
