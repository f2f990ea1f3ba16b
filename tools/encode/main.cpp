// cairn-encode: cut a stream into shards, any k of which rebuild it. See cairn-encode(1).

#include "base/error.hpp"
#include "base/hex.hpp"
#include "cli/cli.hpp"
#include "cli/environment.hpp"
#include "cli/progress.hpp"
#include "os/input.hpp"
#include "os/output.hpp"
#include "os/pipeline.hpp"
#include "stream/encode.hpp"

using namespace cairn;

namespace {

struct Options {
    std::optional<std::string> file;
    std::optional<std::string> directory;
    std::optional<std::string> output;
    std::string profile;
    std::optional<std::uint64_t> k;
    std::optional<std::uint64_t> m;
    std::optional<std::uint64_t> segment_size;
    bool force = false;
    std::uint64_t threads = default_workers(2);
};

Profile to_profile(const Options& options)
{
    if (!options.profile.empty() && (options.k || options.m))
        throw Error{Exit::usage, "--profile excludes -k and -m"};
    if (options.k.has_value() != options.m.has_value())
        throw Error{Exit::usage, "-k and -m go together"};
    Profile profile = options.profile.empty() ? Profile{} : *find_profile(options.profile);
    if (options.k) profile.k = static_cast<unsigned>(*options.k);
    if (options.m) profile.m = static_cast<unsigned>(*options.m);
    if (options.segment_size)
        profile.segment_size = static_cast<std::uint32_t>(*options.segment_size);
    check_profile(profile);
    return profile;
}

Encoded encode_to(const Source& source, const Options& options, const EncodeOptions& how,
                  const Done& done)
{
    if (options.directory)
        return encode_to_directory(source, *options.directory, options.force, how, done);
    const auto existing = options.force ? Output::Existing::replace : Output::Existing::refuse;
    Output output = Output::open(*options.output, existing);
    const Encoded encoded = encode_to_stream(
        source, [&](ByteView bytes) { output.write(bytes); }, how, done);
    output.commit();
    return encoded;
}

Exit encode(const Options& options, Console& console)
{
    if (options.directory.has_value() == options.output.has_value())
        throw Error{Exit::usage, "where to is not clear", "use either -d DIR or -o FILE"};
    const bool is_result_free = !options.output || !is_standard_output(*options.output);
    const EncodeOptions how{.profile = to_profile(options),
                            .workers = static_cast<unsigned>(options.threads),
                            .temporary_directory = temporary_directory()};
    Input input = Input::open_operand(options.file);
    console.debug("threads: " + std::to_string(options.threads));
    Progress progress{console, "encode", input.size()};
    const Encoded encoded =
        encode_to([&](MutableByteView buffer) { return input.read(buffer); }, options, how,
                  [&](std::uint64_t bytes) { progress.add(bytes); });
    progress.finish();

    const std::string id = to_hex_text(encoded.id.bytes);
    const Json result = Json::object()
                            .set("id", id)
                            .set("k", encoded.head.profile.k)
                            .set("m", encoded.head.profile.m)
                            .set("segment_bytes", encoded.head.profile.segment_size)
                            .set("segments", encoded.head.segments())
                            .set("total_bytes", encoded.head.total_size)
                            .set("content", to_hex_text(encoded.head.content.bytes));
    if (!is_result_free)
        console.event("summary", result);
    else if (console.json())
        console.result(result);
    else
        console.print(id + '\n');
    return Exit::ok;
}

} // namespace

int main(int argc, char** argv)
{
    Options options;
    Cli cli{"encode", "Cut a stream into shards, any k of which rebuild it"};
    cli.usage("[-k K -m M | --profile NAME] [--segment SIZE] (-d DIR | -o FILE) [FILE]");
    cli.formats("shard 1, manifest 1");
    cli.operand("FILE", options.file, "What to encode; '-' is standard input");
    cli.group("Shards");
    cli.choice("--profile", options.profile, {"small", "wide", "archive", "cess"},
               "4+2, 10+6, 16+16, or 4+8 with segments of 32 MiB; small if not given");
    cli.number("-k,--data", "K", options.k, {1, 255}, "Any K of the shards rebuild the data");
    cli.number("-m,--parity", "M", options.m, {0, 254}, "As many shards may be lost");
    cli.size("--segment", "SIZE", options.segment_size, {segment_size_min, segment_size_max},
             "Encode segments of SIZE, a power of two");
    cli.group("Output");
    cli.option("-d,--directory", "DIR", options.directory,
               "Write DIR/000.shard, DIR/001.shard, ... and DIR/manifest");
    cli.option("-o,--output", "FILE", options.output, "Write one shard stream; '-' is a pipe");
    cli.flag("-f,--force", options.force, "Replace files that exist");
    cli.number("-j,--threads", "N", options.threads, {1, 64}, "Use N threads");
    cli.example("cairn-encode -d shards backup.age", "six files, any four of which are enough");
    cli.example("cairn-encode -k 10 -m 6 -o - < backup.age > backup.shards", "one stream");
    return cli.run(argc, argv, [&](Console& console) { return encode(options, console); });
}
