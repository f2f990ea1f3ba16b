#include "provider/node.hpp"

#include "base/error.hpp"
#include "format/identity.hpp"
#include "os/directory.hpp"
#include "os/input.hpp"
#include "os/output.hpp"

#include <algorithm>

namespace cairn {
namespace {

constexpr std::size_t record_file_size_max = 4 * 1024; // bytes
constexpr std::size_t peers_file_size_max = 1 << 20;   // bytes

/// The record of a line of a provider list; none where it is something else or not to be trusted.
std::optional<NodeRecord> parse_peer(std::string_view line, const NetworkId& network)
{
    try {
        auto record = parse_node_text(line);
        if (record && record->network == network && is_signed(*record)) return record;
    } catch (const Error&) { // a damaged line concerns nobody else
    }
    return std::nullopt;
}

} // namespace

std::optional<NodeRecord> load_record(const std::string& directory)
{
    const std::string path = directory + "/node.record";
    if (!exists(path)) return std::nullopt;
    const Bytes text = read_small_file(path, record_file_size_max);
    const std::string_view line = as_text(text);
    try {
        return parse_node_text(line.substr(0, line.find('\n')));
    } catch (const Error&) { // a damaged one is written again
        return std::nullopt;
    }
}

NodeRecord renew_record(const std::string& directory, const Ed25519KeyPair& node,
                        const NodeFacts& facts, std::uint64_t now_s)
{
    const auto last = load_record(directory);
    NodeRecord record;
    record.sequence = std::max(last ? last->sequence + 1 : 0, now_s);
    record.link_key = facts.link_key;
    record.addresses = facts.addresses;
    record.capabilities = facts.capabilities;
    record.network = facts.network;
    record.expiry_s = now_s + record_life_s;
    sign(record, node);
    Output output = Output::open(directory + "/node.record", Output::Existing::replace);
    output.write(as_bytes(to_text(record) + '\n'));
    output.commit();
    return record;
}

bool is_renewal_due(const NodeRecord& record, std::uint64_t now_s)
{
    return now_s + record_renewal_s >= record.expiry_s;
}

std::vector<NodeRecord> load_peers(const std::string& directory, const NetworkId& network)
{
    const std::string path = directory + "/peers";
    std::vector<NodeRecord> records;
    if (!exists(path)) return records;
    const Bytes text = read_small_file(path, peers_file_size_max);
    for (std::string_view rest = as_text(text); !rest.empty();) {
        const std::size_t size = std::min(rest.find('\n'), rest.size());
        if (auto record = parse_peer(rest.substr(0, size), network))
            records.push_back(std::move(*record));
        rest.remove_prefix(std::min(size + 1, rest.size()));
    }
    return records;
}

} // namespace cairn
