#include "wallet/reversal.hpp"

#include <algorithm>
#include <cmath>

namespace cairn {
namespace {

constexpr std::uint64_t confirmations_max = 10'000; // more are as good
constexpr unsigned steps = 200;                     // of a search, which halves what is left

/// The least value over u > 0 of exp(u a) (1 + u)^-(c - 1) / u, as a logarithm. Where its
/// derivative a - (c - 1) / (1 + u) - 1 / u is 0 is its only least value.
double least_logarithm(double a, double c)
{
    double low = 0;
    double high = 1;
    const auto slope = [&](double u) { return a - (c - 1) / (1 + u) - 1 / u; };
    while (slope(high) < 0) high *= 2;
    for (unsigned i = 0; i < steps; ++i) {
        const double middle = (low + high) / 2;
        (slope(middle) < 0 ? low : high) = middle;
    }
    return high * a - (c - 1) * std::log1p(high) - std::log(high);
}

} // namespace

double fork_gain(std::uint64_t epoch_blocks)
{
    const auto c = static_cast<double>(std::clamp<std::uint64_t>(epoch_blocks, 1, 1'000'000));
    double low = 0; // the least value is below 1, and grows with a
    double high = c;
    for (unsigned i = 0; i < steps; ++i) {
        const double middle = (low + high) / 2;
        (least_logarithm(middle, c) < 0 ? low : high) = middle;
    }
    return std::max(1.0, c / high);
}

double reversal_probability(double share, double gain, std::uint64_t confirmations)
{
    const double q = share * gain / (share * gain + 1 - share);
    const double p = 1 - q;
    if (confirmations == 0 || q >= p) return 1;
    if (q <= 0) return 0;
    const auto n = static_cast<double>(std::min(confirmations, confirmations_max));
    // 1 - sum over m = 0..n of C(m + n - 1, m) (p^n q^m - p^m q^n), of which what is left of the
    // first part, m > n, is added up, since the difference to 1 would be lost.
    double sum = 0;
    double ways = 0; // C(m + n - 1, m), as a logarithm
    for (std::uint64_t i = 0;; ++i) {
        const auto m = static_cast<double>(i);
        if (i > 0) ways += std::log((m + n - 1) / m);
        const double term = m <= n ? std::exp(ways + n * std::log(q) + m * std::log(p))
                                   : std::exp(ways + n * std::log(p) + m * std::log(q));
        sum += term;
        if (m > n && term <= sum * 1e-12) break;
    }
    return std::min(1.0, sum);
}

} // namespace cairn
