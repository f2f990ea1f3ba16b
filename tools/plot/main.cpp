// cairn-plot: fill disk space with plots, and check them. See cairn-plot(1).

#include "base/error.hpp"
#include "base/number.hpp"
#include "base/text.hpp"
#include "cli/cli.hpp"
#include "cli/progress.hpp"
#include "mining/owner.hpp"
#include "mining/plot_json.hpp"
#include "os/machine.hpp"
#include "os/process.hpp"
#include "os/random.hpp"
#include "plots/survey.hpp"

#include <algorithm>

using namespace cairn;

namespace {

constexpr std::uint64_t gib = std::uint64_t{1} << 30U;

struct Options {
    std::optional<std::string> account;
    std::optional<std::string> chain;
    std::string form = "x1";
    std::optional<std::uint64_t> salt;
    std::optional<std::uint64_t> scale;
    std::optional<std::uint64_t> band;
    std::optional<std::uint64_t> start;
    std::optional<std::uint64_t> nonces;
    std::optional<std::uint64_t> warps;
    std::optional<std::uint64_t> size;
    bool until_full = false;
    std::uint64_t reserve = gib / 4;
    std::vector<std::string> directories;
    std::uint64_t threads = available_cores();
    std::optional<std::uint64_t> memory;
    bool idle = false;
    bool dry_run = false;
    std::optional<std::string> check;
    std::optional<std::string> clean;
    bool bench = false;
    std::vector<std::string> files;

    [[nodiscard]] bool is_poc2() const { return form == "poc2"; }
};

PlotSpec spec_of(const Options& options)
{
    if (!options.account) throw Error{Exit::usage, "no account is named", "name it by --account"};
    if (options.is_poc2() && (options.salt || options.scale || options.band))
        throw Error{Exit::usage, "--salt, --scale and --band are for plots of the form x1"};
    if (options.is_poc2())
        return Poc2Plot{.account = parse_numeric_account(*options.account, options.chain),
                        .start = {},
                        .nonces = 1};
    if (!options.chain)
        throw Error{Exit::usage, "a plot of the form x1 belongs to a chain", "name it by --chain"};
    return X1Plot{.owner = {.chain = parse_chain_id(*options.chain),
                            .account = parse_account_id(*options.account),
                            .salt = static_cast<std::uint32_t>(options.salt.value_or(0))},
                  .shape = {.scale = static_cast<unsigned>(options.scale.value_or(1))},
                  .first_warp = 0,
                  .warps = 1};
}

/// Nonces or warps of each directory; 0: as many as there is room for.
std::uint64_t count_of(const Options& options)
{
    const int given = int{options.nonces.has_value()} + int{options.warps.has_value()} +
                      int{options.size.has_value()} + int{options.until_full};
    if (given != 1)
        throw Error{Exit::usage, given == 0 ? "no size is given" : "more than one size is given",
                    "one of --nonces, --warps, --size and --until-full"};
    if (options.is_poc2() ? options.warps.has_value() : options.nonces.has_value())
        throw Error{Exit::usage, options.is_poc2() ? "plots of the form poc2 have no warps"
                                                   : "plots of the form x1 are made of warps"};
    if (options.until_full) return 0;
    if (options.nonces) return *options.nonces;
    if (options.warps) return *options.warps;
    const std::uint64_t unit = options.is_poc2() ? 64 * nonce_size : gib;
    const std::uint64_t units = *options.size / unit;
    if (units == 0)
        throw Error{Exit::usage, "the smallest plot of this form has " + format_size(unit)};
    return options.is_poc2() ? units * 64 : units;
}

/// Half of what is free, and no more than is of use on disks where nothing has to move.
std::uint64_t memory_of(const Options& options)
{
    if (options.memory) return *options.memory;
    const bool is_any = std::ranges::any_of(
        options.directories, [](const auto& path) { return disk_of(path).is_rotational; });
    const std::uint64_t most = is_any ? 64 * gib : options.is_poc2() ? 2 * gib : 5 * gib;
    return std::min(available_memory() / 2, most);
}

/// What is to be made, how long it takes at least, and how long rounds will.
void announce(const PlotPlan& plan, std::uint64_t rate, const Options& options, Console& console)
{
    const bool is_seen = console.options().progress != ProgressMode::none && !console.json();
    const auto say = [&](const std::string& text) {
        if (options.dry_run) return console.print(text + '\n');
        is_seen ? console.summary(text) : console.info(text);
    };
    std::uint64_t left = 0;
    for (const PlannedPlot& plot : plan.plots) {
        if (!console.json()) {
            say(to_text(plot));
        } else {
            const Json json = to_json(plot).set("is_finished", plot.is_finished);
            options.dry_run ? console.result(json) : console.event("plan", json);
        }
        left += plot.left;
    }
    const Json facts = Json::object()
                           .set("size_bytes", left)
                           .set("bytes_per_s", rate)
                           .set("time_s", left / std::max<std::uint64_t>(rate, 1))
                           .set("next_start", Json::decimal(plan.next_start));
    if (console.json())
        options.dry_run ? console.result(facts) : console.event("estimate", facts);
    else if (left > 0)
        say(format_size(left) + " to make at " + format_rate(rate) + ": at least " +
            format_duration(left * 1000 / std::max<std::uint64_t>(rate, 1)));
}

/// Tells how each plot ended; the status of all.
class Outcomes {
public:
    explicit Outcomes(Console& console) : console_{&console} {}

    void good(const std::string& path, const Json& json)
    {
        ++good_;
        if (console_->json())
            console_->result(json);
        else if (!console_->options().quiet)
            console_->print(path + '\n');
    }

    void bad(const std::exception_ptr& failure)
    {
        try {
            std::rethrow_exception(failure);
        } catch (const Error& error) {
            if (!first_) first_ = failure;
            failures_.push_back(error.what());
        }
    }

    /// 0, or 3 where some failed; throws the failure where all did.
    Exit end()
    {
        if (failures_.empty()) return Exit::ok;
        for (const std::string& text : failures_)
            if (good_ > 0 || &text != &failures_.front()) console_->warning(text);
        if (good_ == 0) std::rethrow_exception(first_);
        console_->error(Exit::partial, std::to_string(failures_.size()) + " of " +
                                           std::to_string(failures_.size() + good_) + " failed");
        return Exit::partial;
    }

private:
    Console* console_;
    std::size_t good_ = 0;
    std::vector<std::string> failures_;
    std::exception_ptr first_;
};

Exit make(const Options& options, Console& console)
{
    PlotWish wish{.spec = spec_of(options),
                  .directories = options.directories,
                  .start = options.start,
                  .count = count_of(options),
                  .reserve = options.reserve,
                  .memory_max = memory_of(options),
                  .threads = static_cast<unsigned>(options.threads),
                  .band = options.band.value_or(0)};
    const PlotPlan plan = plan_plots(wish);
    const bool is_wanted = options.dry_run || console.json() || console.options().verbosity > 0 ||
                           console.options().progress != ProgressMode::none;
    return_memory_early();
    if (options.idle) work_when_idle();
    if (is_wanted) {
        const std::uint64_t nonces = nonce_rate_milli(wish.spec, wish.threads, 200);
        announce(plan, plot_rate(wish.spec, nonces), options, console);
    }
    if (options.dry_run) return Exit::ok;
    Outcomes outcomes{console};
    std::vector<PlotTask> tasks;
    std::vector<const PlannedPlot*> plots;
    for (const PlannedPlot& plot : plan.plots) {
        if (plot.is_finished) {
            outcomes.good(plot.path(), to_json(plot).set("status", "there"));
            continue;
        }
        tasks.push_back(plot.task);
        plots.push_back(&plot);
    }
    std::optional<Progress> progress;
    PlotterOptions plotter;
    plotter.threads = wish.threads;
    plotter.memory_max = plan.stripe_memory;
    plotter.made = [&](std::uint64_t bytes) { progress->add(bytes); };
    plotter.written = [&](std::uint64_t bytes) { progress->add_written(bytes); };
    plotter.all_begun = [&](std::uint64_t left) { progress.emplace(console, "plot", left); };
    plotter.begun = [&](const PlotPart& part) {
        if (!part.is_reserved())
            console.warning("no room can be reserved for '" + part.path() + "' here");
        if (!part.reason_for_cache().empty())
            console.info("the page cache is used: " + part.reason_for_cache());
        if (part.done() > 0)
            console.info("'" + part.path() + "' goes on with stripe " +
                         std::to_string(part.done() + 1) + " of " +
                         std::to_string(part.stripes().count));
        console.event("begun", Json::object()
                                   .set("file", part.path())
                                   .set("stripe", part.done())
                                   .set("stripes", part.stripes().count));
    };
    plotter.done = [&](const PlotPart& part) {
        console.event("done", Json::object().set("file", part.path()));
    };
    const std::vector<PlotOutcome> made = make_plots(tasks, plotter);
    progress.reset();
    for (std::size_t i = 0; i < made.size(); ++i)
        if (made[i].failure)
            outcomes.bad(made[i].failure);
        else
            outcomes.good(
                plots[i]->path(),
                to_json(*plots[i]).set("status", "made").set("resumed_bytes", made[i].resumed));
    return outcomes.end();
}

void tell(const std::string& path, const PlotReport& report, Console& console)
{
    if (console.json())
        return console.result(Json::object().set("file", path).merge(to_json(report)));
    for (const PlotFault& fault : report.faults)
        console.warning("'" + path + "': " + std::to_string(fault.size) + " bytes at " +
                        std::to_string(fault.offset) + ", scoop " +
                        std::to_string(fault.scoop.value) + ": " + fault.what);
    if (console.options().quiet || !report.faults.empty()) return;
    std::string text = path + ": good";
    if (report.unseen_ppm > 0)
        text += " in samples, which show with 99 % if " +
                std::to_string(report.unseen_ppm / 10'000) + " % or more are wrong";
    console.print(text + '\n');
}

Exit check(const Options& options, Console& console)
{
    PlotCheckOptions how;
    how.is_full = *options.check == "full";
    how.threads = static_cast<unsigned>(options.threads);
    SystemEntropy entropy;
    const std::vector<std::string> paths = expand_plots(options.files);
    if (paths.empty()) throw Error{Exit::usage, "no plot is named"};
    Progress progress{console, "check", std::nullopt};
    how.read = [&](std::uint64_t bytes) { progress.add(bytes); };
    std::exception_ptr failure;
    std::size_t checked = 0;
    std::string bad;
    for (const std::string& path : paths) {
        try {
            const PlotReport report = check_plot(PlotFile{path}, how, entropy);
            tell(path, report, console);
            if (!report.faults.empty()) bad += (bad.empty() ? "'" : ", '") + path + '\'';
            ++checked;
        } catch (const Error& error) {
            if (paths.size() == 1) throw;
            console.warning(error.what());
            if (!failure) failure = std::current_exception();
        }
    }
    if (failure && checked == 0) std::rethrow_exception(failure);
    if (!bad.empty()) {
        console.error(Exit::no, "damaged: " + bad, "make it again, or remove it");
        return Exit::no;
    }
    return failure ? Exit::partial : Exit::ok;
}

Exit clean(const Options& options, Console& console)
{
    for (const std::string& path : clean_plots(*options.clean, options.dry_run)) {
        if (console.json())
            console.result(Json::object().set("file", path).set("is_removed", !options.dry_run));
        else if (!console.options().quiet)
            console.print(path + '\n');
    }
    return Exit::ok;
}

Exit bench(const Options& options, Console& console)
{
    const PlotSpec spec = options.is_poc2() ? PlotSpec{Poc2Plot{}} : PlotSpec{X1Plot{}};
    const auto threads = static_cast<unsigned>(options.threads);
    const std::uint64_t one = nonce_rate_milli(spec, 1, 2000);
    const std::uint64_t all = threads == 1 ? one : nonce_rate_milli(spec, threads, 2000);
    const std::uint64_t compute = plot_rate(spec, all);
    const std::uint64_t size = options.size.value_or(std::uint64_t{1} << 40U);
    if (console.json())
        console.result(Json::object()
                           .set("kernel", to_text(shabal_kernels().back()))
                           .set("threads", threads)
                           .set("nonces_per_s_one_thread", static_cast<double>(one) / 1000)
                           .set("nonces_per_s", static_cast<double>(all) / 1000)
                           .set("plot_bytes_per_s", compute));
    else
        console.print("processor: " + std::to_string(all / 1000) + " nonces/s by " +
                      std::to_string(threads) + " threads (" + to_text(shabal_kernels().back()) +
                      ", one: " + std::to_string(one / 1000) + "), " + format_rate(compute) +
                      " of plot\n");
    SystemEntropy entropy;
    for (const std::string& directory : options.directories) {
        const DiskSpeed speed = measure_disk(directory, gib, entropy);
        const Disk disk = disk_of(directory);
        const std::uint64_t rate = std::max<std::uint64_t>(std::min(compute, speed.write_rate), 1);
        const std::uint64_t round_ms = divide_up(size, 16 * gib) * speed.run_ms;
        if (console.json()) {
            console.result(Json::object()
                               .set("directory", directory)
                               .merge(to_json(speed, disk))
                               .set("size_bytes", size)
                               .set("plot_s", size / rate)
                               .set("round_ms", round_ms));
            continue;
        }
        console.print(directory + ": disk " + disk.name + " writes " +
                      format_rate(speed.write_rate) + " and reads " + format_rate(speed.read_rate) +
                      "; " + format_size(size) + " take " + format_duration(size / rate * 1000) +
                      " to plot and " + format_duration(round_ms) + " a round\n");
    }
    return Exit::ok;
}

Exit run(Options options, Console& console)
{
    if (options.directories.empty()) options.directories.emplace_back(".");
    const int modes =
        int{options.check.has_value()} + int{options.clean.has_value()} + int{options.bench};
    if (modes > 1) throw Error{Exit::usage, "--check, --clean and --bench exclude each other"};
    if (!options.check && !options.files.empty())
        throw Error{Exit::usage, "unexpected operand '" + escape(options.files.front()) + "'",
                    "plots are operands of --check; directories follow -d"};
    if (options.check) return check(options, console);
    if (options.clean) return clean(options, console);
    if (options.bench) return bench(options, console);
    return make(options, console);
}

} // namespace

int main(int argc, char** argv)
{
    Options options;
    Cli cli{"plot", "Fill disk space with plots, and check them"};
    cli.usage("--account ID [--chain ID] (--warps N | --size SIZE | ...) [-d DIR]...");
    cli.usage("--check[=full] PLOT... | --clean DIR | --bench [-d DIR]... [--size SIZE]");
    cli.formats("x1 1, poc2");
    cli.operands("PLOT", options.files, "Plots to check, or directories of them");
    cli.group("Whose plots");
    cli.option("--account", "ID", options.account,
               "Address, did:key or 64 hex digits; for poc2 also a decimal number");
    cli.option("--chain", "ID", options.chain, "The chain's id, 64 hex digits");
    cli.choice("--form", options.form, {"x1", "poc2"}, "Native, or that of Burst and Signum");
    cli.number("--salt", "N", options.salt, {0, UINT32_MAX},
               "Plots of another salt share nothing, whatever their start; 0");
    cli.number("--scale", "N", options.scale, {0, scale_max},
               "2^N nonces for each of a warp, for x1; 1");
    cli.group("How much, in each directory");
    cli.number("--start", "N", options.start, {}, "First warp or nonce; 0, or what is free");
    cli.number("--warps", "N", options.warps, {1, warps_max}, "N warps of 1 GiB");
    cli.number("--nonces", "N", options.nonces, {1, nonces_max}, "N nonces of 256 KiB, for poc2");
    cli.size("--size", "SIZE", options.size, {}, "As many as SIZE holds");
    cli.flag("--until-full", options.until_full, "As many as there is room for");
    cli.size("--reserve", "SIZE", options.reserve, {}, "Leave SIZE free on each disk; 256 MiB");
    cli.group("Where and how");
    cli.option("-d,--directory", "DIR", options.directories, "Put plots here; '.' if not given");
    cli.number("--threads", "N", options.threads, {1, 1024}, "Compute in N threads; all cores");
    cli.size("--memory", "SIZE", options.memory, {},
             "Use at most SIZE of memory; half of what is free");
    cli.number("--band", "N", options.band, {1, warps_max}, "Warps of a band; what suits the disk");
    cli.flag("--idle", options.idle, "Work only while nobody else does");
    cli.flag("--dry-run", options.dry_run, "Only show what would be done");
    cli.group("Instead of making plots");
    cli.flag("--check", options.check, "full", "Check samples, or all, of plots");
    cli.option("--clean", "DIR", options.clean, "Remove what unfinished runs left in DIR");
    cli.flag("--bench", options.bench, "Measure processor and disks");
    cli.example("cairn-plot --account $(cat address) --chain $CHAIN --until-full -d /mnt/disk",
                "fill a disk; the same again goes on");
    cli.example("cairn-plot --check /mnt/disk", "are the plots good?");
    return cli.run(argc, argv, [&](Console& console) { return run(options, console); });
}
