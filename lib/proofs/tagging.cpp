#include "proofs/tagging.hpp"

#include "base/error.hpp"
#include "crypto/keystream.hpp"
#include "hash/digest.hpp"
#include "os/pipeline.hpp"
#include "stream/spool.hpp"

#include <algorithm>
#include <array>

namespace cairn {
namespace {

constexpr std::size_t read_size = 1024UL * 1024; // bytes, about as many as are read at once
constexpr std::size_t tags_at_once = 128;

/// What the blocks are at alpha, in order. Whoever has the shard and these knows alpha, so they are
/// encrypted where they wait.
class Values {
public:
    Values(const std::string& directory, Entropy& entropy)
        : spool_{directory},
          key_{random_secret(entropy, 32)},
          in_{key_.bytes(), nonce},
          out_{key_.bytes(), nonce}
    {
    }

    void append(std::span<const Scalar> values)
    {
        for (const Scalar& value : values) {
            std::array<std::byte, Scalar::size> bytes{};
            value.encode(bytes);
            mix(in_, bytes);
            spool_.append(bytes);
        }
    }

    /// The next ones; fewer at the end.
    void take(std::vector<Scalar>& values, std::size_t count)
    {
        values.clear();
        for (; values.size() < count && taken_ < spool_.size(); taken_ += Scalar::size) {
            std::array<std::byte, Scalar::size> bytes{};
            spool_.read_at(taken_, bytes);
            mix(out_, bytes);
            const auto value = Scalar::decode(bytes);
            if (!value) throw Error{Exit::ioerr, "a temporary file has changed"};
            values.push_back(*value);
            wipe(bytes);
        }
    }

private:
    static constexpr std::array<std::byte, 12> nonce{}; // the key is used once

    static void mix(ChaCha20Keystream& stream, MutableByteView bytes)
    {
        std::array<std::byte, Scalar::size> mask{};
        stream.fill(mask);
        for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] ^= mask[i];
    }

    Spool spool_;
    Secret key_;
    ChaCha20Keystream in_;
    ChaCha20Keystream out_;
    std::uint64_t taken_ = 0;
};

/// Reads the shard; its root and its size.
std::pair<Blake3Digest, std::uint64_t> read_shard(const Source& source, const Tagger& tagger,
                                                  Values& values, const TagOptions& options)
{
    const std::size_t block_size = tagger.key.block_size();
    const std::size_t buffer_size = std::max<std::size_t>(read_size / block_size, 1) * block_size;
    struct Slot {
        Bytes buffer;
        std::size_t size = 0;
        std::vector<Scalar> values;
    };
    std::vector<Slot> slots(options.workers);
    for (Slot& slot : slots) slot.buffer.resize(buffer_size);
    Blake3 hasher;
    std::uint64_t total = 0;
    bool is_at_end = false;
    Pipeline{
        .read =
            [&](unsigned worker, std::uint64_t item) {
                if (is_at_end) return false;
                Slot& slot = slots[worker];
                slot.size = source(slot.buffer);
                hasher.update(ByteView{slot.buffer}.first(slot.size));
                total += slot.size;
                is_at_end = slot.size < buffer_size;
                return slot.size > 0 || item == 0; // nothing is a block too
            },
        .compute =
            [&](unsigned worker, std::uint64_t) {
                Slot& slot = slots[worker];
                slot.values.resize(block_count(slot.size, tagger.key.sectors()));
                for (std::size_t i = 0; i < slot.values.size(); ++i) {
                    const std::size_t begin = i * block_size;
                    slot.values[i] = tagger.secret->value_of(ByteView{slot.buffer}.subspan(
                        begin, std::min(block_size, slot.size - begin)));
                }
            },
        .write =
            [&](unsigned worker, std::uint64_t) {
                values.append(slots[worker].values);
                if (options.done) options.done(slots[worker].size);
            },
    }
        .run(options.workers);
    return {hasher.digest(), total};
}

} // namespace

TagHeader tag_stream(const Source& source, const Sink& sink, const Tagger& tagger, Entropy& entropy,
                     const TagOptions& options)
{
    Values values{options.temporary_directory, entropy};
    const auto [root, size] = read_shard(source, tagger, values, options);
    const TagHeader header = tagger.header(root, size);
    const AuditFileId file = header.file_id();
    sink(to_bytes(header));
    struct Slot {
        std::vector<Scalar> values;
        Bytes tags;
    };
    std::vector<Slot> slots(options.workers);
    Sha256 digest;
    Pipeline{
        .read =
            [&](unsigned worker, std::uint64_t) {
                values.take(slots[worker].values, tags_at_once);
                return !slots[worker].values.empty();
            },
        .compute =
            [&](unsigned worker, std::uint64_t item) {
                Slot& slot = slots[worker];
                slot.tags.resize(slot.values.size() * G1::size);
                make_tags(tagger, file, item * tags_at_once, slot.values, slot.tags);
            },
        .write =
            [&](unsigned worker, std::uint64_t) {
                digest.update(slots[worker].tags);
                sink(slots[worker].tags);
            },
    }
        .run(options.workers);
    sink(sign_tags(header, digest.finish().bytes, *tagger.owner).bytes);
    return header;
}

} // namespace cairn
