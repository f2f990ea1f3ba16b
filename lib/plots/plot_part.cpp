#include "plots/plot_part.hpp"

#include "base/cursor.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "os/append_file.hpp"
#include "os/directory.hpp"
#include "os/output.hpp"
#include "plots/plot_file.hpp"

#include <algorithm>
#include <cassert>

namespace cairn {
namespace {

constexpr std::uint64_t samples = 8; // scoops that are looked at in the end

std::string part_of(const std::string& path)
{
    return path + std::string{part_end};
}

std::string journal_of(const std::string& path)
{
    return path + std::string{journal_end};
}

/// Brings what an earlier run left into order, of which the journal notes so many stripes, and
/// returns the path of the file. Only
/// whoever has the journal may look.
std::string recovered(const std::string& path, const PlotSpec& spec, PlotJournal& journal)
{
    if (exists(path)) { // whoever had the journal before us has finished
        journal.remove();
        throw Error{Exit::tempfail, "'" + path + "' was just made by another process"};
    }
    const std::uint64_t done = journal.done();
    const std::string sums = sum_name(path);
    if (done == 0 || exists(part_of(sums))) {
        remove_file(sums); // of another plot, which is gone
        if (done == 0) remove_file(part_of(sums));
    } else if (exists(sums)) { // killed in its last moment
        rename_to_free_name(sums, part_of(sums));
    }
    const auto is_whole = [&] {
        return exists(part_of(sums)) && exists(part_of(path)) &&
               DirectFile::open(part_of(path)).size() == file_size(spec);
    };
    if (done > 0 && !is_whole())
        throw Error{Exit::data, "what an earlier run left of '" + path + "' is not whole",
                    "cairn-plot --clean " + shell_quote(directory_of(path))};
    return part_of(path);
}

/// Numbers that are the same for the same plot, and as good as drawn.
std::uint64_t drawn(const PlotSpec& spec, std::uint64_t number, std::uint64_t below)
{
    Bytes message;
    Writer writer{message};
    writer.put(digest_of(spec).bytes);
    writer.integer(number);
    const Blake3Digest digest = blake3(message);
    return Reader{digest.bytes, "a digest"}.integer<std::uint64_t>() % below;
}

} // namespace

bool is_finished(const std::string& directory, const PlotSpec& spec)
{
    const std::string path = directory + '/' + name_of(spec);
    if (!exists(path)) return false;
    PlotSpec found = PlotFile{path}.spec();
    if (auto* const plot = std::get_if<X1Plot>(&found))
        plot->band = std::get<X1Plot>(spec).band; // however it was made
    if (found != spec) throw Error{Exit::cantcreat, "'" + path + "' is another plot"};
    if (exists(journal_of(path))) AppendFile::open(journal_of(path)).remove();
    return true;
}

PlotPart::PlotPart(const std::string& directory, const PlotSpec& spec, std::uint64_t places_each)
    : spec_{spec},
      path_{directory + '/' + name_of(spec)},
      journal_{journal_of(path_), spec, places_each},
      file_{DirectFile::open_to_write(recovered(path_, spec, journal_))},
      sums_{SumFile::make(part_of(sum_name(path_)), spec, journal_.stripes())}
{
    if (file_.size() != file_size(spec)) is_reserved_ = file_.allocate(file_size(spec));
    if (const auto* const plot = std::get_if<X1Plot>(&spec)) file_.write_at(0, to_header(*plot));
    sync_directory(directory_of(path_));
}

void PlotPart::write(ByteView stripe, const std::function<void(std::uint64_t)>& written)
{
    constexpr std::size_t piece_max = 8UL * 1024 * 1024; // bytes between two words of progress
    const std::uint64_t number = done();
    const std::uint64_t first = stripes().first_of(number);
    const std::uint64_t count = stripes().places_of(spec_, number);
    const std::size_t side = side_of(spec_);
    const std::size_t row = count * scoop_size;
    assert(number < stripes().count && stripe.size() >= side * row);

    std::vector<Blake3Digest> sums;
    for (std::size_t s = 0; s < side; ++s) sums.push_back(blake3(stripe.subspan(s * row, row)));
    for (std::size_t s = 0; s < side;) {
        const PlotRun run = run_of(spec_, {static_cast<std::uint16_t>(s)}, first, count);
        // Rows that follow each other in the file are written at once.
        std::size_t rows = 1;
        while (s + rows < side && (rows + 1) * row <= piece_max &&
               run_of(spec_, {static_cast<std::uint16_t>(s + rows)}, first, count).offset ==
                   run.offset + rows * row)
            ++rows;
        file_.write_at(run.offset, stripe.subspan(s * row, rows * row));
        written(rows * row);
        s += rows;
    }
    file_.sync();
    sums_.put(number, sums);
    journal_.note();
}

void PlotPart::check_samples(NonceMaker& maker)
{
    for (std::uint64_t i = 0; i < std::min(samples, places(spec_)); ++i) {
        const std::uint64_t place = drawn(spec_, 2 * i, places(spec_));
        const ScoopNumber scoop{
            static_cast<std::uint16_t>(drawn(spec_, 2 * i + 1, side_of(spec_)))};
        const PlotRun run = run_of(spec_, scoop, place, 1);
        // By the disk, not by the cache: the whole of what surrounds it.
        const std::uint64_t begin =
            run.offset / AlignedBuffer::alignment * AlignedBuffer::alignment;
        const std::uint64_t end = std::min(begin + AlignedBuffer::alignment, file_.size());
        AlignedBuffer buffer{AlignedBuffer::alignment};
        const MutableByteView bytes = buffer.bytes().first(end - begin);
        file_.read_at(begin, bytes);
        if (!std::ranges::equal(bytes.subspan(run.offset - begin, scoop_size),
                                make_scoop(spec_, place, scoop, maker)))
            throw Error{Exit::data, "'" + file_.name() + "' has other bytes at " +
                                        std::to_string(run.offset) +
                                        " than were written: the disk or the memory is broken"};
    }
}

void PlotPart::finish(NonceMaker& maker)
{
    assert(done() == stripes().count);
    check_samples(maker);
    rename_to_free_name(part_of(sum_name(path_)), sum_name(path_));
    rename_to_free_name(part_of(path_), path_);
    sync_directory(directory_of(path_));
    journal_.remove();
}

} // namespace cairn
