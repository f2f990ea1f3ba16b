#include "base/error.hpp"
#include "erasure/segment.hpp"
#include "os/pipeline.hpp"
#include "stream/decode.hpp"
#include "stream/spool.hpp"

#include <algorithm>
#include <memory>
#include <set>

// The shard stream, read from front to back: its frames say what their shards hash to, and the
// manifest at the end says the same again.

namespace cairn {
namespace {

constexpr std::size_t copy_size = 256 * 1024; // bytes

void read_exactly(const Source& source, MutableByteView buffer)
{
    if (source(buffer) != buffer.size()) throw Error{Exit::data, "the shard stream is truncated"};
}

/// The frames of one segment. Memory is taken for shards that come, not for all that the stream's
/// header allows: that could be 16 GiB.
class SegmentFrames {
public:
    explicit SegmentFrames(const Profile& profile) : profile_{profile}, parity_(profile.m) {}

    void start(std::uint64_t segment, std::uint32_t length)
    {
        segment_ = segment;
        length_ = length;
        size_ = shard_size(profile_, length);
        if (data_.bytes().size() < profile_.k * size_) data_ = Buffer{profile_.k * size_};
        headers_.clear();
    }

    /// Where the shard of a frame goes.
    MutableByteView place(const ShardFrameHeader& header)
    {
        headers_.push_back(header);
        if (header.index >= profile_.k) {
            auto& parity = parity_[header.index - profile_.k];
            if (!parity || parity->bytes().size() < size_) parity = std::make_unique<Buffer>(size_);
        }
        return shard(header.index);
    }

    /// Checks all shards, rebuilds the data shards that are not good. Throws Error{data}.
    void restore(RebuildCache& rebuilds)
    {
        damaged_.clear();
        std::vector<unsigned> present;
        std::vector<ByteView> shards;
        for (const ShardFrameHeader& header : headers_) {
            if (present.size() == profile_.k) break;
            if (blake3(shard(header.index)) != header.root) {
                damaged_.push_back(header.index);
                continue;
            }
            present.push_back(header.index);
            shards.emplace_back(shard(header.index));
        }
        if (present.size() < profile_.k)
            throw Error{Exit::data, "segment " + std::to_string(segment_) +
                                        " of the shard stream has too few good shards"};
        std::vector<unsigned> wanted;
        std::vector<MutableByteView> places;
        for (unsigned index = 0; index < profile_.k; ++index) {
            if (std::ranges::binary_search(present, index)) continue;
            wanted.push_back(index);
            places.push_back(shard(index));
        }
        if (!wanted.empty()) rebuilds.find({present, wanted})->apply(shards, places);
        for (const ShardFrameHeader& header : headers_)
            if (std::ranges::binary_search(wanted, header.index) &&
                blake3(shard(header.index)) != header.root)
                throw Error{Exit::data, "the shard stream contradicts itself in segment " +
                                            std::to_string(segment_)};
        parts_.clear();
        append_content(parts_, bytes(), segment_ * profile_.segment_size);
    }

    [[nodiscard]] ByteView bytes() const { return data_.bytes().first(length_); }
    [[nodiscard]] const std::vector<ShardFrameHeader>& headers() const { return headers_; }
    [[nodiscard]] const std::vector<unsigned>& damaged() const { return damaged_; }
    [[nodiscard]] const std::vector<Blake3Subtree>& parts() const { return parts_; }
    [[nodiscard]] std::uint64_t offset() const { return segment_ * profile_.segment_size; }

private:
    MutableByteView shard(unsigned index)
    {
        return index < profile_.k ? data_.bytes().subspan(index * size_, size_)
                                  : parity_[index - profile_.k]->bytes().first(size_);
    }

    Profile profile_;
    Buffer data_{0};
    std::vector<std::unique_ptr<Buffer>> parity_;
    std::uint64_t segment_ = 0;
    std::uint32_t length_ = 0;
    std::size_t size_ = 0;
    std::vector<ShardFrameHeader> headers_;
    std::vector<unsigned> damaged_;
    std::vector<Blake3Subtree> parts_;
};

/// Reads frames and, in the end, the tail's first bytes.
class FrameReader {
public:
    FrameReader(const Source& source, const Profile& profile) : source_{&source}, profile_{profile}
    {
        advance();
    }

    /// The frames of the next segment; false when the tail follows. Throws Error{data}.
    bool read(SegmentFrames& frames)
    {
        if (!next_) return false;
        const ShardFrameHeader first = *next_;
        if (first.segment != segments_ || is_short_) refuse("has its segments out of order");
        if (first.segment_length == 0 || first.segment_length > profile_.segment_size)
            refuse("has a segment of a wrong length");
        is_short_ = first.segment_length < profile_.segment_size;
        frames.start(first.segment, first.segment_length);
        std::optional<unsigned> last_index;
        while (next_ && next_->segment == first.segment) {
            const ShardFrameHeader header = *next_;
            if (header.segment_length != first.segment_length ||
                header.index >= profile_.shards() || (last_index && header.index <= *last_index))
                refuse("has a frame out of place");
            last_index = header.index;
            read_exactly(*source_, frames.place(header));
            advance();
        }
        ++segments_;
        return true;
    }

    /// The manifest's length, once read() has returned false.
    [[nodiscard]] std::uint64_t manifest_size() const { return manifest_size_; }

private:
    [[noreturn]] static void refuse(const char* why)
    {
        throw Error{Exit::data, std::string{"the shard stream "} + why};
    }

    void advance()
    {
        std::array<std::byte, shard_frame_header_size> bytes{};
        read_exactly(*source_, MutableByteView{bytes}.first(tail_header_size));
        const auto tail = parse_tail_header(ByteView{bytes}.first(tail_header_size));
        if (tail) {
            manifest_size_ = *tail;
            next_.reset();
            return;
        }
        read_exactly(*source_, MutableByteView{bytes}.subspan(tail_header_size));
        next_ = parse_shard_frame_header(bytes);
    }

    const Source* source_;
    Profile profile_;
    std::optional<ShardFrameHeader> next_;
    std::uint64_t segments_ = 0;
    bool is_short_ = false;
    std::uint64_t manifest_size_ = 0;
};

/// What the frames said, to be compared with the manifest.
class Account {
public:
    Account(const Profile& profile, const std::string& directory)
        : seen_{directory},
          manifest_{directory}
    {
        head_.profile = profile;
    }

    void append(const SegmentFrames& frames)
    {
        for (const Blake3Subtree& part : frames.parts()) content_.append(part);
        head_.total_size += frames.bytes().size();
        Bytes roots(std::size_t{head_.profile.shards()} * Blake3Digest::size);
        for (const ShardFrameHeader& header : frames.headers())
            std::ranges::copy(header.root.bytes, roots.begin() + std::ptrdiff_t{header.index} * 32);
        seen_.append(roots);
        for (const unsigned index : frames.damaged()) damaged_.insert(index);
        for (unsigned index = 0; index < head_.profile.shards(); ++index)
            if (!std::ranges::count(frames.headers(), index, &ShardFrameHeader::index))
                missing_.insert(index);
    }

    /// Reads the tail and compares; the object's id. Throws Error{data}.
    ObjectId finish(const Source& source, std::uint64_t manifest_size,
                    const std::optional<ObjectId>& id)
    {
        head_.content = content_.digest();
        if (manifest_size != head_.manifest_size()) refuse();
        const ObjectId actual = read_manifest(source, manifest_size);
        Bytes bytes(trailer_size);
        read_exactly(source, bytes);
        if (parse_trailer(bytes) != Trailer{manifest_size, actual}) refuse();
        compare();
        std::byte more{};
        if (source({&more, 1}) != 0) throw Error{Exit::data, "bytes follow the shard stream"};
        if (id && *id != actual)
            throw Error{Exit::data, "the shard stream is of another object than --id names"};
        return actual;
    }

    [[nodiscard]] std::vector<ShardFault> faults() const
    {
        std::vector<ShardFault> faults;
        for (const unsigned index : damaged_)
            faults.push_back({"shard " + std::to_string(index), "is damaged in the stream"});
        for (const unsigned index : missing_)
            faults.push_back({"shard " + std::to_string(index), "is missing in the stream"});
        return faults;
    }

private:
    [[noreturn]] static void refuse()
    {
        throw Error{Exit::data, "the shard stream's manifest is damaged or of other data"};
    }

    ObjectId read_manifest(const Source& source, std::uint64_t size)
    {
        Blake3 hash;
        Bytes buffer(copy_size);
        for (std::uint64_t left = size; left > 0;) {
            const MutableByteView piece =
                MutableByteView{buffer}.first(std::min<std::uint64_t>(copy_size, left));
            read_exactly(source, piece);
            hash.update(piece);
            manifest_.append(piece);
            left -= piece.size();
        }
        return {hash.digest().bytes};
    }

    void compare() const
    {
        const Bytes front = to_bytes(head_);
        Bytes in_manifest(front.size());
        manifest_.read_at(0, in_manifest);
        if (in_manifest != front) refuse();
        const Bytes prefix = roots_prefix(head_.profile);
        Bytes seen(std::size_t{head_.profile.shards()} * Blake3Digest::size);
        Bytes listed(prefix.size() + seen.size());
        for (std::uint64_t segment = 0; segment < head_.segments(); ++segment) {
            seen_.read_at(segment * seen.size(), seen);
            manifest_.read_at(front.size() + segment * listed.size(), listed);
            if (!std::equal(prefix.begin(), prefix.end(), listed.begin())) refuse();
            compare_roots(seen, ByteView{listed}.subspan(prefix.size()));
        }
    }

    /// Frames that were missing left zeros.
    static void compare_roots(ByteView seen, ByteView listed)
    {
        const Bytes none(Blake3Digest::size);
        for (std::size_t at = 0; at < seen.size(); at += Blake3Digest::size) {
            const ByteView root = seen.subspan(at, Blake3Digest::size);
            if (!std::ranges::equal(root, none) &&
                !std::ranges::equal(root, listed.subspan(at, Blake3Digest::size)))
                refuse();
        }
    }

    ManifestHead head_;
    Blake3 content_;
    Spool seen_;
    Spool manifest_;
    std::set<unsigned> damaged_; // in any segment
    std::set<unsigned> missing_;
};

Profile read_profile(const Source& source)
{
    Bytes front(stream_header_size);
    read_exactly(source, front);
    return parse_stream_header(front);
}

} // namespace

struct ShardStreamReader::Impl {
    Impl(Source from, const std::string& directory)
        : source{std::move(from)},
          profile{read_profile(source)},
          reader{source, profile},
          rebuilds{Code{{profile.k, profile.m}}},
          account{profile, directory},
          frames{profile}
    {
    }

    /// Goes on to the next segment, or to the end.
    void advance()
    {
        if (!reader.read(frames)) {
            id = account.finish(source, reader.manifest_size(), {});
            is_at_end = true;
            return;
        }
        frames.restore(rebuilds);
        account.append(frames);
        left = frames.bytes();
    }

    Source source;
    Profile profile;
    FrameReader reader;
    RebuildCache rebuilds;
    Account account;
    SegmentFrames frames;
    ByteView left; // of the segment
    ObjectId id;
    bool is_at_end = false;
};

ShardStreamReader::ShardStreamReader(Source source, const std::string& temporary_directory)
    : impl_{std::make_unique<Impl>(std::move(source), temporary_directory)}
{
}

ShardStreamReader::~ShardStreamReader() = default;

const Profile& ShardStreamReader::profile() const noexcept
{
    return impl_->profile;
}

std::size_t ShardStreamReader::read(MutableByteView buffer)
{
    std::size_t filled = 0;
    while (filled < buffer.size() && !impl_->is_at_end) {
        if (impl_->left.empty()) {
            impl_->advance();
            continue;
        }
        const std::size_t size = std::min(buffer.size() - filled, impl_->left.size());
        std::ranges::copy(impl_->left.first(size), buffer.subspan(filled).begin());
        impl_->left = impl_->left.subspan(size);
        filled += size;
    }
    return filled;
}

const ObjectId& ShardStreamReader::id() const noexcept
{
    return impl_->id;
}

std::vector<ShardFault> ShardStreamReader::faults() const
{
    return impl_->account.faults();
}

std::vector<ShardFault> decode_stream(const Source& source, const Sink& sink,
                                      const StreamDecodeOptions& options, const Done& done)
{
    const Profile profile = read_profile(source);
    const ByteRange range = options.range.value_or(ByteRange{});
    FrameReader reader{source, profile};
    RebuildCache rebuilds{Code{{profile.k, profile.m}}};
    Account account{profile, options.temporary_directory};
    std::vector<SegmentFrames> slots;
    for (unsigned i = 0; i < options.workers; ++i) slots.emplace_back(profile);

    Pipeline{
        .read = [&](unsigned worker, std::uint64_t) { return reader.read(slots[worker]); },
        .compute = [&](unsigned worker, std::uint64_t) { slots[worker].restore(rebuilds); },
        .write =
            [&](unsigned worker, std::uint64_t) {
                account.append(slots[worker]);
                sink(part_in_range(slots[worker].bytes(), slots[worker].offset(), range));
                if (done) done(slots[worker].bytes().size());
            },
    }
        .run(options.workers);
    account.finish(source, reader.manifest_size(), options.id);
    return account.faults();
}

} // namespace cairn
