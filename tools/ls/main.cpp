// cairn-ls: list what an identity has stored. See cairn-ls(1).

#include "base/error.hpp"
#include "base/number.hpp"
#include "cli/cli.hpp"
#include "cli/environment.hpp"
#include "client/index_catalog.hpp"
#include "connect/connection.hpp"
#include "keyring/identities.hpp"
#include "keyring/passphrase.hpp"

using namespace cairn;

namespace {

struct Options {
    std::optional<std::string> name;
    std::optional<std::string> identity;
    PassphraseOptions passphrase;
    bool is_long = false;
    bool has_links = false;
    bool all = false;
    bool is_nul = false;
    ConnectionOptions connection;
};

/// Whether an object is asked for: it is the one of the name, or below it.
bool is_wanted(const std::optional<std::string>& name, std::string_view candidate)
{
    if (!name || candidate == *name) return true;
    return candidate.size() > name->size() && candidate.starts_with(*name) &&
           candidate[name->size()] == '/';
}

std::string padded(const std::string& text, std::size_t width)
{
    return std::string(width > text.size() ? width - text.size() : 0, ' ') + text;
}

void tell(const CatalogEntry& entry, const Options& options, Console& console)
{
    constexpr std::size_t size_width = 11; // "1023.99 MiB"
    const IndexRecord& record = entry.record;
    if (console.json()) {
        console.result(Json::object()
                           .set("name", record.name)
                           .set("time_s", record.time_s)
                           .set("size_bytes", record.size)
                           .set("media_type", record.media_type)
                           .set("is_latest", entry.is_latest)
                           .set("link", as_text(record.link.bytes())));
        return;
    }
    if (options.is_long)
        console.print(format_time(record.time_s) + "  " +
                      padded(format_size(record.size), size_width) + "  ");
    if (options.has_links) {
        console.print(as_text(record.link.bytes()));
        console.print("\t");
    }
    console.print(record.name);
    console.print(options.is_nul ? std::string_view{"\0", 1} : "\n");
}

/// What could not be read is told of; partial when objects may be missing for it.
Exit judge(const CatalogFacts& facts, Console& console)
{
    constexpr std::size_t copies = 3; // of a record
    if (facts.answered == 0) throw Error{Exit::unavail, "no provider tells what it has"};
    if (facts.foreign > 0)
        console.info(std::to_string(facts.foreign) + " records are not of this identity");
    if (facts.damaged > 0) console.warning(std::to_string(facts.damaged) + " records are damaged");
    const bool is_whole = facts.silent < copies && facts.missing == 0 && !facts.is_cut;
    if (facts.silent > 0) {
        const std::string text = std::to_string(facts.silent) + " providers did not answer";
        if (is_whole)
            console.info(text);
        else
            console.warning(text);
    }
    if (facts.missing > 0)
        console.warning(std::to_string(facts.missing) + " records could not be read");
    if (facts.is_cut) console.warning("there are more records than can be shown");
    return is_whole ? Exit::ok : Exit::partial;
}

Exit ls(const Options& options, Console& console)
{
    if (!options.identity) throw Error{Exit::usage, "no identity", "use -i FILE or CAIRN_IDENTITY"};
    const Identity identity =
        load_identity(*options.identity, [&] { return options.passphrase.read(false); });
    const AgeIdentity key{index_identity(identity)};
    Connection connection{options.connection, NetworkId{}, {}, &identity.signing()};
    IndexCatalog catalog{connection.session(),
                         key,
                         {.temporary_directory = temporary_directory(),
                          .patience_ms = options.connection.timeout_ms}};
    catalog.read();
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < catalog.size(); ++i) {
        const CatalogEntry entry = catalog.at(i);
        if (!is_wanted(options.name, entry.record.name)) continue;
        if (!entry.is_latest && !options.all) continue;
        tell(entry, options, console);
        ++count;
    }
    const Exit exit = judge(catalog.facts(), console);
    if (options.name && count == 0 && exit == Exit::ok) return Exit::no;
    return exit;
}

} // namespace

int main(int argc, char** argv)
{
    Options options;
    Cli cli{"ls", "List what an identity has stored"};
    cli.environment();
    cli.usage("-i FILE [-l] [--links] [--all] [--providers LIST] [NAME]");
    cli.formats("cairn-link 1, index 1");
    cli.operand("NAME", options.name, "Only the object of this name, and those below it");
    cli.group("Keys");
    cli.option("-i,--identity", "FILE", options.identity, "The identity in FILE");
    options.passphrase.declare(cli, "--passphrase");
    cli.group("Output");
    cli.flag("-l,--long", options.is_long, "Show time and size too");
    cli.flag("--links", options.has_links, "Show the link before each name: a secret");
    cli.flag("-a,--all", options.all, "Show also what a later object of the same name hides");
    cli.flag("-0,--null", options.is_nul, "End each line in NUL, not in line feed");
    options.connection.declare(cli);
    cli.example("cairn-ls -i me.key -l --providers list", "what there is");
    cli.example("cairn-ls -i me.key --links photos | cut -f 1 | cairn-get -",
                "get an object by its name, with CAIRN_PROVIDERS=list");
    return cli.run(argc, argv, [&](Console& console) { return ls(options, console); });
}
