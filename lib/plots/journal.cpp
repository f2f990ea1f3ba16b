#include "plots/journal.hpp"

#include "base/cursor.hpp"
#include "base/error.hpp"

#include <algorithm>
#include <array>
#include <cassert>

namespace cairn {
namespace {

constexpr std::uint32_t version = 1;
constexpr std::size_t record_size = 64; // bytes

Bytes first_record(const PlotSpec& spec, std::uint64_t places_each)
{
    Bytes record;
    Writer writer{record};
    writer.put(as_bytes(PlotJournal::magic));
    writer.integer(version);
    writer.zeros(4);
    writer.integer(places_each);
    writer.zeros(8);
    writer.put(digest_of(spec).bytes);
    assert(record.size() == record_size);
    return record;
}

/// `begin` is the first record.
Bytes record_of(std::uint64_t stripe, ByteView begin)
{
    Bytes record;
    Writer writer{record};
    writer.integer(stripe);
    writer.zeros(record_size - Blake3Digest::size - record.size());
    Bytes all{begin.begin(), begin.end()};
    all.insert(all.end(), record.begin(), record.end());
    writer.put(blake3(all).bytes);
    return record;
}

} // namespace

PlotJournal::PlotJournal(const std::string& path, const PlotSpec& spec, std::uint64_t places_each)
    : file_{AppendFile::open(path)}
{
    Bytes record(record_size);
    if (file_.read_at(0, record) < record_size) { // new, or cut off in the first moment
        file_.truncate(0);
        begin_ = first_record(spec, places_each);
        file_.append(std::array{ByteView{begin_}});
        file_.sync();
    } else {
        Reader reader{record, "the journal"};
        reader.take(magic.size() + 8);
        places_each = reader.integer<std::uint64_t>();
        begin_ = record;
        if (!Stripes::are_possible(spec, places_each) || record != first_record(spec, places_each))
            throw Error{Exit::data, "'" + path + "' is the journal of another plot"};
    }
    stripes_ = Stripes::of(spec, places_each);
    while (done_ < stripes_.count &&
           file_.read_at((done_ + 1) * record_size, record) == record_size &&
           record == record_of(done_, begin_))
        ++done_;
    file_.truncate((done_ + 1) * record_size);
}

void PlotJournal::note()
{
    assert(done_ < stripes_.count);
    const Bytes record = record_of(done_, begin_);
    file_.append(std::array{ByteView{record}});
    file_.sync();
    ++done_;
}

JournalFacts parse_journal(ByteView bytes)
{
    Reader reader{bytes, "the journal"};
    if (as_text(reader.take(PlotJournal::magic.size())) != PlotJournal::magic ||
        reader.integer<std::uint32_t>() != version)
        throw Error{Exit::data, "this is not a journal, version 1"};
    reader.zeros(4);
    JournalFacts facts;
    facts.places = reader.integer<std::uint64_t>();
    reader.zeros(8);
    facts.plot = reader.fixed<Blake3Digest>();
    const ByteView begin = bytes.first(record_size);
    while (reader.left() >= record_size &&
           std::ranges::equal(reader.take(record_size), record_of(facts.done, begin)))
        ++facts.done;
    return facts;
}

} // namespace cairn
