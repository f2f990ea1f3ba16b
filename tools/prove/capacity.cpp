// Answers to rounds of chains, from plots.

#include "capacity.hpp"

#include "base/error.hpp"
#include "base/hex.hpp"
#include "base/number.hpp"
#include "mining/fault_news.hpp"
#include "mining/prover.hpp"
#include "mining/round_queue.hpp"
#include "os/input.hpp"
#include "os/random.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <thread>

namespace cairn {
namespace {

using Options = ProveCapacity::Options;
Challenge parse_challenge(const std::string& text)
{
    if (const auto challenge = parse_hex<Challenge>(text)) return *challenge;
    throw Error{Exit::usage, "a challenge is 64 hex digits"};
}

/// The round that the command line asks about.
Announcement round_of(const Options& options)
{
    if (options.challenge.has_value() == options.signature.has_value())
        throw Error{Exit::usage, "no round is given, or more than one",
                    "one of --challenge and --generation-signature, or --follow"};
    if (options.signature.has_value() != options.height.has_value())
        throw Error{Exit::usage, "--generation-signature and --height belong together"};
    if (!options.target)
        throw Error{Exit::usage, "no base target is given", "give it by --base-target"};
    return {.challenge =
                parse_challenge(options.challenge ? *options.challenge : *options.signature),
            .height = options.height,
            .target = {*options.target},
            .deadline_max = {},
            .window_ms = options.window_ms};
}

/// Opens the plots, and tells which cannot be, and which have the same.
std::vector<ScanFault> open_plots(Prover& prover, Console& console)
{
    std::vector<ScanFault> faults = prover.refresh();
    for (const ScanFault& fault : faults) console.warning(fault.what);
    for (const PlotOverlap& overlap : overlaps_of(prover.scanner().owned()))
        console.warning(overlap.to_text());
    return faults;
}

void need_plots(const Prover& prover, const std::vector<ScanFault>& faults)
{
    if (prover.scanner().plots() > 0) return;
    throw Error{Exit::noinput,
                faults.empty() ? "there are no plots" : "none of the plots can be read"};
}

std::string to_text(const Proof& proof)
{
    const std::string& path = proof.path;
    const Claim& claim = proof.answer->claim;
    std::string where;
    if (const auto* const nonce = std::get_if<NonceClaim>(&claim.where))
        where = "nonce " + std::to_string(nonce->nonce.value);
    else
        where = "warp " + std::to_string(std::get<WarpClaim>(claim.where).warp) + " place " +
                std::to_string(std::get<WarpClaim>(claim.where).place);
    return "deadline " + std::to_string(*proof.answer->deadline) + " s: " + where + " in " + path;
}

/// One document, or one line, for a round.
void tell(const Proof& proof, const Announcement& round, Console& console)
{
    const std::uint64_t window_ms = round.window_ms.value_or(UINT64_MAX);
    if (proof.time_ms > window_ms)
        console.warning("the round took " + format_duration(proof.time_ms) +
                        ", and the window is " + format_duration(window_ms));
    if (console.json())
        console.result(to_json(proof, round));
    else if (proof.is_abandoned)
        console.print("abandoned\n");
    else if (!proof.answer)
        console.print("nothing could be read\n");
    else
        console.print(to_text(proof) + " (" + format_duration(proof.time_ms) + ")\n");
}

Exit prove_one(const Options& options, Console& console)
{
    const Announcement round = round_of(options);
    Prover prover{options.plots};
    const std::vector<ScanFault> faults = open_plots(prover, console);
    need_plots(prover, faults);
    Proof proof = prover.prove(round);
    for (const ScanFault& fault : proof.faults) console.warning(fault.what);
    if (!proof.answer) throw Error{Exit::ioerr, "no plot could be read"};
    proof.faults.insert(proof.faults.begin(), faults.begin(), faults.end());
    tell(proof, round, console);
    return proof.faults.empty() ? Exit::ok : Exit::partial;
}

/// Rounds that come on standard input, and the thread that waits for them.
std::shared_ptr<RoundQueue> rounds_of_input()
{
    auto input = std::make_shared<Input>(Input::open_operand("-"));
    auto queue = std::make_shared<RoundQueue>();
    std::thread{[input, queue] {
        read_rounds([&](MutableByteView buffer) { return input->read_some(buffer); }, *queue);
    }}.detach(); // it may wait for ever; the process ends without it
    return queue;
}

Exit follow(const Options& options, Console& console)
{
    const std::shared_ptr<RoundQueue> queue = rounds_of_input();
    Prover prover{options.plots};
    FaultNews news;
    std::ignore = news.take(open_plots(prover, console));
    bool is_partial = false;
    while (auto round = queue->take()) {
        if (!round->window_ms) round->window_ms = options.window_ms;
        const std::vector<ScanFault> faults = prover.refresh();
        const auto is_over = [&] { return options.abandon && queue->has_more(); };
        Proof proof = prover.prove(*round, is_over);
        proof.faults.insert(proof.faults.begin(), faults.begin(), faults.end());
        for (const ScanFault& fault : news.take(proof.faults)) console.warning(fault.what);
        is_partial = is_partial || !proof.faults.empty();
        tell(proof, *round, console);
    }
    return is_partial ? Exit::partial : Exit::ok;
}

std::uint64_t percentile(std::vector<std::uint64_t> times, std::size_t percent)
{
    std::ranges::sort(times);
    return times[(times.size() - 1) * percent / 100 + ((times.size() - 1) * percent % 100 > 0)];
}

/// Reads what rounds read, so often, and tells how long each disk takes.
Exit status(const Options& options, Console& console)
{
    Prover prover{options.plots};
    const std::vector<ScanFault> faults = open_plots(prover, console);
    need_plots(prover, faults);
    SystemEntropy entropy;
    struct Times {
        DiskTime last;
        std::vector<std::uint64_t> ms;
    };
    std::map<std::string, Times> disks;
    bool has_faults = !faults.empty();
    for (std::uint64_t i = 0; i < options.rounds.value_or(16); ++i) {
        Announcement round{
            .challenge = {}, .height = {}, .target = {1}, .deadline_max = {}, .window_ms = {}};
        entropy.fill(round.challenge.bytes);
        const RoundReport report = prover.scanner().scan(round_of(round), [] { return false; });
        for (const ScanFault& fault : report.faults) console.warning(fault.what);
        has_faults = has_faults || !report.faults.empty();
        for (const DiskTime& time : report.disks) {
            disks[time.disk.name].last = time;
            disks[time.disk.name].ms.push_back(time.time_ms);
        }
    }
    bool is_slow = false;
    for (const auto& [name, times] : disks) {
        const std::uint64_t p50 = percentile(times.ms, 50);
        const std::uint64_t p99 = percentile(times.ms, 99);
        is_slow = is_slow || p99 > options.window_ms;
        if (console.json())
            console.result(Json::object()
                               .set("disk", name)
                               .set("plots", times.last.plots)
                               .set("read_bytes", times.last.bytes_read)
                               .set("rounds", times.ms.size())
                               .set("p50_ms", p50)
                               .set("p99_ms", p99)
                               .set("window_ms", options.window_ms)
                               .set("is_in_time", p99 <= options.window_ms));
        else
            console.print("disk " + name + ": " + std::to_string(times.last.plots) + " plots, " +
                          format_size(times.last.bytes_read) + " a round, p50 " +
                          format_duration(p50) + ", p99 " + format_duration(p99) + "\n");
        if (p99 > options.window_ms)
            console.warning("disk " + name + " cannot make the window of " +
                            format_duration(options.window_ms));
    }
    if (is_slow) return Exit::no;
    return has_faults ? Exit::partial : Exit::ok;
}

} // namespace

void ProveCapacity::declare(Cli& verb)
{
    constexpr std::uint64_t day_ms = 86'400'000;
    verb.usage("(--challenge HEX | --generation-signature HEX --height N) --base-target N "
               "PLOT...");
    verb.usage("--follow [--abandon] PLOT...");
    verb.usage("--status [--rounds N] [--window DURATION] PLOT...");
    verb.operands("PLOT", options_.plots, "Plots, or directories of plots", 1);
    verb.group("The round");
    verb.option("--challenge", "HEX", options_.challenge, "Of a chain of ours");
    verb.option("--generation-signature", "HEX", options_.signature,
                "Of a chain of the family; with --height");
    verb.number("--height", "N", options_.height, {}, "The block that is to be made");
    verb.number("--base-target", "N", options_.target, {1, UINT64_MAX},
                "Deadlines are hits divided by N");
    verb.duration_ms("--window", "DURATION", options_.window_ms, {1, day_ms},
                     "An answer should take no longer; 30 s");
    verb.group("Instead of one round");
    verb.flag("--follow", options_.follow, "Answer rounds that come on standard input");
    verb.flag("--abandon", options_.abandon, "A new round ends the one before");
    verb.flag("--status", options_.status, "Show how long disks take for a round");
    verb.number("--rounds", "N", options_.rounds, {1, 10'000}, "Measure N rounds; 16");
}

Exit ProveCapacity::run(Console& console) const
{
    if (options_.follow && options_.status)
        throw Error{Exit::usage, "--follow and --status exclude each other"};
    const bool has_round =
        options_.challenge || options_.signature || options_.height || options_.target;
    if ((options_.follow || options_.status) && has_round)
        throw Error{Exit::usage, "--follow and --status take no round"};
    if (options_.rounds && !options_.status) throw Error{Exit::usage, "--rounds is for --status"};
    if (options_.abandon && !options_.follow) throw Error{Exit::usage, "--abandon is for --follow"};
    if (options_.status) return status(options_, console);
    return options_.follow ? follow(options_, console) : prove_one(options_, console);
}

} // namespace cairn
