#include "client/index_catalog.hpp"

#include "base/error.hpp"
#include "client/detail/index_fetch.hpp"
#include "format/link.hpp"
#include "stream/spool.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace cairn {
namespace {

/// What is kept of a record.
struct Note {
    std::uint64_t time_s = 0;
    std::uint64_t sequence = 0;
    ShardRoot root;
    ObjectId object;
    Blake3Digest name;
    std::uint64_t offset = 0; // in the spool
    std::uint32_t size = 0;   // bytes there
    IndexOp op = IndexOp::put;
    bool is_latest = true;

    [[nodiscard]] auto place() const { return std::tie(time_s, sequence, root); }
};

} // namespace

struct IndexCatalog::Impl {
    Impl(Session& session_used, const AgeIdentity& identity_used, CatalogOptions catalog_options)
        : session{&session_used},
          identity{&identity_used},
          options{std::move(catalog_options)},
          spool{options.temporary_directory}
    {
    }

    void take(const ShardRoot& root, const Bytes& file)
    {
        try {
            const auto record = open_index_record(file, *identity);
            if (!record) {
                ++facts.foreign;
                return;
            }
            Note note;
            note.time_s = record->time_s;
            note.sequence = record->sequence;
            note.root = root;
            note.object = parse_link(record->link.bytes()).id;
            note.name = blake3(as_bytes(record->name));
            note.offset = spool.size();
            note.size = static_cast<std::uint32_t>(file.size());
            note.op = record->op;
            spool.append(file);
            notes.push_back(note);
            ++facts.records;
        } catch (const Error& error) {
            if (error.code() != Exit::data) throw;
            ++facts.damaged;
        }
    }

    /// Leaves what is stored: each object and name once, unless the object was removed since.
    void settle()
    {
        std::ranges::sort(notes,
                          [](const Note& a, const Note& b) { return a.place() < b.place(); });
        std::map<ObjectId, IndexOp> last; // of each object, seen from the end
        std::map<std::pair<Blake3Digest, ObjectId>, bool> seen;
        std::map<Blake3Digest, bool> names;
        for (auto note = notes.rbegin(); note != notes.rend(); ++note) {
            IndexOp& after = last.try_emplace(note->object, IndexOp::put).first->second;
            const bool is_removed = after == IndexOp::rm;
            if (note->op == IndexOp::rm) {
                after = IndexOp::rm;
                continue;
            }
            if (is_removed || !seen.emplace(std::pair{note->name, note->object}, true).second) {
                note->op = IndexOp::rm;
                continue;
            }
            note->is_latest = names.emplace(note->name, true).second;
        }
        std::erase_if(notes, [](const Note& note) { return note.op == IndexOp::rm; });
    }

    Session* session;
    const AgeIdentity* identity;
    CatalogOptions options;
    Spool spool;
    std::vector<Note> notes;
    CatalogFacts facts;
};

IndexCatalog::IndexCatalog(Session& session, const AgeIdentity& identity, CatalogOptions options)
    : impl_{std::make_unique<Impl>(session, identity, std::move(options))}
{
}

IndexCatalog::~IndexCatalog() = default;

void IndexCatalog::read()
{
    detail::IndexFetch fetch{
        *impl_->session, impl_->options.patience_ms, impl_->options.records_max,
        [this](const ShardRoot& root, const Bytes& file) { impl_->take(root, file); }};
    fetch.run();
    CatalogFacts& facts = impl_->facts;
    facts.answered = fetch.answered();
    facts.silent = impl_->session->providers().size() - facts.answered;
    facts.missing = fetch.missing();
    facts.is_cut = fetch.is_cut();
    impl_->settle();
}

const CatalogFacts& IndexCatalog::facts() const noexcept
{
    return impl_->facts;
}

std::size_t IndexCatalog::size() const noexcept
{
    return impl_->notes.size();
}

CatalogEntry IndexCatalog::at(std::size_t index) const
{
    const Note& note = impl_->notes[index];
    Bytes file(note.size);
    impl_->spool.read_at(note.offset, file);
    auto record = open_index_record(file, *impl_->identity);
    if (!record) throw Error{Exit::bug, "an index record is another one than before"};
    return {std::move(*record), note.is_latest};
}

} // namespace cairn
