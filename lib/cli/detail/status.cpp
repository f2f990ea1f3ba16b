#include "cli/detail/status.hpp"

#include "base/number.hpp"

#include <algorithm>

// base/number.hpp's texts of up to 15 characters need no memory of their own, and that is all that
// is asked for here; status_test.cpp counts allocations.

namespace cairn::detail {
namespace {

constexpr std::uint64_t second_ms = 1000;
constexpr double shown_max_s = 100 * 86'400.0; // longer is not worth telling

/// What follows the percentage.
void put_details(Line& line, const Snapshot& snapshot) noexcept
{
    line.put(format_size(snapshot.done_bytes));
    if (snapshot.total_bytes) line.put(" of ").put(format_size(*snapshot.total_bytes));
    if (snapshot.written_bytes > 0)
        line.put(" (").put(format_size(snapshot.written_bytes)).put(" written)");
    line.put(", ").put(format_rate(snapshot.rate));
    if (const auto left = snapshot.left_ms())
        line.put(", ETA ").put(format_duration(*left - *left % second_ms));
}

} // namespace

std::optional<unsigned> Snapshot::percent() const noexcept
{
    if (!total_bytes) return std::nullopt;
    if (done_bytes >= *total_bytes) return 100;
    return static_cast<unsigned>(100.0 * static_cast<double>(done_bytes) /
                                 static_cast<double>(*total_bytes));
}

std::optional<std::uint64_t> Snapshot::left_ms() const noexcept
{
    // The first moments tell nothing.
    if (percent().value_or(0) < 1 || elapsed_ms < 3 * second_ms || rate == 0) return std::nullopt;
    const std::uint64_t left_bytes = *total_bytes - std::min(done_bytes, *total_bytes);
    const double left = static_cast<double>(left_bytes) / static_cast<double>(rate);
    if (left > shown_max_s) return std::nullopt;
    return static_cast<std::uint64_t>(left * static_cast<double>(second_ms));
}

void put_text(Line& line, const Snapshot& snapshot) noexcept
{
    if (snapshot.phase == nullptr) {
        line.put("no progress to tell yet");
        return;
    }
    line.put(snapshot.phase).put(" ");
    if (const auto percent = snapshot.percent()) line.put(std::uint64_t{*percent}).put("%, ");
    put_details(line, snapshot);
    line.put(", ").put(format_duration(snapshot.elapsed_ms)).put(" so far");
}

void put_bar(Line& line, const Snapshot& snapshot, unsigned width) noexcept
{
    constexpr std::size_t bar_size = 20; // columns
    line.put(snapshot.phase).put(" ");
    if (const auto percent = snapshot.percent()) {
        Line number;
        number.put(std::uint64_t{*percent}).put("% ");
        line.pad(line.text().size() + std::string_view{"100% "}.size() - number.text().size());
        line.put(number.text()).put("[");
        const std::size_t start = line.text().size();
        line.pad(start + bar_size * *percent / 100, '#').pad(start + bar_size, '.').put("] ");
    }
    put_details(line, snapshot);
    line.cut(width);
}

void put_json(Line& line, const Snapshot& snapshot, std::string_view tool,
              std::uint64_t wall_clock_ms) noexcept
{
    line.put(R"({"v":1,"tool":")").put(tool).put(R"(","t":")").put_timestamp(wall_clock_ms);
    line.put(R"(","ev":"progress","phase":)");
    if (snapshot.phase == nullptr) {
        line.put("null}");
        return;
    }
    line.put("\"").put(snapshot.phase).put(R"(","done_bytes":)").put(snapshot.done_bytes);
    if (snapshot.total_bytes) line.put(R"(,"total_bytes":)").put(*snapshot.total_bytes);
    if (snapshot.written_bytes > 0) line.put(R"(,"written_bytes":)").put(snapshot.written_bytes);
    if (const auto percent = snapshot.percent())
        line.put(R"(,"percent":)").put(std::uint64_t{*percent});
    line.put(R"(,"elapsed_ms":)").put(snapshot.elapsed_ms);
    line.put(R"(,"bytes_per_s":)").put(snapshot.rate);
    if (const auto left = snapshot.left_ms()) line.put(R"(,"left_ms":)").put(*left);
    line.put("}");
}

void Status::start(const char* phase, std::optional<std::uint64_t> total_bytes,
                   std::uint64_t now_ms) noexcept
{
    done_ = 0;
    written_ = 0;
    rate_ = unknown;
    total_ = total_bytes.value_or(unknown);
    started_ms_ = now_ms;
    phase_ = phase;
}

Snapshot Status::snapshot(std::uint64_t now_ms) const noexcept
{
    Snapshot snapshot;
    snapshot.phase = phase_;
    snapshot.done_bytes = done_;
    snapshot.written_bytes = written_;
    snapshot.elapsed_ms = now_ms - started_ms_;
    if (const std::uint64_t total = total_; total != unknown) snapshot.total_bytes = total;
    if (const std::uint64_t rate = rate_; rate != unknown)
        snapshot.rate = rate;
    else if (snapshot.elapsed_ms != 0)
        snapshot.rate = snapshot.done_bytes / snapshot.elapsed_ms * second_ms +
                        snapshot.done_bytes % snapshot.elapsed_ms * second_ms / snapshot.elapsed_ms;
    return snapshot;
}

std::uint64_t RateWindow::sample(std::uint64_t now_ms, std::uint64_t done_bytes) noexcept
{
    if (now_ms - samples_[newest_].ms >= step_ms) {
        newest_ = (newest_ + 1) % samples_.size();
        samples_[newest_] = {now_ms, done_bytes};
        count_ = std::min(count_ + 1, samples_.size());
    }
    const auto oldest = [this]() -> const Sample& {
        return samples_[(newest_ + samples_.size() + 1 - count_) % samples_.size()];
    };
    while (count_ > 2 && now_ms - oldest().ms > window_ms) --count_;
    const std::uint64_t elapsed_ms = now_ms - oldest().ms;
    return elapsed_ms == 0 ? 0 : (done_bytes - oldest().done_bytes) * second_ms / elapsed_ms;
}

} // namespace cairn::detail
