#pragma once

#include "base/error.hpp"
#include "ledger/state_tree.hpp"

#include <map>

namespace cairn {

/// A state and its tree in memory.
class MemoryState final : public StateReader, public NodeReader {
public:
    [[nodiscard]] std::optional<Bytes> get(const StateKey& key) const override
    {
        const auto found = values_.find(key.path);
        if (found == values_.end()) return std::nullopt;
        return found->second.second;
    }

    [[nodiscard]] std::optional<Bytes> get(ByteView key) const override
    {
        const auto found = nodes_.find(Bytes{key.begin(), key.end()});
        if (found == nodes_.end()) return std::nullopt;
        return found->second;
    }

    void write(std::span<const StateChange> changes, const TreeUpdate& tree)
    {
        for (const StateChange& change : changes) {
            if (get(change.key) != change.before) throw Error{Exit::bug, "another state"};
            if (change.after)
                values_.insert_or_assign(change.key.path,
                                         std::pair{change.key.bytes, *change.after});
            else
                values_.erase(change.key.path);
        }
        for (const NodeWrite& write : tree.nodes) {
            if (write.node)
                nodes_.insert_or_assign(write.key, *write.node);
            else
                nodes_.erase(write.key);
        }
    }

    /// All that is there: keys and values by their paths.
    [[nodiscard]] const std::map<StatePath, std::pair<Bytes, Bytes>>& values() const
    {
        return values_;
    }
    [[nodiscard]] std::size_t node_count() const { return nodes_.size(); }

    /// The root, from the values alone.
    [[nodiscard]] StateRoot root() const
    {
        std::vector<LeafChange> leaves;
        for (const auto& [path, value] : values_)
            leaves.push_back({path, value_hash(value.second)});
        return root_of(leaves);
    }

    friend bool operator==(const MemoryState& a, const MemoryState& b)
    {
        return a.values_ == b.values_ && a.nodes_ == b.nodes_;
    }

private:
    std::map<StatePath, std::pair<Bytes, Bytes>> values_;
    std::map<Bytes, Bytes> nodes_;
};

} // namespace cairn
