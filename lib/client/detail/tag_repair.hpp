#pragma once

#include "client/detail/read_context.hpp"
#include "client/repair.hpp"
#include "client/tag_sender.hpp"

#include <map>
#include <optional>
#include <set>
#include <vector>

namespace cairn::detail {

/// Gives tag sets to providers that have a shard and not its tags: those who were given a shard by
/// a repair cannot prove it else. The sets and the prover keys come from the other providers, which
/// only hand on what the owner signed.
class TagRepair {
public:
    /// All must live longer.
    TagRepair(ReadContext& context, const ObjectRepairOptions& options, RepairReport& report);

    /// Whether any provider has tags of a shard: an object's root, which has some where its shards
    /// have.
    [[nodiscard]] bool has_tags(const ShardRoot& root);

    /// Shards that one tag set is of, and who has which: a segment's, or one that is whole.
    using Group = std::vector<std::pair<ShardRoot, std::size_t>>;

    /// Adds a group; several are looked at together.
    void add(Group group);

    /// Looks at the rest.
    void finish();

private:
    /// The tag sets that a provider has of a shard.
    using Known = std::map<std::pair<ShardRoot, std::size_t>, std::set<ShardRoot>>;
    using Take = std::function<void(std::size_t subject, const std::vector<ShardItem>& items)>;

    void look();
    [[nodiscard]] Known find_tags();
    void mend(const Group& group, const Known& known);
    void mend(const Group& group, const Known& known, const ShardRoot& set);
    void ask(std::size_t provider, const std::vector<TagSubject>& subjects, const Take& take);
    void wait();
    [[nodiscard]] std::optional<OutgoingShard> fetch(const ShardRoot& root, std::size_t size_max);
    [[nodiscard]] std::optional<OutgoingShard> prover_key(const AuditKeyId& id);

    ReadContext* context_;
    const ObjectRepairOptions* options_;
    RepairReport* report_;
    Uploader uploader_;
    TagSender sender_;
    std::vector<Group> groups_;
    std::map<AuditKeyId, std::optional<OutgoingShard>> keys_;
    std::size_t pending_ = 0; // calls
};

} // namespace cairn::detail
