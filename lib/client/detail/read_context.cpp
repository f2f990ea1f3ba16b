#include "client/detail/read_context.hpp"

#include "base/error.hpp"

#include <algorithm>

namespace cairn::detail {
namespace {

constexpr std::uint64_t late_min_ms = 100; // a busy machine is not late
constexpr std::uint64_t late_max_ms = 5'000;
constexpr std::size_t gaps_needed = 8;
constexpr double rate_assumed = 64e6; // bytes a second, of a provider that is not known
constexpr double late_weight = 4;
constexpr double fault_weight = 8;

} // namespace

void Pace::add(std::uint64_t gap_ms) noexcept
{
    gaps_[count_++ % gaps_max] = static_cast<std::uint32_t>(std::min(gap_ms, late_max_ms));
    if (count_ % gaps_needed != 0) return;
    auto sorted = gaps_;
    const std::size_t known = std::min(count_, gaps_max);
    const auto p95 = sorted.begin() + static_cast<std::ptrdiff_t>(known * 95 / 100);
    std::nth_element(sorted.begin(), p95, sorted.begin() + static_cast<std::ptrdiff_t>(known));
    late_ms_ = std::clamp<std::uint64_t>(2 * std::uint64_t{*p95}, late_min_ms, late_max_ms);
}

Ranking::Ranking(const Session& session)
    : session_{&session},
      standings_(session.providers().size())
{
}

double Ranking::cost(std::size_t provider, std::uint64_t size) const
{
    const ProviderHealth& health = session_->health(provider);
    const Standing& standing = standings_[provider];
    const double rate = health.rate == 0 ? rate_assumed : static_cast<double>(health.rate);
    const double transfer_ms = 1000 * static_cast<double>(standing.queued + size) / rate;
    const double first_ms = static_cast<double>(std::max<std::uint64_t>(1, health.first_byte_ms));
    return (first_ms + transfer_ms) * (1 + late_weight * standing.lates) *
           (1 + fault_weight * health.faults);
}

ReadContext::ReadContext(Session& session_used, const ReadOptions& read_options)
    : session{session_used},
      options{read_options},
      ranking{session_used}
{
}

void ReadContext::add_fault(std::size_t provider, std::string_view what, bool is_lie)
{
    for (ProviderFault& fault : faults) {
        if (fault.provider != provider || fault.what != what) continue;
        ++fault.count;
        return;
    }
    faults.push_back({provider, std::string{what}, 1, is_lie});
}

std::optional<HasReply> read_has_reply(ByteView body, std::size_t shards)
{
    try {
        HasReply reply = parse_has_reply(body);
        if (reply.entries.size() == shards) return reply;
    } catch (const Error&) { // it is the provider's
    }
    return std::nullopt;
}

} // namespace cairn::detail
