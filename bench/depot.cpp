// How fast a store takes shards, beside plain files that are synced:
//     depot [DIRECTORY]
// 1 GiB in shards of 4 MiB, eight in one commit while the next come in, against the same bytes in
// one file that is synced at the end and against one file per shard, each synced; 10 000 shards of
// 4 KiB, 128 in one commit, in shards a second. All data is random, the store is on the disk of
// DIRECTORY (default: here).

#include "depot/depot.hpp"

#include "base/testing.hpp"
#include "os/directory.hpp"
#include "os/file.hpp"

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <future>

using namespace cairn;

namespace {

constexpr std::size_t large_size = std::size_t{4} << 20U; // bytes
constexpr std::size_t large_count = 256;                  // 1 GiB
constexpr std::size_t large_group = 8;
constexpr std::size_t small_size = 4096; // bytes
constexpr std::size_t small_count = 10'000;
constexpr std::size_t small_group = 128;
constexpr std::size_t frame_size = 64 * 1024; // bytes, as they come from the network

double now_s()
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

DepotOptions options()
{
    DepotOptions options;
    options.capacity = UINT64_MAX / 2;
    options.grants = {{std::nullopt, UINT64_MAX / 2, UINT64_MAX / 2, 0}};
    options.now_s = [] { return std::uint64_t{1}; };
    return options;
}

/// The next of as many different blocks as wanted: one random block, numbered.
void number(Bytes& block, std::uint64_t value)
{
    for (std::size_t i = 0; i < sizeof value; ++i)
        block[i] = static_cast<std::byte>(value >> (8 * i));
}

/// What requests say of them: the client's work, not the store's.
std::vector<ShardItem> items_of(Bytes& block, std::size_t count)
{
    std::vector<ShardItem> items;
    for (std::size_t i = 0; i < count; ++i) {
        number(block, i);
        items.push_back({blake3(block), block.size()});
    }
    return items;
}

Upload upload(Depot& depot, Bytes& block, std::span<const ShardItem> items, std::size_t first)
{
    PutRequest request;
    request.items.assign(items.begin(), items.end());
    Refusal refusal;
    std::optional<Upload> upload = depot.reserve(AccountId{}, request, refusal);
    if (!upload) throw Error{Exit::bug, refusal.text};
    for (std::size_t i = 0; i < items.size(); ++i) {
        number(block, first + i);
        for (ByteView rest = block; !rest.empty();) {
            const ByteView frame = rest.first(std::min(rest.size(), frame_size));
            if (!upload->write(frame)) throw Error{Exit::bug, "a shard was refused"};
            rest = rest.subspan(frame.size());
        }
    }
    return std::move(*upload);
}

double store_large(const std::string& directory, Bytes& block)
{
    Depot depot{directory, options()};
    const std::vector<ShardItem> items = items_of(block, large_count);
    const double start = now_s();
    std::vector<Upload> group;
    std::future<void> committed;
    for (std::size_t i = 0; i < large_count; ++i) {
        group.push_back(upload(depot, block, {&items[i], 1}, i));
        if (group.size() < large_group && i + 1 < large_count) continue;
        if (committed.valid()) committed.get();
        committed = std::async(std::launch::async, [&depot, full = std::move(group)]() mutable {
            (void)depot.commit(full);
        });
        group.clear();
    }
    committed.get();
    return now_s() - start;
}

double store_small(const std::string& directory, Bytes& block)
{
    Depot depot{directory, options()};
    const std::vector<ShardItem> items = items_of(block, small_count);
    const double start = now_s();
    for (std::size_t i = 0; i < small_count; i += small_group) {
        const std::size_t count = std::min(small_group, small_count - i);
        Upload one = upload(depot, block, std::span{items}.subspan(i, count), i);
        (void)depot.commit({&one, 1});
    }
    return now_s() - start;
}

/// The shards in one file, or each in its own.
double write_files(const std::string& directory, Bytes& block, bool is_one_file)
{
    make_directory(directory);
    const double start = now_s();
    std::optional<File> file;
    for (std::size_t i = 0; i < large_count; ++i) {
        if (!file || !is_one_file) file = File::create(directory + '/' + std::to_string(i));
        number(block, i);
        file->write_at(is_one_file ? i * large_size : 0, block);
        if (!is_one_file || i + 1 == large_count) file->sync();
    }
    sync_names(directory);
    return now_s() - start;
}

} // namespace

int main(int argc, char** argv)
{
    const std::string place = std::string{argc > 1 ? argv[1] : "."} + "/bench-depot";
    const auto remove = [&] { std::filesystem::remove_all(place); };
    Bytes block = noise(large_size);
    Bytes small = noise(small_size);
    constexpr double mb = static_cast<double>(large_count * large_size) / 1e6;
    remove();
    const double one_s = write_files(place, block, true);
    remove();
    const double files_s = write_files(place, block, false);
    remove();
    const double store_s = store_large(place, block);
    remove();
    const double small_s = store_small(place, small);
    remove();
    std::printf(
        "1 GiB   store %6.0f MB/s  one file %6.0f MB/s  files %6.0f MB/s  ratio to one file "
        "%.2f, to files %.2f\n",
        mb / store_s, mb / one_s, mb / files_s, one_s / store_s, files_s / store_s);
    std::printf("4 KiB   store %6.0f shards/s\n", static_cast<double>(small_count) / small_s);
}
