#include "cli/console.hpp"

#include "base/text.hpp"
#include "cli/detail/line.hpp"
#include "cli/detail/reporter.hpp"
#include "os/clock.hpp"
#include "os/fd.hpp"

#include <algorithm>
#include <utility>

namespace cairn {
namespace {

constexpr int standard_output = 1;

/// One line that cannot harm a terminal. Quotes and backslashes stay: the message's author set
/// them, and what he quotes is escaped already.
std::string to_line(std::string_view message)
{
    std::string line;
    for (;;) {
        const std::size_t size = std::min(message.find_first_of("'\\"), message.size());
        line += escape(message.substr(0, size));
        if (size == message.size()) return line;
        line += message[size];
        message.remove_prefix(size + 1);
    }
}

void put_event(detail::Reporter& reporter, std::string_view name, const Json& fields)
{
    detail::Line now;
    now.put_timestamp(wall_clock_ms());
    reporter.put_line(Json::object()
                          .set("v", 1)
                          .set("tool", reporter.tool())
                          .set("t", now.text())
                          .set("ev", name)
                          .merge(fields)
                          .dump());
}

void put_log(detail::Reporter& reporter, const char* level, std::string_view message)
{
    if (reporter.options.json)
        put_event(reporter, "log", Json::object().set("level", level).set("msg", to_line(message)));
    else
        reporter.put_line(reporter.tool() + ": " + to_line(message));
}

} // namespace

const char* release() noexcept
{
    return CAIRN_VERSION;
}

Console::Console(const std::string& tool, const Options& options)
    : reporter_{std::make_unique<detail::Reporter>(tool, options)}
{
}

Console::~Console() = default;

const std::string& Console::tool() const noexcept
{
    return reporter_->tool();
}

const Console::Options& Console::options() const noexcept
{
    return reporter_->options;
}

void Console::result(const Json& document)
{
    print(document.dump() + '\n');
}

void Console::print(std::string_view text)
{
    write_all(standard_output, as_bytes(text), "/dev/stdout");
}

void show(const Json& json, Console& console)
{
    if (console.json())
        console.result(json);
    else
        console.print(json.to_text());
}

void Console::error(Exit code, std::string_view message, std::string_view hint)
{
    if (json()) {
        Json fields = Json::object()
                          .set("code", to_text(code))
                          .set("exit", static_cast<int>(code))
                          .set("msg", to_line(message));
        if (!hint.empty()) fields.set("hint", to_line(hint));
        put_event(*reporter_, "error", fields);
        return;
    }
    std::string text = tool() + ": error: " + to_line(message);
    if (!hint.empty()) text += "\nhint: " + to_line(hint);
    reporter_->put_line(text);
}

void Console::warning(std::string_view message)
{
    if (options().quiet) return;
    if (json())
        put_event(*reporter_, "warning", Json::object().set("msg", to_line(message)));
    else
        reporter_->put_line(tool() + ": warning: " + to_line(message));
}

void Console::info(std::string_view message)
{
    if (!options().quiet && options().verbosity >= 1) put_log(*reporter_, "info", message);
}

void Console::debug(std::string_view message)
{
    if (!options().quiet && options().verbosity >= 2) put_log(*reporter_, "debug", message);
}

void Console::summary(std::string_view text, const Json& fields)
{
    if (options().quiet) return;
    if (json())
        put_event(*reporter_, "summary", fields);
    else
        reporter_->put_line(tool() + ": " + to_line(text));
}

void Console::event(std::string_view name, const Json& fields)
{
    if (json() && !options().quiet) put_event(*reporter_, name, fields);
}

} // namespace cairn
