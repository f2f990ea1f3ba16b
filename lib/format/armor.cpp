#include "format/armor.hpp"

#include "base/base64.hpp"
#include "base/error.hpp"

#include <algorithm>

namespace cairn {
namespace {

constexpr std::string_view begin_line = "-----BEGIN AGE ENCRYPTED FILE-----";
constexpr std::string_view end_line = "-----END AGE ENCRYPTED FILE-----";
constexpr std::size_t columns = 64;
constexpr std::size_t line_bytes = columns / 4 * 3;
constexpr std::size_t input_size = 64 * 1024; // bytes
constexpr std::size_t white_space_max = 1024; // characters before the first line

[[noreturn]] void refuse(const char* why)
{
    throw Error{Exit::data, std::string{"not valid armor: "} + why};
}

bool is_white(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

} // namespace

bool is_armored(ByteView prefix)
{
    std::string_view text = as_text(prefix);
    while (!text.empty() && is_white(text.front())) text.remove_prefix(1);
    constexpr std::string_view mark = "-----BEGIN AGE";
    return !text.empty() && text.substr(0, mark.size()) == mark.substr(0, text.size());
}

ArmorWriter::ArmorWriter(Sink sink) : sink_{std::move(sink)}
{
    sink_(as_bytes(begin_line));
    sink_(as_bytes("\n"));
}

void ArmorWriter::write(ByteView bytes)
{
    if (!rest_.empty()) {
        const std::size_t more = std::min(line_bytes - rest_.size(), bytes.size());
        rest_.insert(rest_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(more));
        bytes = bytes.subspan(more);
        if (rest_.size() < line_bytes) return;
        flush(rest_);
        rest_.clear();
    }
    const std::size_t whole = bytes.size() / line_bytes * line_bytes;
    flush(bytes.first(whole));
    rest_.assign(bytes.begin() + static_cast<std::ptrdiff_t>(whole), bytes.end());
}

void ArmorWriter::flush(ByteView bytes)
{
    std::string text;
    text.reserve(bytes.size() / 3 * 4 + bytes.size() / line_bytes + 8);
    for (; !bytes.empty(); bytes = bytes.subspan(std::min(line_bytes, bytes.size()))) {
        text += to_base64(bytes.first(std::min(line_bytes, bytes.size())), Padding::padded);
        text += '\n';
    }
    sink_(as_bytes(text));
}

void ArmorWriter::finish()
{
    flush(rest_);
    sink_(as_bytes(end_line));
    sink_(as_bytes("\n"));
}

ArmorReader::ArmorReader(Source source) : source_{std::move(source)} {}

/// The next line without its end; false at the end of the input. A line is at most a little longer
/// than the longest that can be valid.
bool ArmorReader::next_line(std::string& line)
{
    line.clear();
    for (;;) {
        if (input_at_ == input_.size()) {
            input_.resize(input_size);
            input_.resize(is_input_at_end_ ? 0 : source_(input_));
            input_at_ = 0;
            is_input_at_end_ = input_.size() < input_size;
            if (input_.empty()) { // the last line may have no end, or half of one
                const bool is_line = !line.empty();
                if (line.ends_with('\r')) line.pop_back();
                return is_line;
            }
        }
        const std::string_view rest = as_text(input_).substr(input_at_);
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        if (line.size() + end > columns + white_space_max) refuse("a line is too long");
        line += rest.substr(0, end);
        input_at_ += end;
        if (end == rest.size()) continue;
        ++input_at_;
        if (line.ends_with('\r')) line.pop_back();
        return true;
    }
}

void ArmorReader::check_rest()
{
    std::string line;
    while (next_line(line))
        if (!std::ranges::all_of(line, is_white)) refuse("bytes follow it");
}

void ArmorReader::decode_next_line()
{
    std::string line;
    if (!next_line(line)) refuse("it is truncated");
    if (state_ == State::before) {
        std::size_t skipped = 0;
        while (std::ranges::all_of(line, is_white)) {
            skipped += line.size() + 1;
            if (skipped > white_space_max) refuse("too much white space before it");
            if (!next_line(line)) refuse("it is truncated");
        }
        line.erase(
            0, static_cast<std::size_t>(std::ranges::find_if_not(line, is_white) - line.begin()));
        if (line != begin_line) refuse("its first line is malformed");
        state_ = State::body;
        return;
    }
    if (line == end_line) {
        state_ = State::end;
        check_rest();
        return;
    }
    if (state_ == State::after_short_line) refuse("a line in its middle is short");
    if (line.empty() || line.size() > columns) refuse("a line has a wrong length");
    auto bytes = from_base64(line, Padding::padded);
    if (!bytes) refuse("a line is not canonical base64");
    if (bytes->size() < line_bytes) state_ = State::after_short_line;
    decoded_ = std::move(*bytes);
    decoded_at_ = 0;
}

std::size_t ArmorReader::read(MutableByteView buffer)
{
    std::size_t filled = 0;
    while (filled < buffer.size()) {
        if (decoded_at_ == decoded_.size()) {
            if (state_ == State::end) break;
            decoded_.clear();
            decoded_at_ = 0;
            decode_next_line();
            continue;
        }
        const std::size_t size = std::min(buffer.size() - filled, decoded_.size() - decoded_at_);
        std::copy_n(decoded_.begin() + static_cast<std::ptrdiff_t>(decoded_at_), size,
                    buffer.begin() + static_cast<std::ptrdiff_t>(filled));
        decoded_at_ += size;
        filled += size;
    }
    return filled;
}

} // namespace cairn
