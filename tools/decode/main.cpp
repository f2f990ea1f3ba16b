// cairn-decode: rebuild, check and repair what cairn-encode made. See cairn-decode(1).

#include "base/error.hpp"
#include "base/hex.hpp"
#include "cli/cli.hpp"
#include "cli/environment.hpp"
#include "cli/progress.hpp"
#include "os/directory.hpp"
#include "os/input.hpp"
#include "os/output.hpp"
#include "os/pipeline.hpp"
#include "stream/decode.hpp"

using namespace cairn;

namespace {

struct Options {
    std::vector<std::string> files;
    std::optional<std::string> output;
    std::optional<std::string> range;
    std::optional<std::string> id;
    bool check = false;
    bool repair = false;
    bool force = false;
    std::uint64_t wait_ms = 0;
    std::uint64_t threads = default_workers(2);

    [[nodiscard]] unsigned workers() const { return static_cast<unsigned>(threads); }
};

std::optional<ObjectId> to_id(const Options& options)
{
    if (!options.id) return std::nullopt;
    const auto id = parse_hex<ObjectId>(*options.id);
    if (!id) throw Error{Exit::usage, "an id is 64 lower-case hex digits"};
    return id;
}

std::optional<ByteRange> to_range(const Options& options)
{
    if (!options.range) return std::nullopt;
    return parse_byte_range(*options.range);
}

Json to_json(const std::vector<ShardFault>& faults)
{
    Json list = Json::array();
    for (const ShardFault& fault : faults)
        list.push(Json::object().set("file", fault.path).set("fault", fault.what));
    return list;
}

void warn(const std::vector<ShardFault>& faults, Console& console)
{
    for (const ShardFault& fault : faults) console.warning("'" + fault.path + "' " + fault.what);
}

/// Copies a temporary file out, now that all of it is known to be good.
void copy(const Fd& from, Output& output)
{
    Bytes buffer(256 * 1024);
    for (std::uint64_t at = 0;;) {
        const std::size_t size = pread_full(from.number(), buffer, at, "a temporary file");
        if (size == 0) return;
        output.write(ByteView{buffer}.first(size));
        at += size;
    }
}

std::vector<ShardFault> decode_from(const Options& options, Output& output, Console& console)
{
    const auto id = to_id(options);
    const auto range = to_range(options);
    const Sink sink = [&](ByteView bytes) { output.write(bytes); };
    const bool is_set =
        !options.files.empty() && (options.files.size() > 1 || is_directory(options.files.front()));
    std::optional<Input> input;
    if (!is_set) {
        input = Input::open_operand(options.files.empty() ? std::nullopt
                                                          : std::optional{options.files.front()});
        std::array<std::byte, 8> front{};
        const bool is_named = !options.files.empty() && options.files.front() != "-";
        if (is_named && input->size() &&
            !is_shard_stream(ByteView{front}.first(input->read_at(0, front))))
            input.reset(); // a shard file, though its front may be damaged
    }
    if (!input) {
        const ShardSet set = ShardSet::open(options.files, id);
        Progress progress{console, "decode", set.head().total_size};
        return decode_set(set, sink, {.workers = options.workers(), .range = range},
                          [&](std::uint64_t bytes) { progress.add(bytes); });
    }
    Progress progress{console, "decode", std::nullopt};
    const Fd spool = id && !output.is_file() ? unnamed_file(temporary_directory()) : Fd{};
    const Sink spool_sink = [&](ByteView bytes) {
        write_all(spool.number(), bytes, "a temporary file");
    };
    auto faults = decode_stream([&](MutableByteView buffer) { return input->read(buffer); },
                                spool ? spool_sink : sink,
                                {.workers = options.workers(),
                                 .range = range,
                                 .id = id,
                                 .temporary_directory = temporary_directory()},
                                [&](std::uint64_t bytes) { progress.add(bytes); });
    if (spool) copy(spool, output);
    return faults;
}

Exit decode(const Options& options, Console& console)
{
    const auto existing = options.force ? Output::Existing::replace : Output::Existing::refuse;
    Output output = Output::open_binary(options.output, existing);
    const std::vector<ShardFault> faults = decode_from(options, output, console);
    output.commit();
    warn(faults, console);
    console.event("summary", Json::object().set("faults", to_json(faults)));
    return Exit::ok;
}

Exit check(const Options& options, Console& console)
{
    const ShardSet set = ShardSet::open(options.files, to_id(options));
    Progress progress{console, "check", set.head().total_size};
    const CheckResult result =
        check_set(set, options.workers(), [&](std::uint64_t bytes) { progress.add(bytes); });
    progress.finish();
    const char* const health = result.health == SetHealth::good      ? "good"
                               : result.health == SetHealth::damaged ? "damaged"
                                                                     : "unrecoverable";
    if (console.json())
        console.result(Json::object()
                           .set("health", health)
                           .set("id", to_hex_text(set.manifest().id().bytes))
                           .set("total_bytes", set.head().total_size)
                           .set("faults", to_json(result.faults)));
    else
        warn(result.faults, console);
    switch (result.health) {
    case SetHealth::good:
        return Exit::ok;
    case SetHealth::damaged:
        return Exit::partial;
    case SetHealth::unrecoverable:
        break;
    }
    throw Error{Exit::data, "too many shards are lost: the object cannot be rebuilt"};
}

Exit repair(const Options& options, Console& console)
{
    if (options.files.size() != 1) throw Error{Exit::usage, "--repair takes one directory"};
    Progress progress{console, "repair", std::nullopt};
    const RepairResult result = repair_directory(
        options.files.front(), {.id = to_id(options),
                                .workers = options.workers(),
                                .wait_ms = options.wait_ms,
                                .done = [&](std::uint64_t bytes) { progress.add(bytes); }});
    progress.finish();
    Json rebuilt = Json::array();
    for (const std::string& path : result.rebuilt) rebuilt.push(path);
    Json moved = Json::array();
    for (const std::string& path : result.moved) moved.push(path);
    if (console.json()) {
        console.result(Json::object()
                           .set("faults", to_json(result.faults))
                           .set("rebuilt", rebuilt)
                           .set("moved", moved));
        return Exit::ok;
    }
    warn(result.faults, console);
    for (const std::string& path : result.moved)
        console.warning("a file of another object is now '" + path + "'");
    for (const std::string& path : result.rebuilt) console.info("rebuilt '" + path + "'");
    return Exit::ok;
}

Exit run(const Options& options, Console& console)
{
    if (options.check && options.repair)
        throw Error{Exit::usage, "--check and --repair exclude each other"};
    const bool is_reading = !options.check && !options.repair;
    if (!options.repair && options.wait_ms > 0) throw Error{Exit::usage, "--wait is for --repair"};
    if (!is_reading && (options.output || options.range || options.force))
        throw Error{Exit::usage, "-o, -f and --range are for decoding"};
    if (!is_reading && options.files.empty())
        throw Error{Exit::usage, "no shards are named", "name a directory or shard files"};
    console.debug("threads: " + std::to_string(options.threads));
    if (options.check) return check(options, console);
    return options.repair ? repair(options, console) : decode(options, console);
}

} // namespace

int main(int argc, char** argv)
{
    Options options;
    Cli cli{"decode", "Rebuild, check and repair what cairn-encode made"};
    cli.usage("[-o FILE] [--range A-B] [--id ID] (DIR | SHARD... | STREAM)");
    cli.usage("--check [--id ID] (DIR | SHARD...)");
    cli.usage("--repair [--id ID] [--wait DURATION] DIR");
    cli.formats("shard 1, manifest 1");
    cli.operands("SHARDS", options.files,
                 "A directory of shard files, shard files, or a shard stream ('-')");
    cli.group("Output");
    cli.option("-o,--output", "FILE", options.output, "Write to FILE; '-' is standard output");
    cli.option("--range", "A-B", options.range,
               "Only bytes A to B, both included and counted from 0; 'A-' is to the end");
    cli.flag("-f,--force", options.force, "Replace FILE if it exists");
    cli.group("Shards");
    cli.option("--id", "ID", options.id, "Only the object of this id, 64 hex digits");
    cli.flag("--check", options.check,
             "Read everything; 0: all is good, 3: damaged, 65: cannot be rebuilt");
    cli.flag("--repair", options.repair, "Rebuild the missing and damaged files of DIR");
    cli.duration_ms("--wait", "DURATION", options.wait_ms, {0, 86'400'000},
                    "Wait for another process that repairs DIR");
    cli.number("-j,--threads", "N", options.threads, {1, 64}, "Use N threads");
    cli.example("cairn-decode -o backup.age shards", "from a directory with enough shards");
    cli.example("cairn-decode --check shards", "is everything still there?");
    return cli.run(argc, argv, [&](Console& console) { return run(options, console); });
}
