#include "client/put_journal.hpp"

#include "base/cursor.hpp"
#include "base/error.hpp"
#include "base/hex.hpp"
#include "format/message.hpp"
#include "os/directory.hpp"

#include <algorithm>
#include <array>
#include <cassert>

namespace cairn {
namespace {

// A record is its type, the size of its payload, the payload, and a check: the BLAKE3 of the check
// before and all of this. A file that does not end with a good record may have lost segments that
// were sent: it is of no use.

constexpr std::string_view key_context = "cairn/put-journal/v1";
constexpr std::string_view version_line = "cairn put journal 1\n";
constexpr std::uint8_t head_type = 1;
constexpr std::uint8_t segment_type = 2;
constexpr std::uint8_t receipt_type = 3;
constexpr std::size_t record_head_size = 5; // bytes
constexpr std::size_t payload_size_max = age_header_size_max + 256;
constexpr const char* suffix = ".journal";

Bytes record_head(std::uint8_t type, std::size_t size)
{
    Bytes head;
    Writer writer{head};
    writer.integer(type);
    writer.integer(static_cast<std::uint32_t>(size));
    return head;
}

Blake3Digest check_of(const Blake3Digest& before, ByteView head, std::span<const ByteView> parts)
{
    Blake3 hash;
    hash.update(before.bytes);
    hash.update(head);
    for (const ByteView part : parts) hash.update(part);
    return hash.digest();
}

Bytes segment_payload(std::uint64_t index, std::size_t length, std::span<const Blake3Digest> roots)
{
    Bytes payload;
    Writer writer{payload};
    writer.integer(index);
    writer.integer(std::uint64_t{length});
    for (const Blake3Digest& root : roots) writer.put(root.bytes);
    return payload;
}

std::uint64_t number_at_front(ByteView payload)
{
    return Reader{payload, "a journal"}.integer<std::uint64_t>();
}

} // namespace

PutJournal::Key PutJournal::key_of(const FileState& file, ByteView how)
{
    Bytes text;
    Writer writer{text};
    writer.put(as_bytes(key_context));
    writer.integer(file.device);
    writer.integer(file.inode);
    writer.integer(file.size);
    writer.integer(file.modified_ns);
    writer.put(how);
    return {blake3(text).bytes};
}

PutJournal::PutJournal(const std::string& directory, const Key& key)
    : file_{AppendFile::open(directory + '/' + to_hex_text(key.bytes) + suffix)},
      key_{key}
{
    read();
}

void PutJournal::read()
{
    std::uint64_t offset = 0;
    for (std::uint64_t end = 0; (end = read_record(offset)) > offset;) offset = end;
    is_resumed_ = offset > 0 && offset == file_.size();
    if (is_resumed_) return;
    file_.truncate(0);
    check_ = {};
    keys_.reset();
    segments_.clear();
    receipts_.clear();
}

/// Where the record at `offset` ends; `offset` itself when there is none, or a torn one.
std::uint64_t PutJournal::read_record(std::uint64_t offset)
{
    std::array<std::byte, record_head_size> head{};
    if (file_.read_at(offset, head) != head.size()) return offset;
    Reader reader{head, "a journal"};
    const auto type = reader.integer<std::uint8_t>();
    const auto size = reader.integer<std::uint32_t>();
    if (size > payload_size_max) return offset;
    Secret payload{size}; // the first has the file key
    Blake3Digest check;
    if (file_.read_at(offset + head.size(), payload.bytes()) != size ||
        file_.read_at(offset + head.size() + size, check.bytes) != check.bytes.size())
        return offset;
    const ByteView part = payload.bytes();
    if (check != check_of(check_, head, {&part, 1})) return offset;
    take(type, part, offset);
    check_ = check;
    return offset + head.size() + size + check.bytes.size();
}

/// Throws Error{data} for a record that we would not have written.
void PutJournal::take(std::uint8_t type, ByteView payload, std::uint64_t offset)
{
    Reader reader{payload, "a journal"};
    if ((type == head_type) != (offset == 0)) throw Error{Exit::data, "a journal has no head"};
    switch (type) {
    case head_type: {
        if (as_text(reader.take(version_line.size())) != version_line ||
            reader.fixed<Key>() != key_)
            throw Error{Exit::data, "a journal is not what its name says"};
        if (reader.left() == 0) return; // a public object
        ObjectKeys keys{
            .file_key = Secret::copy(reader.take(file_key_size)), .nonce = {}, .header = {}};
        std::ranges::copy(reader.take(payload_nonce_size), keys.nonce.begin());
        keys.header = as_text(reader.take(reader.left()));
        keys_ = std::make_shared<const ObjectKeys>(std::move(keys));
        return;
    }
    case segment_type:
        segments_.insert_or_assign(number_at_front(payload), blake3(payload));
        return;
    case receipt_type:
        receipts_.emplace(number_at_front(payload), offset);
        return;
    default:
        throw Error{Exit::data, "a journal has a record of an unknown type"};
    }
}

void PutJournal::append(std::uint8_t type, std::span<const ByteView> parts)
{
    std::size_t size = 0;
    for (const ByteView part : parts) size += part.size();
    const Bytes head = record_head(type, size);
    check_ = check_of(check_, head, parts);
    std::vector<ByteView> all{head};
    all.insert(all.end(), parts.begin(), parts.end());
    all.emplace_back(check_.bytes);
    file_.append(all);
}

void PutJournal::begin(std::shared_ptr<const ObjectKeys> keys)
{
    const std::lock_guard lock{mutex_};
    assert(!is_resumed_);
    keys_ = std::move(keys);
    std::vector<ByteView> parts{as_bytes(version_line), key_.bytes};
    if (keys_) {
        parts.push_back(keys_->file_key.bytes());
        parts.emplace_back(keys_->nonce);
        parts.push_back(as_bytes(keys_->header));
    }
    append(head_type, parts);
}

void PutJournal::add_segment(std::uint64_t index, std::size_t length,
                             std::span<const Blake3Digest> roots)
{
    const Bytes payload = segment_payload(index, length, roots);
    const Blake3Digest digest = blake3(payload);
    {
        const std::lock_guard lock{mutex_};
        const auto [place, is_new] = segments_.emplace(index, digest);
        if (place->second != digest) {
            file_.remove();
            throw Error{Exit::data,
                        "the file was changed since its put was interrupted, though its time of "
                        "change and its size are the same",
                        "run the same command again: it begins anew"};
        }
        if (!is_new) return;
        const ByteView part = payload;
        append(segment_type, {&part, 1});
    }
    file_.sync();
}

void PutJournal::add_receipt(std::uint64_t segment, ByteView receipt)
{
    Bytes number;
    Writer{number}.integer(segment);
    const std::array<ByteView, 2> parts{number, receipt};
    const std::lock_guard lock{mutex_};
    receipts_.emplace(segment, file_.size());
    append(receipt_type, parts);
}

std::vector<Bytes> PutJournal::receipts(std::uint64_t segment) const
{
    const std::lock_guard lock{mutex_};
    std::vector<Bytes> found;
    const auto [first, last] = receipts_.equal_range(segment);
    for (auto place = first; place != last; ++place) {
        std::array<std::byte, record_head_size> head{};
        Reader reader{ByteView{head}.subspan(1), "a journal"};
        if (file_.read_at(place->second, head) != head.size()) continue;
        const std::size_t size = reader.integer<std::uint32_t>() - sizeof(std::uint64_t);
        if (size > receipt_size_max) continue;
        Bytes receipt(size);
        const std::uint64_t at = place->second + head.size() + sizeof(std::uint64_t);
        if (file_.read_at(at, receipt) == size) found.push_back(std::move(receipt));
    }
    return found;
}

void PutJournal::remove() noexcept
{
    const std::lock_guard lock{mutex_};
    file_.remove();
}

void remove_old_journals(const std::string& directory, std::uint64_t now_s, std::uint64_t age_s)
{
    constexpr std::uint64_t ns_per_s = 1'000'000'000;
    for (const std::string& name : list_directory(directory)) {
        if (!name.ends_with(suffix)) continue;
        std::string path = directory;
        path.append(1, '/').append(name);
        try {
            const auto state = Input::open_regular(path).state();
            if (state && state->modified_ns / ns_per_s + age_s < now_s) remove_file(path);
        } catch (const Error&) {
            continue; // another process removed it, or it is not ours
        }
    }
}

} // namespace cairn
