#include "ledger/amount.hpp"

#include "base/number.hpp"

namespace cairn {
namespace {

constexpr std::size_t decimals = 9; // of a coin
constexpr std::string_view atoms_suffix = "atoms";

} // namespace

std::string to_text(Amount amount)
{
    std::string text = std::to_string(amount.atoms / atoms_per_coin);
    const std::uint64_t rest = amount.atoms % atoms_per_coin;
    if (rest == 0) return text;
    std::string fraction = std::to_string(rest);
    fraction.insert(0, decimals - fraction.size(), '0');
    fraction.erase(fraction.find_last_not_of('0') + 1);
    return text + '.' + fraction;
}

std::optional<Amount> parse_amount(std::string_view text)
{
    if (text.ends_with(atoms_suffix)) {
        const auto atoms = parse_number(text.substr(0, text.size() - atoms_suffix.size()));
        if (!atoms) return std::nullopt;
        return Amount{*atoms};
    }
    const std::size_t point = text.find('.');
    const auto coins = parse_number(text.substr(0, point));
    if (!coins) return std::nullopt;
    std::uint64_t rest = 0;
    if (point != text.npos) {
        std::string fraction{text.substr(point + 1)};
        if (fraction.empty() || fraction.size() > decimals) return std::nullopt;
        fraction.resize(decimals, '0');
        for (const char digit : fraction) {
            if (digit < '0' || digit > '9') return std::nullopt;
            rest = rest * 10 + static_cast<std::uint64_t>(digit - '0');
        }
    }
    Amount amount;
    if (__builtin_mul_overflow(*coins, atoms_per_coin, &amount.atoms) ||
        __builtin_add_overflow(amount.atoms, rest, &amount.atoms))
        return std::nullopt;
    return amount;
}

} // namespace cairn
