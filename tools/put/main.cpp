// cairn-put: store files in the storage network. See cairn-put(1).

#include "base/error.hpp"
#include "cli/environment.hpp"
#include "format/index.hpp"
#include "os/input.hpp"
#include "run.hpp"
#include "stream/age_batch.hpp"

using namespace cairn;

namespace {

constexpr std::size_t list_size_max = 256 * 1024 * 1024; // bytes

void check(const PutToolOptions& options)
{
    if (!options.profile.empty() && (options.k || options.m))
        throw Error{Exit::usage, "--profile excludes -k and -m"};
    if (options.k.has_value() != options.m.has_value())
        throw Error{Exit::usage, "-k and -m go together"};
    if (options.is_encoded && (options.is_batch() || options.has_code()))
        throw Error{Exit::usage, "--encoded excludes -k, -m, --profile and many files"};
    if (options.is_encoded && !options.recipients.empty())
        throw Error{Exit::usage, "--encoded excludes -r: what is encoded stays as it is"};
    if (options.is_public && !options.recipients.empty())
        throw Error{Exit::usage, "--public excludes -r: there is nothing to open"};
    if (options.directory && options.list)
        throw Error{Exit::usage, "--recursive and --files-from exclude each other"};
    if (options.is_batch() && options.file)
        throw Error{Exit::usage, "--recursive and --files-from take no FILE"};
    if (options.is_tagged && !options.identity)
        throw Error{Exit::usage, "--audit needs an identity: its key makes the tags",
                    "use -i FILE"};
    if (options.sectors && !options.is_tagged)
        throw Error{Exit::usage, "--sectors goes with --audit"};
    if (options.is_nul && !options.list) throw Error{Exit::usage, "-0 goes with --files-from"};
    if (options.name && !is_tree_path(*options.name))
        throw Error{Exit::usage, "a name is a relative path without '..'"};
    const auto input = options.is_batch() ? options.list.value_or("/") : options.file;
    refuse_shared_standard_input(input, {options.identity.value_or("/")}, options.passphrase);
}

std::shared_ptr<ShardStreamReader> open_encoded(const std::shared_ptr<Input>& input)
{
    return std::make_shared<ShardStreamReader>(
        [input](MutableByteView buffer) { return input->read(buffer); }, temporary_directory());
}

FileTree find_files(const PutToolOptions& options)
{
    if (options.directory) return walk_directory(*options.directory);
    return gather_files(
        parse_file_list(read_small_file(*options.list, list_size_max), options.is_nul));
}

Exit put(const PutToolOptions& options, Console& console)
{
    check(options);
    if (options.is_batch()) return PutRun{options, console, nullptr}.put_tree(find_files(options));
    const auto input = std::make_shared<Input>(Input::open_operand(options.file));
    return PutRun{options, console, options.is_encoded ? open_encoded(input) : nullptr}.put_one(
        input);
}

} // namespace

int main(int argc, char** argv)
{
    PutToolOptions options;
    Cli cli{"put", "Store files in the storage network"};
    cli.environment();
    cli.usage("[-i FILE] [-r KEY]... [--providers LIST] [FILE]");
    cli.usage("[-i FILE] (--recursive DIR | --files-from LIST [-0])");
    cli.usage("[-i FILE] --encoded [FILE]");
    cli.formats("cairn-link 1, manifest 1, shard 1, age v1, list 1, index 1");
    cli.operand("FILE", options.file, "What to store; '-' is standard input");
    cli.group("Many files");
    cli.option("--recursive", "DIR", options.directory, "Store all that is in DIR, and a list");
    cli.option("--files-from", "LIST", options.list, "Store each file named in LIST, and a list");
    cli.flag("-0,--null", options.is_nul, "Names in LIST and in the output end in NUL");
    cli.group("Keys");
    cli.option("-i,--identity", "FILE", options.identity,
               "Store as the identity in FILE, which can open it too");
    options.passphrase.declare(cli, "--passphrase");
    cli.option("-r,--recipient", "KEY", options.recipients, "Let this key open it");
    cli.flag("--public", options.is_public, "Do not encrypt: providers can read it");
    cli.flag("--encoded", options.is_encoded, "Store what 'encode -o -' made, shard by shard");
    cli.group("Shards");
    cli.choice("--profile", options.profile, {"small", "wide", "archive", "cess"},
               "4+2, 10+6, 16+16, or 4+8 with segments of 32 MiB");
    cli.number("-k,--data", "K", options.k, {1, 255}, "Any K of the shards rebuild the data");
    cli.number("-m,--parity", "M", options.m, {0, 254}, "As many providers may be lost");
    cli.group("Output");
    cli.option("--name", "NAME", options.name, "What the index calls it");
    cli.flag("--no-index", options.no_index, "Add nothing to the index of the identity");
    cli.option("--receipts", "FILE", options.receipts, "Write what providers signed to FILE");
    cli.flag("-f,--force", options.force, "Replace the file of receipts if it exists");
    cli.number("-j,--threads", "N", options.threads, {1, 64}, "Encrypt and encode in N threads");
    cli.group("Storage proofs");
    cli.flag("--audit", options.is_tagged, "Tag all shards, so that anybody can audit them");
    cli.number("--sectors", "N", options.sectors, {sectors_stored_min, sectors_stored_max},
               "Make blocks of N times 31 bytes; 1024");
    options.connection.declare(cli);
    cli.example("cairn-put -i me.key --providers list backup.tar > backup.link",
                "again after an interruption, it goes on where it was");
    cli.example("tar -c docs | cairn-put --providers list > docs.link",
                "a stream, for whoever has the link");
    return cli.run(argc, argv, [&](Console& console) { return put(options, console); });
}
