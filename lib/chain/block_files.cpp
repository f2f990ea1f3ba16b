#include "chain/block_files.hpp"

#include "base/cursor.hpp"
#include "base/error.hpp"
#include "base/number.hpp"
#include "ledger/block.hpp"
#include "os/directory.hpp"

#include <algorithm>

namespace cairn {
namespace {

constexpr std::string_view suffix = ".blocks";
constexpr std::size_t digits = 6;

std::optional<std::uint32_t> number_of(const std::string& name)
{
    if (name.size() != digits + suffix.size() || !name.ends_with(suffix)) return std::nullopt;
    std::uint32_t number = 0;
    for (const char digit : name.substr(0, digits)) {
        if (digit < '0' || digit > '9') return std::nullopt;
        number = number * 10 + static_cast<std::uint32_t>(digit - '0');
    }
    return number;
}

} // namespace

BlockFiles::BlockFiles(std::string directory, std::uint64_t file_size)
    : directory_{std::move(directory)},
      file_size_{file_size}
{
    make_directory(directory_);
    for (const std::string& name : list_directory(directory_)) {
        const auto number = number_of(name);
        if (!number) continue;
        const auto file = File::open(directory_ + '/' + name);
        if (file) files_.emplace(*number, file->size());
    }
    if (!files_.empty()) open_last();
}

std::string BlockFiles::path_of(std::uint32_t file) const
{
    const std::string number = std::to_string(file);
    return directory_ + '/' + std::string(digits - std::min(digits, number.size()), '0') + number +
           std::string{suffix};
}

void BlockFiles::open_last()
{
    last_ = File::open_to_write(path_of(files_.rbegin()->first));
    if (!last_) throw Error{Exit::data, "'" + path_of(files_.rbegin()->first) + "' has gone"};
}

void BlockFiles::cut_behind(std::uint32_t file, std::uint64_t end)
{
    last_.reset();
    while (!files_.empty() && files_.rbegin()->first > file) {
        erase_file(path_of(files_.rbegin()->first));
        files_.erase(files_.rbegin()->first);
    }
    if (files_.empty()) return;
    open_last();
    auto& [number, size] = *files_.rbegin();
    if (number != file || size <= end) return;
    last_->truncate(end);
    size = end;
}

BlockPlace BlockFiles::append(ByteView block)
{
    if (!last_ || files_.rbegin()->second >= file_size_) {
        if (last_) last_->sync();
        const std::uint32_t next = files_.empty() ? 0 : files_.rbegin()->first + 1;
        last_ = File::create(path_of(next));
        files_.emplace(next, 0);
        is_name_new_ = true;
    }
    auto& [number, size] = *files_.rbegin();
    const BlockPlace place{number, size, static_cast<std::uint32_t>(block.size())};
    Bytes frame = frame_head(block);
    frame.insert(frame.end(), block.begin(), block.end());
    last_->write_at(size, frame);
    size = place.end();
    return place;
}

void BlockFiles::sync()
{
    if (!last_) return;
    last_->sync();
    if (is_name_new_) sync_names(directory_);
    is_name_new_ = false;
}

Bytes BlockFiles::read(const BlockPlace& place) const
{
    const auto file = File::open(path_of(place.file));
    if (!file) throw Error{Exit::noinput, "'" + path_of(place.file) + "' is not here any more"};
    Bytes frame(frame_head_size + place.size);
    const bool is_whole = file->read_at(place.offset, frame) == frame.size();
    const ByteView block = ByteView{frame}.subspan(frame_head_size);
    if (!is_whole || !is_framed(ByteView{frame}.first(frame_head_size), block))
        throw Error{Exit::data, "'" + path_of(place.file) + "' is damaged at byte " +
                                    std::to_string(place.offset)};
    frame.erase(frame.begin(), frame.begin() + frame_head_size);
    return frame;
}

std::optional<BlockPlace> BlockFiles::find(std::uint32_t file, std::uint64_t offset) const
{
    const auto known = files_.find(file);
    if (known == files_.end() || offset + frame_head_size > known->second) return std::nullopt;
    const auto opened = File::open(path_of(file));
    if (!opened) return std::nullopt;
    std::array<std::byte, frame_head_size> head{};
    if (opened->read_at(offset, head) != head.size()) return std::nullopt;
    const auto size = Reader{head, "the frame"}.big_endian<std::uint32_t>();
    BlockPlace place{file, offset, size};
    if (size == 0 || size > block_size_max || place.end() > known->second) return std::nullopt;
    return place;
}

std::uint64_t BlockFiles::size() const
{
    std::uint64_t sum = 0;
    for (const auto& file : files_) sum += file.second;
    return sum;
}

void BlockFiles::remove(std::uint32_t file)
{
    erase_file(path_of(file));
    files_.erase(file);
}

} // namespace cairn
