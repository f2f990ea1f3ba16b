#include "client/placement.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace cairn {
namespace {

std::uint64_t random_below(Entropy& entropy, std::uint64_t bound)
{
    std::uint64_t value = 0;
    entropy.fill(std::as_writable_bytes(std::span{&value, 1}));
    return value % bound; // an even spread is wanted, not a secret
}

} // namespace

ProviderPool::ProviderPool(Session& session, Entropy& entropy)
    : session_{&session},
      order_(session.providers().size())
{
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    for (std::size_t i = order_.size(); i > 1; --i)
        std::swap(order_[i - 1], order_[random_below(entropy, i)]);
}

void ProviderPool::connect(std::size_t count)
{
    connected_ = std::max(connected_, std::min(count, order_.size()));
    for (std::size_t i = 0; i < connected_; ++i) session_->connect(order_[i]);
}

bool ProviderPool::is_usable(std::size_t provider, std::uint64_t size) const
{
    if (excluded_.contains(provider)) return false;
    const HelloReply* const hello = session_->hello(provider);
    return hello == nullptr || (hello->free_size >= size && hello->shard_size >= size);
}

std::vector<std::size_t> ProviderPool::candidates(std::uint64_t size,
                                                  const std::vector<std::size_t>& preferred)
{
    std::vector<std::size_t> list = preferred;
    const std::size_t front = std::max<std::size_t>(1, connected_);
    for (std::size_t i = 0; i < order_.size(); ++i)
        list.push_back(order_[i < front ? (first_ + i) % std::min(front, order_.size()) : i]);
    ++first_;
    std::set<std::size_t> seen;
    std::erase_if(list, [&](std::size_t provider) {
        return !is_usable(provider, size) || !seen.insert(provider).second;
    });
    std::stable_partition(list.begin(), list.end(), [&](std::size_t provider) {
        return !session_->health(provider).is_down;
    });
    return list;
}

Placement::Placement(ProviderPool& pool, const std::vector<std::size_t>& candidates,
                     std::size_t slots, std::uint64_t size)
    : pool_{&pool},
      size_{size},
      slots_(slots)
{
    for (std::size_t i = 0; i < candidates.size(); ++i)
        if (i < slots)
            slots_[i].provider = candidates[i];
        else
            spares_.push_back(candidates[i]);
}

std::optional<std::size_t> Placement::at(std::size_t slot) const
{
    const auto provider = slots_[slot].provider;
    return provider && pool_->is_usable(*provider, size_) ? provider : std::nullopt;
}

std::optional<std::size_t> Placement::spare(const std::set<std::size_t>& taken) const
{
    const auto is_free = [&](std::size_t provider) {
        return !taken.contains(provider) && pool_->is_usable(provider, size_) &&
               !pool_->session().health(provider).is_down;
    };
    const auto found = std::ranges::find_if(spares_, is_free);
    return found == spares_.end() ? std::nullopt : std::optional{*found};
}

void Placement::assign(std::size_t slot, std::size_t provider)
{
    const auto before = slots_[slot].provider;
    if (before == provider) return;
    const auto other = std::ranges::find(slots_, provider, &Slot::provider);
    if (other != slots_.end())
        other->provider = before;
    else if (before)
        spares_.push_back(*before);
    std::erase(spares_, provider);
    slots_[slot] = {.provider = provider, .is_given_up = false};
}

} // namespace cairn
