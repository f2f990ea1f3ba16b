#include "cli/detail/reporter.hpp"

#include "os/clock.hpp"
#include "os/fd.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <utility>

namespace cairn::detail {
namespace {

constexpr int standard_error = 2;
constexpr std::string_view erase = "\r\x1b[K";

// The one place where a signal handler can look.
constinit std::atomic<const Reporter*> shown{nullptr};
static_assert(std::atomic<const Reporter*>::is_always_lock_free);

extern "C" void show_status(int)
{
    const int error = errno;
    if (const Reporter* const reporter = shown.load()) reporter->put_status_in_handler();
    errno = error;
}

void handle_status_signal(void (*handler)(int)) noexcept
{
    struct sigaction action = {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    ::sigaction(SIGUSR1, &action, nullptr);
}

void write_or_lose(std::string_view text) noexcept
{
    try {
        write_all(standard_error, as_bytes(text), "stderr");
    } catch (...) { // nobody to tell
    }
}

/// The whole line, with its end.
void put_status_line(Line& line, const Reporter& reporter, ProgressMode mode) noexcept
{
    const Snapshot snapshot = reporter.status.snapshot(monotonic_ms());
    if (mode == ProgressMode::json) {
        put_json(line, snapshot, reporter.tool(), wall_clock_ms());
    } else {
        line.put(reporter.tool()).put(": ");
        put_text(line, snapshot);
    }
    line.put("\n");
}

} // namespace

void put_out_of_memory(std::string_view tool, bool is_json) noexcept
{
    Line line;
    if (is_json) {
        line.put(R"({"v":1,"tool":")").put(tool).put(R"(","t":")").put_timestamp(wall_clock_ms());
        line.put(R"(","ev":"error","code":"oserr","exit":71,"msg":"out of memory"})");
    } else {
        line.put(tool).put(": error: out of memory");
    }
    write_or_lose(line.put("\n").text());
}

Reporter::Reporter(std::string tool, const Console::Options& its_options)
    : options{its_options},
      tool_{std::move(tool)}
{
}

void Reporter::write(std::string_view text) noexcept
{
    write_or_lose(text);
}

void Reporter::put_line(std::string_view text) noexcept
{
    const std::lock_guard lock{mutex_};
    const std::string_view before = has_bar_.exchange(false) ? erase : "";
    // One call, so that lines of several processes do not mix.
    const std::array parts{as_bytes(before), as_bytes(text), as_bytes("\n")};
    try {
        writev_all(standard_error, parts, "stderr");
    } catch (...) { // nobody to tell
    }
}

void Reporter::draw_bar(std::string_view bar) noexcept
{
    const std::lock_guard lock{mutex_};
    Line line;
    write(line.put(erase).put(bar).text());
    has_bar_ = true;
}

void Reporter::erase_bar() noexcept
{
    const std::lock_guard lock{mutex_};
    if (has_bar_.exchange(false)) write(erase);
}

void Reporter::put_status(ProgressMode mode) noexcept
{
    const std::lock_guard lock{mutex_};
    Line line;
    put_status_line(line, *this, mode);
    write(line.text());
}

void Reporter::put_status_in_handler() const noexcept
{
    Line line;
    if (has_bar_) line.put(erase);
    put_status_line(line, *this, options.json ? ProgressMode::json : options.progress);
    write_or_lose(line.text());
}

StatusSignal::StatusSignal(const Reporter& reporter) noexcept
{
    shown = &reporter;
    handle_status_signal(show_status);
}

StatusSignal::~StatusSignal()
{
    handle_status_signal(SIG_IGN);
    shown = nullptr;
}

} // namespace cairn::detail
