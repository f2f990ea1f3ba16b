// cairn-challenge: ask for random blocks of shards that were tagged. See cairn-challenge(1).

#include "audit/storage_challenge.hpp"
#include "base/error.hpp"
#include "base/hex.hpp"
#include "cli/cli.hpp"
#include "os/input.hpp"
#include "os/output.hpp"
#include "os/random.hpp"
#include "proofs/stored_shard.hpp"

#include <algorithm>

using namespace cairn;

namespace {

struct Options {
    std::vector<std::string> tag_files;
    std::optional<std::string> seed;
    bool is_random = false;
    std::uint64_t blocks = 16;
    std::optional<std::string> output;
    bool force = false;
};

ChallengeSeed seed_of(const Options& options)
{
    if (options.seed.has_value() == options.is_random)
        throw Error{Exit::usage, "no seed is given, or two", "use --random, or --seed HEX"};
    ChallengeSeed seed;
    if (options.is_random) {
        SystemEntropy{}.fill(seed.bytes);
        return seed;
    }
    if (const auto given = parse_hex<ChallengeSeed>(*options.seed)) return *given;
    throw Error{Exit::usage, "a seed is 64 hex digits"};
}

StorageChallenge make_challenge(const Options& options)
{
    StorageChallenge challenge{
        .key = {}, .seed = seed_of(options), .blocks = options.blocks, .files = {}};
    std::uint32_t sectors = 0;
    if (std::ranges::count(options.tag_files, "-") > 1)
        throw Error{Exit::usage, "standard input is named more than once"};
    std::vector<std::optional<std::string>> paths{options.tag_files.begin(),
                                                  options.tag_files.end()};
    if (paths.empty()) paths.emplace_back(); // standard input
    for (const std::optional<std::string>& path : paths) {
        Input input = Input::open_operand(path);
        const TagHeader header = read_tag_header(input); // the tags are for who proves
        if (sectors != 0 && header.key != challenge.key)
            throw Error{Exit::usage,
                        "'" + input.name() + "' is of another audit key than those before",
                        "a challenge is for one owner"};
        challenge.key = header.key;
        sectors = header.sectors;
        challenge.files.push_back({header.root, header.file_size});
    }
    if (challenge.files.size() > challenged_files_max)
        throw Error{Exit::usage,
                    "more than " + std::to_string(challenged_files_max) + " shards in a challenge"};
    arrange(challenge.files, challenge.key, sectors);
    return challenge;
}

Exit ask(const Options& options, Console& console)
{
    const StorageChallenge challenge = make_challenge(options);
    const auto existing = options.force ? Output::Existing::replace : Output::Existing::refuse;
    Output output = Output::open_binary(options.output, existing);
    output.write(to_bytes(challenge));
    output.commit();
    const Json result = Json::object()
                            .set("key", to_hex_text(challenge.key.bytes))
                            .set("seed", to_hex_text(challenge.seed.bytes))
                            .set("blocks", challenge.blocks)
                            .set("files", challenge.files.size());
    if (is_standard_output(options.output.value_or("-")))
        console.event("summary", result);
    else if (console.json())
        console.result(result);
    return Exit::ok;
}

} // namespace

int main(int argc, char** argv)
{
    Options options;
    Cli cli{"challenge", "Ask for random blocks of shards that were tagged"};
    cli.usage("(--random | --seed HEX) [-n BLOCKS] [-o FILE] [TAGFILE...]");
    cli.formats("challenge 1, tags 1");
    cli.operands("TAGFILE", options.tag_files, "Of the shards; '-' is standard input");
    cli.group("The question");
    cli.flag("--random", options.is_random, "Draw the seed");
    cli.option("--seed", "HEX", options.seed, "Which blocks: 32 bytes nobody could foresee");
    cli.number("-n,--blocks", "N", options.blocks, {1, asked_blocks_max},
               "Ask for N blocks of all shards together; 16");
    cli.group("Output");
    cli.option("-o,--output", "FILE", options.output, "Write to FILE; '-' is standard output");
    cli.flag("-f,--force", options.force, "Replace FILE if it exists");
    cli.example("cairn-challenge --random -o question 000.shard.tag", "16 blocks of one shard");
    cli.example("cairn-challenge --random -n 64 *.tag > question", "64 blocks of many");
    return cli.run(argc, argv, [&](Console& console) { return ask(options, console); });
}
