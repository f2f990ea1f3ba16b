// cairn-restore: find and fetch all that an identity has stored. See cairn-restore(1).

#include "base/error.hpp"
#include "base/hex.hpp"
#include "base/number.hpp"
#include "base/text.hpp"
#include "cli/cli.hpp"
#include "cli/environment.hpp"
#include "cli/progress.hpp"
#include "client/index_catalog.hpp"
#include "client/restore.hpp"
#include "connect/connection.hpp"
#include "format/list.hpp"
#include "keyring/identities.hpp"
#include "keyring/passphrase.hpp"
#include "os/input.hpp"
#include "os/output.hpp"
#include "os/terminal.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <set>

using namespace cairn;

namespace {

constexpr std::size_t words_file_size_max = 1024; // bytes

struct Options {
    std::vector<std::string> names; // "-" in front: the words
    std::optional<std::string> words_file;
    std::optional<std::uint64_t> words_fd;
    std::optional<std::string> identity;
    PassphraseOptions passphrase;
    std::optional<std::string> directory;
    std::optional<std::string> identity_output;
    bool all_versions = false;
    bool links = false;
    bool list = false;
    ConnectionOptions connection;
};

void check(Options& options)
{
    const bool is_piped = !options.names.empty() && options.names.front() == "-";
    if (is_piped) {
        options.names.erase(options.names.begin());
        if (options.words_file) throw Error{Exit::usage, "'-' and --words-file exclude each other"};
        options.words_file = "-";
    }
    const int sources = int{options.words_file.has_value()} + int{options.words_fd.has_value()} +
                        int{options.identity.has_value()};
    if (sources != 1)
        throw Error{Exit::usage,
                    sources == 0 ? "whose objects?" : "more than one identity is given",
                    "use --words-file FILE, --words-fd N, '-' for words on standard input, or -i"};
    if (options.words_fd) options.words_file = "fd:" + std::to_string(*options.words_fd);
    if (options.list && options.directory)
        throw Error{Exit::usage, "--list and -o exclude each other"};
    if (options.links && options.directory)
        throw Error{Exit::usage, "--links goes with a list, not with -o"};
    refuse_shared_standard_input(options.words_file.value_or("/"), {options.identity.value_or("/")},
                                 options.passphrase);
}

Identity find_identity(const Options& options)
{
    if (options.identity)
        return load_identity(*options.identity, [&] { return options.passphrase.read(false); });
    if (is_standard_input(*options.words_file) && is_terminal(0))
        throw Error{Exit::usage, "no words: standard input is a terminal",
                    "write them to a file for you alone, or use -i"};
    refuse_secret_as_path(*options.words_file);
    Secret sentence{words_file_size_max};
    sentence.shrink(read_secret_file(*options.words_file, sentence.bytes()));
    return Identity::recover(sentence.bytes());
}

void save_identity(const Identity& identity, const std::string& path, Console& console)
{
    Output output = Output::open(path, Output::Existing::refuse, Output::Access::secret);
    output.write(identity.to_file().bytes());
    output.commit();
    console.info("the identity is in '" + escape(path) + "'");
}

/// "2026-11-25 21:53:07", in UTC.
std::string to_time_text(std::uint64_t time_s)
{
    using namespace std::chrono;
    const sys_seconds time{seconds{static_cast<std::int64_t>(time_s)}};
    const auto day = floor<days>(time);
    const year_month_day date{day};
    const hh_mm_ss clock{time - day};
    std::array<char, 32> text{};
    std::snprintf(
        text.data(), text.size(), "%04d-%02u-%02u %02d:%02d:%02d", int{date.year()},
        unsigned{date.month()}, unsigned{date.day()}, static_cast<int>(clock.hours().count()),
        static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()));
    return text.data();
}

std::string padded(const std::string& text, std::size_t width)
{
    return std::string(width > text.size() ? width - text.size() : 0, ' ') + text;
}

std::string hex_of(const Link& link)
{
    return to_hex_text(link.id.bytes);
}

/// What an object is called where it has no name.
std::string name_of(const IndexRecord& record, const Link& link)
{
    constexpr std::size_t digits = 16;
    return record.name.empty() ? "unnamed-" + hex_of(link).substr(0, digits) : record.name;
}

/// The objects of an identity, and what becomes of them.
class Restore {
public:
    Restore(const Options& options, const Identity& identity, Console& console)
        : options_{&options},
          identity_{&identity},
          console_{&console},
          opener_{index_identity(identity)},
          connection_{options.connection, NetworkId{}, {}, &identity.signing()},
          catalog_{connection_.session(),
                   opener_,
                   {.temporary_directory = temporary_directory(),
                    .patience_ms = options.connection.timeout_ms}},
          wanted_{options.names.begin(), options.names.end()}
    {
    }

    Exit run()
    {
        {
            const Progress progress{*console_, "list", std::nullopt};
            catalog_.read();
        }
        tell_facts();
        const Exit exit = options_->directory ? fetch_all() : show_all();
        for (const std::string& name : wanted_)
            if (!found_.contains(name)) console_->warning("there is no '" + escape(name) + "'");
        if (found_.size() == wanted_.size()) return exit;
        if (found_.empty() && !wanted_.empty())
            throw Error{Exit::no, "nothing of these names is stored"};
        return Exit::partial;
    }

private:
    void tell_facts()
    {
        const CatalogFacts& facts = catalog_.facts();
        const std::size_t providers = facts.answered + facts.silent;
        const std::string asked = std::to_string(facts.answered) + " of " +
                                  std::to_string(providers) +
                                  (providers == 1 ? " provider" : " providers");
        if (facts.answered == 0) throw Error{Exit::unavail, "no provider can be reached"};
        if (facts.records == 0) tell_nothing(facts, asked);
        if (facts.silent > 0)
            console_->warning(asked + " answered: there may be more than what is here");
        if (facts.missing > 0)
            console_->warning(std::to_string(facts.missing) +
                              " index records are listed, and no provider gives them");
        if (facts.foreign + facts.damaged > 0)
            console_->warning(std::to_string(facts.foreign + facts.damaged) +
                              " index records cannot be opened");
        if (facts.is_cut) console_->warning("there are more index records than can be read");
    }

    /// Other words make another key, for which nothing is stored.
    [[noreturn]] void tell_nothing(const CatalogFacts& facts, const std::string& asked) const
    {
        if (facts.foreign + facts.damaged + facts.missing > 0)
            throw Error{Exit::data, "there are index records of this identity, and none of them "
                                    "can be read"};
        const std::string address = public_forms(identity_->signing().public_key()).address;
        throw Error{facts.silent > 0 ? Exit::unavail : Exit::no,
                    "nothing is stored by " + address + " (" + asked + " answered)",
                    "if that is not your address, these are not your words"};
    }

    [[nodiscard]] bool is_wanted(const std::string& name)
    {
        if (wanted_.empty()) return true;
        if (!wanted_.contains(name)) return false;
        found_.insert(name);
        return true;
    }

    Exit show_all()
    {
        const bool is_table = !console_->json() && !options_->links;
        bool has_head = false;
        for (std::size_t i = 0; i < catalog_.size(); ++i) {
            const CatalogEntry entry = catalog_.at(i);
            const Link link = parse_link(entry.record.link.bytes());
            if (!is_wanted(name_of(entry.record, link))) continue;
            if (is_table && !std::exchange(has_head, true))
                console_->print("TIME (UTC)                 SIZE  NAME\n");
            show(entry, link);
        }
        return Exit::ok;
    }

    void show(const CatalogEntry& entry, const Link& link)
    {
        const IndexRecord& record = entry.record;
        const std::string name = name_of(record, link);
        if (console_->json()) {
            Json json = Json::object()
                            .set("name", name)
                            .set("time", record.time_s)
                            .set("size_bytes", record.size)
                            .set("media_type", record.media_type)
                            .set("id", hex_of(link))
                            .set("is_latest", entry.is_latest);
            if (options_->links) json.set("link", as_text(record.link.bytes()));
            return console_->result(json);
        }
        if (options_->links) {
            console_->print(as_text(record.link.bytes()));
            return console_->print('\t' + escape(name) + '\n');
        }
        const bool is_tree = record.media_type == list_media_type;
        console_->print(to_time_text(record.time_s) + padded(format_size(record.size), 12) + "  " +
                        escape(name) + (is_tree ? "/" : "") + (entry.is_latest ? "" : " (older)") +
                        '\n');
    }

    Exit fetch_all()
    {
        const TreeDirectory directory{*options_->directory};
        Progress progress{*console_, "restore", std::nullopt};
        Restorer restorer{
            connection_.session(),
            directory,
            {.patience_ms = options_->connection.timeout_ms,
             .read = [&](std::uint64_t bytes) { progress.add(bytes); },
             .done = [&](const std::string& path, bool is_new) { done(path, is_new); },
             .failed = [&](const std::string& path, const Error& error) { failed(path, error); }}};
        std::map<std::string, unsigned> versions;
        for (std::size_t i = 0; i < catalog_.size(); ++i) {
            const CatalogEntry entry = catalog_.at(i);
            const Link link = parse_link(entry.record.link.bytes());
            std::string name = name_of(entry.record, link);
            if (!is_wanted(name)) continue;
            if (!entry.is_latest && !options_->all_versions) {
                ++older_;
                continue;
            }
            if (!entry.is_latest) name += ".~" + std::to_string(++versions[name]) + '~';
            if (entry.record.media_type == list_media_type)
                restorer.restore_tree(name, link);
            else
                restorer.restore_file(name, link);
        }
        progress.finish();
        return finish();
    }

    void done(const std::string& path, bool is_new)
    {
        ++(is_new ? restored_ : unchanged_);
        console_->info("'" + escape(path) + (is_new ? "'" : "' was there already"));
        if (console_->json())
            console_->result(Json::object().set("name", path).set("is_new", is_new));
    }

    void failed(const std::string& path, const Error& error)
    {
        ++failed_;
        if (!first_error_) first_error_ = error;
        console_->warning("'" + escape(path) + "' is not restored: " + error.what());
    }

    Exit finish()
    {
        if (older_ > 0) console_->info(std::to_string(older_) + " older versions are left out");
        console_->event("summary", Json::object()
                                       .set("restored", restored_)
                                       .set("unchanged", unchanged_)
                                       .set("failed", failed_)
                                       .set("older", older_));
        if (failed_ == 0) return Exit::ok;
        if (restored_ + unchanged_ == 0) throw Error{*first_error_};
        throw Error{Exit::partial, std::to_string(failed_) + " of " +
                                       std::to_string(failed_ + restored_ + unchanged_) +
                                       " could not be restored"};
    }

    const Options* options_;
    const Identity* identity_;
    Console* console_;
    AgeIdentity opener_;
    Connection connection_;
    IndexCatalog catalog_;
    std::set<std::string> wanted_; // empty: everything
    std::set<std::string> found_;
    std::uint64_t restored_ = 0; // files
    std::uint64_t unchanged_ = 0;
    std::uint64_t failed_ = 0;
    std::uint64_t older_ = 0;
    std::optional<Error> first_error_;
};

Exit restore(Options& options, Console& console)
{
    check(options);
    const Identity identity = find_identity(options);
    if (options.identity_output) save_identity(identity, *options.identity_output, console);
    return Restore{options, identity, console}.run();
}

} // namespace

int main(int argc, char** argv)
{
    Options options;
    Cli cli{"restore", "Find and fetch all that an identity has stored"};
    cli.environment();
    cli.usage("(-i FILE | --words-file FILE | --words-fd N | -) [--links] [NAME...]");
    cli.usage("(-i FILE | --words-file FILE | --words-fd N | -) -o DIR [NAME...]");
    cli.formats("index 1, cairn-link 1, list 1, age v1");
    cli.operands("NAME", options.names,
                 "Only these; '-' in front: the words are on standard input");
    cli.group("Keys");
    cli.option("-i,--identity", "FILE", options.identity, "The identity that stored");
    options.passphrase.declare(cli, "--passphrase");
    cli.option("--words-file", "FILE", options.words_file, "The 24 words of the identity");
    cli.number("--words-fd", "N", options.words_fd, {0, 65535}, "Read the words from descriptor N");
    cli.option("--save-identity", "FILE", options.identity_output,
               "Write the identity of the words to FILE, never over one");
    cli.group("Output");
    cli.flag("--list", options.list, "Show what there is; so it is without -o");
    cli.flag("--links", options.links, "Show links, with their keys");
    cli.option("-o,--output", "DIR", options.directory, "Fetch everything into DIR");
    cli.flag("--all-versions", options.all_versions, "Older objects of a name too: NAME.~1~ ...");
    options.connection.declare(cli);
    cli.example("cairn-restore --providers list --words-file words", "what is stored?");
    cli.example("cairn-restore --providers list -o home - < words", "all of it, to an empty disk");
    return cli.run(argc, argv, [&](Console& console) { return restore(options, console); });
}
