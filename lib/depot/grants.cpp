#include "base/error.hpp"
#include "base/number.hpp"
#include "base/text.hpp"
#include "depot/depot.hpp"

#include <algorithm>
#include <chrono>

namespace cairn {
namespace {

constexpr std::size_t fields_max = 4;
constexpr std::string_view blanks = " \t\r";

/// The words of a line, one more than there may be at most; what follows '#' is a comment.
std::vector<std::string_view> words_of(std::string_view line)
{
    line = line.substr(0, line.find('#'));
    std::vector<std::string_view> words;
    while (words.size() <= fields_max) {
        const std::size_t begin = line.find_first_not_of(blanks);
        if (begin == line.npos) break;
        line.remove_prefix(begin);
        const std::size_t end = std::min(line.find_first_of(blanks), line.size());
        words.push_back(line.substr(0, end));
        line.remove_prefix(end);
    }
    return words;
}

std::optional<AccountId> parse_owner(std::string_view text)
{
    if (const auto address = parse_address(text)) return account_id(address->key);
    if (const auto key = parse_did(text)) return account_id(*key);
    return std::nullopt;
}

/// The beginning of a day, "2027-01-31", in UTC.
std::optional<std::uint64_t> parse_day_s(std::string_view text)
{
    constexpr std::string_view form = "dddd-dd-dd";
    if (text.size() != form.size()) return std::nullopt;
    for (std::size_t i = 0; i < form.size(); ++i) {
        const bool is_digit = text[i] >= '0' && text[i] <= '9';
        if (form[i] == '-' ? text[i] != '-' : !is_digit) return std::nullopt;
    }
    const auto number = [&](std::size_t at, std::size_t size) {
        unsigned value = 0;
        for (const char digit : text.substr(at, size))
            value = 10 * value + static_cast<unsigned>(digit - '0');
        return value;
    };
    const std::chrono::year_month_day day{std::chrono::year{static_cast<int>(number(0, 4))},
                                          std::chrono::month{number(5, 2)},
                                          std::chrono::day{number(8, 2)}};
    if (!day.ok() || day.year() < std::chrono::year{1971}) return std::nullopt;
    const std::chrono::seconds since = std::chrono::sys_days{day}.time_since_epoch();
    return static_cast<std::uint64_t>(since.count());
}

Grant parse_grant(const std::vector<std::string_view>& words, const std::string& where)
{
    const auto refuse = [&](const std::string& why) { throw Error{Exit::config, where + why}; };
    if (words.size() < fields_max - 1 || words.size() > fields_max)
        refuse("not 'OWNER|anyone SIZE COUNT [UNTIL]'");
    Grant grant;
    if (words[0] != "anyone") {
        grant.owner = parse_owner(words[0]);
        if (!grant.owner) refuse("'" + escape(words[0]) + "' is not an address of an owner");
    }
    const auto size = parse_size(words[1]);
    if (!size) refuse("'" + escape(words[1]) + "' is not a size");
    grant.size_max = *size;
    const auto count = parse_number(words[2]);
    if (!count) refuse("'" + escape(words[2]) + "' is not a number");
    grant.objects_max = *count;
    if (words.size() == fields_max) {
        const auto day_s = parse_day_s(words[3]);
        if (!day_s) refuse("'" + escape(words[3]) + "' is not a day such as 2027-01-31");
        grant.expiry_s = *day_s;
    }
    return grant;
}

} // namespace

std::vector<Grant> parse_grants(std::string_view text)
{
    std::vector<Grant> grants;
    for (std::size_t line = 1; !text.empty(); ++line) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::vector<std::string_view> words = words_of(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (words.empty()) continue;
        const std::string where = "line " + std::to_string(line) + " of the grants: ";
        const Grant grant = parse_grant(words, where);
        if (std::ranges::find(grants, grant.owner, &Grant::owner) != grants.end())
            throw Error{Exit::config, where + "a second grant for the same owner"};
        grants.push_back(grant);
    }
    return grants;
}

} // namespace cairn
