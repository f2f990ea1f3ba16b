// cairn-rm: remove objects from the storage network. See cairn-rm(1).

#include "base/error.hpp"
#include "cli/cli.hpp"
#include "cli/environment.hpp"
#include "client/index_catalog.hpp"
#include "client/index_put.hpp"
#include "client/object_reader.hpp"
#include "client/plain_reader.hpp"
#include "client/remove.hpp"
#include "connect/connection.hpp"
#include "format/list.hpp"
#include "keyring/identities.hpp"
#include "keyring/link_operand.hpp"
#include "keyring/passphrase.hpp"
#include "os/clock.hpp"
#include "os/random.hpp"
#include "stream/spool.hpp"

using namespace cairn;

namespace {

struct Options {
    std::string object;
    std::optional<std::string> identity;
    PassphraseOptions passphrase;
    bool is_recursive = false;
    bool is_final = false;
    ConnectionOptions connection;
};

/// What is to be removed.
struct Target {
    Link link;
    std::string name;         // in the index
    std::uint64_t time_s = 0; // when it was stored, as far as it is known
};

bool is_link_operand(const std::string& text)
{
    return text == "-" || text.starts_with('@') || text.starts_with("fd:") || is_link(text);
}

/// The latest object of a name.
Target find(const std::string& name, IndexCatalog& catalog, Console& console)
{
    catalog.read();
    for (std::size_t i = catalog.size(); i-- > 0;) {
        const CatalogEntry entry = catalog.at(i);
        if (!entry.is_latest || entry.record.name != name) continue;
        return {parse_link(entry.record.link.bytes()), name, entry.record.time_s};
    }
    const CatalogFacts& facts = catalog.facts();
    if (facts.answered == 0) throw Error{Exit::unavail, "no provider tells what it has"};
    if (facts.silent > 0)
        console.warning(std::to_string(facts.silent) + " providers did not answer");
    throw Error{Exit::no, "there is no object '" + name + "'"};
}

/// Removes the files that a list names.
void remove_files(const Link& link, Session& session, const ReadOptions& how, Remover& remover)
{
    Spool list{temporary_directory()};
    {
        ObjectReader object{session, link.kind, link.id, how};
        PlainReader reader{object, link.key ? &*link.key : nullptr};
        reader.read(0, UINT64_MAX, [&](ByteView bytes) { list.append(bytes); });
    }
    std::uint64_t at = 0;
    TreeReader tree{[&](MutableByteView buffer) {
        const std::size_t size = std::min<std::uint64_t>(buffer.size(), list.size() - at);
        list.read_at(at, buffer.first(size));
        at += size;
        return size;
    }};
    while (const auto entry = tree.next())
        if (entry->link) remover.remove(parse_link(entry->link->bytes()));
}

/// The record that takes an object out of the index.
Bytes tombstone(const Target& target, const Identity& identity, Entropy& entropy)
{
    constexpr std::uint64_t ms_per_s = 1'000;
    constexpr std::uint64_t per_ms = 1'000'000;
    const std::uint64_t now_ms = wall_clock_ms();
    IndexRecord record;
    record.op = IndexOp::rm;
    record.name = target.name;
    record.time_s = now_ms / ms_per_s;
    record.sequence = now_ms % ms_per_s * per_ms;
    if (record.time_s < target.time_s) { // the clock was set back
        record.time_s = target.time_s;
        record.sequence = ms_per_s * per_ms;
    }
    record.link = Secret::copy(as_bytes(to_locator_text(
        {target.link.kind, target.link.network, target.link.id, {}, std::nullopt})));
    return seal_index_record(record, index_identity(identity).key, entropy);
}

Exit tell(const RemoveReport& report, const Target& target, Console& console)
{
    if (console.json())
        console.result(Json::object()
                           .set("name", target.name)
                           .set("dropped", report.dropped)
                           .set("kept", report.kept)
                           .set("silent", report.silent));
    if (report.silent == 0) {
        if (report.dropped > 0) return Exit::ok;
        throw Error{Exit::no, "no provider had anything of it for this identity"};
    }
    std::string locator =
        to_locator_text({target.link.kind, target.link.network, target.link.id, {}, std::nullopt});
    throw Error{Exit::partial,
                std::to_string(report.silent) + " providers did not answer: what they have stays",
                report.kept > 0 ? "when they do: cairn-rm -i FILE " + locator : std::string{}};
}

Exit rm(const Options& options, const LinkOperands& links, Console& console)
{
    if (!options.identity) throw Error{Exit::usage, "no identity", "use -i FILE or CAIRN_IDENTITY"};
    refuse_shared_standard_input(options.object, {*options.identity}, options.passphrase);
    const Identity identity =
        load_identity(*options.identity, [&] { return options.passphrase.read(false); });
    const AgeIdentity key{index_identity(identity)};
    std::optional<Target> target;
    if (is_link_operand(options.object))
        target = Target{links.read(options.object, console), {}, 0};
    const NetworkId network = target ? target->link.network : NetworkId{};
    const auto hints = target ? target->link.hints : std::vector<ProviderHint>{};
    Connection connection{options.connection, network, hints, &identity.signing()};
    Session& session = connection.session();
    const std::uint64_t patience_ms = options.connection.timeout_ms;
    if (!target) {
        IndexCatalog catalog{
            session,
            key,
            {.temporary_directory = temporary_directory(), .patience_ms = patience_ms}};
        target = find(options.object, catalog, console);
    }
    Remover remover{session, network, identity.signing(), patience_ms};
    if (options.is_recursive)
        remove_files(target->link, session, {.patience_ms = patience_ms}, remover);
    remover.remove(target->link);
    const RemoveReport report = remover.finish(options.is_final);
    SystemEntropy entropy;
    const std::size_t copies =
        put_index_record(session, entropy, network, account_id(identity.signing().public_key()),
                         tombstone(*target, identity, entropy));
    if (copies < 2) console.warning("the index could not be told in all its copies");
    return tell(report, *target, console);
}

} // namespace

int main(int argc, char** argv)
{
    const LinkOperands links{argc, argv};
    Options options;
    Cli cli{"rm", "Remove objects from the storage network"};
    cli.environment();
    cli.usage("-i FILE [-r] [--final] [--providers LIST] (LINK | NAME)");
    cli.formats("cairn-link 1, index 1");
    cli.operand("OBJECT", options.object,
                "A link as '-', @FILE, fd:N or text, or a name from the index");
    cli.group("Keys");
    cli.option("-i,--identity", "FILE", options.identity, "The identity that stored it");
    options.passphrase.declare(cli, "--passphrase");
    cli.group("Objects");
    cli.flag("-r,--recursive", options.is_recursive, "Also the files that a list names");
    cli.flag("--final", options.is_final,
             "Also the manifest when providers did not answer, who then keep what they have");
    options.connection.declare(cli);
    cli.example("cairn-rm -i me.key --providers list backup.tar", "by its name");
    cli.example("cairn-rm -i me.key @backup.link", "by its link, with CAIRN_PROVIDERS=list");
    return cli.run(argc, argv, [&](Console& console) { return rm(options, links, console); });
}
