// cairn-put: store files in the storage network. See cairn-put(1).

#include "base/error.hpp"
#include "cli/cli.hpp"
#include "cli/environment.hpp"
#include "cli/progress.hpp"
#include "client/file_tree.hpp"
#include "client/put.hpp"
#include "connect/connection.hpp"
#include "format/index.hpp"
#include "keyring/owner.hpp"
#include "keyring/passphrase.hpp"
#include "os/clock.hpp"
#include "os/directory.hpp"
#include "os/input.hpp"
#include "os/output.hpp"
#include "os/pipeline.hpp"
#include "os/random.hpp"
#include "stream/age_batch.hpp"
#include "stream/decode.hpp"

using namespace cairn;

namespace {

constexpr std::size_t list_size_max = 256 * 1024 * 1024; // bytes
constexpr std::size_t batch_providers = 16;              // that share a batch
constexpr std::uint64_t journal_age_s = std::uint64_t{30} * 86'400;

struct Options {
    std::optional<std::string> file;
    std::optional<std::string> identity;
    PassphraseOptions passphrase;
    std::vector<std::string> recipients;
    bool is_public = false;
    bool is_encoded = false;
    std::string profile;
    std::optional<std::uint64_t> k;
    std::optional<std::uint64_t> m;
    std::optional<std::string> directory;
    std::optional<std::string> list;
    bool is_nul = false;
    std::optional<std::string> name;
    std::optional<std::string> receipts;
    bool force = false;
    bool no_index = false;
    std::uint64_t threads = default_workers(2);
    ConnectionOptions connection;

    [[nodiscard]] bool is_batch() const { return directory || list; }
    [[nodiscard]] bool has_code() const { return !profile.empty() || k; }
};

void check(const Options& options)
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
    if (options.is_nul && !options.list) throw Error{Exit::usage, "-0 goes with --files-from"};
    if (options.name && !is_tree_path(*options.name))
        throw Error{Exit::usage, "a name is a relative path without '..'"};
    const auto input = options.is_batch() ? options.list.value_or("/") : options.file;
    refuse_shared_standard_input(input, {options.identity.value_or("/")}, options.passphrase);
}

std::optional<Profile> to_profile(const Options& options)
{
    if (!options.profile.empty()) return find_profile(options.profile);
    if (!options.k) return std::nullopt;
    return put_profile(static_cast<unsigned>(*options.k), static_cast<unsigned>(*options.m));
}

PutOptions to_put_options(const Options& options, const Owner& owner, Entropy& entropy)
{
    PutOptions put;
    put.owner = &owner.key();
    put.profile = to_profile(options);
    if (!options.is_public && !options.is_encoded)
        put.recipients = recipients_of(owner, options.recipients, entropy);
    put.is_known = owner.identity && !options.receipts; // a receipt is for what is sent
    put.temporary_directory = temporary_directory();
    put.workers = static_cast<unsigned>(options.threads);
    put.wall_ms = wall_clock_ms;
    put.patience_ms = options.connection.timeout_ms;
    if (!owner.identity) return put;
    if (!options.no_index) put.index_key = index_identity(*owner.identity).key;
    put.journal_directory = state_directory() + "/put";
    make_private_directory(*put.journal_directory);
    remove_old_journals(*put.journal_directory, wall_clock_ms() / 1000, journal_age_s);
    if (options.is_batch()) put.journal_size_min = segment_size_usual + 1;
    return put;
}

/// What is in a shard stream is stored as it was encoded; its reader has a segment in memory too.
PutOptions with_code_of(const ShardStreamReader* encoded, PutOptions put)
{
    if (encoded == nullptr) return put;
    put.profile = encoded->profile();
    const std::size_t segment =
        put.profile->shards() * shard_size(*put.profile, put.profile->segment_size);
    put.memory_max -= std::min(segment, put.memory_max / 2);
    return put;
}

/// The name of a file in the index: what a path ends with.
std::string base_name(std::string path)
{
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    path.erase(0, path.find_last_of('/') + 1);
    return is_tree_path(path) && path.size() <= index_name_size_max ? path : std::string{};
}

/// All that one run needs, and what becomes of its objects.
class PutRun {
public:
    /// `encoded`: a shard stream that the object is read from, or null.
    PutRun(const Options& options, Console& console, std::shared_ptr<ShardStreamReader> encoded)
        : options_{&options},
          console_{&console},
          owner_{load_owner(options.identity, options.passphrase, entropy_)},
          connection_{options.connection, NetworkId{}, {}, &owner_.key()},
          encoded_{std::move(encoded)},
          putter_{connection_.hub(), connection_.session(),
                  with_code_of(encoded_.get(), to_put_options(options, owner_, entropy_)), entropy_}
    {
        if (!owner_.identity)
            console.info("no identity is given: only the link will find what is stored, and nobody "
                         "can remove it");
        const auto existing = options.force ? Output::Existing::replace : Output::Existing::refuse;
        if (options.receipts) receipts_.emplace(Output::open(*options.receipts, existing));
    }

    Exit put_one(const std::shared_ptr<Input>& input);
    Exit put_tree(const FileTree& tree);

private:
    using Done = std::function<void(PutResult&&)>;

    void run(std::function<std::optional<PutInput>()> next, const Done& done, Progress& progress);
    void put_list(const FileTree& tree, const TreeLinks& links, Progress& progress);
    void tell(const PutResult& result, const std::string& name, bool has_name);
    void count(const PutResult& result, const std::string& name);
    [[nodiscard]] PutContent content_of(const std::shared_ptr<Input>& input) const;
    [[nodiscard]] PutInput input_of(const FileTree::Item& item, std::size_t number) const;
    Exit finish();

    const Options* options_;
    Console* console_;
    SystemEntropy entropy_;
    Owner owner_;
    Connection connection_;
    std::shared_ptr<ShardStreamReader> encoded_;
    Putter putter_;
    std::optional<Output> receipts_;
    std::uint64_t stored_ = 0;  // objects
    std::uint64_t partial_ = 0; // of these, not with all their shards
    std::uint64_t failed_ = 0;
    std::optional<Error> first_error_;
    std::optional<PutResult> last_; // the result of a run with one object
};

void PutRun::run(std::function<std::optional<PutInput>()> next, const Done& done,
                 Progress& progress)
{
    const auto take_receipt = [&](ByteView bytes) {
        if (receipts_) receipts_->write(as_bytes(to_text(parse_receipt(bytes)) + '\n'));
    };
    putter_.run({.next = std::move(next),
                 .done = done,
                 .receipt = take_receipt,
                 .sent = [&](std::uint64_t bytes) { progress.add(bytes); },
                 .dropped =
                     [&](std::uint64_t shards) {
                         console_->info(std::to_string(shards) +
                                        " shards of what could not be stored are dropped again");
                     }});
}

void PutRun::count(const PutResult& result, const std::string& name)
{
    const std::string what = name.empty() ? std::string{} : "'" + name + "' ";
    if (!result.link) {
        ++failed_;
        if (!first_error_) first_error_ = result.error;
        if (options_->is_batch()) console_->warning(what + "is left out: " + result.error->what());
        return;
    }
    ++stored_;
    if (result.is_complete) return;
    ++partial_;
    console_->warning(what + "has not all its shards: " + result.fault);
}

void PutRun::tell(const PutResult& result, const std::string& name, bool has_name)
{
    const Secret link = to_link_text(*result.link);
    if (console_->json()) {
        console_->result(Json::object()
                             .set("link", as_text(link.bytes()))
                             .set("name", name)
                             .set("plain_bytes", result.plain_size)
                             .set("stored_bytes", result.stored_size)
                             .set("k", result.profile.k)
                             .set("m", result.profile.m)
                             .set("shards", result.stored_least)
                             .set("is_complete", result.is_complete));
        return;
    }
    console_->print(as_text(link.bytes()));
    if (has_name) console_->print('\t' + name);
    console_->print(options_->is_nul ? std::string_view{"\0", 1} : "\n");
}

Exit PutRun::finish()
{
    if (receipts_) receipts_->commit();
    if (stored_ == 0 && first_error_) throw Error{*first_error_};
    if (failed_ > 0)
        throw Error{Exit::partial, std::to_string(failed_) + " of " +
                                       std::to_string(failed_ + stored_) +
                                       " objects could not be stored"};
    return partial_ > 0 ? Exit::partial : Exit::ok;
}

/// The bytes of the one object. What is in a shard stream is not the file's, so the file says
/// nothing of it.
PutContent PutRun::content_of(const std::shared_ptr<Input>& input) const
{
    if (encoded_)
        return {[encoded = encoded_](MutableByteView buffer) { return encoded->read(buffer); }, {}};
    return {[input](MutableByteView buffer) { return input->read(buffer); }, input->state()};
}

Exit PutRun::put_one(const std::shared_ptr<Input>& input)
{
    const bool is_file = options_->file && *options_->file != "-";
    const std::string name =
        options_->name.value_or(is_file ? base_name(*options_->file) : std::string{});
    Progress progress{*console_, "put", input->size()};
    std::optional<PutInput> next{std::in_place};
    next->name = name;
    next->open = [&] { return content_of(input); };
    if (encoded_) next->id = [this] { return encoded_->id(); };
    run([&] { return std::exchange(next, std::nullopt); },
        [&](PutResult&& result) { last_ = std::move(result); }, progress);
    progress.finish();
    if (encoded_)
        for (const ShardFault& fault : encoded_->faults())
            console_->warning(fault.path + ' ' + fault.what + ", and is stored as it should be");
    count(*last_, {});
    const Exit exit = finish();
    tell(*last_, name, false);
    return exit;
}

PutInput PutRun::input_of(const FileTree::Item& item, std::size_t number) const
{
    PutInput input;
    input.number = number;
    input.name = item.entry.path.size() <= index_name_size_max ? item.entry.path : std::string{};
    input.has_record = options_->list.has_value();
    input.open = [path = item.path] {
        const auto file = std::make_shared<Input>(Input::open_regular(path));
        return PutContent{[file](MutableByteView buffer) { return file->read(buffer); },
                          file->state()};
    };
    return input;
}

Exit PutRun::put_tree(const FileTree& tree)
{
    putter_.connect(batch_providers);
    std::uint64_t total = 0;
    for (const FileTree::Item& item : tree.items) total += item.entry.size;
    Progress progress{*console_, "put", total};
    for (const std::string& path : tree.skipped)
        console_->warning("'" + path + "' is left out: it is no file");
    TreeLinks links{tree.items.size()};
    std::size_t next = 0;
    run(
        [&]() -> std::optional<PutInput> {
            while (next < tree.items.size() && tree.items[next].entry.kind != TreeKind::file)
                ++next;
            if (next == tree.items.size()) return std::nullopt;
            const std::size_t number = next++;
            return input_of(tree.items[number], number);
        },
        [&](PutResult&& result) {
            const std::string& name = tree.items[result.number].entry.path;
            count(result, name);
            if (!result.link) return;
            links.set(result.number, *result.link);
            tell(result, name, true);
        },
        progress);
    const bool has_files = stored_ > 0 || failed_ == 0;
    if (has_files) put_list(tree, links, progress);
    progress.finish();
    return finish();
}

void PutRun::put_list(const FileTree& tree, const TreeLinks& links, Progress& progress)
{
    const std::string name =
        options_->name.value_or(options_->directory ? base_name(*options_->directory) : "");
    std::optional<PutInput> next{std::in_place};
    next->name = name;
    next->media_type = list_media_type;
    next->has_record = options_->directory || options_->name;
    next->open = [&] { return PutContent{list_source(tree, links, NetworkId{}), std::nullopt}; };
    run([&] { return std::exchange(next, std::nullopt); },
        [&](PutResult&& result) { last_ = std::move(result); }, progress);
    count(*last_, "the list");
    if (last_->link) tell(*last_, name.empty() ? "." : name, true);
}

std::shared_ptr<ShardStreamReader> open_encoded(const std::shared_ptr<Input>& input)
{
    return std::make_shared<ShardStreamReader>(
        [input](MutableByteView buffer) { return input->read(buffer); }, temporary_directory());
}

FileTree find_files(const Options& options)
{
    if (options.directory) return walk_directory(*options.directory);
    return gather_files(
        parse_file_list(read_small_file(*options.list, list_size_max), options.is_nul));
}

Exit put(const Options& options, Console& console)
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
    Options options;
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
    options.connection.declare(cli);
    cli.example("cairn-put -i me.key --providers list backup.tar > backup.link",
                "again after an interruption, it goes on where it was");
    cli.example("tar -c docs | cairn-put --providers list > docs.link",
                "a stream, for whoever has the link");
    return cli.run(argc, argv, [&](Console& console) { return put(options, console); });
}
