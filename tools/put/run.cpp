// One run of cairn-put, and what becomes of its objects.

#include "run.hpp"

#include "audit/signed_key.hpp"
#include "base/error.hpp"
#include "cli/environment.hpp"
#include "format/index.hpp"
#include "os/clock.hpp"
#include "os/directory.hpp"

namespace cairn {
namespace {

constexpr std::size_t batch_providers = 16; // that share a batch
constexpr std::uint64_t journal_age_s = std::uint64_t{30} * 86'400;

std::optional<Profile> to_profile(const PutToolOptions& options)
{
    if (!options.profile.empty()) return find_profile(options.profile);
    if (!options.k) return std::nullopt;
    return put_profile(static_cast<unsigned>(*options.k), static_cast<unsigned>(*options.m));
}

PutOptions to_put_options(const PutToolOptions& options, const Owner& owner,
                          std::optional<PutTags> tags, Entropy& entropy)
{
    PutOptions put;
    put.owner = &owner.key();
    put.profile = to_profile(options);
    if (!options.is_public && !options.is_encoded)
        put.recipients = recipients_of(owner, options.recipients, entropy);
    put.is_known = owner.identity && !options.receipts; // a receipt is for what is sent
    put.tags = std::move(tags);
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

} // namespace

Tags::Tags(const PutToolOptions& options, const Owner& owner)
{
    if (!options.is_tagged) return;
    secret_ = std::make_unique<AuditSecret>(owner.identity->derive("por").bytes());
    const AuditKey key =
        secret_->audit_key(static_cast<std::uint32_t>(options.sectors.value_or(sectors_usual)));
    tagger_ = std::make_unique<Tagger>(Tagger{secret_.get(), &owner.key(), key});
    prover_key_ = std::make_shared<const Bytes>(
        to_bytes(SignedProverKey{sign(key, owner.key()), secret_->prover_key(key.sectors())}));
}

std::optional<PutTags> Tags::get() const
{
    if (!tagger_) return std::nullopt;
    return PutTags{tagger_.get(), prover_key_};
}

PutRun::PutRun(const PutToolOptions& options, Console& console,
               std::shared_ptr<ShardStreamReader> encoded)
    : options_{&options},
      console_{&console},
      owner_{load_owner(options.identity, options.passphrase, entropy_)},
      connection_{options.connection, NetworkId{}, {}, &owner_.key()},
      tags_{options, owner_},
      encoded_{std::move(encoded)},
      putter_{connection_.hub(), connection_.session(),
              with_code_of(encoded_.get(), to_put_options(options, owner_, tags_.get(), entropy_)),
              entropy_}
{
    if (!owner_.identity)
        console.info("no identity is given: only the link will find what is stored, and nobody "
                     "can remove it");
    const auto existing = options.force ? Output::Existing::replace : Output::Existing::refuse;
    if (options.receipts) receipts_.emplace(Output::open(*options.receipts, existing));
}

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
                             .set("is_complete", result.is_complete)
                             .set("is_tagged", result.is_tagged));
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

} // namespace cairn
