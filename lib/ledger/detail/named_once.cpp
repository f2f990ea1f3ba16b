#include "ledger/detail/named_once.hpp"

namespace cairn::detail {
namespace {

/// How many members all objects have.
std::size_t count_members(const Json& json)
{
    std::size_t count = 0;
    if (json.is_array())
        for (std::size_t i = 0; i < json.size(); ++i) count += count_members(json.item(i));
    if (json.is_object())
        for (const std::string& name : json.names()) count += 1 + count_members(json.member(name));
    return count;
}

/// How many members the text names: behind each name, and nowhere else but in strings, is a colon.
std::size_t count_names(std::string_view text)
{
    std::size_t count = 0;
    bool is_in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '"')
            is_in_string = !is_in_string;
        else if (is_in_string && text[i] == '\\')
            ++i; // what is escaped ends no string
        else if (!is_in_string && text[i] == ':')
            ++count;
    }
    return count;
}

} // namespace

bool is_named_once(std::string_view text, const Json& json)
{
    return count_names(text) == count_members(json);
}

} // namespace cairn::detail
