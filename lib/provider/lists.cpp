#include "provider/lists.hpp"

#include "base/error.hpp"
#include "base/hex.hpp"
#include "os/directory.hpp"
#include "os/input.hpp"

#include <algorithm>

namespace cairn {
namespace {

constexpr std::size_t list_size_max = 64 << 20; // bytes

std::string_view trimmed(std::string_view line)
{
    constexpr const char* blank = " \t\r";
    line = line.substr(0, line.find('#'));
    const std::size_t begin = line.find_first_not_of(blank);
    if (begin == line.npos) return {};
    return line.substr(begin, line.find_last_not_of(blank) - begin + 1);
}

/// Reads a list, adding the file's name to what is wrong in it.
template <class Parse>
auto load(const std::string& path, Parse parse)
{
    const Bytes bytes = read_small_file(path, list_size_max);
    try {
        return parse(as_text(bytes));
    } catch (const Error& error) {
        throw Error{error.code(), "'" + path + "': " + error.what(), error.hint()};
    }
}

} // namespace

std::vector<ShardRoot> parse_deny_list(std::string_view text)
{
    std::vector<ShardRoot> roots;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t size = std::min(text.find('\n'), text.size());
        const std::string_view line = trimmed(text.substr(0, size));
        text.remove_prefix(std::min(size + 1, text.size()));
        if (line.empty()) continue;
        const auto root = parse_hex<ShardRoot>(line);
        if (!root)
            throw Error{Exit::config,
                        "line " + std::to_string(number) + " is not 64 lower-case hex digits"};
        roots.push_back(*root);
    }
    return roots;
}

OperatorLists load_lists(const OperatorFiles& files)
{
    OperatorLists lists;
    const std::string usual = files.directory + "/grants";
    if (!files.grants.empty())
        lists.grants = load(files.grants, parse_grants);
    else if (exists(usual))
        lists.grants = load(usual, parse_grants);
    else
        lists.grants = {{files.node, UINT64_MAX, UINT64_MAX, 0}};
    if (!files.denied.empty()) lists.denied = load(files.denied, parse_deny_list);
    return lists;
}

} // namespace cairn
