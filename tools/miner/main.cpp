// cairn-miner: answer every round of a chain from the plots of this machine. See cairn-miner(1).

#include "base/error.hpp"
#include "base/hex.hpp"
#include "base/number.hpp"
#include "base/text.hpp"
#include "cli/cli.hpp"
#include "cli/readiness.hpp"
#include "mining/fault_news.hpp"
#include "mining/prover.hpp"
#include "mining/round_queue.hpp"
#include "net/local_api.hpp"
#include "net/local_events.hpp"
#include "os/clock.hpp"
#include "os/input.hpp"
#include "os/path_info.hpp"
#include "os/random.hpp"

#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>

using namespace cairn;

namespace {

constexpr std::uint64_t node_wait_ms = 5'000;  // for a reply
constexpr std::uint64_t event_wait_ms = 2'000; // then the node is asked again
constexpr std::uint64_t pause_ms = 500;        // between two looks

struct Options {
    std::vector<std::string> plots;
    std::optional<std::string> node;
    std::optional<std::string> rounds;
    std::uint64_t deadline_max = UINT64_MAX;
    std::uint64_t window_ms = 30'000;
    std::uint64_t keep_awake_ms = 0;
    std::optional<std::uint64_t> ready_fd;
};

void nap_ms(std::uint64_t time_ms)
{
    nap_us(time_ms * 1000);
}

/// Puts rounds into a queue that were not the last that came.
class NewRounds {
public:
    explicit NewRounds(RoundQueue& queue) : queue_{&queue} {}

    void put(const std::string& json)
    {
        const Announcement round = parse_announcement(Json::parse(json, "the round"));
        if (last_ == round) return;
        last_ = round;
        queue_->put(round);
    }

    /// Once more, unless it is being answered: the node has no answer to it, since it was started
    /// again, or did not take the first.
    void put_again()
    {
        if (last_) queue_->put_if_idle(*last_);
    }

private:
    RoundQueue* queue_;
    std::optional<Announcement> last_;
};

/// Asks a node for its round, and hears of new ones, until it is over.
void ask_node(const std::string& endpoint, RoundQueue& queue, Console& console,
              const std::atomic<bool>& is_over)
{
    NewRounds rounds{queue};
    std::unique_ptr<LocalEvents> events;
    std::string events_endpoint;
    std::string trouble;
    const auto tell = [&](const std::string& text) {
        if (text != trouble && !text.empty()) console.warning(text);
        if (text.empty() && !trouble.empty()) console.info("the node answers again");
        trouble = text;
    };
    while (!is_over) {
        try {
            const LocalReply reply = call_local(endpoint, {"round", "{}", {}}, node_wait_ms);
            const Json json = Json::parse(reply.json, "the reply");
            if (reply.status != "ok")
                throw Error{Exit::unavail,
                            "the node has no round: " +
                                json.member("message").text().value_or(reply.status)};
            rounds.put(json.member("round").dump());
            if (json.member("is_answered").boolean() == false) rounds.put_again();
            const std::string wanted = json.member("events").text().value_or("");
            if (wanted != events_endpoint)
                events = wanted.empty() ? nullptr : std::make_unique<LocalEvents>(wanted, "round");
            events_endpoint = wanted;
            tell("");
            if (!events) {
                nap_ms(pause_ms);
                continue;
            }
            while (const auto event = events->next(event_wait_ms)) rounds.put(*event);
        } catch (const Error& error) {
            tell(error.what());
            nap_ms(pause_ms);
        }
    }
}

/// The last whole line of a file; empty where there is none.
std::string last_line(const Input& input)
{
    const std::uint64_t size = input.state().value_or(FileState{}).size;
    Bytes bytes(std::min<std::uint64_t>(size, 2 * round_line_size_max));
    bytes.resize(input.read_at(size - bytes.size(), bytes));
    const std::string_view text = as_text(bytes);
    const std::size_t end = text.rfind('\n');
    if (end == std::string_view::npos) return {};
    const std::size_t before = end == 0 ? std::string_view::npos : text.rfind('\n', end - 1);
    const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
    return std::string{text.substr(begin, end - begin)};
}

/// Takes the last round of a file, each time that it, or what has taken its place, was changed,
/// until it is over.
void watch_file(const std::string& path, RoundQueue& queue, Console& console,
                const std::atomic<bool>& is_over)
{
    std::string trouble;
    FileState known;
    NewRounds rounds{queue};
    for (; !is_over; nap_ms(pause_ms)) {
        try {
            const Input input = Input::open_regular(path);
            const FileState state = input.state().value_or(FileState{});
            trouble.clear();
            if (state == known) continue;
            known = state;
            const std::string line = last_line(input);
            if (!line.empty()) rounds.put(line);
        } catch (const Error& error) {
            if (trouble != error.what()) console.warning(error.what());
            trouble = error.what();
        }
    }
}

/// The thread that rounds come from.
class Source {
public:
    Source(const Options& options, const std::shared_ptr<RoundQueue>& queue, Console& console)
    {
        if (options.node) {
            check_local_endpoint(*options.node);
            thread_ = std::thread{[&] { ask_node(*options.node, *queue, console, is_over_); }};
            return;
        }
        const auto info = *options.rounds == "-" ? std::nullopt : look_at_path(*options.rounds);
        if (info && info->kind == PathInfo::Kind::file) {
            thread_ = std::thread{[&] { watch_file(*options.rounds, *queue, console, is_over_); }};
            return;
        }
        auto input = std::make_shared<Input>(Input::open_operand(options.rounds));
        thread_ = std::thread{[input, queue] {
            read_rounds([&](MutableByteView buffer) { return input->read_some(buffer); }, *queue);
        }};
        thread_.detach(); // it may wait for ever, and ends with the process
    }
    Source(const Source&) = delete;
    Source& operator=(const Source&) = delete;

    ~Source()
    {
        is_over_ = true;
        if (thread_.joinable()) thread_.join();
    }

private:
    std::atomic<bool> is_over_ = false;
    std::thread thread_;
};

/// What became of an answer.
std::string submit(const Options& options, const Proof& proof, Console& console)
{
    const Json json = to_json(*proof.answer);
    if (!options.node) {
        console.result(json);
        return "told";
    }
    try {
        const LocalReply reply =
            call_local(*options.node, {"submit", json.dump(), {}}, node_wait_ms);
        if (reply.status == "ok") return "taken";
        const Json why = Json::parse(reply.json, "the reply");
        return "refused: " + escape(why.member("message").text().value_or(reply.status));
    } catch (const Error& error) {
        return std::string{"not taken: "} + error.what();
    }
}

/// One line for each round.
void tell(const Proof& proof, const Announcement& round, const std::string& outcome,
          const Prover& prover, Console& console)
{
    if (console.json()) {
        Json json = to_json(proof, round);
        return console.event("round", json.set("outcome", outcome));
    }
    std::string text = "round ";
    text += round.height ? std::to_string(*round.height)
                         : to_hex_text(ByteView{round.challenge.bytes}.first(4));
    text += ": ";
    if (proof.answer) text += "deadline " + std::to_string(*proof.answer->deadline) + " s, ";
    text += outcome + "; " + std::to_string(prover.scanner().plots()) + " plots in " +
            format_duration(proof.time_ms);
    if (!proof.faults.empty())
        text += ", " + std::to_string(proof.faults.size()) + " could not be read";
    console.summary(text);
}

/// What rounds are answered with.
struct Miner {
    const Options* options;
    Console* console;
    RoundQueue* queue;
    Prover prover;
    FaultNews news;
    std::optional<Announcement> last{}; ///< round that was answered
    Proof proof{};                      ///< for it
    std::string outcome{};              ///< of that
};

void look_for_proof(Miner& miner, const Announcement& round)
{
    const std::vector<ScanFault> faults = miner.prover.refresh();
    Proof& proof = miner.proof;
    proof = miner.prover.prove(round, [&] { return miner.queue->has_more(); });
    proof.faults.insert(proof.faults.begin(), faults.begin(), faults.end());
    for (const ScanFault& fault : miner.news.take(proof.faults)) miner.console->warning(fault.what);
}

/// Answers a round; when the node asks for the same again, with the answer that is there, of which
/// is told what has changed.
void answer(Miner& miner, Announcement round)
{
    const Options& options = *miner.options;
    Console& console = *miner.console;
    const Proof& proof = miner.proof;
    const bool is_again = options.node && miner.last == round;
    if (is_again && !proof.answer) return;
    miner.last = round;
    if (!round.window_ms) round.window_ms = options.window_ms;
    if (!is_again) look_for_proof(miner, round);
    std::string outcome = "nothing could be read";
    const std::uint64_t most =
        std::min(options.deadline_max, round.deadline_max.value_or(UINT64_MAX));
    if (proof.is_abandoned)
        outcome = "abandoned for a new one";
    else if (proof.answer && *proof.answer->deadline > most)
        outcome = "too long";
    else if (proof.answer)
        outcome = submit(options, proof, console);
    if (proof.is_abandoned) miner.last.reset();
    if (is_again && outcome == miner.outcome) return;
    miner.outcome = outcome;
    tell(proof, round, outcome, miner.prover, console);
    if (!is_again && proof.time_ms > *round.window_ms)
        console.warning("the round took " + format_duration(proof.time_ms) +
                        ", and the window is " + format_duration(*round.window_ms));
}

Exit run(const Options& options, Console& console)
{
    if (options.plots.empty()) throw Error{Exit::usage, "no plots are named", "name --plots DIR"};
    if (options.node.has_value() == options.rounds.has_value())
        throw Error{Exit::usage, "rounds come from a node or from a file",
                    "name one of --node and --rounds"};
    Readiness readiness{options.ready_fd};
    const auto queue = std::make_shared<RoundQueue>();
    Miner miner{&options, &console, queue.get(), Prover{options.plots}, {}};
    Prover& prover = miner.prover;
    for (const ScanFault& fault : miner.news.take(prover.refresh())) console.warning(fault.what);
    for (const PlotOverlap& overlap : overlaps_of(prover.scanner().owned()))
        console.warning(overlap.to_text());
    const Source source{options, queue, console};
    const std::string ready = std::to_string(prover.scanner().plots()) + " plots";
    console.info(ready);
    readiness.ready(ready);
    SystemEntropy entropy;
    const std::uint64_t wait_ms = options.keep_awake_ms > 0 ? options.keep_awake_ms : UINT64_MAX;
    while (!queue->has_ended()) {
        const auto round = queue->take(wait_ms);
        if (!round) {
            prover.scanner().keep_awake(entropy);
            continue;
        }
        if (queue->has_more()) {
            tell({}, *round, "over already", prover, console);
            continue;
        }
        answer(miner, *round);
    }
    std::ignore = queue->take(); // throws what ended it
    return Exit::ok;
}

} // namespace

int main(int argc, char** argv)
{
    constexpr std::uint64_t day_ms = 86'400'000;
    Options options;
    Cli cli{"miner", "Answer every round of a chain from the plots of this machine"};
    cli.environment();
    cli.usage("--plots DIR... (--node ENDPOINT | --rounds FILE)");
    cli.formats("round 1, x1 1, poc2");
    cli.option("--plots", "DIR", options.plots, "Plots, or directories of plots");
    cli.group("Rounds");
    cli.option("--node", "ENDPOINT", options.node, "Ask the node at ipc://PATH, and submit to it");
    cli.option("--rounds", "FILE", options.rounds,
               "Read rounds from FILE, what is appended too; '-' is standard input");
    cli.number("--deadline-max", "N", options.deadline_max, {},
               "Tell no deadline of more than N seconds");
    cli.duration_ms("--window", "DURATION", options.window_ms, {1, day_ms},
                    "Warn when a round takes longer; 30 s");
    cli.group("Service");
    cli.duration_ms("--keep-awake", "DURATION", options.keep_awake_ms, {1'000, day_ms},
                    "Without a round for so long, read a little of each disk");
    cli.number("--ready-fd", "N", options.ready_fd, {1, 1'000'000},
               "Write a line to descriptor N when the plots are open");
    cli.example("cairn-miner --plots /mnt/a --plots /mnt/b --node ipc:///srv/chain/api.sock",
                "for the node of this machine");
    cli.example("source-of-rounds | cairn-miner --plots /mnt/a --rounds -",
                "answers go to standard output");
    return cli.run(argc, argv, [&](Console& console) { return run(options, console); });
}
