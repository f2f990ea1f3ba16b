#include "base/error.hpp"
#include "simnet/sim_chain.hpp"

#include <algorithm>

// What is looked at from time to time, and in the end.

namespace cairn {
namespace {

constexpr std::uint64_t lag_max_ms = 60'000;   // that a node may know better and not go there
constexpr std::uint64_t pause_max_ms = 60'000; // beyond the interval of one producer
constexpr std::uint64_t common_depth = 6;      // below the tips all chains are one in the end
constexpr std::uint32_t remembered = 2'000;    // blocks whose effects are kept

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

/// Whether a node knows a better place to be, where another is.
bool SimChain::is_lagging(NodeNumber number) const
{
    const SimNode& node = *nodes_[number];
    const KnownHeader& here = node.tip();
    return std::ranges::any_of(nodes_, [&](const auto& other) {
        if (!other->is_up() || other->role() != SimRole::honest) return false;
        const KnownHeader& there = other->tip();
        if (there.id == here.id || !node.knows(there.id)) return false;
        if (there.state.work != here.state.work) return there.state.work > here.state.work;
        return rules_->reorganisation_max() > 0 && there.header.parent == here.header.parent &&
               rules_->is_better(there.header, here.header);
    });
}

/// Whether nodes stay where they know a better place to be.
void SimChain::look()
{
    std::uint32_t highest = 0;
    for (NodeNumber number = 0; number < nodes_.size(); ++number) {
        const SimNode& node = *nodes_[number];
        Lag& lag = lags_[number];
        if (!node.is_up() || !is_honest(number) || !active_.empty() || may_halt()) {
            lag.since_ms = 0;
            continue;
        }
        highest = std::max(highest, node.tip().header.height.value);
        if (!is_lagging(number)) {
            lag.since_ms = 0;
        } else if (lag.since_ms == 0 || lag.tip != node.tip().id) {
            lag = {node.tip().id, now_ms_};
        } else if (now_ms_ - lag.since_ms > lag_max_ms) {
            violate("node " + std::to_string(number) + " does not go to a better chain it knows");
            lag.since_ms = now_ms_;
        }
    }
    const bool is_all_needed =
        std::ranges::any_of(options_.miners, [](const SimMiner& miner) { return miner.is_late; });
    if (highest > remembered && !is_all_needed) ledger_.forget_below({highest - remembered});
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

/// That all honest nodes have a node's chain but for its end, of which nothing but their own end
/// may be missing where blocks cannot be taken back.
void SimChain::check_one_chain(const SimNode& best)
{
    const std::vector<BlockId>& there = best.chain();
    const std::size_t common = there.size() - std::min<std::size_t>(there.size(), common_depth);
    for (NodeNumber number = 0; number < nodes_.size(); ++number) {
        if (!is_honest(number) || !nodes_[number]->is_up()) continue;
        const std::vector<BlockId>& chain = nodes_[number]->chain();
        const bool is_final = rules_->reorganisation_max() == 0;
        const std::size_t same = is_final ? std::min(chain.size(), there.size()) : common;
        if (chain.size() < common ||
            !std::equal(chain.begin(), chain.begin() + static_cast<std::ptrdiff_t>(same),
                        there.begin()))
            violate("node " + std::to_string(number) + " is on another chain in the end");
    }
}

/// That nodes which have seen two blocks of one height stay where they are, and that those which
/// have not have one chain.
void SimChain::check_halted()
{
    const SimNode* other = nullptr;
    for (NodeNumber number = 0; number < nodes_.size(); ++number) {
        const SimNode& node = *nodes_[number];
        if (!is_honest(number) || !node.is_up() || node.has_halted()) continue;
        if (node.has_evidence())
            violate("node " + std::to_string(number) + " goes on although it has evidence");
        const std::size_t same = other ? std::min(node.chain().size(), other->chain().size()) : 0;
        if (same > 0 && node.chain()[same - 1] != other->chain()[same - 1])
            violate("node " + std::to_string(number) + " goes on with another chain");
        other = &node;
    }
}

/// That the one producer has gone on to the end.
void SimChain::check_goes_on(const SimNode& best)
{
    const auto& rules = std::get<SoloRules>(options_.genesis.engine);
    const std::uint64_t pause_ms = 2 * rules.interval_ms + pause_max_ms;
    if (best.tip().header.time_s * 1000 + pause_ms < end_ms_ && options_.duration_ms > pause_ms)
        violate("the producer has made no block since " +
                std::to_string(end_ms_ - best.tip().header.time_s * 1000) + " ms");
}

void SimChain::check_end()
{
    for (NodeNumber number = 0; number < nodes_.size(); ++number)
        if (is_honest(number) && !nodes_[number]->is_up())
            violate("node " + std::to_string(number) + " is not up in the end");
    const std::optional<NodeNumber> best_number = most_agreed();
    if (!best_number) return;
    const SimNode* const best = nodes_[*best_number].get();
    if (may_halt())
        check_halted();
    else
        check_one_chain(*best);
    if (std::holds_alternative<SoloRules>(options_.genesis.engine) && !may_halt())
        check_goes_on(*best);
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
    for (NodeNumber number = 0; number < nodes_.size(); ++number)
        if (is_honest(number) && nodes_[number]->has_halted()) ++report.halted;
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
