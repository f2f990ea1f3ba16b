// Every way to lose shards and every way to damage one, against the library itself. Prints the
// number of cases, the number of failures and "caught" or "missed" for the canary; tells of
// failures on standard error. Started by tests/rel/erasure in an empty directory.

#include "base/error.hpp"
#include "erasure/code.hpp"
#include "stream/decode.hpp"
#include "stream/encode.hpp"

#include <algorithm>
#include <bit>
#include <cstdio>
#include <cstdlib>
#include <random>

#include <fcntl.h>
#include <unistd.h>

using namespace cairn;

namespace {

struct Counts {
    unsigned long cases = 0;
    unsigned long failures = 0;
};
Counts counts;

/// One case; a failure is told of if there were not too many.
void expect(bool is_good, const std::string& what)
{
    constexpr unsigned long told_max = 40;
    ++counts.cases;
    if (is_good) return;
    if (++counts.failures <= told_max) std::fprintf(stderr, "erasure: %s\n", what.c_str());
}

Bytes random_bytes(std::mt19937_64& random, std::size_t size)
{
    Bytes bytes(size);
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
    return bytes;
}

// ---- the code itself, shards in memory ----

/// An encoded piece of data, and the shards that a loss pattern leaves.
class Codeword {
public:
    Codeword(CodeShape shape, Kernel kernel, std::mt19937_64& random) : code_{shape, kernel}
    {
        std::vector<ByteView> data;
        std::vector<MutableByteView> parity;
        for (unsigned i = 0; i < shape.data + shape.parity; ++i)
            shards_.push_back(random_bytes(random, shard_bytes));
        for (unsigned i = 0; i < shape.data; ++i) data.emplace_back(shards_[i]);
        for (unsigned i = shape.data; i < shards_.size(); ++i) parity.emplace_back(shards_[i]);
        code_.encode(data, parity);
    }

    /// Whether all that is lost comes back, byte for byte.
    [[nodiscard]] bool survives(const std::vector<bool>& lost) const
    {
        LossPattern pattern;
        std::vector<ByteView> present;
        for (unsigned i = 0; i < shards_.size(); ++i) {
            if (lost[i]) pattern.wanted.push_back(i);
            if (lost[i] || pattern.present.size() == code_.shape().data) continue;
            pattern.present.push_back(i);
            present.emplace_back(shards_[i]);
        }
        std::vector<Bytes> made(pattern.wanted.size(), Bytes(shard_bytes));
        std::vector<MutableByteView> wanted{made.begin(), made.end()};
        Rebuild{code_, pattern}.apply(present, wanted);
        for (std::size_t i = 0; i < made.size(); ++i)
            if (made[i] != shards_[pattern.wanted[i]]) return false;
        return true;
    }

    void damage(unsigned shard) { shards_[shard][7] ^= std::byte{1}; }

private:
    static constexpr std::size_t shard_bytes = 80;

    Code code_;
    std::vector<Bytes> shards_;
};

std::string name_of(CodeShape shape)
{
    return std::to_string(shape.data) + '+' + std::to_string(shape.parity);
}

/// All patterns of 1 to m losses.
void lose_every_way(CodeShape shape, Kernel kernel, std::mt19937_64& random)
{
    const Codeword word{shape, kernel, random};
    for (unsigned losses = 1; losses <= shape.parity; ++losses) {
        std::vector<bool> lost(shape.data + shape.parity);
        std::fill_n(lost.begin(), losses, true);
        do expect(word.survives(lost), name_of(shape) + ": a pattern of losses is not rebuilt");
        while (std::prev_permutation(lost.begin(), lost.end()));
    }
}

/// Some of the patterns of a code that has too many.
void lose_at_random(CodeShape shape, unsigned rounds, std::mt19937_64& random)
{
    const Codeword word{shape, best_kernel(), random};
    std::vector<bool> lost(shape.data + shape.parity);
    std::fill_n(lost.begin(), shape.parity, true);
    for (unsigned round = 0; round < rounds; ++round) {
        std::shuffle(lost.begin(), lost.end(), random);
        expect(word.survives(lost), name_of(shape) + ": a pattern of losses is not rebuilt");
    }
}

void test_codes(bool is_night, std::mt19937_64& random)
{
    const std::vector<CodeShape> shapes{{1, 1}, {1, 4}, {2, 2}, {3, 5}, {4, 2},  {4, 8},
                                        {6, 3}, {8, 4}, {5, 5}, {9, 1}, {12, 4}, {10, 6}};
    for (const CodeShape shape : shapes) lose_every_way(shape, best_kernel(), random);
    for (const Kernel kernel : {Kernel::isal, Kernel::isal_columns, Kernel::gfni_avx2})
        if (is_available(kernel)) lose_every_way({4, 8}, kernel, random);
    if (is_night)
        for (const CodeShape shape : {CodeShape{16, 6}, CodeShape{24, 5}, CodeShape{8, 12}})
            lose_every_way(shape, best_kernel(), random);
    const unsigned rounds = is_night ? 20000 : 300;
    lose_at_random({16, 16}, rounds, random);
    lose_at_random({100, 20}, rounds / 10, random);
    lose_at_random({200, 55}, rounds / 30, random);
}

// ---- sets of shard files ----

Source source_of(const Bytes& bytes)
{
    return [rest = ByteView{bytes}](MutableByteView buffer) mutable {
        const std::size_t size = std::min(rest.size(), buffer.size());
        std::copy_n(rest.begin(), size, buffer.begin());
        rest = rest.subspan(size);
        return size;
    };
}

enum class Result { exact, refused, wrong };

/// What a call that writes an object to a sink makes of it; any Error but one of data is wrong.
Result result_of(const Bytes& object, const auto& decode)
{
    Bytes out;
    try {
        decode([&](ByteView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); });
    } catch (const Error& error) {
        return error.code() == Exit::data ? Result::refused : Result::wrong;
    }
    return out == object ? Result::exact : Result::wrong;
}

Result decode_files(const Bytes& object, const std::vector<std::string>& paths)
{
    return result_of(object, [&](const Sink& sink) {
        decode_set(ShardSet::open(paths, std::nullopt), sink, {});
    });
}

/// An object and the directory of its shards.
struct Set {
    Bytes object;
    Profile profile;
    std::string directory;

    Set(Bytes bytes, Profile shape, std::string path)
        : object{std::move(bytes)},
          profile{shape},
          directory{std::move(path)}
    {
        encode_to_directory(source_of(object), directory, false, {.profile = profile});
    }

    [[nodiscard]] std::string file(unsigned index) const
    {
        return directory + '/' + shard_file_name(index);
    }
};

/// All subsets of the files: k and more give the object, fewer give nothing. An object without
/// bytes has no shards: its manifest, which is in every file, is enough.
void lose_files(const Set& set)
{
    const unsigned shards = set.profile.shards();
    for (unsigned long mask = 1; mask < 1UL << shards; ++mask) {
        std::vector<std::string> paths;
        for (unsigned i = 0; i < shards; ++i)
            if ((mask >> i & 1U) != 0) paths.push_back(set.file(i));
        const bool is_enough =
            set.object.empty() || std::popcount(mask) >= static_cast<int>(set.profile.k);
        expect(decode_files(set.object, paths) == (is_enough ? Result::exact : Result::refused),
               set.directory + ": files of mask " + std::to_string(mask));
    }
}

/// A byte of a file, changed for as long as this lives.
class Flip {
public:
    Flip(const std::string& path, off_t offset, std::byte mask)
        : fd_{::open(path.c_str(), O_RDWR | O_CLOEXEC)},
          offset_{offset},
          mask_{mask}
    {
        apply();
    }
    Flip(const Flip&) = delete;
    Flip& operator=(const Flip&) = delete;
    ~Flip()
    {
        apply();
        ::close(fd_);
    }

private:
    void apply() const
    {
        std::byte byte{};
        if (::pread(fd_, &byte, 1, offset_) != 1) std::abort();
        byte ^= mask_;
        if (::pwrite(fd_, &byte, 1, offset_) != 1) std::abort();
    }

    int fd_;
    off_t offset_;
    std::byte mask_;
};

off_t size_of(const std::string& path)
{
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    const off_t size = ::lseek(fd, 0, SEEK_END);
    ::close(fd);
    return size;
}

/// Whether a changed byte is noticed, and does no harm where there are shards to spare.
bool survives_flip(const Set& set, const std::string& path, off_t offset, std::byte mask)
{
    const Flip flip{path, offset, mask};
    const CheckResult check = check_set(ShardSet::open({set.directory}, std::nullopt), 1);
    return check.health == SetHealth::damaged &&
           decode_files(set.object, {set.directory}) == Result::exact;
}

void flip_every_byte(const Set& set, std::mt19937_64& random)
{
    std::vector<std::string> paths{set.directory + '/' + manifest_file_name};
    for (unsigned i = 0; i < set.profile.shards(); ++i) paths.push_back(set.file(i));
    for (const std::string& path : paths)
        for (off_t at = 0; at < size_of(path); ++at)
            expect(survives_flip(set, path, at, static_cast<std::byte>(random() % 255 + 1)),
                   path + ": byte " + std::to_string(at));

    // Without shards to spare, the object comes out exact or not at all.
    std::vector<std::string> few;
    for (unsigned i = set.profile.m; i < set.profile.shards(); ++i) few.push_back(set.file(i));
    for (const std::string& path : few)
        for (off_t at = 0; at < size_of(path); ++at) {
            const Flip flip{path, at, static_cast<std::byte>(random() % 255 + 1)};
            expect(decode_files(set.object, few) != Result::wrong,
                   path + ": byte " + std::to_string(at) + " with no shards to spare");
        }
}

void flip_at_random(const Set& set, unsigned rounds, std::mt19937_64& random)
{
    for (unsigned round = 0; round < rounds; ++round) {
        const std::string path = set.file(static_cast<unsigned>(random() % set.profile.shards()));
        const auto at = static_cast<off_t>(random() % static_cast<std::uint64_t>(size_of(path)));
        expect(survives_flip(set, path, at, static_cast<std::byte>(random() % 255 + 1)),
               path + ": byte " + std::to_string(at));
    }
}

// ---- shard streams ----

void test_stream(const Bytes& object, Profile profile, std::mt19937_64& random)
{
    Bytes stream;
    encode_to_stream(
        source_of(object),
        [&](ByteView bytes) { stream.insert(stream.end(), bytes.begin(), bytes.end()); },
        {.profile = profile});
    const auto decode = [&](const Bytes& bytes) {
        return result_of(object,
                         [&](const Sink& sink) { decode_stream(source_of(bytes), sink, {}); });
    };
    expect(decode(stream) == Result::exact, "the stream is not decoded");
    for (std::size_t at = 0; at < stream.size(); ++at) {
        Bytes changed = stream;
        changed[at] ^= static_cast<std::byte>(random() % 255 + 1);
        expect(decode(changed) != Result::wrong, "stream: byte " + std::to_string(at));
        changed = stream;
        changed.resize(at);
        expect(decode(changed) == Result::refused, "stream: cut at " + std::to_string(at));
    }
    stream.push_back(std::byte{0});
    expect(decode(stream) == Result::refused, "stream: a byte more");
}

/// The checks above must see a shard that is not what it was, and a flip that nobody notices.
bool sees_planted_faults(const Set& set, std::mt19937_64& random)
{
    Codeword word{{4, 2}, best_kernel(), random};
    word.damage(0);
    const bool sees_damage = !word.survives({false, true, false, false, false, false});
    const bool sees_silence = !survives_flip(set, set.file(0), 0, std::byte{0});
    const bool sees_change = decode_files(Bytes(10), {set.directory}) == Result::wrong;
    return sees_damage && sees_silence && sees_change;
}

} // namespace

int main(int argc, char** argv)
{
    const bool is_night = argc > 1 && std::string{argv[1]} == "night";
    std::mt19937_64 random{argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1};

    const Set small{random_bytes(random, 150), {2, 1, segment_size_min}, "small"};
    const bool is_caught = sees_planted_faults(small, random);
    test_codes(is_night, random);
    flip_every_byte(small, random);

    lose_files({random_bytes(random, 1000), {4, 2, segment_size_min}, "four-two"});
    lose_files({random_bytes(random, 70000), {3, 3, segment_size_min}, "three-three"});
    lose_files({random_bytes(random, 200), {4, 8, segment_size_min}, "four-eight"});
    lose_files({{}, {2, 2, segment_size_min}, "empty"});
    if (is_night) lose_files({random_bytes(random, 5000), {10, 6, segment_size_min}, "ten-six"});
    const Set large{random_bytes(random, 300000), {4, 2, segment_size_min}, "large"};
    flip_at_random(large, is_night ? 100000 : 500, random);

    test_stream(random_bytes(random, 150), {2, 1, segment_size_min}, random);
    test_stream(random_bytes(random, 10), {1, 2, segment_size_min}, random);
    test_stream({}, {3, 2, segment_size_min}, random);

    std::printf("%lu %lu %s\n", counts.cases, counts.failures, is_caught ? "caught" : "missed");
    return 0;
}
