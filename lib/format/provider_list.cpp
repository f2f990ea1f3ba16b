#include "base/error.hpp"
#include "base/text.hpp"
#include "format/message.hpp"

#include <algorithm>

// Provider lists, cairn-node(5).

namespace cairn {
namespace {

/// A provider and the sequence of its record, if that is known.
struct Listed {
    ProviderName name;
    std::optional<std::uint64_t> sequence;
};

std::string_view trim(std::string_view line)
{
    constexpr std::string_view blanks = " \t\r";
    const std::size_t begin = line.find_first_not_of(blanks);
    if (begin == line.npos) return {};
    return line.substr(begin, line.find_last_not_of(blanks) + 1 - begin);
}

Listed parse_record_line(const NodeRecord& record, const NetworkId& network)
{
    if (!is_signed(record)) throw Error{Exit::data, "the node record has a wrong signature"};
    if (record.network != network)
        throw Error{Exit::data, "the node record is for another network"};
    return {{record.node_key, record.addresses, record.link_key}, record.sequence};
}

Listed parse_address_line(std::string_view line)
{
    const std::size_t at = line.find('@');
    if (at == line.npos) throw Error{Exit::data, "neither ADDRESS@HOST:PORT nor a node record"};
    auto key = parse_did(line.substr(0, at));
    if (const auto address = parse_address(line.substr(0, at))) key = address->key;
    if (!key) throw Error{Exit::data, "the part before '@' is no address of a node"};
    const std::string_view endpoint = line.substr(at + 1);
    if (!is_endpoint(endpoint)) throw Error{Exit::data, "the part after '@' is no HOST:PORT"};
    return {{*key, {std::string{endpoint}}, std::nullopt}, std::nullopt};
}

Listed parse_line(std::string_view line, const NetworkId& network)
{
    if (const auto record = parse_node_text(line)) return parse_record_line(*record, network);
    return parse_address_line(line);
}

void merge(Listed& known, Listed&& other)
{
    if (other.sequence && (!known.sequence || *other.sequence > *known.sequence))
        std::swap(known, other);
    for (std::string& address : other.name.addresses)
        if (std::ranges::find(known.name.addresses, address) == known.name.addresses.end())
            known.name.addresses.push_back(std::move(address));
}

} // namespace

std::vector<ProviderName> parse_providers(std::string_view text, const NetworkId& network)
{
    std::vector<Listed> list;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view whole = text.substr(0, end);
        const std::string_view line = trim(whole.substr(0, whole.find('#')));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.empty()) continue;
        try {
            Listed listed = parse_line(line, network);
            const auto known = std::ranges::find_if(
                list, [&](const Listed& one) { return one.name.node_key == listed.name.node_key; });
            if (known != list.end())
                merge(*known, std::move(listed));
            else if (list.size() == providers_max)
                throw Error{Exit::data,
                            "more than " + std::to_string(providers_max) + " providers"};
            else
                list.push_back(std::move(listed));
        } catch (const Error& error) {
            throw Error{error.code(), "line " + std::to_string(number) + ": " + error.what()};
        }
    }
    std::vector<ProviderName> names;
    names.reserve(list.size());
    for (Listed& listed : list) names.push_back(std::move(listed.name));
    return names;
}

} // namespace cairn
