#include "depot/detail/arrival.hpp"

#include "os/directory.hpp"

#include <algorithm>
#include <cassert>

namespace cairn::detail {
namespace {

/// Small shards of all uploads wait in memory up to here, then in files.
constexpr std::uint64_t spooled_max = std::uint64_t{16} << 20U; // bytes

/// What the disk begins to write at once.
constexpr std::uint64_t writeback_size = std::uint64_t{1} << 20U; // bytes

} // namespace

Spool::~Spool()
{
    store_->ledger.spooled -= memory_.size();
    if (file_) remove_file(file_->name());
}

void Spool::append(ByteView bytes)
{
    if (!file_ && store_->ledger.spooled + bytes.size() > spooled_max) spill();
    if (file_) {
        file_->write_at(size_, bytes);
    } else {
        memory_.insert(memory_.end(), bytes.begin(), bytes.end());
        store_->ledger.spooled += bytes.size();
    }
    size_ += bytes.size();
}

void Spool::spill()
{
    file_ = File::create(store_->layout.temporary(store_->next_temporary++));
    file_->write_at(0, memory_);
    store_->ledger.spooled -= memory_.size();
    memory_ = Bytes{};
}

void Spool::read(std::uint64_t offset, MutableByteView bytes) const
{
    assert(offset + bytes.size() <= size_);
    if (file_)
        read_kept(*file_, offset, bytes);
    else
        std::ranges::copy(ByteView{memory_}.subspan(offset, bytes.size()), bytes.begin());
}

Arrival::Arrival(std::shared_ptr<Store> store, const Promise& promise, const PutRequest& request,
                 std::uint64_t expiry_s)
    : store_{std::move(store)},
      promise_{promise},
      kind_{request.kind},
      expiry_s_{expiry_s},
      spool_{store_}
{
    for (const ShardItem& item : request.items) {
        parts_.emplace_back().item = item;
        unwritten_ += item.size;
    }
    store_->ledger.unwritten += unwritten_;
}

Arrival::~Arrival()
{
    release();
    store_->ledger.unwritten -= unwritten_;
    for (const Part& part : parts_)
        if (part.file) remove_file(part.file->name());
}

void Arrival::release()
{
    if (!is_released_) store_->ledger.release(promise_);
    is_released_ = true;
}

void Arrival::read(std::size_t part, std::uint64_t offset, MutableByteView bytes) const
{
    const Part& from = parts_.at(part);
    assert(part < current_ && offset + bytes.size() <= from.item.size);
    if (from.file)
        read_kept(*from.file, offset, bytes);
    else
        spool_.read(from.offset + offset, bytes);
}

bool Arrival::write(ByteView bytes)
{
    // A part without bytes is complete as soon as it is its turn.
    while (!is_failed_ && !is_complete()) {
        if (filled_ == 0) begin_part();
        const std::uint64_t missing = parts_[current_].item.size - filled_;
        const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(missing, bytes.size()));
        if (size > 0) store_->guard([&] { add(bytes.first(size)); });
        bytes = bytes.subspan(size);
        if (filled_ < parts_[current_].item.size) break;
        is_failed_ = !end_part();
    }
    if (!bytes.empty()) is_failed_ = true;
    return !is_failed_;
}

void Arrival::begin_part()
{
    Part& part = parts_[current_];
    if (part.item.size > packed_size_max) {
        if (!part.file)
            part.file = store_->guard(
                [&] { return File::create(store_->layout.temporary(store_->next_temporary++)); });
        collector_ = PieceCollector{};
        handed_over_ = 0;
    } else {
        part.offset = spool_.size();
        hasher_ = Blake3{};
    }
}

void Arrival::add(ByteView bytes)
{
    if (parts_[current_].file) {
        add_to_file(bytes);
        return;
    }
    spool_.append(bytes);
    hasher_.update(bytes);
    filled_ += bytes.size();
    unwritten_ -= bytes.size();
    store_->ledger.unwritten -= bytes.size();
}

/// Writes, and hashes each piece when it is complete: from the caller's bytes where they hold all
/// of it, else from the file, which needs no memory between the calls.
void Arrival::add_to_file(ByteView bytes)
{
    Part& part = parts_[current_];
    while (!bytes.empty()) {
        const std::uint64_t piece = filled_ / piece_size;
        const std::uint64_t begin = piece * piece_size;
        const std::uint64_t end = begin + piece_length(part.item.size, piece);
        const ByteView head = bytes.first(
            static_cast<std::size_t>(std::min<std::uint64_t>(end - filled_, bytes.size())));
        part.file->write_at(filled_, head);
        filled_ += head.size();
        unwritten_ -= head.size();
        store_->ledger.unwritten -= head.size();
        bytes = bytes.subspan(head.size());
        if (filled_ < end) continue;
        if (head.size() == end - begin) {
            collector_.add(head);
        } else {
            Bytes whole(static_cast<std::size_t>(end - begin));
            read_kept(*part.file, begin, whole);
            collector_.add(whole);
        }
        if (filled_ - handed_over_ < writeback_size && filled_ < part.item.size) continue;
        part.file->start_writeback(handed_over_, filled_ - handed_over_);
        handed_over_ = filled_;
    }
}

/// Whether the part that is complete is what its root says.
bool Arrival::end_part()
{
    Part& part = parts_[current_];
    filled_ = 0;
    ++current_;
    if (!part.file) return hasher_.digest() == part.item.root;
    const PieceTree tree = collector_.finish();
    if (piece_count(part.item.size) > 1) part.pieces = tree.pieces();
    return tree.root() == part.item.root;
}

} // namespace cairn::detail
