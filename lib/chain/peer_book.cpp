#include "chain/peer_book.hpp"

#include "base/cursor.hpp"
#include "base/error.hpp"
#include "base/hex.hpp"
#include "base/number.hpp"

#include <algorithm>

namespace cairn {
namespace {

constexpr std::uint64_t pause_ms = 5'000; // after the first failure; doubles
constexpr std::uint64_t pause_max_ms = 600'000;
constexpr unsigned failures_max = 8; // of one that was never good

std::uint64_t draw(Entropy& entropy)
{
    std::array<std::byte, 8> bytes{};
    entropy.fill(bytes);
    return Reader{bytes, "a number"}.big_endian<std::uint64_t>();
}

std::string_view host_of(std::string_view address)
{
    return address.starts_with('[') || std::ranges::count(address, ':') == 1
               ? address.substr(0, address.rfind(':'))
               : address;
}

/// Digits and dots alone: an IPv4 address, in one of the forms that there are.
bool is_dotted(std::string_view host)
{
    return std::ranges::all_of(host, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

/// Four numbers up to 255, written in the one usual way.
bool is_plain_dotted(std::string_view host)
{
    unsigned parts = 0;
    for (bool has_more = true; has_more; ++parts) {
        const std::string_view part = host.substr(0, host.find('.'));
        has_more = part.size() < host.size();
        host.remove_prefix(std::min(host.size(), part.size() + 1));
        const auto number = parse_number(part);
        if (!number || *number > 255 || (part.size() > 1 && part.front() == '0')) return false;
    }
    return parts == 4;
}

/// Two parts of an IPv6 address at least, each without zeros in front and in small letters.
bool is_plain_sextet(std::string_view host)
{
    if (!host.ends_with(']') || std::ranges::count(host, ':') < 2) return false;
    char before = ':';
    for (std::size_t i = 1; i + 1 < host.size(); ++i) {
        const char c = host[i];
        const bool is_end = i + 2 == host.size() || host[i + 1] == ':';
        if (c == '0' && before == ':' && !is_end) return false;
        if (!(c == ':' || c == '.' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
        before = c;
    }
    return true;
}

/// Whether a host that others tell of is written in the one way in which it is found again: else
/// one could be many.
bool is_usual(std::string_view host)
{
    if (host.starts_with('[')) return is_plain_sextet(host);
    if (is_dotted(host)) return is_plain_dotted(host);
    const std::string_view last = host.substr(host.rfind('.') + 1);
    const bool is_name = std::ranges::all_of(host, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
    });
    // "0x7f.1" is a number too.
    return is_name && !last.empty() && !(last.front() >= '0' && last.front() <= '9');
}

} // namespace

bool is_node_address(std::string_view address)
{
    const std::size_t colon = address.rfind(':');
    if (colon == std::string_view::npos || colon == 0 || address.size() > node_address_size_max)
        return false;
    const bool is_plain = std::ranges::all_of(address, [](char c) { return c > ' ' && c < 127; });
    const auto port = parse_number(address.substr(colon + 1));
    return is_plain && port && *port > 0 && *port <= UINT16_MAX;
}

bool is_loopback(std::string_view address)
{
    const std::string_view host = host_of(address);
    return (host.starts_with("127.") && is_dotted(host)) || host == "[::1]" ||
           host == "localhost" || host == "::1";
}

std::string PeerBook::group_of(const std::string& address)
{
    const std::string_view host = host_of(address);
    if (is_loopback(address)) return address;
    if (is_dotted(host)) return std::string{host.substr(0, host.find('.', host.find('.') + 1))};
    if (host.starts_with('[')) {
        std::size_t end = 0;
        for (int part = 0; part < 2 && end != std::string_view::npos; ++part)
            end = host.find(':', end + 1);
        return std::string{host.substr(0, end)};
    }
    // Whoever has a name has all names below it.
    const std::size_t last = host.rfind('.');
    if (last == std::string_view::npos || last == 0) return std::string{host};
    const std::size_t before = host.rfind('.', last - 1);
    return std::string{before == std::string_view::npos ? host : host.substr(before + 1)};
}

void PeerBook::fix(const std::string& address)
{
    entries_[address].is_fixed = true;
}

/// Forgets one that was never good, or that has been away longest.
void PeerBook::make_room()
{
    auto worst = entries_.end();
    for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
        if (entry->second.is_fixed) continue;
        if (worst == entries_.end() || entry->second.good_s < worst->second.good_s) worst = entry;
    }
    if (worst != entries_.end()) entries_.erase(worst);
}

void PeerBook::add(const KnownNode& node)
{
    if (!is_node_address(node.address) || !is_usual(host_of(node.address))) return;
    if (entries_.contains(node.address)) return;
    const std::string group = group_of(node.address);
    const auto beside = std::ranges::count_if(
        entries_, [&](const auto& entry) { return group_of(entry.first) == group; });
    if (static_cast<std::size_t>(beside) >= group_max) return;
    if (entries_.size() >= entries_max) make_room();
    entries_[node.address].link_key = node.link_key;
}

void PeerBook::note_good(const std::string& address, const Ed25519PublicKey& key,
                         std::uint64_t now_s)
{
    if (!is_node_address(address)) return;
    if (!entries_.contains(address) && entries_.size() >= entries_max) make_room();
    Entry& entry = entries_[address];
    entry.link_key = key;
    entry.good_s = now_s;
    entry.failures = 0;
    entry.again_ms = 0;
}

void PeerBook::note_failure(const std::string& address, std::uint64_t now_ms)
{
    const auto found = entries_.find(address);
    if (found == entries_.end()) return;
    Entry& entry = found->second;
    const unsigned doublings = std::min(entry.failures, 7U);
    entry.again_ms = now_ms + std::min(pause_ms << doublings, pause_max_ms);
    if (entry.is_fixed) entry.again_ms = now_ms + pause_ms;
    if (++entry.failures >= failures_max && entry.good_s == 0 && !entry.is_fixed)
        entries_.erase(found);
}

void PeerBook::forget(const std::string& address)
{
    entries_.erase(address);
}

std::optional<Ed25519PublicKey> PeerBook::key_of(const std::string& address) const
{
    const auto found = entries_.find(address);
    if (found == entries_.end()) return std::nullopt;
    const Entry& entry = found->second;
    if (entry.good_s == 0 || entry.failures >= failures_max) return std::nullopt;
    return entry.link_key;
}

bool PeerBook::is_good(const std::string& address, const Ed25519PublicKey& key) const
{
    const auto found = entries_.find(address);
    return found != entries_.end() && found->second.good_s > 0 && found->second.link_key == key;
}

std::optional<std::string> PeerBook::next(const std::set<std::string>& taken, std::uint64_t now_ms,
                                          Entropy& entropy)
{
    std::map<std::string, std::size_t> connected;
    for (const std::string& address : taken) ++connected[group_of(address)];
    std::map<std::string, std::vector<const std::string*>> best; // by group
    int best_rank = -1;
    for (const auto& [address, entry] : entries_) {
        if (taken.contains(address) || entry.again_ms > now_ms) continue;
        const std::string group = group_of(address);
        if (!entry.is_fixed && connected[group] >= connected_max) continue;
        const int rank = entry.is_fixed ? 2 : entry.good_s > 0 ? 1 : 0;
        if (rank > best_rank) best.clear();
        best_rank = std::max(rank, best_rank);
        if (rank == best_rank) best[group].push_back(&address);
    }
    if (best.empty()) return std::nullopt;
    // Each part of the network counts as one, however many of its addresses are known.
    const auto& group =
        std::next(best.begin(), std::ptrdiff_t(draw(entropy) % best.size()))->second;
    const std::string address = *group[draw(entropy) % group.size()];
    entries_[address].again_ms = now_ms + pause_ms;
    return address;
}

std::vector<KnownNode> PeerBook::good(std::size_t count, Entropy& entropy) const
{
    std::vector<KnownNode> nodes;
    for (const auto& [address, entry] : entries_)
        if (entry.good_s > 0 && entry.link_key) nodes.push_back({address, *entry.link_key});
    for (std::size_t i = 0; i + 1 < nodes.size() && i < count; ++i)
        std::swap(nodes[i], nodes[i + draw(entropy) % (nodes.size() - i)]);
    if (nodes.size() > count) nodes.resize(count);
    return nodes;
}

std::string PeerBook::to_text() const
{
    std::string text;
    for (const auto& [address, entry] : entries_)
        if (entry.good_s > 0 && entry.link_key)
            text += address + ' ' + to_hex_text(entry.link_key->bytes) + ' ' +
                    std::to_string(entry.good_s) + '\n';
    return text;
}

void PeerBook::parse(std::string_view text)
{
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        const std::size_t first = line.find(' ');
        const std::size_t second = line.find(' ', first + 1);
        if (first == std::string_view::npos || second == std::string_view::npos) continue;
        const std::string address{line.substr(0, first)};
        const auto key = parse_hex<Ed25519PublicKey>(line.substr(first + 1, second - first - 1));
        const auto time_s = parse_number(line.substr(second + 1));
        if (is_node_address(address) && key && time_s && entries_.size() < entries_max)
            note_good(address, *key, *time_s);
    }
}

} // namespace cairn
