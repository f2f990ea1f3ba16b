#include "provider/detail/prover_keys.hpp"

#include "base/error.hpp"
#include "provider/detail/audit_notes.hpp"
#include "provider/detail/shard_bytes.hpp"

#include <algorithm>

namespace cairn::detail {
namespace {

constexpr std::size_t kept_size_max = 16UL << 20U; // bytes in memory, of all keys

std::size_t size_in_memory(const ProverKeys::Key& key)
{
    return sizeof(SignedProverKey) + key->powers.powers().size() * sizeof(G1);
}

const AuditKeyId& id_of(const ProverKeys::Key& key)
{
    return key->audit.key.id();
}

} // namespace

std::optional<std::uint32_t> ProverKeys::sectors_of(const AuditKeyId& id) const
{
    const std::vector<FoundNote> notes = depot_->notes(subject_of(id), 1);
    if (notes.empty()) return std::nullopt;
    return parse_sectors_note(notes.front().value);
}

bool ProverKeys::is_in_memory(const AuditKeyId& id) const
{
    const std::lock_guard lock{mutex_};
    return std::ranges::find(kept_, id, id_of) != kept_.end();
}

ProverKeys::Key ProverKeys::find(const AuditKeyId& id)
{
    if (!sectors_of(id)) return nullptr;
    Key key = kept(id);
    if (key) return key;
    key = load(id);
    if (key) keep(key);
    return key;
}

ProverKeys::Key ProverKeys::kept(const AuditKeyId& id)
{
    const std::lock_guard lock{mutex_};
    const auto found = std::ranges::find(kept_, id, id_of);
    if (found == kept_.end()) return nullptr;
    kept_.splice(kept_.begin(), kept_, found);
    return kept_.front();
}

void ProverKeys::keep(Key key)
{
    const std::lock_guard lock{mutex_};
    std::erase_if(kept_, [&](const Key& each) { return id_of(each) == id_of(key); });
    kept_.push_front(std::move(key));
    std::size_t size = 0;
    const auto too_many = std::ranges::find_if(kept_, [&](const Key& each) {
        size += size_in_memory(each);
        return size > kept_size_max;
    });
    kept_.erase(too_many, kept_.end());
}

/// Whoever has signed it: the same audit key has the same powers. One that has rotted is none.
ProverKeys::Key ProverKeys::load(const AuditKeyId& id) const
{
    for (const FoundNote& note : depot_->notes(subject_of(id), tags_items_max)) {
        auto shard = ShardBytes::open(*depot_, note.from.root);
        Bytes bytes(static_cast<std::size_t>(note.from.size));
        if (shard && shard->read(0, bytes))
            return std::make_shared<SignedProverKey>(parse_prover_key(bytes));
    }
    return nullptr;
}

} // namespace cairn::detail
