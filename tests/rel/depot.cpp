// Uses a store as a provider does, for harnesses that kill it, let its disk fail or cut its power:
//
//     rel_depot DIR work [SEED]   puts, drops, collects and puts again, then ends
//     rel_depot DIR loop SEED     does so for ever
//     rel_depot DIR check SEED    opens the store and reads on standard input what was printed
//
// One line is printed when something begins that may be half done, and one when it is durable:
//
//     stored OWNER SERIAL ROOT        dropping OWNER SERIAL        dropped OWNER SERIAL
//
// check prints "all" when everything that a complete work stores is there, else "some"; whatever
// was acknowledged must be there and whole, what is listed readable and noted, and after collecting
// nothing else on the disk or noted. Otherwise it says what is wrong, with exit status 1. With
// REL_NO_SYNC in its environment the program skips what makes data durable: a fault that a harness
// must find.

#include "depot/depot.hpp"

#include "base/error.hpp"
#include "base/hex.hpp"
#include "kv/database.hpp"
#include "os/clock.hpp"
#include "os/fd.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <set>
#include <sstream>

#include <dlfcn.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <unistd.h>

using namespace cairn;

namespace {

constexpr std::uint64_t trash_s = 100;

bool has_threads = false;

bool is_syncing()
{
    static const bool answer = std::getenv("REL_NO_SYNC") == nullptr;
    return answer;
}

AccountId owner_of(unsigned number)
{
    AccountId owner;
    owner.bytes[0] = static_cast<std::byte>(number);
    return owner;
}

struct Item {
    Bytes bytes;
    ShardItem item;
};

Item item_of(std::size_t size, std::uint64_t seed)
{
    Item made{Bytes(size), {}};
    std::uint64_t x = seed * 0x9e3779b97f4a7c15U + size + 1;
    for (std::byte& byte : made.bytes) {
        x ^= x >> 12U;
        x ^= x << 25U;
        x ^= x >> 27U;
        byte = static_cast<std::byte>((x * 0x2545f4914f6cdd1dU) >> 56U);
    }
    made.item = {blake3(made.bytes), size};
    return made;
}

/// About which a shard is noted.
NoteSubject subject_of(const ShardRoot& root)
{
    NoteSubject subject{root.bytes};
    subject.bytes[0] ^= std::byte{1};
    return subject;
}

bool is_noted(const Depot& depot, const ShardRoot& root)
{
    const std::vector<FoundNote> notes = depot.notes(subject_of(root), 2);
    return notes.size() == 1 && notes[0].from.root == root && notes[0].value.size() == 1;
}

void tell(const std::string& line)
{
    const std::string text = line + '\n';
    write_all(STDOUT_FILENO, as_bytes(text), "standard output");
}

class Work {
public:
    Work(const std::string& directory, std::uint64_t seed)
        : seed_{seed},
          depot_{directory, options()}
    {
    }

    /// Small and large shards, of which some are several owners'; some go and some come again.
    void round()
    {
        const std::vector<Item> first{item(3000, 0), item(70'000, 1), item(10, 2), item(5000, 3),
                                      item(300'000, 4)};
        const std::vector<Item> second{item(80'000, 5), item(70'000, 1), item(4000, 6)};
        const std::vector<std::uint64_t> serials = put({{1, first}, {2, second}});
        drop(1, first, serials[0], {0, 1, 3, 4});
        now_s_ += trash_s;
        while (depot_.collect(UINT64_MAX)) {
        }
        put({{1, {first[0], first[4], item(6000, 7)}}});
        ++round_;
    }

    /// What stays after a complete work.
    std::set<ShardRoot> remaining()
    {
        std::set<ShardRoot> roots;
        for (const Item& each : {item(3000, 0), item(10, 2), item(300'000, 4), item(80'000, 5),
                                 item(70'000, 1), item(4000, 6), item(6000, 7)})
            roots.insert(each.item.root);
        return roots;
    }

    Depot& depot() { return depot_; }
    void let_time_pass() { now_s_ += trash_s; }

private:
    using Put = std::pair<unsigned, std::vector<Item>>;

    DepotOptions options()
    {
        DepotOptions options;
        options.capacity = std::uint64_t{1} << 40U;
        options.trash_s = trash_s;
        options.grants = {{std::nullopt, std::uint64_t{1} << 40U, 1'000'000, 0}};
        options.now_s = [this] { return now_s_; };
        return options;
    }

    Item item(std::size_t size, std::uint64_t number) const
    {
        return item_of(size, 1000 * seed_ + 10 * round_ + number);
    }

    /// In one commit; the first serial of each.
    std::vector<std::uint64_t> put(const std::vector<Put>& puts)
    {
        std::vector<Upload> uploads;
        for (const auto& [owner, items] : puts) {
            PutRequest request;
            for (const Item& each : items) request.items.push_back(each.item);
            Refusal refusal;
            std::optional<Upload> upload = depot_.reserve(owner_of(owner), request, refusal);
            if (!upload) throw Error{Exit::tempfail, refusal.text};
            for (const Item& each : items)
                if (!upload->write(each.bytes)) throw Error{Exit::bug, "a shard was refused"};
            for (std::size_t i = 0; i < items.size(); ++i)
                upload->add_note(i, {subject_of(items[i].item.root), Bytes(1)});
            uploads.push_back(std::move(*upload));
        }
        std::vector<std::uint64_t> serials;
        const std::vector<Stored> stored = depot_.commit(uploads);
        for (std::size_t i = 0; i < stored.size(); ++i) {
            serials.push_back(stored[i].serial);
            std::uint64_t serial = stored[i].serial;
            for (const Item& each : puts[i].second)
                tell("stored " + std::to_string(puts[i].first) + ' ' + std::to_string(serial++) +
                     ' ' + to_hex_text(each.item.root.bytes));
        }
        return serials;
    }

    void drop(unsigned owner, const std::vector<Item>& items, std::uint64_t serial,
              const std::vector<std::size_t>& which)
    {
        std::vector<DropItem> dropped;
        const auto tell_all = [&](const std::string& what) {
            for (const DropItem& each : dropped)
                tell(what + ' ' + std::to_string(owner) + ' ' + std::to_string(each.serial));
        };
        for (const std::size_t i : which) dropped.push_back({items[i].item.root, serial + i});
        tell_all("dropping");
        if (depot_.drop(owner_of(owner), dropped) != dropped.size())
            throw Error{Exit::bug, "an entry is missing"};
        tell_all("dropped");
    }

    std::uint64_t seed_;
    std::uint64_t round_ = 0;
    std::uint64_t now_s_ = 1000;
    Depot depot_;
};

// ---- check

bool is_whole(Depot& depot, const ShardRoot& root)
{
    const std::unique_ptr<Depot::Reader> reader = depot.read(root);
    if (!reader) return false;
    Blake3 hasher;
    for (std::uint64_t i = 0; i < piece_count(reader->size()); ++i) {
        const std::optional<Bytes> piece = reader->piece(i);
        if (!piece) return false;
        hasher.update(*piece);
    }
    return hasher.digest() == root;
}

/// What the lines on standard input promise: entries of owners, by serial.
std::map<std::pair<unsigned, std::uint64_t>, std::string> acknowledged()
{
    std::map<std::pair<unsigned, std::uint64_t>, std::string> entries;
    std::string line;
    while (std::getline(std::cin, line) && !std::cin.eof()) { // a line that was cut does not count
        std::istringstream words{line};
        std::string what;
        unsigned owner = 0;
        std::uint64_t serial = 0;
        std::string root;
        words >> what >> owner >> serial >> root;
        if (what == "stored") entries[{owner, serial}] = root;
        if (what == "dropping") entries.erase({owner, serial});
    }
    return entries;
}

std::uint64_t bytes_on_disk(const std::string& directory)
{
    std::uint64_t bytes = 0;
    for (const char* const part : {"/shards", "/packs", "/tmp", "/damaged"})
        for (const auto& entry : std::filesystem::recursive_directory_iterator(directory + part))
            if (entry.is_regular_file()) bytes += entry.file_size();
    return bytes;
}

/// What is wrong; empty when nothing is.
std::string fault_of(Work& work, const std::string& directory, std::set<ShardRoot>& found)
{
    Depot& depot = work.depot();
    auto expected = acknowledged();
    for (const unsigned owner : {1U, 2U}) {
        for (std::uint64_t after = 0;;) {
            const auto page = depot.list(owner_of(owner), ShardClass::data, after);
            if (page.empty()) break;
            after = page.back().serial;
            for (const ListEntry& entry : page) {
                const std::string root = to_hex_text(entry.item.root.bytes);
                if (found.insert(entry.item.root).second && !is_whole(depot, entry.item.root))
                    return "shard " + root + " is listed, but not whole";
                if (!is_noted(depot, entry.item.root))
                    return "shard " + root + " is listed, but not noted";
                const auto promised = expected.find({owner, entry.serial});
                if (promised == expected.end()) continue;
                if (promised->second != root) return "serial of another shard: " + root;
                expected.erase(promised);
            }
        }
    }
    if (!expected.empty()) return "lost: " + expected.begin()->second;
    work.let_time_pass();
    while (depot.collect(UINT64_MAX)) {
    }
    const DepotStatus status = depot.status();
    if (status.damaged != 0) return "damaged shards";
    const std::uint64_t on_disk = bytes_on_disk(directory);
    if (on_disk != status.disk_bytes)
        return std::to_string(on_disk) + " bytes on the disk, counted " +
               std::to_string(status.disk_bytes);
    return {};
}

/// Of a store that nobody has open: what is in the tables of notes but not of these shards.
std::string stray_notes_of(const std::string& directory, const std::set<ShardRoot>& found)
{
    const Database database{directory + "/meta.1", {"notes", "noted"}, {.may_create = false}};
    const ReadTransaction reads = database.read();
    for (const unsigned table : {0U, 1U}) {
        std::size_t rows = 0;
        Cursor cursor = reads.cursor(Table{table});
        for (auto at = cursor.first(); at; at = cursor.next()) ++rows;
        if (rows != found.size())
            return std::to_string(rows) + " notes of " + std::to_string(found.size()) + " shards";
    }
    return {};
}

int check(const std::string& directory, std::uint64_t seed)
{
    std::set<ShardRoot> found;
    std::set<ShardRoot> remaining;
    std::string fault;
    {
        const std::uint64_t start_ms = monotonic_ms();
        Work work{directory, seed};
        const std::uint64_t taken_ms = monotonic_ms() - start_ms;
        fault = fault_of(work, directory, found);
        if (fault.empty() && taken_ms >= 2000) fault = "the start took " + std::to_string(taken_ms);
        remaining = work.remaining();
    }
    if (fault.empty()) fault = stray_notes_of(directory, found);
    if (!fault.empty()) {
        tell(fault);
        return 1;
    }
    bool is_all = true;
    for (const ShardRoot& root : remaining) is_all = is_all && found.contains(root);
    tell(is_all ? "all" : "some");
    return 0;
}

int run(const std::string& directory, std::string_view command, std::uint64_t seed)
{
    ::prctl(PR_SET_DUMPABLE, 1); // where harnesses begin to count
    if (command == "check") return check(directory, seed);
    has_threads = command == "loop";
    Work work{directory, seed};
    do work.round();
    while (command == "loop");
    return 0;
}

} // namespace

// What the program, LMDB in it, calls instead of the C library's.

extern "C" int fsync(int fd)
{
    static const auto real = reinterpret_cast<int (*)(int)>(::dlsym(RTLD_NEXT, "fsync"));
    return is_syncing() ? real(fd) : 0;
}

extern "C" int fdatasync(int fd)
{
    static const auto real = reinterpret_cast<int (*)(int)>(::dlsym(RTLD_NEXT, "fdatasync"));
    return is_syncing() ? real(fd) : 0;
}

// Harnesses count calls, so what they run has one thread.
extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                              void* (*start)(void*), void* argument)
{
    using Create = int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
    static const auto real = reinterpret_cast<Create>(::dlsym(RTLD_NEXT, "pthread_create"));
    return has_threads ? real(thread, attributes, start, argument) : EAGAIN;
}

int main(int argc, char** argv)
{
    if (argc < 3) {
        std::fputs("usage: rel_depot DIR work|loop|check [SEED]\n", stderr);
        return static_cast<int>(Exit::usage);
    }
    try {
        return run(argv[1], argv[2], argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1);
    } catch (const Error& error) {
        std::fprintf(stderr, "rel_depot: error: %s\n", error.what());
        return static_cast<int>(error.code());
    } catch (const std::exception& error) {
        std::fprintf(stderr, "rel_depot: error: %s\n", error.what());
        return static_cast<int>(Exit::oserr);
    }
}
