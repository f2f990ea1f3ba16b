#include "client/put_journal.hpp"

#include "base/hex.hpp"
#include "base/testing.hpp"
#include "os/random.hpp"
#include "os/testing.hpp"

#include <algorithm>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace cairn;

namespace {

const FileState file{.device = 1, .inode = 2, .size = 3, .modified_ns = 4, .mode = 0600};

std::shared_ptr<const ObjectKeys> fresh_keys()
{
    SystemEntropy entropy;
    std::vector<Recipient> recipients;
    recipients.emplace_back(X25519Recipient{to_identity(random_secret(entropy, 32)).key});
    return std::make_shared<const ObjectKeys>(ObjectKeys::make(recipients, entropy));
}

std::vector<Blake3Digest> roots_of(std::uint64_t seed)
{
    return {blake3(noise(10, seed)), blake3(noise(10, seed + 100))};
}

std::string path_of(const TestDirectory& directory, const PutJournal::Key& key)
{
    return directory / (to_hex_text(key.bytes) + ".journal");
}

} // namespace

TEST_CASE("a journal gives back keys, segments and receipts")
{
    const TestDirectory directory;
    const auto key = PutJournal::key_of(file, as_bytes("4+2"));
    const auto keys = fresh_keys();
    {
        PutJournal journal{directory.path(), key};
        CHECK_FALSE(journal.is_resumed());
        journal.begin(keys);
        journal.add_segment(0, 100, roots_of(0));
        journal.add_receipt(0, as_bytes("one"));
        journal.add_segment(2, 50, roots_of(2));
        journal.add_receipt(0, as_bytes("two"));
        CHECK(exit_of([&] { PutJournal{directory.path(), key}; }) == Exit::tempfail);
    }
    struct stat status = {};
    REQUIRE(::stat(path_of(directory, key).c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);

    PutJournal journal{directory.path(), key};
    CHECK(journal.is_resumed());
    REQUIRE(journal.keys() != nullptr);
    CHECK(constant_time_equal(journal.keys()->file_key.bytes(), keys->file_key.bytes()));
    CHECK(journal.keys()->nonce == keys->nonce);
    CHECK(journal.keys()->header == keys->header);
    const auto receipts = journal.receipts(0);
    REQUIRE(receipts.size() == 2);
    CHECK(as_text(receipts[0]) == "one");
    CHECK(as_text(receipts[1]) == "two");
    CHECK(journal.receipts(1).empty());
    journal.add_segment(0, 100, roots_of(0));
    journal.add_segment(1, 100, roots_of(1));
    journal.remove();
    CHECK(file_text(path_of(directory, key)) == "(none)");
}

TEST_CASE("a segment that was another one before is refused and ends the journal")
{
    const auto key = PutJournal::key_of(file, {});
    const auto change = [&](std::uint64_t index, std::size_t length, std::uint64_t seed) {
        const TestDirectory directory;
        {
            PutJournal journal{directory.path(), key};
            journal.begin(nullptr);
            journal.add_segment(7, 100, roots_of(7));
        }
        PutJournal journal{directory.path(), key};
        CHECK(journal.is_resumed());
        CHECK(journal.keys() == nullptr);
        const Exit exit = exit_of([&] { journal.add_segment(index, length, roots_of(seed)); });
        CHECK((file_text(path_of(directory, key)) == "(none)") == (exit == Exit::data));
        return exit;
    };
    CHECK(change(7, 100, 7) == Exit::ok);
    CHECK(change(8, 100, 8) == Exit::ok);
    CHECK(change(7, 99, 7) == Exit::data);
    CHECK(change(7, 100, 8) == Exit::data);
}

TEST_CASE("other files and other ways to store one have journals of their own")
{
    const auto key = PutJournal::key_of(file, as_bytes("a"));
    FileState other = file;
    CHECK(PutJournal::key_of(other, as_bytes("a")) == key);
    CHECK(PutJournal::key_of(other, as_bytes("b")) != key);
    other.mode = 0644; // does not change what is stored
    CHECK(PutJournal::key_of(other, as_bytes("a")) == key);
    for (std::uint64_t FileState::*const member :
         {&FileState::device, &FileState::inode, &FileState::size, &FileState::modified_ns}) {
        other = file;
        ++(other.*member);
        CHECK(PutJournal::key_of(other, as_bytes("a")) != key);
    }
}

TEST_CASE("a journal that was cut within a record or damaged does not count at all")
{
    const TestDirectory directory;
    const auto key = PutJournal::key_of(file, {});
    const std::string path = path_of(directory, key);
    std::vector<std::size_t> ends;
    {
        PutJournal journal{directory.path(), key};
        journal.begin(fresh_keys());
        ends.push_back(file_text(path).size());
        journal.add_segment(0, 100, roots_of(0));
        ends.push_back(file_text(path).size());
        journal.add_segment(1, 100, roots_of(1));
        ends.push_back(file_text(path).size());
    }
    const std::string whole = file_text(path);
    for (std::size_t size = 0; size <= whole.size(); ++size) {
        if (size % 5 != 0 && std::ranges::find(ends, size) == ends.end()) continue;
        put_file(path, whole.substr(0, size));
        PutJournal journal{directory.path(), key};
        CAPTURE(size);
        const bool is_good = std::ranges::find(ends, size) != ends.end();
        CHECK(journal.is_resumed() == is_good);
        CHECK((journal.keys() != nullptr) == is_good);
        if (!is_good) CHECK(file_text(path).empty());
    }
    for (std::size_t at = 0; at < whole.size(); at += 5) {
        std::string damaged = whole;
        damaged[at] = static_cast<char>(damaged[at] ^ 1);
        put_file(path, damaged);
        PutJournal journal{directory.path(), key};
        CAPTURE(at);
        CHECK_FALSE(journal.is_resumed());
        CHECK(file_text(path).empty());
    }
}

TEST_CASE("journals that nobody has touched for long are removed")
{
    const TestDirectory directory;
    const auto key = PutJournal::key_of(file, {});
    {
        PutJournal journal{directory.path(), key};
        journal.begin(nullptr);
    }
    put_file(directory / "other", "x");
    const auto state = Input::open(path_of(directory, key)).state();
    REQUIRE(state.has_value());
    const std::uint64_t then_s = state->modified_ns / 1'000'000'000;
    remove_old_journals(directory.path(), then_s + 100, 100);
    CHECK(file_text(path_of(directory, key)) != "(none)");
    remove_old_journals(directory.path(), then_s + 101, 100);
    CHECK(file_text(path_of(directory, key)) == "(none)");
    CHECK(file_text(directory / "other") == "x");
}
