#include "simnet/sim_chain.hpp"

#include "base/cursor.hpp"
#include "base/error.hpp"
#include "ledger/policy.hpp"

#include <algorithm>

namespace cairn {
namespace {

constexpr std::uint64_t ms_per_s = 1000;
constexpr std::uint64_t look_ms = 10'000;  // between looks at all nodes
constexpr std::size_t violations_max = 20; // that are told; then it is enough

/// A chain of one producer is made with the key of one of the nodes.
SimOptions with_producer(SimOptions options)
{
    if (auto* const solo = std::get_if<SoloRules>(&options.genesis.engine))
        solo->producer = key_of(solo_producer(options)).public_key();
    return options;
}

} // namespace

SimChain::SimChain(const SimOptions& options)
    : options_{with_producer(options)},
      plots_{options_.genesis, options_.seed},
      rules_{make_consensus(options_.genesis, plots_)},
      mutant_{*rules_, options_.mutant},
      memo_{mutant_},
      ledger_{options_.genesis, options_.mutant == SimMutant::undo_forgotten},
      random_{options_.seed},
      now_ms_{options_.genesis.time_s * ms_per_s},
      end_ms_{now_ms_ + options_.duration_ms}
{
    const Header& first = ledger_.first();
    known_.emplace(block_id(first),
                   KnownHeader{block_id(first), first, {}, rules_->first_state(first)});
    for (const SimMiner& miner : options_.miners)
        nodes_.push_back(std::make_unique<SimNode>(*this, nodes_.size(), miner));
    depth_.resize(nodes_.size());
    work_.resize(nodes_.size());
    lags_.resize(nodes_.size());
    report_.blocks_of.resize(nodes_.size());
    report_.wealth.resize(nodes_.size());
}

// ---- Events.

void SimChain::push(std::uint64_t time_ms, NodeNumber node,
                    std::variant<Delivery, Wake, Begin, End, Look, Join> what)
{
    events_.emplace(std::pair{std::max(time_ms, now_ms_), count_++}, Event{node, std::move(what)});
}

void SimChain::wake(NodeNumber node, std::uint64_t time_ms)
{
    time_ms = std::max(time_ms, now_ms_ + 1);
    if (time_ms <= end_ms_ && wakes_.emplace(time_ms, node).second) push(time_ms, node, Wake{});
}

bool SimChain::is_cut(NodeNumber a, NodeNumber b) const
{
    return std::ranges::any_of(active_, [&](std::size_t i) {
        const SimFault& fault = options_.faults[i];
        return fault.kind == SimFault::Kind::partition && (a < fault.node) != (b < fault.node);
    });
}

void SimChain::send(NodeNumber from, NodeNumber to, std::shared_ptr<const SimMessage> message)
{
    if (is_cut(from, to)) return;
    if (nodes_[from]->role() == SimRole::cheap_chain) // is always the first
        return push(now_ms_ + options_.delay_min_ms, to, Delivery{from, std::move(message)});
    if (random_.chance(options_.lost_per_mille)) return;
    const std::uint64_t range = options_.delay_max_ms - options_.delay_min_ms + 1;
    std::uint64_t more_ms = 0;
    for (const std::size_t i : active_) {
        const SimFault& fault = options_.faults[i];
        if (fault.kind == SimFault::Kind::slow && (fault.node == from || fault.node == to))
            more_ms += static_cast<std::uint64_t>(fault.amount);
    }
    const int copies = random_.chance(options_.doubled_per_mille) ? 2 : 1;
    for (int i = 0; i < copies; ++i)
        push(now_ms_ + options_.delay_min_ms + random_.below(range) + more_ms, to,
             Delivery{from, message});
}

/// A new node comes, and knows a block that is in the chain of most.
void SimChain::join(NodeNumber number)
{
    const std::optional<NodeNumber> agreed = most_agreed();
    if (!agreed) return violate("there is nobody to join");
    const std::vector<BlockId>& chain = nodes_[*agreed]->chain();
    const Height height{static_cast<std::uint32_t>((chain.size() - 1) * 3 / 4)};
    nodes_[number]->join({height, chain[height.value]});
    for (const auto& each : nodes_) each->offer_cheap_chain(number, height);
}

void SimChain::begin(const SimFault& fault)
{
    SimNode& node = *nodes_.at(std::min(fault.node, nodes_.size() - 1));
    if (fault.kind == SimFault::Kind::crash && !node.is_to_come()) {
        ++report_.crashes;
        if (fault.amount == 0)
            node.crash();
        else
            node.crash_after(static_cast<std::uint64_t>(fault.amount));
    }
    if (fault.kind == SimFault::Kind::skew) {
        node.set_skew(fault.amount);
        was_skewed_.insert(std::min(fault.node, nodes_.size() - 1));
    }
}

void SimChain::end(const SimFault& fault)
{
    const NodeNumber number = std::min(fault.node, nodes_.size() - 1);
    SimNode& node = *nodes_.at(number);
    if (fault.kind == SimFault::Kind::crash && !node.is_to_come()) {
        node.crash(); // if it has not yet
        work_[number] = {};
        depth_[number] = 0;
        node.start();
    }
    if (fault.kind == SimFault::Kind::skew) node.set_skew(0);
    if (fault.kind == SimFault::Kind::partition)
        for (const auto& each : nodes_) each->tell_tip();
}

void SimChain::happen(const Event& event)
{
    SimNode& node = *nodes_[event.node];
    if (const auto* const delivery = std::get_if<Delivery>(&event.what)) {
        node.receive(delivery->from, *delivery->message);
    } else if (std::holds_alternative<Wake>(event.what)) {
        wakes_.erase({now_ms_, event.node});
        node.tick();
    } else if (const auto* const start = std::get_if<Begin>(&event.what)) {
        active_.push_back(start->fault);
        begin(options_.faults[start->fault]);
    } else if (const auto* const stop = std::get_if<End>(&event.what)) {
        std::erase(active_, stop->fault);
        end(options_.faults[stop->fault]);
    } else if (std::holds_alternative<Join>(event.what)) {
        join(event.node);
    } else {
        look();
        if (now_ms_ + look_ms < end_ms_) push(now_ms_ + look_ms, 0, Look{});
    }
}

SimReport SimChain::run()
{
    for (std::size_t i = 0; i < options_.faults.size(); ++i) {
        const SimFault& fault = options_.faults[i];
        const std::uint64_t begun_ms = options_.genesis.time_s * ms_per_s;
        push(begun_ms + fault.begin_ms, 0, Begin{i});
        push(begun_ms + fault.end_ms, 0, End{i});
    }
    push(now_ms_ + look_ms, 0, Look{});
    for (NodeNumber number = 0; number < nodes_.size(); ++number) {
        if (options_.miners[number].is_late)
            push(now_ms_ + options_.duration_ms / 2, number, Join{});
        else
            nodes_[number]->start();
    }
    try {
        while (!events_.empty() && events_.begin()->first.first <= end_ms_ &&
               report_.violations.size() < violations_max) {
            const auto next = events_.extract(events_.begin());
            now_ms_ = next.key().first;
            ++report_.events;
            happen(next.mapped());
        }
        now_ms_ = end_ms_;
        check_end();
    } catch (const Error& error) {
        violate(error.what());
    }
    measure(report_);
    report_.trace = trace_.finish();
    return std::move(report_);
}

// ---- What is looked at.

void SimChain::trace(std::string_view kind, NodeNumber node, ByteView id)
{
    Bytes line;
    Writer writer{line};
    writer.put(as_bytes(kind));
    writer.big_endian(now_ms_);
    writer.big_endian(std::uint64_t{node});
    writer.put(id);
    trace_.update(line);
}

void SimChain::violate(const std::string& what)
{
    report_.violations.push_back({now_ms_, what});
}

bool SimChain::is_honest(NodeNumber node) const
{
    return options_.miners[node].role == SimRole::honest;
}

void SimChain::note_sealed(NodeNumber node, const Header& header, const BlockId& id)
{
    trace("sealed", node, id.bytes);
    ++report_.made;
    const auto [place, is_new] = sealed_.emplace(std::pair{node, header.parent}, id);
    if (!is_new && place->second != id && is_honest(node))
        violate("node " + std::to_string(node) + " has sealed two blocks of height " +
                std::to_string(header.height.value) + " with one parent");
}

/// That a block keeps to the rules as they should be; once for each.
void SimChain::check_rules(const Header& header)
{
    const BlockId id = block_id(header);
    if (known_.contains(id)) return;
    const auto parent = known_.find(header.parent);
    if (parent == known_.end()) {
        violate("a block was connected behind one that nobody has");
        return;
    }
    const Bytes& seal = archive_.at(id).seal;
    if (const auto fault = rules_->check(parent->second, header, seal))
        violate("a block was connected although " + fault->reason);
    const Consensus::Unproven unproven{&parent->second.state, &header};
    if (!rules_->prove({&unproven, 1}).front()) violate("a block was connected that is not proven");
    known_.emplace(id,
                   KnownHeader{id, header, seal, rules_->next_state(parent->second.state, header)});
}

void SimChain::note_connected(NodeNumber node, const Header& header, std::uint64_t clock_s)
{
    trace("connected", node, block_id(header).bytes);
    check_rules(header);
    if (std::holds_alternative<SoloRules>(options_.genesis.engine) && !may_halt() &&
        is_honest(node) &&
        solo_chain_.try_emplace(header.height, block_id(header)).first->second != block_id(header))
        violate("node " + std::to_string(node) + " has connected another block of height " +
                std::to_string(header.height.value));
    // A clock that was ahead has let in what is of the future for the right one.
    if (is_honest(node) && !was_skewed_.contains(node) &&
        header.time_s > clock_s + rules_->future_s())
        violate("node " + std::to_string(node) + " has connected a block of the future");
}

void SimChain::note_disconnected(NodeNumber node, const Header& header)
{
    trace("disconnected", node, block_id(header).bytes);
    if (!is_honest(node)) return;
    const std::uint64_t depth = ++depth_[node];
    report_.depth_max = std::max(report_.depth_max, depth);
    if (depth > options_.genesis.block.final_blocks) ++report_.final_undone;
    if (depth == rules_->reorganisation_max() + 1)
        violate("node " + std::to_string(node) + " has taken back more than may be");
}

void SimChain::note_tip(NodeNumber node, const KnownHeader& tip)
{
    trace("tip", node, tip.id.bytes);
    depth_[node] = 0;
    if (tip.state.work < work_[node] && is_honest(node))
        violate("node " + std::to_string(node) + " has gone to a chain of less work");
    work_[node] = tip.state.work;
}

/// Faults of no points are no accusation: who is told of one is told of what it could not know.
void SimChain::note_fault(NodeNumber node, const PeerFault& fault)
{
    trace(fault.reason, node, {});
    if (fault.points > 0 && is_honest(node) && is_honest(fault.peer.value))
        violate("node " + std::to_string(node) + " accuses honest node " +
                std::to_string(fault.peer.value) + ": " + fault.reason);
}

void SimChain::note_equivocation(NodeNumber node, const Equivocation& two)
{
    if (is_honest(node)) ++report_.equivocations;
    const auto bytes = [](const SealedHeader& sealed) { return to_bytes(sealed.header); };
    if (!is_equivocation(
            {{bytes(two.first), bytes(two.second)}, {two.first.seal, two.second.seal}}))
        violate("node " + std::to_string(node) + " has evidence that shows nothing");
}

void SimChain::note_told(NodeNumber node, const SimDisk& disk)
{
    if (!disk.is_committed() && is_honest(node))
        violate("node " + std::to_string(node) + " tells of a block that it may lose");
}

/// Whether nodes have a reason to: a chain's one producer is not honest.
bool SimChain::may_halt() const
{
    return std::holds_alternative<SoloRules>(options_.genesis.engine) &&
           options_.miners[solo_producer(options_)].role == SimRole::equivocating;
}

void SimChain::note_halt(NodeNumber node, const std::string& reason)
{
    trace("halted", node, {});
    if (is_honest(node) && !may_halt())
        violate("node " + std::to_string(node) + " has halted: " + reason);
}

} // namespace cairn
