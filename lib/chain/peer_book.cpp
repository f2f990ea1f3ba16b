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
    return address.substr(0, address.rfind(':'));
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

std::string PeerBook::group_of(const std::string& address)
{
    const std::string_view host = host_of(address);
    if (host.starts_with("127.") || host == "[::1]" || host == "localhost") return address;
    const auto is_number = [](char c) { return (c >= '0' && c <= '9') || c == '.'; };
    if (std::ranges::all_of(host, is_number)) {
        const std::size_t first = host.find('.');
        return std::string{host.substr(0, host.find('.', first + 1))};
    }
    if (host.starts_with('[')) {
        std::size_t end = 0;
        for (int part = 0; part < 2 && end != std::string_view::npos; ++part)
            end = host.find(':', end + 1);
        return std::string{host.substr(0, end)};
    }
    return std::string{host};
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
    if (!is_node_address(node.address) || entries_.contains(node.address)) return;
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

std::optional<std::string> PeerBook::next(const std::set<std::string>& taken, std::uint64_t now_ms,
                                          Entropy& entropy)
{
    std::map<std::string, std::size_t> connected;
    for (const std::string& address : taken) ++connected[group_of(address)];
    std::vector<const std::string*> best;
    int best_rank = -1;
    for (const auto& [address, entry] : entries_) {
        if (taken.contains(address) || entry.again_ms > now_ms) continue;
        if (!entry.is_fixed && connected[group_of(address)] >= connected_max) continue;
        const int rank = entry.is_fixed ? 2 : entry.good_s > 0 ? 1 : 0;
        if (rank > best_rank) best.clear();
        best_rank = std::max(rank, best_rank);
        if (rank == best_rank) best.push_back(&address);
    }
    if (best.empty()) return std::nullopt;
    const std::string address = *best[draw(entropy) % best.size()];
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
