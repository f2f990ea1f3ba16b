// cairn-stat: how the shards of an object stand. See cairn-stat(1).

#include "base/error.hpp"
#include "base/hex.hpp"
#include "base/number.hpp"
#include "cli/cli.hpp"
#include "cli/environment.hpp"
#include "cli/progress.hpp"
#include "client/survey.hpp"
#include "connect/connection.hpp"
#include "keyring/link_operand.hpp"
#include "stream/spool.hpp"

#include <algorithm>

using namespace cairn;

namespace {

struct Options {
    std::optional<std::string> link;
    bool deep = false;
    ConnectionOptions connection;
};

/// An object that was looked at.
struct Subject {
    const Link& link;
    const ManifestHead& head;
    const Survey& survey;
    const Connection& connection;
};

/// Segments in a row of which the same is to be told.
struct Run {
    SegmentStanding first; ///< without its holders
    std::uint64_t last = 0;
};

const char* to_text(ObjectHealth health)
{
    switch (health) {
    case ObjectHealth::good:
        return "good";
    case ObjectHealth::degraded:
        return "degraded";
    case ObjectHealth::lost:
        break;
    }
    return "lost";
}

std::string count_of(std::uint64_t count, const std::string& thing)
{
    return std::to_string(count) + ' ' + thing + (count == 1 ? "" : "s");
}

std::string padded(const std::string& text, std::size_t width)
{
    return std::string(width > text.size() ? width - text.size() : 0, ' ') + text;
}

bool is_alike(const SegmentStanding& one, const SegmentStanding& other)
{
    return one.is_of_manifest == other.is_of_manifest && one.good == other.good &&
           one.damaged == other.damaged && one.wanted == other.wanted;
}

void add(std::vector<Run>& runs, const SegmentStanding& standing)
{
    if (!runs.empty() && is_alike(runs.back().first, standing)) {
        runs.back().last = standing.segment;
        return;
    }
    runs.push_back({standing, standing.segment});
    runs.back().first.holders.clear();
}

std::string describe(const Run& run)
{
    const SegmentStanding& standing = run.first;
    std::string text = standing.is_of_manifest ? "manifest segment" : "segment";
    text += run.last > standing.segment ? "s " : " ";
    text += std::to_string(standing.segment);
    if (run.last > standing.segment) text += '-' + std::to_string(run.last);
    text += ": " + std::to_string(standing.good) + " of " + count_of(standing.wanted, "shard") +
            ", " + std::to_string(standing.needed) + (standing.needed == 1 ? " is" : " are") +
            " needed";
    if (standing.damaged > 0) text += ", " + std::to_string(standing.damaged) + " damaged";
    return text + '\n';
}

std::string describe(const Subject& subject, const std::vector<Run>& runs)
{
    const Profile& profile = subject.head.profile;
    const Survey& survey = subject.survey;
    const bool is_whole = subject.link.kind == LinkKind::whole;
    std::string text = to_hex_text(subject.link.id.bytes) + ": " + to_text(survey.health) + ", " +
                       format_size(subject.head.total_size);
    text += is_whole ? " in whole copies\n"
                     : " in " + count_of(subject.head.segments(), "segment") + ", " +
                           std::to_string(profile.k) + '+' + std::to_string(profile.m) + '\n';
    text += std::string{is_whole ? "copies: " : "manifests: "} + std::to_string(survey.roots) +
            " of " + std::to_string(survey.roots_wanted) + " or more\n";
    for (const Run& run : runs) text += describe(run);
    text += "  SHARDS      BYTES  DAMAGED  PROVIDER\n";
    for (std::size_t i = 0; i < survey.providers.size(); ++i) {
        const ProviderStanding& provider = survey.providers[i];
        text += padded(std::to_string(provider.shards), 8) +
                padded(format_size(provider.bytes), 11) +
                padded(std::to_string(provider.damaged), 9) + "  " + subject.connection.name_of(i);
        if (provider.is_silent) text += " (" + provider.reason + ')';
        text += '\n';
    }
    return text;
}

Json to_json(const ProviderStanding& provider, const std::string& name)
{
    Json json = Json::object()
                    .set("provider", name)
                    .set("answered", !provider.is_silent)
                    .set("has_root", provider.has_root)
                    .set("shards", provider.shards)
                    .set("shard_bytes", provider.bytes)
                    .set("damaged", provider.damaged);
    if (provider.is_silent) json.set("reason", provider.reason);
    return json;
}

Json to_json(const SegmentStanding& standing)
{
    Json holders = Json::array();
    for (const std::vector<std::size_t>& of_shard : standing.holders) {
        Json list = Json::array();
        for (const std::size_t provider : of_shard) list.push(provider);
        holders.push(std::move(list));
    }
    return Json::object()
        .set("segment", standing.segment)
        .set("of", standing.is_of_manifest ? "manifest" : "object")
        .set("good", standing.good)
        .set("damaged", standing.damaged)
        .set("needed", standing.needed)
        .set("wanted", standing.wanted)
        .set("holders", std::move(holders));
}

Json to_json(const Subject& subject)
{
    const Survey& survey = subject.survey;
    Json providers = Json::array();
    for (std::size_t i = 0; i < survey.providers.size(); ++i)
        providers.push(to_json(survey.providers[i], subject.connection.name_of(i)));
    return Json::object()
        .set("id", to_hex_text(subject.link.id.bytes))
        .set("health", to_text(survey.health))
        .set("total_bytes", subject.head.total_size)
        .set("k", subject.head.profile.k)
        .set("m", subject.head.profile.m)
        .set("segment_bytes", subject.head.profile.segment_size)
        .set("roots", survey.roots)
        .set("roots_wanted", survey.roots_wanted)
        .set("providers", std::move(providers));
}

/// The document, with the segments as its last member: there may be more than memory.
void print(const Json& document, const Spool& segments, Console& console)
{
    std::string text = document.dump();
    text.pop_back(); // the closing brace
    console.print(text + ",\"segments\":[");
    Bytes part(std::size_t{64} << 10U);
    for (std::uint64_t at = 0; at < segments.size(); at += part.size()) {
        part.resize(std::min<std::uint64_t>(part.size(), segments.size() - at));
        segments.read_at(at, part);
        console.print(as_text(part));
    }
    console.print("]}\n");
}

Exit verdict(const Survey& survey)
{
    switch (survey.health) {
    case ObjectHealth::good:
        return Exit::ok;
    case ObjectHealth::degraded:
        return Exit::partial;
    case ObjectHealth::lost:
        break;
    }
    for (const ProviderStanding& provider : survey.providers)
        if (provider.is_silent)
            throw Error{Exit::unavail, "the object cannot be read from the providers that answer"};
    return Exit::no;
}

Exit stat(const Options& options, const LinkOperands& links, Console& console)
{
    const Link link = links.read(options.link, console);
    Connection connection{options.connection, link.network, link.hints};
    ObjectReader object{
        connection.session(), link.kind, link.id, {.patience_ms = options.connection.timeout_ms}};
    Progress progress{console, "stat", std::nullopt};
    std::vector<Run> runs;
    Spool segments{temporary_directory()};
    const auto keep = [&](const SegmentStanding& standing) {
        if (!console.json()) return add(runs, standing);
        segments.append(as_bytes((segments.size() > 0 ? "," : "") + to_json(standing).dump()));
    };
    const Survey survey = take_survey(connection.session(), object, link.kind, link.id,
                                      {.is_deep = options.deep,
                                       .patience_ms = options.connection.timeout_ms,
                                       .segment = keep,
                                       .checked = [&](std::uint64_t n) { progress.add(n); }});
    progress.finish();
    const Subject subject{link, object.head(), survey, connection};
    if (console.json())
        print(to_json(subject), segments, console);
    else
        console.print(describe(subject, runs));
    return verdict(survey);
}

} // namespace

int main(int argc, char** argv)
{
    const LinkOperands links{argc, argv};
    Options options;
    Cli cli{"stat", "Show how the shards of an object stand"};
    cli.environment();
    cli.usage("[--deep] [--providers FILE] [LINK]");
    cli.formats("cairn-link 1, manifest 1");
    cli.operand("LINK", options.link, "'-', @FILE, fd:N, or the link itself");
    cli.flag("--deep", options.deep, "Read and verify every shard, wherever it is");
    options.connection.declare(cli);
    cli.example("cairn-stat @backup.link", "0: all shards are there, 3: some are not");
    cli.example("cairn-stat --deep --providers list - < backup.link", "is every one of them good?");
    return cli.run(argc, argv, [&](Console& console) { return stat(options, links, console); });
}
