#include "base/error.hpp"
#include "simnet/sim_chain.hpp"

#include <algorithm>

// What is looked at from time to time, and in the end.

namespace cairn {
namespace {

constexpr std::uint64_t lag_max_ms = 60'000; // that a node may know better and not go there
constexpr std::uint64_t common_depth = 6;    // below the tips all chains are one in the end
constexpr std::uint32_t remembered = 2'000;  // blocks whose effects are kept

/// The integer square root.
std::uint64_t square_root(Uint128 value)
{
    std::uint64_t root = 0;
    for (unsigned bit = 64; bit-- > 0;) {
        const std::uint64_t guess = root | std::uint64_t{1} << bit;
        if (Uint128{guess} * guess <= value) root = guess;
    }
    return root;
}

} // namespace

/// Whether nodes stay where they know a better place to be.
void SimChain::look()
{
    std::uint32_t highest = 0;
    for (NodeNumber number = 0; number < nodes_.size(); ++number) {
        SimNode& node = *nodes_[number];
        if (!node.is_up() || !is_honest(number) || !active_.empty()) {
            lagging_since_ms_[number] = 0;
            continue;
        }
        highest = std::max(highest, node.tip().header.height.value);
        const bool is_lagging = std::ranges::any_of(nodes_, [&](const auto& other) {
            if (!other->is_up() || other->role() != SimRole::honest) return false;
            const KnownHeader& there = other->tip();
            if (there.id == node.tip().id || !node.knows(there.id)) return false;
            if (there.state.work != node.tip().state.work)
                return there.state.work > node.tip().state.work;
            return there.header.parent == node.tip().header.parent &&
                   rules_->is_better(there.header, node.tip().header);
        });
        std::uint64_t& since = lagging_since_ms_[number];
        if (!is_lagging)
            since = 0;
        else if (since == 0)
            since = now_ms_;
        else if (now_ms_ - since > lag_max_ms) {
            violate("node " + std::to_string(number) + " does not go to a better chain it knows");
            since = now_ms_;
        }
    }
    if (highest > remembered) ledger_.forget_below({highest - remembered});
}

/// One of the honest nodes whose tip most of them have; of two such tips the higher.
std::optional<NodeNumber> SimChain::most_agreed() const
{
    std::map<BlockId, std::size_t> votes;
    const auto is_asked = [&](NodeNumber number) {
        return is_honest(number) && nodes_[number]->is_up();
    };
    for (NodeNumber number = 0; number < nodes_.size(); ++number)
        if (is_asked(number)) ++votes[nodes_[number]->tip().id];
    std::optional<NodeNumber> best;
    const auto rank = [&](NodeNumber number) {
        const SimNode& node = *nodes_[number];
        return std::pair{votes.at(node.tip().id), node.chain().size()};
    };
    for (NodeNumber number = 0; number < nodes_.size(); ++number)
        if (is_asked(number) && (!best || rank(*best) < rank(number))) best = number;
    return best;
}

void SimChain::check_end()
{
    for (NodeNumber number = 0; number < nodes_.size(); ++number)
        if (is_honest(number) && !nodes_[number]->is_up())
            violate("node " + std::to_string(number) + " is not up in the end");
    const std::optional<NodeNumber> best_number = most_agreed();
    if (!best_number) return;
    const SimNode* const best = nodes_[*best_number].get();
    for (NodeNumber number = 0; number < nodes_.size(); ++number) {
        if (!is_honest(number) || !nodes_[number]->is_up()) continue;
        const std::vector<BlockId>& chain = nodes_[number]->chain();
        const std::size_t common =
            best->chain().size() - std::min<std::size_t>(best->chain().size(), common_depth);
        if (chain.size() < common ||
            !std::equal(chain.begin(), chain.begin() + static_cast<std::ptrdiff_t>(common),
                        best->chain().begin()))
            violate("node " + std::to_string(number) + " is on another chain in the end");
    }
    const SharedLedger::Audit audit = ledger_.audit(best->tip().id);
    if (audit.found != audit.supply.atoms)
        violate("there is more or less money than there should be");
    if (!audit.is_root_right) violate("the state is another than its root says");
    check_replay(*best_number);
}

/// Executes a node's last blocks anew.
void SimChain::check_replay(NodeNumber number)
{
    const std::vector<BlockId>& chain = nodes_[number]->chain();
    if (chain.size() > remembered / 2) return; // too long to be done anew
    SharedLedger anew{options_.genesis, false};
    for (std::size_t i = 1; i < chain.size(); ++i) {
        const KnownHeader& parent = known_.at(chain[i - 1]);
        const std::shared_ptr<const Block> block = nodes_[number]->body(chain[i]);
        const BlockContext context =
            rules_->context(parent.state, block->header, archive_.at(chain[i]).seal);
        const std::string& fault = anew.fault_of(context, parent.header, *block);
        if (fault.empty()) continue;
        violate("a replay refuses a block: " + fault);
        return;
    }
}

void SimChain::measure(SimReport& report)
{
    const std::optional<NodeNumber> agreed = most_agreed();
    if (!agreed) return;
    const SimNode* const chosen = nodes_[*agreed].get();
    std::set<BlockId> tips;
    for (NodeNumber number = 0; number < nodes_.size(); ++number)
        if (is_honest(number) && nodes_[number]->is_up()) tips.insert(nodes_[number]->tip().id);
    report.tips = tips.size();
    report.blocks = chosen->chain().size() - 1;
    std::map<AccountId, NodeNumber> owners;
    for (NodeNumber number = 0; number < nodes_.size(); ++number)
        owners.emplace(nodes_[number]->account(), number);
    Uint128 sum = 0;
    Uint128 squares = 0;
    for (std::size_t i = 1; i < chosen->chain().size(); ++i) {
        const Header& header = archive_.at(chosen->chain()[i]).header;
        const std::uint64_t before =
            i == 1 ? options_.genesis.time_s : archive_.at(chosen->chain()[i - 1]).header.time_s;
        const std::uint64_t interval_ms = (header.time_s - before) * 1000;
        sum += interval_ms;
        squares += Uint128{interval_ms} * interval_ms;
        ++report.blocks_of.at(owners.at(header.producer));
    }
    if (report.blocks > 0) {
        report.interval_mean_ms = static_cast<std::uint64_t>(sum / report.blocks);
        const Uint128 variance =
            squares / report.blocks - Uint128{report.interval_mean_ms} * report.interval_mean_ms;
        report.interval_deviation_ms = square_root(variance);
    }
    try {
        for (NodeNumber number = 0; number < nodes_.size(); ++number)
            report.wealth[number] = ledger_.wealth(chosen->tip().id, nodes_[number]->account());
    } catch (const Error& error) {
        violate(error.what());
    }
}

} // namespace cairn
