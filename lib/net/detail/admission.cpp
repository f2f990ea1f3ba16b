#include "net/detail/admission.hpp"

#include <algorithm>

namespace cairn::detail {

namespace {

constexpr std::uint64_t token = 1000;

} // namespace

AttemptBucket::AttemptBucket(unsigned rate_per_s, std::uint64_t now_ms)
    : tokens_{token * Admission::burst_s * rate_per_s},
      updated_ms_{now_ms}
{
}

std::uint64_t AttemptBucket::filled(unsigned rate_per_s, std::uint64_t now_ms) const noexcept
{
    // A second is a thousand milliseconds and a token a thousand thousandths.
    return std::min(tokens_ + (now_ms - updated_ms_) * rate_per_s,
                    token * Admission::burst_s * rate_per_s);
}

bool AttemptBucket::take(unsigned rate_per_s, std::uint64_t now_ms) noexcept
{
    tokens_ = filled(rate_per_s, now_ms);
    updated_ms_ = now_ms;
    if (tokens_ < token) return false;
    tokens_ -= token;
    return true;
}

bool AttemptBucket::is_little_used(unsigned rate_per_s, std::uint64_t now_ms) const noexcept
{
    return filled(rate_per_s, now_ms) * 10 >= token * Admission::burst_s * rate_per_s * 9;
}

bool AttemptBucket::is_full(unsigned rate_per_s, std::uint64_t now_ms) const noexcept
{
    return filled(rate_per_s, now_ms) == token * Admission::burst_s * rate_per_s;
}

Admission::Admission(const Options& options, std::uint64_t now_ms)
    : options_{options},
      total_{options.total_rate_per_s, now_ms}
{
}

bool Admission::admit(const std::string& address, std::uint64_t now_ms)
{
    std::string group = group_of(address);
    if (!buckets_.contains(group)) {
        if (buckets_.size() >= addresses_max) forget_idle(now_ms);
        if (buckets_.size() >= addresses_max) group.clear();
    }
    const auto bucket =
        buckets_.try_emplace(std::move(group), options_.address_rate_per_s, now_ms).first;
    return bucket->second.take(options_.address_rate_per_s, now_ms) &&
           (total_.take(options_.total_rate_per_s, now_ms) ||
            bucket->second.is_little_used(options_.address_rate_per_s, now_ms));
}

void Admission::forget_idle(std::uint64_t now_ms)
{
    std::erase_if(buckets_, [&](const auto& entry) {
        return entry.second.is_full(options_.address_rate_per_s, now_ms);
    });
}

std::string Admission::group_of(const std::string& address)
{
    if (address.find(':') == std::string::npos) return address;
    // The first four groups, written out up to "::", which stands for zeros.
    std::string group;
    std::size_t at = 0;
    for (unsigned parts = 0; parts < 4 && at < address.size(); ++parts) {
        const std::size_t end = std::min(address.find(':', at), address.size());
        if (end == at) break;
        group += address.substr(at, end - at) + ':';
        at = end + 1;
    }
    return group + ":/64";
}

} // namespace cairn::detail
