#include "client/segment_maker.hpp"

#include "base/cursor.hpp"
#include "base/error.hpp"
#include "format/index.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace cairn {
namespace {

constexpr std::size_t scratch_size = 192 * 1024; // bytes

std::shared_ptr<const ObjectKeys> fresh_keys(const PutOptions& options, Entropy& entropy)
{
    if (options.recipients.empty()) return nullptr;
    return std::make_shared<const ObjectKeys>(ObjectKeys::make(options.recipients, entropy));
}

/// What changes the stored bytes of a file, or whose they are.
Bytes how_stored(const PutOptions& options, const Profile& profile)
{
    Bytes text;
    Writer writer{text};
    writer.put(options.network.bytes);
    writer.put(account_id(options.owner->public_key()).bytes);
    writer.integer(std::uint32_t{profile.k});
    writer.integer(std::uint32_t{profile.m});
    writer.integer(profile.segment_size);
    writer.integer(static_cast<std::uint8_t>(options.profile.has_value()));
    for (const Recipient& recipient : options.recipients) {
        if (const auto* key = std::get_if<X25519Recipient>(&recipient)) writer.put(key->key.bytes);
        if (const auto* key = std::get_if<SshRecipient>(&recipient)) writer.put(key->key.bytes);
    }
    return text;
}

} // namespace

SegmentMaker::SegmentMaker(const PutOptions& options, Entropy& entropy, Next next,
                           std::function<void()> wake)
    : options_{&options},
      entropy_{&entropy},
      next_{std::move(next)},
      wake_{std::move(wake)},
      profile_{options.profile.value_or(Profile{})},
      code_{{profile_.k, profile_.m}},
      pool_{std::make_shared<EncoderPool>(profile_, options.memory_max)},
      workers_(std::max(1U, options.workers))
{
    for (Worker& worker : workers_) {
        worker.scratch.resize(std::min<std::size_t>(scratch_size, profile_.segment_size));
        if (options.workers > 0) worker.thread = std::thread{[this, &worker] { work(worker); }};
    }
}

SegmentMaker::~SegmentMaker()
{
    is_stopped_ = true;
    pool_->stop();
    for (Worker& worker : workers_)
        if (worker.thread.joinable()) worker.thread.join();
}

std::vector<PutUnit> SegmentMaker::take()
{
    if (options_->workers == 0)
        while (!is_stopped_ && pool_->has_room() && make(workers_.front())) {
        }
    const std::lock_guard lock{mutex_};
    std::vector<PutUnit> units{std::make_move_iterator(ready_.begin()),
                               std::make_move_iterator(ready_.end())};
    ready_.clear();
    return units;
}

bool SegmentMaker::is_at_end() const
{
    const std::lock_guard lock{mutex_};
    return is_input_at_end_ && busy_ == 0 && ready_.empty();
}

void SegmentMaker::work(Worker& worker) noexcept
{
    while (make(worker)) {
    }
    wake_();
}

void SegmentMaker::push(PutUnit unit)
{
    const std::lock_guard lock{mutex_};
    ready_.push_back(std::move(unit));
}

/// Makes one unit; false when there is nothing more to make.
bool SegmentMaker::make(Worker& worker)
{
    std::optional<Job> job = read(worker);
    if (!job) return false;
    if (!job->unit.failure) {
        try {
            compute(worker, *job);
        } catch (...) {
            job->unit.failure = std::current_exception();
            job->unit.source->is_abandoned = true;
        }
    }
    push(std::move(job->unit));
    {
        const std::lock_guard lock{mutex_};
        --busy_;
    }
    if (options_->workers > 0) wake_();
    return true;
}

std::optional<SegmentMaker::Job> SegmentMaker::read(Worker& worker)
{
    const std::lock_guard turn{turn_};
    if (!pool_->wait_for_room() || is_stopped_) return std::nullopt;
    if (current_ && current_->is_abandoned) current_.reset();
    Job job;
    {
        const std::lock_guard lock{mutex_};
        if (is_input_at_end_) return std::nullopt;
        ++busy_;
    }
    try {
        if (!current_) {
            auto input = next_();
            if (!input) {
                const std::lock_guard lock{mutex_};
                is_input_at_end_ = true;
                --busy_;
                return std::nullopt;
            }
            current_ = std::make_shared<PutSource>(std::move(*input));
            current_->ticket = pool_->ticket();
            job.unit.source = current_;
            open(*current_);
        }
        job.unit.source = current_;
        read_part(worker, job);
        if (job.unit.is_last) current_.reset();
    } catch (...) {
        job.unit.failure = std::current_exception();
        current_.reset();
        if (job.unit.source) return job;
        const std::lock_guard lock{mutex_}; // there is no next object
        is_input_at_end_ = true;
    }
    return job;
}

void SegmentMaker::open(PutSource& source)
{
    PutContent content = source.input.open();
    const bool has_journal = content.file && options_->journal_directory &&
                             content.file->size > whole_size_max &&
                             content.file->size >= options_->journal_size_min;
    if (has_journal) open_journal(source, *content.file);
    if (!source.keys && !(source.journal && source.journal->is_resumed())) {
        source.keys = fresh_keys(*options_, *entropy_);
        if (source.journal) source.journal->begin(source.keys);
    }
    if (content.file) source.stored_size = stored_size(source.keys.get(), content.file->size);
    source.stream = std::make_unique<ObjectStream>(std::move(content.source), source.keys,
                                                   profile_.segment_size);
}

void SegmentMaker::open_journal(PutSource& source, const FileState& file)
{
    const auto key = PutJournal::key_of(file, how_stored(*options_, profile_));
    source.journal = std::make_unique<PutJournal>(*options_->journal_directory, key);
    if (source.journal->is_resumed()) source.keys = source.journal->keys();
}

/// Reads the next segment, or all of a small object, which stays in the worker's scratch.
void SegmentMaker::read_part(Worker& worker, Job& job)
{
    PutSource& source = *job.unit.source;
    job.unit.index = source.segments++;
    SegmentPart& part = job.part;
    const bool is_first = job.unit.index == 0;
    const bool is_read = is_first && source.stream->read(part, worker.scratch);
    job.is_whole = is_read && part.is_end && !options_->profile && part.length <= whole_size_max &&
                   !source.journal;
    job.unit.is_last = part.is_end;
    if (job.is_whole || (is_read && part.length == 0)) return;
    read_segment(is_first ? ByteView{worker.scratch} : ByteView{}, job);
}

/// Reads on behind what is in `front`, in a place as large as the segment will probably be.
void SegmentMaker::read_segment(ByteView front, Job& job)
{
    PutSource& source = *job.unit.source;
    SegmentPart& part = job.part;
    std::uint64_t size = profile_.segment_size;
    if (part.is_end)
        size = part.length;
    else if (source.stored_size && job.unit.index == 0)
        size = std::min(size, *source.stored_size + sealed_chunk_size + 1);
    for (;; size = profile_.segment_size) {
        const auto place = pool_->encoder(std::max<std::size_t>(size, part.length));
        std::ranges::copy(front.first(part.length), place->input().begin());
        const auto before = std::exchange(job.unit.segment, place);
        if (source.stream->read(part, place->input())) break;
        front = place->input(); // the file has grown
    }
    job.unit.is_last = part.is_end;
}

void SegmentMaker::compute(Worker& worker, Job& job)
{
    PutSource& source = *job.unit.source;
    if (job.is_whole) return compute_whole(worker, job);
    if (!job.unit.segment) return;
    source.stream->seal(job.part, job.unit.segment->input());
    job.unit.segment->encode(code_, job.part.length, job.unit.index * profile_.segment_size);
    if (source.journal)
        source.journal->add_segment(job.unit.index, job.part.length, job.unit.segment->roots());
    job.unit.tags = make_tags(job.unit.segment->roots(), job.unit.segment->shards());
}

void SegmentMaker::compute_whole(Worker& worker, Job& job)
{
    PutSource& source = *job.unit.source;
    const MutableByteView bytes = MutableByteView{worker.scratch}.first(job.part.length);
    source.stream->seal(job.part, bytes);
    job.unit.whole = pool_->hold({bytes.begin(), bytes.end()});
    job.unit.root = blake3(bytes);
    job.unit.tags = make_tags(std::array{job.unit.root}, std::array{ByteView{bytes}});
    if (!options_->index_key || !source.input.has_record) return;
    Link link;
    link.kind = LinkKind::whole;
    link.network = options_->network;
    link.id.bytes = job.unit.root.bytes;
    if (source.keys) link.key = Secret::copy(source.keys->file_key.bytes());
    job.unit.record =
        std::make_shared<const Bytes>(make_record(source.input, source.stream->plain_size(), link));
}

std::shared_ptr<const Bytes> SegmentMaker::make_tags(std::span<const ShardRoot> roots,
                                                     std::span<const ByteView> shards) const
{
    if (!options_->tags) return nullptr;
    std::set<ShardRoot> tagged; // equal shards have equal tags
    auto set = std::make_shared<Bytes>();
    for (std::size_t i = 0; i < roots.size(); ++i) {
        if (!tagged.insert(roots[i]).second) continue;
        const Bytes file = make_tag_file(*options_->tags->tagger, roots[i], shards[i]);
        set->insert(set->end(), file.begin(), file.end());
    }
    return set;
}

Bytes SegmentMaker::make_record(const PutInput& input, std::uint64_t size, const Link& link)
{
    constexpr std::uint64_t ms_per_s = 1'000;
    constexpr std::uint64_t records_per_ms = 1'000'000;
    const std::uint64_t now_ms = options_->wall_ms();
    IndexRecord record;
    record.time_s = now_ms / ms_per_s;
    // Ascending also between runs within one second.
    record.sequence = now_ms % ms_per_s * records_per_ms + records_++;
    record.name = input.name;
    record.media_type = input.media_type;
    record.size = size;
    record.link = to_link_text(link);
    return seal_index_record(record, *options_->index_key, *entropy_);
}

} // namespace cairn
