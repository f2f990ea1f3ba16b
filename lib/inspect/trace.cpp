#include "inspect/trace.hpp"

#include "base/error.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <array>

namespace cairn {
namespace {

constexpr std::size_t line_size_max = 4096; // bytes

[[noreturn]] void refuse()
{
    throw Error{Exit::data, "it is no line of a trace"};
}

std::uint64_t number(const Json& entry, const char* name)
{
    const auto value = entry.member(name).number();
    if (!value) refuse();
    return *value;
}

/// Whoever was traced may have repeated what a peer said.
std::string text(const Json& entry, const char* name)
{
    const auto value = entry.member(name).text();
    if (!value) refuse();
    return escape(*value);
}

std::string padded(std::string text, std::size_t width)
{
    text.insert(0, width - std::min(width, text.size()), ' ');
    return text;
}

/// "  12.345"
std::string seconds(std::uint64_t time_ms)
{
    std::string rest = std::to_string(time_ms % 1000);
    rest.insert(0, 3 - rest.size(), '0');
    return padded(std::to_string(time_ms / 1000) + '.' + rest, 9);
}

std::string frame_text(const Json& entry, const std::string& kind)
{
    const std::string direction = text(entry, "direction");
    if (direction != "sent" && direction != "received") refuse();
    const std::uint64_t stream = number(entry, "stream");
    const std::string size = std::to_string(number(entry, "size_bytes")) + " bytes";
    const std::string place = stream == 0 ? "-" : std::to_string(stream);
    std::string line = (direction == "sent" ? " > " : " < ") + padded(place, 4) + ' ' + kind;
    if (kind == "open") return line + ' ' + text(entry, "method") + ", " + size;
    if (kind == "credit") return line + ' ' + std::to_string(number(entry, "credit_bytes"));
    if (kind == "end") return line + ' ' + text(entry, "status") + ", " + size;
    if (kind == "reset" || kind == "goaway") return line + ": " + text(entry, "reason");
    return kind == "data" ? line + ", " + size : line;
}

} // namespace

std::string TraceText::line(const Json& entry)
{
    const std::uint64_t time_ms = number(entry, "time_ms");
    if (!start_ms_) start_ms_ = time_ms;
    const std::string kind = text(entry, "kind");
    const std::string front = seconds(time_ms - std::min(time_ms, *start_ms_)) + " link " +
                              std::to_string(number(entry, "link"));
    if (kind == "linked")
        return front + " up as " + text(entry, "side") + ", with " + text(entry, "address") +
               ", key " + text(entry, "peer");
    if (kind == "unlinked") return front + " down: " + text(entry, "reason");
    return front + frame_text(entry, kind);
}

void read_trace(Input& input, const std::function<void(const Json& entry)>& take)
{
    std::string rest;
    std::array<std::byte, 16 * 1024> buffer{};
    std::uint64_t number = 0;
    const auto take_line = [&](std::string_view line) {
        ++number;
        try {
            if (line.size() > line_size_max) refuse();
            take(Json::parse(line, "it"));
        } catch (const Error& error) {
            throw Error{error.code(), "line " + std::to_string(number) + ": " + error.what()};
        }
    };
    while (const std::size_t size = input.read(buffer)) {
        rest += as_text(ByteView{buffer}.first(size));
        std::size_t begin = 0;
        for (std::size_t end = rest.find('\n'); end != rest.npos; end = rest.find('\n', begin)) {
            take_line(std::string_view{rest}.substr(begin, end - begin));
            begin = end + 1;
        }
        rest.erase(0, begin);
        if (rest.size() > line_size_max) take_line(rest);
    }
    if (!rest.empty()) take_line(rest); // the writer was killed: if it is whole it counts
}

} // namespace cairn
